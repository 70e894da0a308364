"""A delivery (一次交付): what one pull brought, kept for good, and where it stands."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from xianjie import dates
from xianjie.contract.model import Contract
from xianjie.landing import store
from xianjie.landing.errors import DeliveryNotFoundError
from xianjie.settings import settings

Mode = Literal["full", "delta"]
Origin = Literal["pull", "submission", "returns", "replay"]
"""What made a delivery: a pull or a submitted workbook are a department's own (`OWN`); returned answers and
rows judged again are ours to deliver."""
OWN: tuple[Origin, ...] = ("pull", "submission")
_STAMP = "%Y%m%dT%H%M%S"


@dataclass(frozen=True)
class DeliveredFile:
    """One original as it came: its name below ``original/``, SHA-256 and size in bytes."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Delivery:
    """The manifest of one delivery.

    `columns_missing` are field names of the contract, `columns_unknown` headers as delivered, and
    `columns_renamed` pairs of both that look like the same column under a new name (a guess, for people).
    `window` is the watermark window of an incremental pull, as text. `cause` says, of a delivery that is not a
    department's own, what it answers: who asks for the same again finds it instead of landing it twice.
    """

    delivery_id: str
    county_code: str
    department: str
    dataset: str
    business_date: dt.date
    contract_version: str
    mode: Mode
    rows: int
    sha256: str
    columns_delivered: tuple[str, ...]
    columns_missing: tuple[str, ...]
    columns_unknown: tuple[str, ...]
    columns_renamed: tuple[tuple[str, str], ...]
    files: tuple[DeliveredFile, ...]
    landed_at: dt.datetime
    window: tuple[str | None, str | None] = (None, None)
    origin: Origin = "pull"
    cause: str | None = None

    @property
    def place(self) -> tuple[dt.date, dt.datetime, str]:
        """Sorts the deliveries of a dataset: by business date, those of one date by when they landed."""
        return self.business_date, self.landed_at, self.delivery_id

    @property
    def is_own(self) -> bool:
        """Whether the department itself delivered it; only such a delivery concludes a night and is gated."""
        return self.origin in OWN

    @property
    def folder(self) -> str:
        """Folder of this delivery, relative to the landing."""
        return folder_of(self.delivery_id)

    @property
    def data_path(self) -> str:
        """``data.parquet`` as a local path; a remote landing is fetched into the work folder once."""
        return store.local_copy(f"{self.folder}/data.parquet")

    def to_json(self) -> str:
        """The manifest's text."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, default=lambda value: value.isoformat())

    @classmethod
    def from_json(cls, text: str) -> Delivery:
        """The delivery a manifest describes."""
        raw: dict[str, Any] = json.loads(text)
        pairs = raw["columns_renamed"]
        return cls(
            **{field.name: _frozen(raw[field.name]) for field in fields(cls) if field.name in raw}
            | {
                "business_date": dt.date.fromisoformat(raw["business_date"]),
                "landed_at": dt.datetime.fromisoformat(raw["landed_at"]),
                "files": tuple(DeliveredFile(**file) for file in raw["files"]),
                "columns_renamed": tuple((field, header) for field, header in pairs),
            }
        )


def new_id(contract: Contract, business_date: dt.date, county_code: str, landed_at: dt.datetime) -> str:
    """A delivery id: ``639900.education.enrolment.20260921.20260921T203015-1a2b3c``.

    It tells where the delivery stands, so that it is found even when the database never heard of it.
    """
    stamp = landed_at.astimezone(dates.SHANGHAI).strftime(_STAMP)
    return f"{county_code}.{contract.id}.{business_date:%Y%m%d}.{stamp}-{secrets.token_hex(3)}"


def folder_of(delivery_id: str) -> str:
    """The folder a delivery id names, relative to the landing.

    Raises:
        DeliveryNotFoundError: the text is not a delivery id.
    """
    try:
        county, department, dataset, day, _ = delivery_id.split(".")
        date = dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dates.SHANGHAI).date()
    except ValueError:
        raise DeliveryNotFoundError("不是有效的交付编号", next_command="xianjie night status") from None
    return str(PurePosixPath(county, department, dataset, date.isoformat(), delivery_id))


def work_folder(delivery: Delivery) -> Path:
    """Local scratch folder of a delivery (diff, sieve, linkage); made when absent, safe to delete."""
    folder = settings().work / delivery.folder
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
