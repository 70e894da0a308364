"""Jobs are lost, public posts come to their end."""

from __future__ import annotations

from demo.dirt import is_damaged_sql
from demo.events.day import POSTS, SOUND, WORK, Day, Row
from demo.events.welfare import grant

_EMPTY_WHEN_JOBLESS = [
    "wage_yuan",
    "work_division_code",
    "job_channel",
    "employer_name",
    "employer_uscc",
    "industry",
    "has_contract",
]


def job_lost(day: Day, count: int) -> None:
    """A worker of a lifted or monitored household turns from 在岗 to 失业 within the month."""
    for row in _workers(day, count, "job"):
        _lose_job(day, row)
        day.note("job_lost", "employment.work_monthly", row, row["key"], "R-EMP-01")


def overlapping_risks(day: Day, count: int) -> None:
    """One household loses a job and needs a large relief: two families of risk, where there was none."""
    unburdened = f"s.hh not in (select _hh from {POSTS}) and s.net_per_capita > 9500"
    for row in _workers(day, count, "overlap", unburdened):
        _lose_job(day, row)
        grant(day, row, 6000, "overlapping_risks", "R-SPX-01", work=row["key"])


def post_ending(day: Day, count: int) -> None:
    """The contract of a public post turns out to end within two weeks."""
    rows = day.draw(
        f"""
        select s.*, e._key as key
        from ({SOUND}) as s inner join {POSTS} as e on s.person = e._person
        where s.is_watched and e.contract_end_date > {day.ago(-40)} and not {is_damaged_sql("e._key")}
        """,
        count,
        "post",
    )
    for row in rows:
        day.patch(POSTS, f"_key = '{row['key']}'", contract_end_date=day.ago(-12))
        day.note("post_ending", "employment.public_posts", row, row["key"], "R-EMP-02")


def _workers(day: Day, count: int, tag: str, condition: str = "true") -> list[Row]:
    return day.draw(
        f"""
        select s.*, w._key as key
        from ({SOUND}) as s inner join {WORK} as w on s.person = w._person
        where w.month = '{day.month}' and w.status = '在岗' and w.job_channel <> '公益性岗位' and s.is_watched
            and not exists (
                select 1 from {WORK} as o where o._person = s.person and {is_damaged_sql("o._key")}
            ) and {condition}
        """,
        count,
        tag,
    )


def _lose_job(day: Day, row: Row) -> None:
    day.patch(
        WORK,
        f"_key = '{row['key']}'",
        status="'失业'",
        ended_date=f"'{day.day}'",
        unemployed_date=f"'{day.day}'",
        unemployed_reason="'被辞退'",
        **dict.fromkeys(_EMPTY_WHEN_JOBLESS, "null"),
    )
