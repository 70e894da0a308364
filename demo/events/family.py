"""What the base register learns of families: births, marriages, deaths, moves, disability, income."""

from __future__ import annotations

import datetime as dt

from demo.events.day import HOUSEHOLDS, LIFE_EVENTS, PERSONS, SOUND, Day, Row
from demo.events.welfare import on_dibao

_DATASET = "rural_revitalisation.persons"
_FELL_TO = 7200
_OTHER_INCOMES = [
    "public_post_income_yuan",
    "business_income_yuan",
    "business_cost_yuan",
    "property_income_yuan",
    "dividend_income_yuan",
    "other_property_income_yuan",
    "transfer_income_yuan",
    "dibao_income_yuan",
    "destitute_income_yuan",
    "pension_income_yuan",
    "ecology_income_yuan",
    "other_transfer_income_yuan",
]


def birth(day: Day, count: int) -> None:
    """A child is born: a new person in the register, the household grows by one."""
    rows = day.draw(
        f"""
        select * from ({SOUND}) as s
        where relation in ('配偶', '之儿媳') and sex = '女' and size_now < 8
            and birth_date between date '1992-01-01' and date '2004-12-31'
            and hh not in (select _hh from {PERSONS} where person_no like '%91')
        """,
        count,
        "birth",
    )
    for number, row in enumerate(rows):
        day.insert(PERSONS, _DATASET, _newborn(day, row, number))
        day.resize(row, 1)
        day.note("birth", _DATASET, row, f"{row['household_no']}91")


def _newborn(day: Day, mother: Row, number: int) -> str:
    born = day.day - dt.timedelta(days=20)
    is_girl = number % 2 == 1
    generation = ("之孙女", "之孙子") if mother["relation"] == "之儿媳" else ("之女", "之子")
    sequence = 2 * number + (100 if is_girl else 101)
    return f"""
        select m._hh * 16 + 14 as _person, m._hh, m.province, m.city, m.county, m.town, m.village,
            m.natural_village, m.division_code, m.household_no, m.household_no || '91' as person_no,
            left(h.head_name, 1) || '{"安然" if is_girl else "嘉宁"}' as name, '居民身份证' as id_type,
            id_number(date '{born}', {sequence}) as id_number, '{"女" if is_girl else "男"}' as sex,
            '{born}' as birth_date, m.ethnic_group,
            '{generation[0] if is_girl else generation[1]}' as relation,
            '群众' as political_status, '学龄前儿童' as student_status, '健康' as health,
            '无劳动力' as labour_skill,
            '否' as is_mandarin_speaker, '0' as work_months, '0' as public_post_months,
            '是' as has_resident_medical,
            '否' as has_employee_medical, '是' as has_major_illness_insurance, '否' as has_commercial_medical,
            '否' as has_accident_insurance, '否' as has_resident_pension, '否' as has_employee_pension,
            '否' as has_medical_aid, m.dibao, m.destitute_support, m.first_identified_month,
            m.person_identified_month
        from {PERSONS} as m inner join {HOUSEHOLDS} as h on m.household_no = h.household_no
        where m._key = '{mother["person_key"]}'
    """


def marriage(day: Day, count: int) -> None:
    """A daughter marries into another household of the register: same person number, new household.

    Civil affairs have the wedding among their life events.
    """
    brides = day.draw(
        f"""
        select * from ({SOUND}) as s where relation = '之女' and size_now > 2
            and birth_date between date '1996-01-01' and date '2005-12-31'
        """,
        count,
        "bride",
    )
    grooms = day.draw(
        f"""
        select * from ({SOUND}) as s where relation = '之子' and size_now < 8
            and birth_date between date '1993-01-01' and date '2004-12-31'
            and not exists (select 1 from {PERSONS} as w where w._hh = s.hh and w.relation = '之儿媳')
        """,
        len(brides),
        "groom",
    )
    for bride, groom in zip(brides, grooms, strict=False):
        _register(day, bride, "结婚", spouse=groom)
        _wed(day, bride, groom)
        day.note("marriage", _DATASET, bride, bride["person_key"], to=groom["household_no"])


