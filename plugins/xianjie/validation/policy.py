"""The gate's policy, from ``include/validation/gate.yaml``: codes, decisions, wording, sampling.

Thresholds stand in each contract's tolerances; nothing here or in Python repeats them.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from xianjie.settings import settings


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckText(_Model):
    """One check of the gate: a stable code, what a failure decides, and how it is said."""

    code: str
    decision: Literal["notice", "hold", "refuse"]
    title: str
    reason: str


class AcceptedText(_Model):
    """How a delivery that meets everything is said."""

    code: str
    reason: str


class DataDocsText(_Model):
    """Names of outcomes and of kinds of drift, titles of the three parts, and the Chinese for Great
    Expectations' fixed words and phrases (regular expressions)."""

    outcomes: dict[str, str]
    kinds: dict[str, str]
    frames: dict[str, str]
    words: dict[str, str]
    patterns: tuple[tuple[str, str], ...]


class Policy(_Model):
    """The whole file; the order of `checks` is their precedence."""

    history_nights: int
    history_least: int
    min_sample_rows: int
    min_row_change: int
    changed_rows_cap: int
    drift_pct: float
    grace_days: int
    checks: tuple[CheckText, ...]
    accepted: AcceptedText
    answered: AcceptedText
    data_docs: DataDocsText

    def text(self, code: str) -> CheckText:
        """The check called `code`; KeyError when the file has none."""
        for check in self.checks:
            if check.code == code:
                return check
        raise KeyError(code)


def policy(include_dir: Path | None = None) -> Policy:
    """The policy of an include folder (default: the settings'), read once a process."""
    return _read(include_dir or settings().include_dir)


@lru_cache(maxsize=4)
def _read(include_dir: Path) -> Policy:
    text = (include_dir / "validation" / "gate.yaml").read_text(encoding="utf-8")
    return Policy.model_validate(yaml.safe_load(text))
