"""The gate's suite, derived from a contract's tolerances and the delivery's history.

Three small frames are judged, none of them with a personal value: the delivered *headers*, the *whole*
delivery as one row of numbers, and a sample of the *changed* rows (codes, and whether the key is there).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from xianjie.contract.model import Contract
from xianjie.validation.drift import Change, Share
from xianjie.validation.freshness import Freshness
from xianjie.validation.policy import Policy
from xianjie.validation.profile import Profile
from xianjie.validation.sieve import UNKNOWN_CODE

Frame = Literal["headers", "whole", "changed"]

ROWS, DROP, GROWTH = "行数", "行数减少（%）", "行数增加（%）"
VALID, UNIQUE = "合格行（%）", "主键不重复的行（%）"
EXTRA, SAME, CHANGES = "未约定的列（个）", "与上次交付相同（1 为是）", "格式或代码变样（处）"
AGE, SAME_DAYS = "最新数据距业务日期（天）", "内容未变（天）"


@dataclass(frozen=True)
class Expected:
    """One expectation: the check it belongs to, Great Expectations' class and its arguments."""

    code: str
    frame: Frame
    kind: str
    arguments: dict[str, Any]

    def columns(self, result: Mapping[str, Any]) -> tuple[str, ...]:
        """The columns that did not meet it, by label, given Great Expectations' `result`."""
        if "column_set" in self.arguments:
            return tuple(label for label in self.arguments["column_set"] if label in _missing(result))
        return (str(self.arguments["column"]),)

    @property
    def limit(self) -> str:
        """What is expected, in Chinese; empty where the check's title says it all."""
        low, high, mostly = (self.arguments.get(name) for name in ("min_value", "max_value", "mostly"))
        if mostly is not None:
            return f"至少 {100 * mostly:g}% 的行"
        if low is not None and high is not None:
            return f"{low:.0f}–{high:.0f}"
        return f"不低于 {low:g}" if low is not None else f"低于 {high:g}" if high is not None else ""


