"""The datasets as plain CSV files of any size, for benches: one query a file."""

from __future__ import annotations

from pathlib import Path

from demo import dirt
from demo.book import contracts
from demo.calendar import FIRST_NIGHT, SECOND_NIGHT
from demo.days import day_query
from demo.population import County, engine, people_macros
from xianjie.contract.model import Contract


def write(folder: Path, county: County, night: int) -> dict[str, Path]:
    """Writes ``<folder>/night<night>/<contract id>.csv`` (UTF-8, Chinese headers) and returns the paths by
    id.

    Night 1 is the county's base, night 2 the same a day later (1 % of the rows changed); about 1 % of the
    rows are damaged, half of them so that they must be quarantined.
    """
    target = folder / f"night{night}"
    target.mkdir(parents=True, exist_ok=True)
    paths: dict[str, Path] = {}
    with engine(folder) as connection:
        connection.execute("set preserve_insertion_order = false")
        people_macros(connection, county.seed)
        for contract in contracts():
            path = target / f"{contract.id}.csv"
            aside = target / f".{contract.id}.csv"
            connection.execute(
                f"copy ({_query(contract, county, night)}) to '{aside}' (format csv, header, delimiter ',')"
            )
            aside.replace(path)
            paths[contract.id] = path
    return paths


def _query(contract: Contract, county: County, night: int) -> str:
    source = f"'{county.base / contract.id}.parquet'"
    day = FIRST_NIGHT if night == 1 else SECOND_NIGHT
    rows = f"select * from {source}" if night == 1 else day_query(contract, source, day)
    columns = ", ".join(
        f'{dirt.delivered_sql(contract, field.name)} as "{field.label}"' for field in contract.fields
    )
    return f"select {columns} from (select *, {dirt.kind_sql(contract, day)} as _damage from ({rows}))"
