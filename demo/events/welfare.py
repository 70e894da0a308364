"""Civil affairs: dibao starts and stops, reliefs are granted, withdrawn, committed late."""

from __future__ import annotations

from demo.dirt import is_damaged_sql
from demo.events.day import DIBAO, HEADS, LIFE_EVENTS, PERSONS, RELIEF, SOUND, Day, Row

_DATASET = "civil_affairs.dibao"


def on_dibao(day: Day, count: int, tag: str, condition: str = "true") -> list[Row]:
    """Members of sound households that were on dibao before this month, with the dibao row's key."""
    return day.draw(
        f"""
        select s.*, d._key as key
        from ({SOUND}) as s inner join {DIBAO} as d on s.person = d._person
        where d.month = '{day.month}' and d.end_month is null and d.start_month < '{day.month}'
            and {condition}
            and s.hh not in (select _hh from {DIBAO} where {is_damaged_sql()})
            and s.person not in (select _person from {LIFE_EVENTS} where event_type = '死亡')
        """,
        count,
        tag,
    )


def dibao_stopped(day: Day, count: int) -> None:
    """A household's dibao stops because its income is above the standard."""
    for row in on_dibao(day, count, "dibao_stopped"):
        rows = f"_hh = {row['hh']} and month = '{day.month}'"
        day.patch(DIBAO, rows, end_month=f"'{day.month}'", end_reason="'收入超标'")
        day.note("dibao_stopped", _DATASET, row, row["key"])


def dibao_started(day: Day, count: int) -> None:
    """A household of the register is granted dibao from this month."""
    number = "'D639900' || lpad(m._hh::varchar, 10, '0')"
    rows = day.draw(
        f"""
        select s.* from ({HEADS}) as s
        where s.hh not in (select _hh from {DIBAO}) and not exists (
            select 1 from {PERSONS} as m
            where m._hh = s.hh and (
                {is_damaged_sql("m._key")} or length(m.id_number) <> 18
                or {is_damaged_sql(f"concat_ws('|', {number}, m.id_number, '{day.month}')")}
            )
        )
        """,
        count,
        "dibao_started",
    )
    for row in rows:
        day.insert(
            DIBAO,
            _DATASET,
            f"""
            select m._person, m._hh, {number} as dibao_no, m.id_number, '{day.month}' as month, m.name,
                '{row["name"]}' as head_name, m.relation, m.division_code,
                '{row["size_now"]}' as household_size,
                '{row["size_now"]}' as insured_size, '三类' as category, '480.00' as standard_yuan,
                '260.00' as household_payment_yuan, '{day.month}' as start_month,
                m.town || '人民政府' as approving_body
            from {PERSONS} as m where m._hh = {row["hh"]}
            """,
        )
        day.note("dibao_started", _DATASET, row, row["hh"], "R-CIV-01")


def relief_repeated(day: Day, count: int) -> None:
    """A household gets an emergency relief of 5,800 yuan at once."""
    for row in day.draw(HEADS, count, "relief"):
        grant(day, row, 5800, "relief_repeated", "R-CIV-06")


def relief_committed_late(day: Day, count: int) -> None:
    """Rows stamped this evening before the pull, but committed (and so visible) only the next day."""
    for row in day.draw(HEADS, count, "late commit"):
        grant(day, row, 900, "relief_committed_late", None, prefix="LC")


def relief_withdrawn(day: Day, count: int) -> None:
    """Civil affairs withdraw a relief that was entered by mistake (the row is marked, not gone)."""
    rows = day.draw(
        f"""
        select _hh as hh, _key as key, id_number from {RELIEF}
        where not {is_damaged_sql()} and not _deleted and amount_yuan::decimal(12, 2) < 3000
            and not starts_with(relief_no, 'LC')
        """,
        count,
        "withdrawn",
    )
    for row in rows:
        day.patch(RELIEF, f"_key = '{row['key']}'", _deleted="true")
        day.note("relief_withdrawn", "civil_affairs.temporary_relief", row, row["key"])


def grant(
    day: Day, row: Row, amount: int, kind: str, rule_id: str | None, *, prefix: str = "LS", **detail: object
) -> None:
    """Grants a relief to a drawn person and records it as an event of `kind`."""
    number = _free_number(day, f"{prefix}{day.month}{row['hh']:010d}")
    day.insert(
        RELIEF,
        "civil_affairs.temporary_relief",
        f"""
        select '{number}' as relief_no, name, left(id_number, 18) as id_number, division_code,
            '急难型' as relief_type, '意外事故' as cause, '{amount}.00' as amount_yuan,
            {day.ago(6)} as applied_date,
            {day.ago(3)} as approved_date, {day.ago(1)} as paid_date, '否' as is_small_amount_first,
            _person, _hh
        from {PERSONS} where _key = '{row["person_key"]}'
        """,
    )
    day.note(kind, "civil_affairs.temporary_relief", row, number, rule_id, **detail)


def _free_number(day: Day, stem: str) -> str:
    """A relief number that is not taken and that no damage will hit."""
    numbers = (f"{stem}{serial}" for serial in range(100))
    return next(
        number
        for number in numbers
        if not day.connection.execute(
            f"select {is_damaged_sql('?')} or exists (select 1 from {RELIEF} where relief_no = ?)",
            [number, number],
        ).fetchall()[0][0]
    )
