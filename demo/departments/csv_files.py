"""CSV files in the encoding a contract names: GB18030, as systems from 2009 write it, or UTF-8."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import duckdb

from xianjie.contract.model import Contract

_BATCH = 5000


def write(
    contract: Contract, held: Path, path: Path, *, since: dt.date | None = None, share: float = 1.0
) -> int:
    """Writes rows as CSV with Chinese headers at `path`, whole or not at all; returns their number.

    Args:
        contract: names and order of the columns.
        held: folder of what the department holds.
        path: the file.
        since: only rows that changed on this day or later (a nightly delta).
        share: the leading part of the rows that is written (a truncated file ends early).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.parent.parent / f".{path.name}.{path.parent.name}"
    names = ", ".join(field.name for field in contract.fields)
    changed = f"and _changed_on >= date '{since}'" if since else ""
    query = f"from read_parquet('{held / contract.id}.parquet') where not _deleted {changed}"
    encoding = contract.source.reading.get("encoding", "gb18030")
    with duckdb.connect() as connection, aside.open("w", encoding=encoding, newline="") as file:
        total = connection.execute(f"select count(*) {query}").fetchall()[0][0]
        limit = int(total * share)
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(field.label for field in contract.fields)
        cursor = connection.execute(f"select {names} {query} order by _key, _copy limit {limit}")
        while rows := cursor.fetchmany(_BATCH):
            writer.writerows(rows)
    aside.replace(path)
    return limit
