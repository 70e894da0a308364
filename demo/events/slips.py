"""What offices overlook: rows that are right one by one and contradict one another."""

from __future__ import annotations

from demo.dirt import is_damaged_sql
from demo.events.day import LIFE_EVENTS, PERSONS, SOUND, Day
from demo.events.welfare import on_dibao

_DIED_DAYS_AGO = 45
_REGISTERED_DAYS_AGO = 40


def second_head(day: Day, count: int) -> None:
    """A grown son is entered as head of the household, and the old head is left as head, too."""
    rows = day.draw(
        f"""
        select * from ({SOUND}) as s
        where relation = '之子' and birth_date between date '1970-01-01' and date '2000-12-31'
        """,
        count,
        "second head",
    )
    for row in rows:
        day.patch(PERSONS, f"_key = '{row['person_key']}'", relation="'户主'")
        day.note("second_head", "rural_revitalisation.persons", row, row["person_key"], check="C-02-011")


def death_overlooked(day: Day, count: int) -> None:
    """An elder on dibao died last month: civil affairs registered it, and neither payment nor register ended."""
    died = day.ago(_DIED_DAYS_AGO)
    entry = f"concat_ws('|', s.id_number, '死亡', {died})"
    elders = (
        "s.relation in ('之父', '之母', '配偶') and s.birth_date < date '1966-01-01'"
        f" and not {is_damaged_sql(entry)}"
    )
    for row in on_dibao(day, count, "overlooked", elders):
        day.insert(
            LIFE_EVENTS,
            "civil_affairs.life_events",
            f"""
            select _person, _hh, left(id_number, 18) as id_number, '死亡' as event_type, {died} as event_date, name,
                {day.ago(_REGISTERED_DAYS_AGO)} as registered_date, division_code, '衔接示范县殡葬管理所' as registrar
            from {PERSONS} where _key = '{row["person_key"]}'
            """,
        )
        day.note(
            "death_overlooked",
            "civil_affairs.life_events",
            row,
            row["id_number"],
            check="X-07",
            dibao=row["key"],
        )
