"""The day that events happen on: its tables, the draw of subjects, the record of what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass, field

import duckdb

from demo.book import contract
from demo.dirt import is_damaged_sql
from demo.population import key_sql

ENROLMENT, LEDGER = "education_enrolment", "education_dropout_ledger"
DIBAO, RELIEF = "civil_affairs_dibao", "civil_affairs_temporary_relief"
LIFE_EVENTS = "civil_affairs_life_events"
HOUSES, WORK, POSTS = "housing_house_safety", "employment_work_monthly", "employment_public_posts"
PERSONS, HOUSEHOLDS = "rural_revitalisation_persons", "rural_revitalisation_households"

Row = dict[str, object]

#: members of the base register whose own row and whose household's row carry no damage
SOUND = f"""
    select p._hh as hh, p._person as person, p._key as person_key, p.household_no, p.name, p.sex, p.relation,
        p.birth_date::date as birth_date, left(p.id_number, 18) as id_number, h._key as household_key,
        h.hh_type, h.size_now::int as size_now, h.net_per_capita_yuan::double as net_per_capita,
        h.hh_type = '脱贫户' or coalesce(h.mo_type = '脱贫不稳定户', false)
        or (h.mo_type is not null and coalesce(h.is_risk_cleared, '否') <> '是') as is_watched
    from {PERSONS} as p
    inner join {HOUSEHOLDS} as h on p.household_no = h.household_no
    where not {is_damaged_sql("p._key")} and not {is_damaged_sql("h._key")}
"""
#: their heads, whose ID number stands there itself (not a disability certificate's)
HEADS = f"""
    select s.* from ({SOUND}) as s inner join {PERSONS} as p on s.person_key = p._key
    where s.relation = '户主' and length(p.id_number) = 18
"""


@dataclass(frozen=True)
class Event:
    """What happened, to whom, in which dataset it shows, and which rule (if any) must see it."""

    business_date: str
    kind: str
    dataset: str
    key: str
    household_no: str | None = None
    id_number: str | None = None
    rule_id: str | None = None
    detail: dict[str, str] = field(default_factory=dict)

    def row(self) -> Row:
        """As a plain dict, for JSON lines."""
        return asdict(self)


class Day:
    """The clean datasets of a day as tables of a DuckDB connection, and the events written so far."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, day: dt.date) -> None:
        self.connection = connection
        self.day = day
        self.events: list[Event] = []
        self._touched: set[object] = set()

    @property
    def month(self) -> str:
        """The day's month as delivered, ``202609``."""
        return f"{self.day:%Y%m}"

    def ago(self, days: int) -> str:
        """The date some days before (negative: after) as a SQL literal."""
        return f"'{self.day - dt.timedelta(days=days)}'"

    def draw(self, query: str, count: int, tag: str) -> list[Row]:
        """`count` rows of a query with a column ``hh``, by the seed; a household is drawn once a day."""
        cursor = self.connection.execute(
            f"select * from ({query}) as q order by hash(hh, '{tag}', '{self.day}', getvariable('seed')), q"
        )
        names = [column[0] for column in cursor.description or ()]
        drawn: list[Row] = []
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            if len(drawn) < count and row["hh"] not in self._touched:
                self._touched.add(row["hh"])
                drawn.append(row)
        return drawn

    def patch(self, table: str, where: str, **values: str) -> None:
        """Sets fields (SQL expressions) of the rows that match, dated today."""
        changes = ", ".join(f"{name} = {expression}" for name, expression in values.items())
        self.connection.execute(f"update {table} set {changes}, _since = date '{self.day}' where {where}")

    def insert(self, table: str, dataset: str, source: str) -> None:
        """Adds the rows of a query with ``_person, _hh`` and fields of the dataset (others are null)."""
        self.connection.execute(
            f"""
            insert into {table} by name
            select *, {key_sql(contract(dataset))} as _key, date '{self.day}' as _since, false as _deleted
            from ({source})
            """
        )

    def resize(self, row: Row, step: int) -> None:
        """Makes a drawn row's household bigger or smaller in the register."""
        self.patch(
            HOUSEHOLDS,
            f"household_no = '{row['household_no']}'",
            size_now=f"(size_now::int + {step})::varchar",
        )

    def note(
        self, kind: str, dataset: str, row: Row, key: object, rule_id: str | None = None, **detail: object
    ) -> None:
        """Records an event about a drawn row (columns ``household_no`` and ``id_number`` where known)."""
        known = {
            name: None if row.get(name) is None else str(row[name]) for name in ("household_no", "id_number")
        }
        texts = {name: str(value) for name, value in detail.items()}
        day = self.day.isoformat()
        self.events.append(Event(day, kind, dataset, str(key), **known, rule_id=rule_id, detail=texts))
