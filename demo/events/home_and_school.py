"""A pupil leaves school; a house turns out to be dangerous."""

from __future__ import annotations

from demo.dirt import is_damaged_sql
from demo.events.day import ENROLMENT, HOUSES, LEDGER, SOUND, Day


def drop_out(day: Day, count: int) -> None:
    """A pupil of compulsory age leaves: the register says 退学, the ledger has a suspected drop-out."""
    entry = f"concat_ws('|', e.student_no, '{day.day}')"
    rows = day.draw(
        f"""
        select s.*, e._key as key
        from ({SOUND}) as s inner join {ENROLMENT} as e on s.person = e._person
        where e.stage = '初中' and e.status = '在校' and s.birth_date > date '{day.day}' - interval 15 year
            and not {is_damaged_sql("e._key")} and not {is_damaged_sql(entry)}
            and s.person not in (select _person from {LEDGER})
        """,
        count,
        "drop_out",
    )
    for row in rows:
        day.patch(ENROLMENT, f"_key = '{row['key']}'", status="'退学'")
        day.insert(
            LEDGER,
            "education.dropout_ledger",
            f"""
            select _person, _hh, student_no, '{day.day}' as registered_date, name, id_number,
                '疑似辍学' as ledger_type, '7' as absent_days, {day.ago(7)} as left_date, '厌学' as reason,
                guardian_name as persuader, '0' as persuasion_count, '未劝返' as status
            from {ENROLMENT} where _key = '{row["key"]}'
            """,
        )
        day.note("drop_out", "education.enrolment", row, row["key"], "R-EDU-01")


def house_graded_d(day: Day, count: int) -> None:
    """A house that people live in is appraised as D, the most dangerous grade."""
    rows = day.draw(
        f"""
        select s.*, e._key as key
        from ({SOUND}) as s inner join {HOUSES} as e on s.hh = e._hh
        where s.relation = '户主' and e.is_lived_in = '是' and e.grade in ('A', 'B')
            and not {is_damaged_sql("e._key")}
        """,
        count,
        "house",
    )
    for row in rows:
        day.patch(
            HOUSES,
            f"_key = '{row['key']}'",
            grade="'D'",
            appraisal_date=f"'{day.day}'",
            appraisal_mode="'第三方'",
            appraiser="'青海省建筑质量检测站'",
        )
        day.note("house_graded_d", "housing.house_safety", row, row["key"], "R-HOU-01")