def _wed(day: Day, bride: Row, groom: Row) -> None:
    day.connection.execute(
        f"""
        update {PERSONS} as p set household_no = h.household_no, division_code = h.division_code,
            town = h.town, village = h.village, natural_village = h.natural_village, relation = '之儿媳',
            _hh = h._hh,
            _since = date '{day.day}'
        from {HOUSEHOLDS} as h
        where h._key = '{groom["household_key"]}' and p._key = '{bride["person_key"]}'
        """
    )
    day.resize(bride, -1)
    day.resize(groom, 1)


def death_while_paid(day: Day, count: int) -> None:
    """An elder on dibao dies: the base register drops the person, civil affairs know and go on paying."""
    for row in on_dibao(day, count, "death", "s.relation in ('之父', '之母', '配偶')"):
        _register(day, row, "死亡")
        day.connection.execute(f"delete from {PERSONS} where _key = '{row['person_key']}'")
        day.resize(row, -1)
        day.note("death_while_paid", _DATASET, row, row["person_key"], dibao=row["key"])


def _register(day: Day, row: Row, event: str, spouse: Row | None = None) -> None:
    """Enters a wedding or a death among the life events of civil affairs, the day it happened."""
    partner = (
        f"'{spouse['name']}' as spouse_name, '{spouse['id_number']}' as spouse_id_number"
        if spouse
        else "null as spouse_name"
    )
    day.insert(
        LIFE_EVENTS,
        "civil_affairs.life_events",
        f"""
        select _person, _hh, left(id_number, 18) as id_number, '{event}' as event_type, '{day.day}' as event_date,
            name, '{day.day}' as registered_date, {partner}, division_code, '衔接示范县民政局' as registrar
        from {PERSONS} where _key = '{row["person_key"]}'
        """,
    )


def move(day: Day, count: int) -> None:
    """A household moves to another village of its township."""
    for row in day.draw(f"select * from ({SOUND}) as s where relation = '户主'", count, "move"):
        code, name = day.connection.execute(
            f"""
            select v.village_code, v.village_name
            from village as v
            inner join {HOUSEHOLDS} as h on left(v.village_code, 9) = left(h.division_code, 9)
            where h._key = '{row["household_key"]}' and v.village_code <> h.division_code
            order by hash(v.village_code, {row["hh"]}) limit 1
            """
        ).fetchall()[0]
        for table in (PERSONS, HOUSEHOLDS):
            of_household = f"household_no = '{row['household_no']}'"
            day.patch(table, of_household, division_code=f"'{code}'", village=f"'{name}'")
        day.note("move", "rural_revitalisation.households", row, row["household_key"], to=code)


def new_disability(day: Day, count: int) -> None:
    """A healthy person becomes disabled: the register has a certificate number (ID, category, grade) now."""
    rows = day.draw(
        f"""
        select s.* from ({SOUND}) as s inner join {PERSONS} as p on s.person_key = p._key
        where p.health = '健康' and s.birth_date between date '1966-01-01' and date '1996-12-31'
        """,
        count,
        "disability",
    )
    for row in rows:
        day.patch(
            PERSONS,
            f"_key = '{row['person_key']}'",
            health="'残疾'",
            id_type="'残疾人证'",
            id_number="id_number || '42'",
            labour_skill="'弱劳动力或半劳动力'",
        )
        day.note("new_disability", _DATASET, row, row["person_key"])


def income_fell(day: Day, count: int) -> None:
    """A lifted household's income of the year is found to be 7,200 yuan a head, below the monitor line."""
    rows = day.draw(
        f"""
        select * from ({SOUND}) as s
        where relation = '户主' and hh_type = '脱贫户' and net_per_capita > 9000
        """,
        count,
        "income",
    )
    for row in rows:
        total = f"(size_now::int * {_FELL_TO})::decimal(12, 2)::varchar"
        day.patch(
            HOUSEHOLDS,
            f"_key = '{row['household_key']}'",
            **dict.fromkeys(_OTHER_INCOMES, "'0.00'"),
            **dict.fromkeys(("wage_income_yuan", "other_wage_income_yuan", "net_income_yuan"), total),
            net_per_capita_yuan=f"'{_FELL_TO}.00'",
            size_year="size_now",
        )
        day.note("income_fell", "rural_revitalisation.households", row, row["household_key"], "R-INC-01")
