"""What a night must come to, computed in DuckDB from the county itself, not from what was delivered.

Below ``<home>/demo/truth/<date>/`` lie:

* ``events.jsonl``: the day's scripted events (`demo.events.Event`).
* ``quarantined.parquet`` (``dataset, key, copy, damage, rule_ids, source_row, is_new``): every row that must
  be in quarantine after the night. Its rules must be among those found; ``source_row`` counts from 1 in
  delivery order (null for incremental deliveries); ``is_new`` when it was not there the time before.
* ``warned.parquet`` (``dataset, key, rule_id``): accepted rows that must be told to break a rule of severity
  ``warn``. Other rows may break such rules too: the county is not tidy.
* ``hits.parquet`` (``rule_id, family, dataset, key, id_number, household_no, home``), and where a department
  comes late ``hits_after_late.parquet``; ``household_no`` is null where the register knows no such person.
* ``findings.parquet`` (``check_id, id_number, household_no``): what the checks of ``sql/truth/findings.sql`` must
  find after the night, the late department's rows among the rest.
* ``counts.json``: by dataset the outcome (and ``after_late``), and the ledger's landed (null for incremental
  deliveries), accepted (withdrawals among them), quarantined, absent, withdrawn; a late dataset's numbers are
  those after it came.
* ``believed/<dataset>.parquet``: the clean rows that the warehouse should hold after that night.

``key`` is the contract's key fields joined by ``|``, as they should have been delivered.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import duckdb
import yaml

from demo.book import contracts
from demo.calendar import arrival, content
from demo.chronicle import night_folder
from demo.divisions import COUNTY_CODE
from demo.population import SQL, County, engine, people_macros
from xianjie.contract.model import Contract
from xianjie.settings import REPOSITORY

SPX_WINDOW_DAYS = 90
SPX_FAMILIES = 2
_HIT_COLUMNS = "rule_id, family, dataset, key, id_number, household_no, home"


def write(
    county: County, day: dt.date, folder: Path, *, late: tuple[str, ...], before: dt.date | None
) -> None:
    """Writes a night's truth; `late` come after the cutoff, `before` is the night prepared before it."""
    aside = folder.with_name(f".{folder.name}")
    shutil.rmtree(aside, ignore_errors=True)
    (aside / "believed").mkdir(parents=True)
    shutil.copyfile(night_folder(county, day) / "events.jsonl", aside / "events.jsonl")
    earlier = folder.with_name(before.isoformat()) if before else None
    with engine(county.folder) as connection:
        people_macros(connection, county.seed)
        connection.execute(f"set variable \"on\" = date '{day}'")
        connection.execute(f"set variable line = {monitor_line(day)}")
        night = _Night(connection, county, day, aside, earlier)
        counts = {
            contract.id: night.dataset(contract, contract.department in late) for contract in contracts()
        }
        night.quarantined()
        if any(contract.department in late for contract in contracts()):
            night.hits("hits", without=late)
            night.hits("hits_after_late", without=())
        else:
            night.hits("hits", without=())
        night.findings()
    (aside / "counts.json").write_text(json.dumps(counts, ensure_ascii=False, indent=1), encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    aside.rename(folder)


def previous(folder: Path, day: dt.date) -> dt.date | None:
    """The latest night before `day` whose truth lies below `folder`."""
    found = [dt.date.fromisoformat(path.name) for path in folder.glob("2*-*-*")] if folder.exists() else []
    return max((date for date in found if date < day), default=None)


def last_accepted(folder: Path, dataset: str, day: dt.date) -> dt.date | None:
    """The latest night before `day` on which a dataset was accepted, of those whose truth lies below `folder`."""
    before = previous(folder, day)
    while before is not None:
        counts = json.loads((folder / before.isoformat() / "counts.json").read_text(encoding="utf-8"))
        told = counts.get(dataset, {"outcome": "absent"})
        if told.get("after_late", told["outcome"]) == "accepted":
            return before
        before = previous(folder, before)
    return None


def is_sent(folder: Path, contract: Contract, day: dt.date) -> bool:
    """Whether a department sends a dataset on a day: files only when they are owed, a server is always there."""
    if contract.source.connector in ("http", "sql"):
        return True
    return contract.cadence.is_due(day, last_accepted(folder, contract.id, day))


def monitor_line(day: dt.date) -> int:
    """The demo county's monitor line in force on a day, from ``include/framework/monitor_lines.yaml``."""
    text = (REPOSITORY / "include" / "framework" / "monitor_lines.yaml").read_text(encoding="utf-8")
    lines = [
        line
        for line in yaml.safe_load(text)["lines"]
        if COUNTY_CODE.startswith(line["region"]) and line["from"] <= day
    ]
    best = max(lines, key=lambda line: (len(line["region"]), line["from"]))
    return int(best["value"])


class _Night:
    """One night's truth in the making."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        county: County,
        day: dt.date,
        folder: Path,
        earlier: Path | None,
    ) -> None:
        self.connection = connection
        self.held = night_folder(county, day) / "held"
        self.clean = night_folder(county, day) / "clean"
        self.day = day
        self.folder = folder
        self.proof = folder.parent
        self.earlier = earlier
        self.before = earlier.name if earlier else None
        columns = (
            "dataset varchar, key varchar, copy int, damage varchar, rule_ids varchar[], "
            "source_row bigint, is_new boolean"
        )
        connection.execute(f"create table quarantined ({columns})")
        connection.execute(f"create table quarantined_before ({columns})")
        connection.execute("create table warned (dataset varchar, key varchar, rule_id varchar)")
        if earlier:
            connection.execute(
                f"insert into quarantined_before from read_parquet('{earlier}/quarantined.parquet')"
            )

    def dataset(self, contract: Contract, is_late: bool) -> dict[str, object]:
        """Writes what the warehouse should hold of a dataset, and returns its expected numbers."""
        outcome = self._outcome(contract)
        believed = self.folder / "believed" / f"{contract.id}.parquet"
        before = self._before(contract)
        if outcome == "accepted":
            self._tables(contract, before)
            self.connection.execute(f"copy ({self._believed(contract)}) to '{believed}' (format parquet)")
            numbers = {**self._numbers(contract), "quarantined": self._quarantine(contract)}
        else:
            self.connection.execute(f"copy (select * from {before}) to '{believed}' (format parquet)")
            self._keep_quarantine(contract)
            numbers = {}
        is_late = is_late and outcome != "not_due"
        first = "absent" if is_late else outcome
        return {"outcome": first, **numbers, **({"after_late": outcome} if is_late else {})}

    def quarantined(self) -> None:
        """Writes the rows that must be in quarantine, and those accepted with a warning."""
        self.connection.execute(
            f"copy (from warned order by all) to '{self.folder}/warned.parquet' (format parquet)"
        )
        self.connection.execute(
            "copy (from quarantined order by dataset, key, copy) "
            f"to '{self.folder}/quarantined.parquet' (format parquet)"
        )

    def hits(self, name: str, *, without: tuple[str, ...]) -> None:
        """Writes the expected hits, with yesterday's rows for the departments that are not there yet."""
        for contract in contracts():
            path = self.folder / "believed" / f"{contract.id}.parquet"
            source = self._before(contract) if contract.department in without else f"read_parquet('{path}')"
            self.connection.execute(
                f"create or replace temp view believed_{contract.table} as select * from {source}"
            )
        self.connection.execute((SQL / "truth" / "hits.sql").read_text(encoding="utf-8"))
        seen = f"read_parquet('{self.earlier}/hits_seen.parquet')" if self.earlier else "hits_of_no_night"
        self.connection.execute(
            "create or replace temp table hits_of_no_night "
            "(home varchar, household_no varchar, family varchar, seen_on date)"
        )
        self.connection.execute(
            f"""
            create or replace temp table seen as
            select home, household_no, family, max(seen_on) as seen_on from (
                select home, household_no, family, seen_on from {seen}
                where seen_on > date '{self.day}' - {SPX_WINDOW_DAYS}
                union all
                select home, household_no, family, date '{self.day}' from hit
            ) group by all
            """
        )
        self.connection.execute(f"copy seen to '{self.folder}/hits_seen.parquet' (format parquet)")
        self.connection.execute(
            f"""
            copy (
                select {_HIT_COLUMNS} from hit
                union all
                select 'R-SPX-01', '多重', null, home, null, any_value(household_no), home
                from seen group by home having count(distinct family) >= {SPX_FAMILIES}
                order by rule_id, home, key
            ) to '{self.folder}/{name}.parquet' (format parquet)
            """
        )

    def findings(self) -> None:
        """Writes what checks over several rows must find, with the rows that `hits` had last."""
        self.connection.execute((SQL / "truth" / "findings.sql").read_text(encoding="utf-8"))
        self.connection.execute(
            f"copy (from finding order by all) to '{self.folder}/findings.parquet' (format parquet)"
        )

    def _outcome(self, contract: Contract) -> str:
        if not is_sent(self.proof, contract, self.day):
            return "not_due"
        if arrival(self.day, contract.department) == "absent":
            return "absent"
        return "refused" if content(self.day, contract.id) == "truncated" else "accepted"

    def _before(self, contract: Contract) -> str:
        if self.earlier and (self.earlier / "believed" / f"{contract.id}.parquet").exists():
            return f"read_parquet('{self.earlier}/believed/{contract.id}.parquet')"
        empty = f"read_parquet('{self.clean}/{contract.id}.parquet')"
        return f"(select *, null::varchar as _id, null::varchar as _understood from {empty} where false)"

    def _tables(self, contract: Contract, before: str) -> None:
        """Tables delivered (what came), prior (what the warehouse held), accepted (clean rows to enter)."""
        identity = f"left({contract.subject}, 18)" if contract.subject else "null::varchar"
        tonight = (
            f"_changed_on > date '{self.before}'"
            if contract.delivery_mode == "delta" and self.before
            else "true"
        )
        self.connection.execute(
            f"""
            create or replace temp table delivered as
            select _key, _copy, _damage, _row_faults, _row_warnings, _content, _deleted as _withdrawn,
                {tonight} as _is_tonight,
                row_number() over (order by _key, _copy) as position
            from read_parquet('{self.held}/{contract.id}.parquet');
            create or replace temp table prior as select * from {before};
            create or replace temp table accepted as
            select c.*, if(d._damage = 'id_missing', null, {identity}) as _id, d._content as _understood,
                d._is_tonight and exists (from delivered as r where r._key = c._key and r._copy > 1)
                    as _is_repeated
            from read_parquet('{self.clean}/{contract.id}.parquet') as c
            inner join delivered as d on c._key = d._key and d._copy = 1 and len(d._row_faults) = 0
            """
        )

    def _believed(self, contract: Contract) -> str:
        kept = (
            ""
            if contract.delivery_mode == "delta"
            else "and exists (from delivered as d where d._key = prior._key)"
        )
        return f"""
            select * exclude (_is_repeated) from accepted where not _deleted
            union all by name
            select * from prior
            where not exists (from accepted as a where a._key = prior._key) {kept}
            order by _key
        """

    def _numbers(self, contract: Contract) -> dict[str, object]:
        is_whole = contract.delivery_mode == "full" or self.earlier is None
        row = self.connection.execute(
            """
            select
                (select count(*) from delivered where not _withdrawn),
                (select count(*) from accepted as a left join prior as p using (_key)
                    where not a._deleted
                        and (p._key is null or p._understood <> a._understood or a._is_repeated)),
                (select count(*) from prior as p
                    where not exists (from delivered as d where d._key = p._key)),
                (select count(*) from accepted as a inner join prior as p using (_key) where a._deleted)
            """
        ).fetchall()[0]
        return {
            "landed": row[0] if is_whole else None,
            "accepted": row[1] + row[3],
            "absent": row[2] if contract.delivery_mode == "full" else 0,
            "withdrawn": row[3],
        }

    def _quarantine(self, contract: Contract) -> int:
        """Enters a dataset's quarantined and warned rows; returns how many quarantined the night's ledger counts."""
        self.connection.execute(
            f"insert into warned select '{contract.id}', _key, unnest(_row_warnings) from delivered "
            "where _copy = 1 and not _withdrawn and len(_row_faults) = 0"
        )
        position = "position" if contract.delivery_mode == "full" or self.earlier is None else "null"
        self.connection.execute(
            f"""
            insert into quarantined
            select '{contract.id}', _key, _copy, coalesce(_damage, 'repeated'),
                if(_copy > 1, ['{contract.code}.row.repeated'], _row_faults), {position},
                not exists (
                    from quarantined_before as q
                    where q.dataset = '{contract.id}' and q.key = _key and q.copy = _copy
                )
            from delivered where len(_row_faults) > 0 or _copy > 1
            """
        )
        counted = self.connection.execute(
            f"""
            select count(*)
            from quarantined as q inner join delivered as d on q.key = d._key and q.copy = d._copy
            where q.dataset = '{contract.id}' and (q.is_new or (d._copy > 1 and d._is_tonight))
            """
        ).fetchall()
        return int(counted[0][0])

    def _keep_quarantine(self, contract: Contract) -> None:
        """What was in quarantine stays there when nothing new was accepted."""
        self.connection.execute(
            f"""
            insert into quarantined
            select * replace (null as source_row, false as is_new)
            from quarantined_before where dataset = '{contract.id}'
            """
        )