def _missing(result: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(result.get("details", {}).get("mismatched", {}).get("missing", ()))


def whole_row(profile: Profile) -> dict[str, float]:
    """The one row of the frame ``whole``; numbers without a comparison are left out."""
    numbers = {
        ROWS: profile.rows,
        DROP: profile.drop_pct,
        GROWTH: profile.growth_pct,
        VALID: profile.valid_pct,
        UNIQUE: profile.unique_pct,
        EXTRA: profile.columns.extra_count,
        SAME: int(profile.is_same and profile.freshness.is_repeated),
        CHANGES: len(told(profile)),
        AGE: profile.freshness.age_days,
        SAME_DAYS: profile.freshness.same_days,
        **{_unknown(share): share.pct for share in profile.codes},
    }
    return {name: round(float(value), 4) for name, value in numbers.items() if value is not None}


def told(profile: Profile) -> tuple[Change, ...]:
    """The differences that no other check speaks of."""
    spoken = {*profile.columns.required, *profile.columns.kept}
    return tuple(
        change
        for change in profile.changes
        if change.kind != "column_added"
        and not (change.kind in ("column_missing", "column_renamed") and change.field in spoken)
    )


def _unknown(share: Share) -> str:
    return f"“{share.field.label}”不认得的代码（%）"


def expectations(
    contract: Contract, profile: Profile, sample_rows: int, policy: Policy
) -> tuple[Expected, ...]:
    """The whole suite of one delivery; `sample_rows` is the length of the frame ``changed``."""
    found = [*_headers(profile), *_whole(contract, profile, policy)]
    if sample_rows >= policy.min_sample_rows:
        found += _changed(contract)
    return tuple(found)


def _headers(profile: Profile) -> Iterator[Expected]:
    for code, labels in (
        ("GATE-COLUMN-MISSING", profile.columns.required),
        ("GATE-COLUMN-LOST", profile.columns.kept),
    ):
        if labels:  # one expectation for all, since each has its fixed cost
            arguments = {"column_set": list(labels), "exact_match": False}
            yield Expected(code, "headers", "ExpectTableColumnsToMatchSet", arguments)


def _whole(contract: Contract, profile: Profile, policy: Policy) -> Iterator[Expected]:
    limits = contract.tolerances
    if profile.mode == "full":
        yield _at_least("GATE-ROWS-FEW", ROWS, limits.min_rows)
    if profile.previous_rows and abs(profile.rows - profile.previous_rows) >= policy.min_row_change:
        yield _below("GATE-ROWS-DROP", DROP, limits.refuse_drop_pct)
        yield _below("GATE-ROWS-DIP", DROP, limits.hold_drop_pct)
        yield _below("GATE-ROWS-GROWTH", GROWTH, limits.hold_growth_pct)
    if profile.band_low is not None and profile.band_high is not None and _is_far_out(profile, policy):
        arguments = {"column": ROWS, "min_value": profile.band_low, "max_value": profile.band_high}
        yield Expected("GATE-ROWS-BAND", "whole", "ExpectColumnMaxToBeBetween", arguments)
    if profile.rows >= policy.min_sample_rows:
        yield _at_least("GATE-VALID-LOW", VALID, limits.min_valid_pct)
        yield _at_least("GATE-UNIQUE-LOW", UNIQUE, limits.min_unique_pct)
        yield from _codes(profile, limits.max_code_drift_pct, policy)
    yield from _fresh(profile.freshness)
    yield _below("GATE-DRIFT", CHANGES, 1)
    yield _below("GATE-COLUMN-EXTRA", EXTRA, 1)
    yield _below("GATE-SAME-AS-BEFORE", SAME, 1)


def _codes(profile: Profile, points: float, policy: Policy) -> Iterator[Expected]:
    """Unknown codes against what this dataset used to have; a handful of rows is never a drift."""
    for share in profile.codes:
        if share.usual_pct is not None and share.rows >= policy.min_row_change:
            limit = round(share.usual_pct + points, 4)
            yield _below("GATE-CODES-DRIFT", _unknown(share), limit)


def _fresh(fresh: Freshness) -> Iterator[Expected]:
    if fresh.age_days is not None:
        yield _below("GATE-STALE", AGE, fresh.max_age_days + 1)
    if fresh.same_days is not None:
        yield _below("GATE-STALE-SAME", SAME_DAYS, fresh.max_same_days + 1)


def _is_far_out(profile: Profile, policy: Policy) -> bool:
    """Whether the row count leaves its band by more rows than a small dataset may."""
    low, high = profile.band_low or 0.0, profile.band_high or float("inf")
    return max(low - profile.rows, profile.rows - high) >= policy.min_row_change


def _changed(contract: Contract) -> Iterator[Expected]:
    limits = contract.tolerances
    for name in contract.key:
        arguments = {"column": contract.field(name).label, "mostly": limits.min_valid_pct / 100}
        yield Expected("GATE-KEY-MISSING", "changed", "ExpectColumnValuesToNotBeNull", arguments)
    for field in contract.fields:
        if field.code_list and field.name not in contract.key:
            mostly = 1 - limits.max_unknown_code_pct / 100
            arguments = {"column": field.label, "value_set": [UNKNOWN_CODE], "mostly": mostly}
            yield Expected("GATE-CODES-UNKNOWN", "changed", "ExpectColumnValuesToNotBeInSet", arguments)


def _at_least(code: str, column: str, value: float) -> Expected:
    return Expected(code, "whole", "ExpectColumnMinToBeBetween", {"column": column, "min_value": value})


def _below(code: str, column: str, value: float) -> Expected:
    arguments = {"column": column, "max_value": value, "strict_max": True}
    return Expected(code, "whole", "ExpectColumnMaxToBeBetween", arguments)
