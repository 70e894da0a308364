"""Landing a delivery: one pass over the rows, written aside, renamed, then told to the database."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xianjie import dates
from xianjie.contract.model import Contract
from xianjie.database.columnar import columnar, literal
from xianjie.landing import registry, store
from xianjie.landing.columns import ColumnMatch
from xianjie.landing.delivery import DeliveredFile, Delivery, Mode, Origin, new_id
from xianjie.landing.projection import write_data
from xianjie.landing.tables import Table
from xianjie.settings import settings


@dataclass(frozen=True)
class Original:
    """A file as it came: the name to keep it under, where it is now, its SHA-256 when already known."""

    name: str
    path: Path
    sha256: str | None = None


def publish(
    contract: Contract,
    business_date: dt.date,
    tables: Sequence[Table],
    *,
    mode: Mode,
    county_code: str | None = None,
    window: tuple[str | None, str | None] = (None, None),
    originals: Sequence[Original] = (),
    origin: Origin = "pull",
    cause: str | None = None,
) -> Delivery:
    """Lands delivered tables as one new delivery, in bounded memory, and records it in ``ops.delivery``.

    A kill at any moment leaves no half delivery; running it again makes a new one. Originals may be
    hard-linked: hand over files nobody writes to any more.

    Raises:
        SourceFormatError: no column is of this contract, or the text cannot be read.
    """
    landed_at = dates.now()
    county = county_code or settings().county_code
    delivery_id = new_id(contract, business_date, county, landed_at)
    folder = "/".join((county, contract.department, contract.dataset, business_date.isoformat(), delivery_id))
    with store.writing(folder) as aside:
        data = aside / "data.parquet"
        matches = write_data(contract, tables, data)
        files = tuple(_keep(original, aside / "original") for original in originals)
        rows = _count(data)
        delivery = Delivery(
            delivery_id=delivery_id,
            county_code=county,
            department=contract.department,
            dataset=contract.dataset,
            business_date=business_date,
            contract_version=contract.version,
            mode=mode,
            rows=rows,
            sha256=_sha256(files) or _digest(data),
            files=files,
            landed_at=landed_at,
            window=window,
            columns_delivered=tuple(dict.fromkeys(name for match in matches for name in match.header)),
            columns_missing=_missing(contract, matches),
            columns_unknown=tuple(dict.fromkeys(name for match in matches for name in match.unknown)),
            columns_renamed=tuple(dict.fromkeys(pair for match in matches for pair in match.renamed)),
            origin=origin,
            cause=cause,
        )
        (aside / store.MANIFEST).write_text(delivery.to_json(), encoding="utf-8")
    registry.record(delivery)
    return delivery


def _keep(original: Original, folder: Path) -> DeliveredFile:
    folder.mkdir(exist_ok=True)
    target = folder / Path(original.name).name
    try:
        os.link(original.path, target)
    except OSError:
        shutil.copyfile(original.path, target)
    return DeliveredFile(target.name, original.sha256 or sha256_of(target), target.stat().st_size)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sha256(files: Sequence[DeliveredFile]) -> str | None:
    """One file's own SHA-256, or that of all of theirs in order; none for sources without files."""
    if len(files) == 1:
        return files[0].sha256
    return hashlib.sha256("".join(file.sha256 for file in files).encode()).hexdigest() if files else None


def _count(data: Path) -> int:
    return int(_ask(data, "count(*)")[0])


def _digest(data: Path) -> str:
    """A digest of the rows whatever their order: what a query returned has no file."""
    number = "(_hash::uhugeint & 9223372036854775807::uhugeint)::bigint"
    sums = _ask(data, f"count(*), coalesce(sum({number}), 0), count(*) filter (where _op = 'D')")
    return hashlib.sha256("/".join(map(str, sums)).encode()).hexdigest()


def _ask(data: Path, aggregates: str) -> tuple[Any, ...]:
    with columnar() as connection:
        row = connection.execute(f"select {aggregates} from read_parquet({literal(str(data))})").fetchone()
    assert row is not None
    return tuple(row)


def _missing(contract: Contract, matches: Sequence[ColumnMatch]) -> tuple[str, ...]:
    """Fields that not every table delivered, in the contract's order."""
    missing = {name for match in matches for name in match.missing}
    return tuple(field.name for field in contract.fields if field.name in missing)
