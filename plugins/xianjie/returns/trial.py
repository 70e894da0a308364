"""A trial (试校): which rules rows would break if they were delivered now. Nothing is landed, nothing recorded."""

from __future__ import annotations

import datetime as dt
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xianjie.contract.model import Contract, Rule
from xianjie.database.columnar import columnar, literal
from xianjie.landing import CHANGED, Delivery
from xianjie.landing.projection import write_data
from xianjie.returns.rows import Row, table
from xianjie.settings import settings
from xianjie.validation import Known, Sieve


@dataclass(frozen=True)
class Tried:
    """What the sieve says of one row: its record and content, whether it passes, the ids of all broken rules."""

    key: uuid.UUID
    hash: uuid.UUID
    is_good: bool
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """The rows in the order they were given, and the contract's rules by id."""

    rows: tuple[Tried, ...]
    rules: dict[str, Rule]


_MARKED = """
    with counted as (
        select *, count(distinct _hash) over (partition by _key) as variants,
            row_number() over (partition by _key, _hash order by _row) as place
        from read_parquet({source})
    )
    select * exclude (variants, place), 'changed' as _change,
        case when variants > 1 then 2 when place > 1 then 1 else 0 end as _duplicate
    from counted
"""


def trial(contract: Contract, rows: Sequence[Row], on: dt.date, county_code: str, known: Known) -> Trial:
    """Sieves rows as the check would: by this contract, on this date, with what is known of them."""
    sieve = Sieve(contract, on, county_code, known=known, is_own=False)
    rules = {rule.id: rule for rule in sieve.rules}
    if not rows:
        return Trial((), rules)
    scratch = settings().work / "trial"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        return Trial(_tried(sieve, contract, rows, Path(folder)), rules)


def _tried(sieve: Sieve, contract: Contract, rows: Sequence[Row], folder: Path) -> tuple[Tried, ...]:
    data = folder / "data.parquet"
    write_data(contract, [table(contract, rows, "")], data)
    with columnar() as duck:
        marked = _MARKED.format(source=literal(str(data)))
        duck.execute(f"copy ({marked}) to {literal(str(folder / CHANGED))} (format parquet)")
    sieved = sieve.run(folder, sample_rows=1)
    with columnar() as duck:
        found = duck.execute(
            f"""
            select _row, _key, _hash, true as is_good, _warnings as rules
            from read_parquet({literal(str(sieved.accepted))})
            union all
            select _row, _key, _hash, false, _rules from read_parquet({literal(str(sieved.quarantined))})
            order by _row
            """
        ).fetchall()
    return tuple(Tried(key, content, is_good, tuple(names)) for _, key, content, is_good, names in found)


def place_of(contract: Contract, on: dt.date, county_code: str, landed_at: dt.datetime) -> Delivery:
    """A delivery that does not exist, for asking what is known before the next one lands."""
    return Delivery(
        delivery_id="",
        county_code=county_code,
        department=contract.department,
        dataset=contract.dataset,
        business_date=on,
        contract_version=contract.version,
        mode="delta",
        rows=0,
        sha256="",
        columns_delivered=(),
        columns_missing=(),
        columns_unknown=(),
        columns_renamed=(),
        files=(),
        landed_at=landed_at,
        origin="replay",
    )
