"""What a delivery changes: only these rows are sieved, linked and merged.

Of the deliveries compared only keys, hashes and marks are read; whole rows are read once, for the keys that
differ. A key that occurs twice, in this delivery or in its base, always differs: nobody knows which of the
two was meant, so the sieve has to see it again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from xianjie.database.columnar import columnar, literal
from xianjie.landing.delivery import Delivery, work_folder
from xianjie.landing.held import Held, is_held_sql, tell, with_held_sql

CHANGED = "changed.parquet"
ABSENT = "absent.parquet"
_SUMMARY = "diff.json"


@dataclass(frozen=True)
class Diff:
    """Counts of rows. landed = unchanged + changed; changed = new + rows whose key the base has.

    `absent` counts keys of the base that a full delivery no longer holds, `withdrawn` rows marked as
    withdrawn, `duplicate` rows whose key occurs more than once in the delivery.
    """

    delivery_id: str
    base_ids: tuple[str, ...]
    landed: int
    unchanged: int
    changed: int
    new: int
    absent: int
    withdrawn: int
    duplicate: int


def compare(delivery: Delivery, base: Sequence[Delivery], held: Sequence[Held] = ()) -> Diff:
    """Compares a delivery with a chain of deliveries (oldest first; a full one starts it anew).

    Writes into the delivery's work folder:

    * ``changed.parquet``: the delivery's columns of every row that is not exactly as in the base, in no
      particular order, with ``_change`` (``new``, ``changed``) and ``_duplicate`` (0; 1 exact repeat of an
      earlier row; 2 several rows of one key that disagree). Without a base nearly every row is in it, and only
      ``_row`` and ``_op`` are kept of the delivery's columns: `changed_sql` joins them with the rest;
    * ``absent.parquet`` (``_key``): for a full delivery, the keys it no longer holds.

    A withdrawal of a key the base does not have counts as unchanged. Any other row of a delivery that is not a
    department's own counts as changed: it is there to be judged, also when it is what stands already. `held`
    are corrected records that are not absent while their old row is delivered. Running it again gives the same.
    """
    folder = work_folder(delivery)
    with columnar() as connection:
        _views(connection, delivery, base, held)
        if not base or delivery.mode == "full":
            connection.execute(_REPEATED)
        if base:
            connection.execute(_FULL_DIFFERENCES if delivery.mode == "full" else _DELTA_DIFFERENCES)
        else:
            connection.execute(_FIRST_DIFFERENCES)
        connection.execute(_VERDICT.replace("$is_asked_anew", str(not delivery.is_own).lower()))
        _write(connection, _CHANGED_ROWS if base else _FIRST_ROWS, folder / CHANGED)
        _write(connection, _absent_keys(held) if delivery.mode == "full" else _NO_KEYS, folder / ABSENT)
        diff = _count(connection, delivery, base, folder)
    _replace(folder / _SUMMARY, json.dumps(asdict(diff)))
    return diff


def changed_sql(delivery: Delivery) -> str:
    """What `compare` put into ``changed.parquet``, with all columns of the delivery: a FROM item for DuckDB."""
    diff, changed = load_diff(delivery), f"read_parquet({literal(str(work_folder(delivery) / CHANGED))})"
    if diff is None or diff.base_ids:
        return changed
    return (
        "(select d.*, c._change, c._duplicate"
        f" from read_parquet({literal(delivery.data_path)}) as d join {changed} as c using (_row))"
    )


def load_diff(delivery: Delivery) -> Diff | None:
    """The comparison last made for a delivery, if its work folder still holds one."""
    path = work_folder(delivery) / _SUMMARY
    if not path.exists():
        return None
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Diff(**raw | {"base_ids": tuple(raw["base_ids"])})


def _views(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, base: Sequence[Delivery], held: Sequence[Held]
) -> None:
    """``delivered``, ``tonight`` (its keys) and ``base`` (the rows that stand after the chain)."""
    connection.execute(f"create view delivered as from read_parquet({literal(delivery.data_path)})")
    connection.execute("create view tonight as select _row, _key, _hash, _op from delivered")
    if held:
        tell(connection, held)
    standing = standing_sql(base)
    connection.execute(f"create view base as {with_held_sql(standing) if held else standing}")


def standing_sql(chain: Sequence[Delivery]) -> str:
    """The rows (_key, _hash, _op) that stand after a chain of deliveries, oldest first."""
    starts = [place for place, each in enumerate(chain) if each.mode == "full"]
    return _chain_sql(chain[starts[-1] :] if starts else chain)


def _chain_sql(chain: Sequence[Delivery]) -> str:
    """Standing rows after a chain: the first delivery's, overlaid by the later (smaller) ones."""
    if not chain:
        return "select null::uuid as _key, null::uuid as _hash, null::varchar as _op where false"
    reads = [
        f"select _key, _hash, _op, {n} as n from read_parquet({literal(each.data_path)})"
        for n, each in enumerate(chain)
    ]
    if len(chain) == 1:
        return f"select _key, _hash, _op from ({reads[0]}) where _op = 'U'"
    return f"""
        with later as ({" union all ".join(reads[1:])}),
        overlay as (select _key, max(n) as n from later group by _key)
        select _key, _hash, _op from ({reads[0]}) as first
        where _op = 'U' and not exists (from overlay where overlay._key = first._key)
        union all
        select _key, _hash, _op from later join overlay using (_key, n) where _op = 'U'
    """


