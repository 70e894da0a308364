"""The floor: what no design avoids, in plain DuckDB.

Parsing the CSV files and writing them as Parquet on both nights, and on the second night comparing the two
deliveries by row hash.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from bench.gauges import Gauges, Spent
from xianjie.contract.catalogue import catalogue
from xianjie.settings import settings

PARSE, DIFF = "parse + write", "hash diff"


def floor(root: Path, number: int, gauges: Gauges) -> dict[str, Spent]:
    """Seconds of the floor of one night of a bench's folder, by part."""
    folder = root / "floor" / f"night{number}"
    folder.mkdir(parents=True, exist_ok=True)
    found = {PARSE: Spent(), DIFF: Spent()}
    with duckdb.connect(config={"threads": settings().duckdb_threads, "memory_limit": "4GB"}) as connection:
        for contract in catalogue().active():
            begun = gauges.now()
            _land(connection, root / "csv" / f"night{number}" / f"{contract.id}.csv", folder)
            found[PARSE] += gauges.now() - begun
            if number == 2:
                begun = gauges.now()
                _compare(connection, folder / f"{contract.id}.parquet")
                found[DIFF] += gauges.now() - begun
    return found


def _land(connection: duckdb.DuckDBPyConnection, source: Path, folder: Path) -> None:
    connection.execute(
        f"copy (select md5_number(concat_ws('|', *columns(*)))::uuid as _hash, * from "
        f"read_csv('{source}', all_varchar = true, header = true)) "
        f"to '{folder}/{source.stem}.parquet' (format parquet)"
    )


def _compare(connection: duckdb.DuckDBPyConnection, tonight: Path) -> None:
    before = tonight.parent.parent / "night1" / tonight.name
    connection.execute(
        f"select count(*) from (select _hash from '{tonight}') as n "
        f"anti join (select _hash from '{before}') as b using (_hash)"
    ).fetchall()
