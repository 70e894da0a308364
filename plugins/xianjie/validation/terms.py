"""Terms (期限): how long a returned row may wait, what may be waived; ``include/validation/quarantine.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from xianjie.contract.model import Contract
from xianjie.settings import settings


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Waivable(_Model):
    """Which rules an office may answer with 情况属实; `derived` are last parts of rule ids."""

    warnings: bool
    own_rules: bool
    derived: tuple[str, ...]


class Terms(_Model):
    """The whole file. `of_delivery` are last parts of ids of rules that need more than the row itself."""

    expire_after_days: int
    waiver_days: int
    waiver_max_days: int
    min_reason_length: int
    age_bands_days: tuple[int, ...]
    max_tries: int
    rates_over_days: int
    waivable: Waivable
    of_delivery: tuple[str, ...]

    def is_waivable(self, contract: Contract, rule_id: str, severity: str) -> bool:
        """Whether an office may say of a row that breaks this rule that it is true as it is.

        A row that came again after it was corrected may always be said to be right after all.
        """
        last = rule_id.rpartition(".")[2]
        if rule_id in {rule.id for rule in contract.rules}:
            return self.waivable.own_rules or (severity == "warn" and self.waivable.warnings)
        return (
            (severity == "warn" and self.waivable.warnings)
            or last in self.waivable.derived
            or last == "recurring"
        )

    def is_of_delivery(self, rule_id: str) -> bool:
        """Whether the rule compares the row with others of its delivery."""
        return rule_id.rpartition(".")[2] in self.of_delivery


def terms(include_dir: Path | None = None) -> Terms:
    """The terms of an include folder (default: the settings'), read once a process."""
    return _read(include_dir or settings().include_dir)


@lru_cache(maxsize=4)
def _read(include_dir: Path) -> Terms:
    text = (include_dir / "validation" / "quarantine.yaml").read_text(encoding="utf-8")
    return Terms.model_validate(yaml.safe_load(text))