_REPEATED = """
    create table repeated as
    select _key from tonight group by _key having count(*) > 1
    union all
    select _key from base group by _key having count(*) > 1
"""
_PER_KEY = "select _key, count(*) as met, min(_hash) as base_hash from base"
# A key is unchanged when each side holds it once, with one hash. Keys that repeat are joined apart, with one row a key
# of the base: thousands of rows may share a placeholder.
_FULL_DIFFERENCES = f"""
    create table differing as
    select _key, mine._row, mine._op, mine._hash, (theirs._hash is not null)::int as met, theirs._hash as base_hash
    from (from tonight where _key not in (from repeated)) as mine
    full join (from base where _key not in (from repeated)) as theirs using (_key)
    where mine._hash is distinct from theirs._hash or mine._op <> 'U'
    union all
    select _key, mine._row, mine._op, mine._hash, coalesce(theirs.met, 0), theirs.base_hash
    from (from tonight where _key in (from repeated)) as mine
    full join ({_PER_KEY} where _key in (from repeated) group by _key) as theirs using (_key)
"""
# Without a base every row is new; only repeated keys and withdrawals need a second look.
_FIRST_DIFFERENCES = """
    create table differing as
    select _key, _row, _op, _hash, 0 as met, null::uuid as base_hash
    from tonight
    where _op <> 'U' or _key in (from repeated)
"""
_DELTA_DIFFERENCES = f"""
    create table differing as
    select _key, tonight._row, tonight._op, tonight._hash, coalesce(theirs.met, 0) as met, theirs.base_hash
    from tonight
    left join ({_PER_KEY} where _key in (select _key from tonight) group by _key) as theirs using (_key)
"""
_VERDICT = """
    create table verdict as
    with placed as (
        select
            *,
            count(*) over same_key as copies,
            count(distinct (_hash, _op)) over same_key as variants,
            row_number() over (partition by _key, _hash, _op order by _row) as place
        from differing
        where _row is not null
        window same_key as (partition by _key)
    )
    select
        _row,
        copies > 1 as is_repeated,
        case when met = 0 then 'new' else 'changed' end as _change,
        case when variants > 1 then 2 when place > 1 then 1 else 0 end as _duplicate,
        case
            when copies > 1 then true
            when _op = 'D' then met > 0
            else $is_asked_anew or met <> 1 or base_hash <> _hash
        end as differs
    from placed
"""

_CHANGED_ROWS = """
    select delivered.*, verdict._change, verdict._duplicate
    from delivered
    join verdict on verdict._row = delivered._row
    where verdict.differs
"""
_FIRST_ROWS = """
    select
        tonight._row,
        tonight._op,
        coalesce(verdict._change, 'new') as _change,
        coalesce(verdict._duplicate, 0) as _duplicate
    from tonight
    left join verdict on verdict._row = tonight._row
    where coalesce(verdict.differs, true)
"""
_ABSENT_KEYS = "select _key from differing where _row is null"


def _absent_keys(held: Sequence[Held]) -> str:
    return f"{_ABSENT_KEYS} and not {is_held_sql('tonight', 'differing._key')}" if held else _ABSENT_KEYS


_NO_KEYS = "select null::uuid as _key where false"


def _count(
    connection: duckdb.DuckDBPyConnection, delivery: Delivery, base: Sequence[Delivery], folder: Path
) -> Diff:
    """Counts what was really written, so that the ledger does not balance by construction only."""
    counted = connection.execute(f"""
        select
            (select count(*) from tonight),
            count(*),
            count(*) filter (where _change = 'new'),
            count(*) filter (where _op = 'D'),
            (select count(*) from verdict where is_repeated),
            (select count(*) from read_parquet({literal(str(folder / ABSENT))}))
        from read_parquet({literal(str(folder / CHANGED))})
    """).fetchone()
    assert counted is not None
    landed, changed, new, withdrawn, duplicate, absent = counted
    return Diff(
        delivery_id=delivery.delivery_id,
        base_ids=tuple(each.delivery_id for each in base),
        landed=landed,
        unchanged=landed - changed,
        changed=changed,
        new=new,
        absent=absent,
        withdrawn=withdrawn,
        duplicate=duplicate,
    )


def _write(connection: duckdb.DuckDBPyConnection, select: str, target: Path) -> None:
    aside = target.with_suffix(".part")
    connection.execute(f"copy ({select}) to {literal(str(aside))} (format parquet, compression snappy)")
    aside.replace(target)


def _replace(target: Path, content: str) -> None:
    aside = target.with_suffix(".part")
    aside.write_text(content, encoding="utf-8")
    aside.replace(target)
