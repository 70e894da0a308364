"""What all files of one delivery are opened with."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from xianjie.contract.model import Contract


@dataclass(frozen=True)
class Opening:
    """The dataset, the business date, and what the receipt should say of the files (added to as they are read)."""

    contract: Contract
    on: dt.date
    remarks: list[str] = field(default_factory=list)
