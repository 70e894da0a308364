"""Rows that stand (现存行): what a dataset's chain of deliveries leaves of each record, as it was delivered."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Collection, Sequence
from pathlib import Path

import duckdb

from xianjie.contract.model import Contract
from xianjie.database.columnar import columnar, identifier, literal
from xianjie.landing import CHANGED, Delivery, delivered_sql
from xianjie.settings import settings
from xianjie.validation import Sieve

Place = tuple[str, int]

_STANDING = """
    create temp table standing as
    with last as (select _key, max(n) as n from link group by _key),
    held as (select link.* from link join last using (_key, n) where _op = 'U')
    select * from held qualify count(*) over (partition by _key) = 1
"""


def places(chain: Sequence[Delivery], keys: Collection[uuid.UUID]) -> list[Place]:
    """Where the standing rows of some records are, by (delivery id, row in it)."""
    if not keys or not chain:
        return []
    with columnar() as duck:
        links = _stand(duck, chain, "where _key in (select unnest(?::uuid[]))", [list(keys)])
        found = duck.execute("select n, _row from standing order by n, _row").fetchall()
    return [(links[n].delivery_id, row) for n, row in found]


def faulty(sieve: Sieve, contract: Contract, chain: Sequence[Delivery]) -> list[tuple[Place, str, Content]]:
    """Standing rows that break any rule now: place, ``quarantined`` or ``warned``, and (record, content).

    A record with several rows is left out: which one is meant shows only in a whole delivery.
    """
    if not chain:
        return []
    scratch = settings().work / "trial"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as name, columnar() as duck:
        folder = Path(name)
        links = _stand(duck, chain, "", [])
        rows = " union all ".join(_texts(contract, n, each) for n, each in links.items())
        target = literal(str(folder / CHANGED))
        duck.execute(
            f"copy (select row_number() over () as _row, * from ({rows})) to {target} (format parquet)"
        )
        sieved = sieve.run(folder, sample_rows=1)
        found = duck.execute(
            f"""
            with broken as (
                select _row, _key, _hash, 'quarantined' as kind
                from read_parquet({literal(str(sieved.quarantined))})
                union all
                select _row, _key, _hash, 'warned' from read_parquet({literal(str(sieved.accepted))})
                where len(_warnings) > 0
            )
            select given._link, given._source_row, kind, broken._key, broken._hash
            from broken join read_parquet({target}) as given using (_row) order by 1, 2
            """
        ).fetchall()
    return [((links[n].delivery_id, row), kind, (key, content)) for n, row, kind, key, content in found]


Content = tuple[uuid.UUID, uuid.UUID]


def _stand(
    duck: duckdb.DuckDBPyConnection, chain: Sequence[Delivery], where: str, values: list[object]
) -> dict[int, Delivery]:
    """The table ``standing`` (n, _row, _key, _hash, _op); returns the deliveries by n."""
    starts = [n for n, each in enumerate(chain) if each.mode == "full"]
    links = dict(enumerate(chain[starts[-1] :] if starts else chain))
    reads = " union all ".join(
        f"select {n} as n, _row, _key, _hash, _op from read_parquet({literal(each.data_path)})"
        for n, each in links.items()
    )
    duck.execute(f"create temp table link as select * from ({reads}) {where}", values)
    duck.execute(_STANDING)
    return links


def _texts(contract: Contract, n: int, delivery: Delivery) -> str:
    """The standing rows of one delivery with the contract's fields."""
    names = [field.name for field in contract.fields]
    return (
        f"select {n} as _link, d._row as _source_row, d._file, d._line, d._op, d._key, d._hash,"
        f" {', '.join(map(identifier, names))}, d._extra, 'changed' as _change, 0 as _duplicate"
        f" from {delivered_sql(delivery, names)} as d join standing on standing.n = {n}"
        " and standing._row = d._row"
    )
