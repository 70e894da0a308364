"""What a connector hands over: tables ready to land, and what the receipt says about them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xianjie.contract.model import Contract
from xianjie.landing import Original, Table
from xianjie.landing.delivery import Mode

Window = tuple[str | None, str | None]


@dataclass(frozen=True)
class Request:
    """One pull: what to bring, for which evening, from which watermark on, where to put files meanwhile."""

    contract: Contract
    business_date: dt.date
    county_code: str
    watermark: str | None
    folder: Path


@dataclass(frozen=True)
class Fetched:
    """Tables and originals of one pull.

    `watermark` is where the next pull may start, `window` what was asked for (both text, as the source writes
    moments). `is_nothing_new` says that an incremental query found no row: then nothing is landed. `remarks` are
    for the receipt; some come only while the tables are read.
    """

    tables: Sequence[Table]
    mode: Mode
    originals: Sequence[Original] = ()
    bytes_read: int = 0
    window: Window = (None, None)
    watermark: str | None = None
    is_nothing_new: bool = field(default=False)
    remarks: list[str] = field(default_factory=list)


def mode_of(contract: Contract, is_incremental: bool) -> Mode:
    """A contract that promises full snapshots is never delivered as a delta."""
    return "delta" if contract.delivery_mode == "delta" and is_incremental else "full"
