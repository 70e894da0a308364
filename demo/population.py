"""The county before the first night: households, persons and the clean datasets, all by DuckDB.

Everything is a hash of the seed, so a county of the same seed and size is the same everywhere. Datasets
come out with the contracts' field names, values as text in one canonical form (dates ``2026-09-01``, months
``202609``, 是/否, two decimals), and five columns of our own: ``_key`` (the contract's key fields joined by
``|``), ``_person`` and ``_hh`` (the subject in the population), ``_since`` (the day the row last changed)
and ``_deleted`` (withdrawn by the department).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from demo import divisions, drawn, names
from demo.book import contracts
from xianjie.contract.model import Contract

SEED = 20260921
FORM = 4
SQL = Path(__file__).resolve().parent / "sql"


@dataclass(frozen=True)
class County:
    """A generated county: where its Parquet files lie, how many people it has, its seed."""

    folder: Path
    people: int
    seed: int = SEED

    @property
    def base(self) -> Path:
        """The clean datasets of the evening before the first night, one Parquet file each."""
        return self.folder / "base"


@contextmanager
def engine(folder: Path, *, memory: str = "3GB", threads: int = 2) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills below `folder`; two threads, order of insertion not kept."""
    spill = folder / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "threads": threads,
            "memory_limit": memory,
            "temp_directory": str(spill),
            "autoinstall_known_extensions": "false",
        }
    )
    try:
        connection.execute("set enable_progress_bar = false")
        yield connection
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)


def build(folder: Path, people: int = 30_000, seed: int = SEED) -> County:
    """Generates the county below `folder` (nothing happens when that very county is there) and returns it."""
    county = County(folder, people, seed)
    if existing(folder) == county:
        return county
    shutil.rmtree(folder, ignore_errors=True)
    county.base.mkdir(parents=True)
    with engine(folder) as connection:
        people_tables(connection, people, seed)
        for contract in contracts():
            _copy(connection, dataset_query(contract), county.base / f"{contract.id}.parquet")
    aside = folder / ".county.json"
    aside.write_text(json.dumps({"people": people, "seed": seed, "form": FORM}), encoding="utf-8")
    aside.replace(folder / "county.json")
    return county


def existing(folder: Path) -> County | None:
    """The complete county below `folder`, or None when there is none of this form."""
    try:
        kept = json.loads((folder / "county.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return County(folder, kept["people"], kept["seed"]) if kept["form"] == FORM else None


def people_tables(connection: duckdb.DuckDBPyConnection, people: int, seed: int) -> None:
    """Creates tables village, person_state and household_state for a county of exactly `people` people."""
    people_macros(connection, seed)
    connection.execute(f"set variable people = {int(people)}")
    names.slot_table(connection)
    for file in ("people.sql", "situation.sql"):
        connection.execute((SQL / file).read_text(encoding="utf-8"))


def people_macros(connection: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Sets the seed, creates the macros that all SQL here is written in, and the tables of villages."""
    connection.execute(f"set variable seed = {int(seed)}")
    connection.execute(f"set variable prefix = '{divisions.COUNTY_CODE}'")
    connection.execute((SQL / "macros.sql").read_text(encoding="utf-8"))
    _place_tables(connection)


def dataset_query(contract: Contract) -> str:
    """The clean rows of a dataset as the module describes them."""
    written = SQL / "datasets" / f"{contract.id}.sql"
    inner = written.read_text(encoding="utf-8") if written.exists() else drawn.query(contract)
    columns = ", ".join(f"{drawn.text_sql(field)} as {field.name}" for field in contract.fields)
    return f"""
        with drawn as ({inner}), texts as (select _person, _hh, {columns} from drawn)
        select {key_sql(contract)} as _key, _person, _hh,
            date '2026-09-19' - (hash({key_sql(contract)}, getvariable('seed')) % 300)::int as _since, false
            as _deleted,
            * exclude (_person, _hh)
        from texts
    """


def key_sql(contract: Contract) -> str:
    """The key fields of a contract joined by ``|``."""
    return "concat_ws('|', " + ", ".join(contract.key) + ")"


def _place_tables(connection: duckdb.DuckDBPyConnection) -> None:
    places, shares = [], []
    for town in divisions.TOWNS:
        town_code = divisions.COUNTY_CODE + town.code
        for code, name in divisions.villages(town):
            weight = town.weight / town.villages * (0.45 + int(code) * 2654435761 % 1000 / 900)
            places.append((code, name, town_code, town.name, weight))
        shares += [(town_code, ethnic, weight) for ethnic, weight in town.ethnic.items()]
    _table(
        connection,
        "village",
        places,
        village_code="varchar",
        village_name="varchar",
        town_code="varchar",
        town_name="varchar",
        weight="double",
    )
    _table(connection, "town_ethnic", shares, town_code="varchar", ethnic="varchar", weight="double")


def _table(
    connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[tuple[object, ...]], **types: str
) -> None:
    columns = ", ".join(f"unnest(?::{kind}[]) as {column}" for column, kind in types.items())
    values = [list(column) for column in zip(*rows, strict=True)]
    connection.execute(f"create or replace table {name} as select {columns}", values)


def _copy(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to '{path}' (format parquet, compression snappy)")


def write_csv(folder: Path, people: int, night: int = 1, seed: int = SEED) -> dict[str, Path]:
    """Writes the datasets as plain UTF-8 CSV with the contracts' Chinese headers; returns paths by
    contract id.

    For benches at any size: rows are clean but for about 0.5 % damaged ones; night 2 is night 1 with 1 % of
    the rows changed. The county itself is kept as Parquet below ``<folder>/county``, so the second night is
    quick.
    """
    from demo.bench_files import write

    return write(folder, build(folder / "county", people, seed), night)
