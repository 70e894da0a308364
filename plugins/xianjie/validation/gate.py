"""Gate (门禁): Great Expectations judges a delivery as a whole: accept, hold for a person, or refuse.

Great Expectations is imported inside the functions (3–7 s and 200 log lines). Its results carry counts and
no values (``BASIC`` with no partial list). An expectation that *errored* comes back as not met, with an
``exception_info``: that is a mistake of ours and raises; it never reads as bad data of theirs.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from xianjie.contract.model import Contract
from xianjie.validation.drift import Change
from xianjie.validation.errors import GateError
from xianjie.validation.policy import CheckText, Policy
from xianjie.validation.profile import Profile
from xianjie.validation.sieve import rows_in
from xianjie.validation.suite import Expected, Frame, expectations, told, whole_row

if TYPE_CHECKING:
    import pandas as pd

Unmet = tuple[str, tuple[str, ...]]  # the check's code, and the columns that did not meet it
Decision = Literal["accept", "hold", "refuse"]
_RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
_WORST: tuple[Decision, ...] = ("refuse", "hold")


@dataclass(frozen=True)
class GateResult:
    """One check: whether it was met and, if not, the Chinese sentence with its numbers."""

    code: str
    title: str
    decision: Literal["notice", "hold", "refuse"]
    is_met: bool
    reason: str | None


@dataclass(frozen=True)
class Judgement:
    """What the gate says of one delivery: `changes` differ from former deliveries, `pages` are Great
    Expectations' own results by frame."""

    decision: Decision
    code: str
    reason: str
    results: tuple[GateResult, ...]
    changes: tuple[Change, ...]
    pages: Mapping[Frame, Any]


def judge(contract: Contract, profile: Profile, sample: Path, policy: Policy) -> Judgement:
    """Runs the contract's suite over the three frames and weighs what was not met.

    Raises:
        GateError: an expectation could not be evaluated; the message names its check.
    """
    suite = expectations(contract, profile, rows_in(sample), policy)
    pages = _run(contract, profile, sample, suite, policy)
    unmet = [failed for frame, page in pages.items() for failed in _unmet(frame, page, suite)]
    results = tuple(_results(contract, profile, suite, unmet, policy))
    return _weigh(profile, results, pages, policy)


def _weigh(
    profile: Profile, results: tuple[GateResult, ...], pages: Mapping[Frame, Any], policy: Policy
) -> Judgement:
    remarks = [f"{r.reason}（{r.code}）" for r in results if not r.is_met and r.decision == "notice"]
    for decision in _WORST:
        grave = [r for r in results if not r.is_met and r.decision == decision]
        if grave:
            reason = "；".join([*(r.reason or "" for r in grave), *remarks])
            return Judgement(decision, grave[0].code, reason, results, profile.changes, pages)
    reason = "；".join([policy.accepted.reason.format(**asdict(profile)), *remarks])
    return Judgement("accept", policy.accepted.code, reason, results, profile.changes, pages)


def _results(
    contract: Contract, profile: Profile, suite: Sequence[Expected], unmet: Sequence[Unmet], policy: Policy
) -> Iterator[GateResult]:
    """One result a check that was asked, in the policy's order of precedence."""
    asked = {expected.code for expected in suite}
    for check in policy.checks:
        if check.code in asked:
            failed = [name for code, columns in unmet if code == check.code for name in columns]
            reason = _reason(contract, profile, check, failed) if failed else None
            yield GateResult(check.code, check.title, check.decision, not failed, reason)


def _reason(contract: Contract, profile: Profile, check: CheckText, failed: Sequence[str]) -> str:
    listed, extra = "、".join(failed), profile.columns.extra
    drifted = [share for share in profile.codes if any(f"“{share.field.label}”" in name for name in failed)]
    words = (
        asdict(profile)
        | contract.tolerances.model_dump()
        | asdict(profile.freshness)
        | {
            "columns": listed,
            "missing": listed,
            "lost": listed,
            "guess": profile.columns.guess,
            "extra": f"（{'、'.join(extra)}）" if extra else "",
            "extra_count": profile.columns.extra_count,
            "codes_drift": "、".join(f"“{share.field.label}” {share.words}" for share in drifted),
            "drift": "、".join(change.sentence for change in told(profile)),
        }
    )
    return check.reason.format(**words)


def _unmet(frame: Frame, page: Any, suite: Sequence[Expected]) -> Iterator[Unmet]:
    """What a page's expectations did not find met; raises for one that was not evaluated."""
    for result in page.results:
        expected = suite[result.expectation_config.meta["n"]]
        if not result.success:
            if _errored(result.exception_info):
                raise GateError(
                    f"门禁检查未能执行：{expected.code}（{expected.kind}，{frame}）",
                    data="本次交付已落地，未裁定、未入库",
                    next_command="xianjie contract lint",
                )
            yield expected.code, expected.columns(result.result)


def _errored(info: Mapping[str, Any] | None) -> bool:
    """Whether an ``exception_info``, flat or one entry a metric, tells of an exception."""
    if not info:
        return False
    entries = [info] if "raised_exception" in info else info.values()
    return any(entry.get("raised_exception") for entry in entries)


def _run(
    contract: Contract, profile: Profile, sample: Path, suite: Sequence[Expected], policy: Policy
) -> dict[Frame, Any]:
    """One validation a frame that something is expected of."""
    gx = import_great_expectations()
    # What a batch's own `validate` goes through, which makes the batch a second time.
    from great_expectations.validator.v1_validator import Validator

    pages: dict[Frame, Any] = {}
    for frame, data in _frames(contract, profile, sample).items():
        mine = [
            _kind(e.kind)(**e.arguments, description=_described(e, policy), meta={"code": e.code, "n": n})
            for n, e in enumerate(suite)
            if e.frame == frame
        ]
        if mine:
            title = policy.data_docs.frames[frame]
            ours = gx.ExpectationSuite(name=f"{contract.code} {title}", expectations=mine)
            frames = Validator(_batches(), _RESULT_FORMAT, {"dataframe": data})
            pages[frame] = frames.validate_expectation_suite(ours)
    return pages


@lru_cache
def _kind(name: str) -> Any:
    """The library's expectation of that name, as a custom one that builds its configuration once.

    While an expectation is judged its configuration is read sixty times, and building it at every reading is a
    third of the gate's time.
    """
    from pydantic.v1 import PrivateAttr

    asked = getattr(import_great_expectations().expectations, name)

    def configuration(self: Any) -> Any:
        if self._built is None:
            self._built = asked.configuration.fget(self)
        return self._built

    own = {"__module__": __name__, "_built": PrivateAttr(None), "configuration": property(configuration)}
    return type(asked)(f"{name}Once", (asked,), own)


@lru_cache(maxsize=1)
def _batches() -> Any:
    """What turns any frame into a batch, made once a process.

    A suite goes to its batch directly: entering suites, definitions and frames in the context's stores costs
    more than judging them.
    """
    context = import_great_expectations().get_context(mode="ephemeral")
    context.variables.progress_bars = _no_progress_bars()
    frames = context.data_sources.add_pandas("deliveries").add_dataframe_asset("frame")
    return frames.add_batch_definition_whole_dataframe("whole")


def _described(expected: Expected, policy: Policy) -> str:
    title = policy.text(expected.code).title
    return f"{title}：{expected.limit}" if expected.limit else title


def _frames(contract: Contract, profile: Profile, sample: Path) -> dict[Frame, pd.DataFrame]:
    import pandas as pd

    labels = {field.name: field.label for field in contract.fields}
    return {
        "headers": pd.DataFrame(columns=list(profile.columns.present)),
        "whole": pd.DataFrame([whole_row(profile)], dtype=object),  # its pages cannot print numpy's floats
        "changed": pd.read_parquet(sample).rename(columns=labels),
    }


def import_great_expectations() -> Any:
    """The library, silenced first: no log lines, no analytics."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations

    # One module of it raises its own level on import.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    return great_expectations


def _no_progress_bars() -> Any:
    from great_expectations.data_context.types.base import ProgressBarsConfig

    return ProgressBarsConfig(globally=False)
