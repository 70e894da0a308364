"""Scripted events in the life of the county, each with its truth.

An event patches the clean datasets of one day: what a department learns is in its rows from that day on, and
reaches the warehouse when the department next delivers. Subjects are drawn by the seed among households and
rows that carry no damage, so that nothing hides an event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

import duckdb

from demo.book import contract
from demo.calendar import FIRST_NIGHT, SECOND_NIGHT
from demo.dirt import is_damaged_sql
from demo.population import key_sql

ENROLMENT, LEDGER = "education_enrolment", "education_dropout_ledger"
DIBAO, RELIEF = "civil_affairs_dibao", "civil_affairs_temporary_relief"
HOUSES, WORK, POSTS = "housing_house_safety", "employment_work_monthly", "employment_public_posts"
PERSONS, HOUSEHOLDS = "rural_revitalisation_persons", "rural_revitalisation_households"

Row = dict[str, object]


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
        self.touched: set[object] = set()
        self.month = f"{day:%Y%m}"

    def draw(self, query: str, count: int, tag: str) -> list[Row]:
        """`count` rows of a query with a column ``hh``, drawn by the seed; a household is drawn once a day."""
        cursor = self.connection.execute(
            f"select * from ({query}) as q order by hash(hh, '{tag}', '{self.day}', getvariable('seed')), q"
        )
        names = [column[0] for column in cursor.description or ()]
        drawn: list[Row] = []
        for values in cursor.fetchall():
            row = dict(zip(names, values, strict=True))
            if len(drawn) < count and row["hh"] not in self.touched:
                self.touched.add(row["hh"])
                drawn.append(row)
        return drawn

    def patch(self, table: str, where: str, **values: str) -> None:
        """Sets fields (SQL expressions) of the rows that match, dated today."""
        changes = ", ".join(f"{name} = {expression}" for name, expression in values.items())
        self.connection.execute(f"update {table} set {changes}, _since = date '{self.day}' where {where}")

    def copy(self, dataset: str, table: str, where: str, **values: str) -> None:
        """Adds copies of the matching rows of a table with other values; the key follows from them."""
        replaced = ", ".join(f"{expression} as {name}" for name, expression in values.items())
        self.connection.execute(
            f"""
            insert into {table} by name
            select * replace ({key_sql(contract(dataset))} as _key) from (
                select * replace ({replaced}, date '{self.day}' as _since) from {table} where {where}
            )
            """
        )

    def note(
        self, kind: str, dataset: str, row: Row, key: str, rule_id: str | None = None, **detail: object
    ) -> None:
        """Records an event about a drawn row (columns ``household_no`` and ``id_number`` where known)."""
        self.events.append(
            Event(
                self.day.isoformat(),
                kind,
                dataset,
                key,
                _text(row.get("household_no")),
                _text(row.get("id_number")),
                rule_id,
                {name: str(value) for name, value in detail.items()},
            )
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


_SOUND = f"""
    select p._hh as hh, p._person as person, p._key as person_key, p.household_no, p.name, p.sex, p.relation,
        p.birth_date::date as birth_date, left(p.id_number, 18) as id_number, h.hh_type, h._key as household_key,
        h.size_now::int as size_now, h.hh_type = '脱贫户' or coalesce(h.mo_type = '脱贫不稳定户', false)
        or (h.mo_type is not null and coalesce(h.is_risk_cleared, '否') <> '是') as is_watched
    from {PERSONS} as p
    inner join {HOUSEHOLDS} as h on p.household_no = h.household_no
    where not {is_damaged_sql("p._key")} and not {is_damaged_sql("h._key")} and not p._deleted and not h._deleted
"""


def drop_out(day: Day, count: int) -> None:
    """A pupil of compulsory age leaves school: register says 退学, the suspected drop-outs ledger has a new row."""
    rows = day.draw(
        f"""select s.*, e._key as key from ({_SOUND}) as s inner join {ENROLMENT} as e on s.person = e._person
        where e.stage = '初中' and e.status = '在校' and s.birth_date > date '{day.day}' - interval 15 year
            and not {is_damaged_sql("e._key")} and not {is_damaged_sql(f"concat_ws('|', e.student_no, '{day.day}')")}
            and s.person not in (select _person from {LEDGER})""",
        count,
        "drop_out",
    )
    for row in rows:
        day.patch(ENROLMENT, f"_key = '{row['key']}'", status="'退学'")
        day.connection.execute(
            f"""
            insert into {LEDGER} by name
            select concat_ws('|', student_no, '{day.day}') as _key, _person, _hh, date '{day.day}' as _since,
                false as _deleted, student_no, '{day.day}' as registered_date, name, id_number, '疑似辍学' as ledger_type,
                '7' as absent_days, '{day.day - dt.timedelta(days=7)}' as left_date, '厌学' as reason,
                guardian_name as persuader, '0' as persuasion_count, '未劝返' as status
            from {ENROLMENT} where _key = '{row["key"]}'
            """
        )
        day.note("drop_out", "education.enrolment", row, str(row["key"]), "R-EDU-01")


def dibao_stopped(day: Day, count: int) -> None:
    """A household's dibao stops because its income is above the standard."""
    for row in _dibao_households(day, count, "dibao_stopped"):
        day.patch(
            DIBAO,
            f"_hh = {row['hh']} and month = '{day.month}'",
            end_month=f"'{day.month}'",
            end_reason="'收入超标'",
        )
        day.note("dibao_stopped", "civil_affairs.dibao", row, str(row["key"]))


def death_while_paid(day: Day, count: int) -> None:
    """An elder on dibao dies: the base register drops the person, civil affairs go on paying."""
    for row in _dibao_households(day, count, "death", "and s.relation in ('之父', '之母', '配偶')"):
        day.connection.execute(f"delete from {PERSONS} where _person = {row['person']}")
        _resize(day, row, -1)
        day.note(
            "death_while_paid", "rural_revitalisation.persons", row, str(row["person_key"]), dibao=row["key"]
        )


def _dibao_households(day: Day, count: int, tag: str, condition: str = "") -> list[Row]:
    return day.draw(
        f"""select s.*, d._key as key from ({_SOUND}) as s inner join {DIBAO} as d on s.person = d._person
        where d.month = '{day.month}' and d.end_month is null and d.start_month < '{day.month}' {condition}
            and s.hh not in (select _hh from {DIBAO} where {is_damaged_sql()})""",
        count,
        tag,
    )


def dibao_started(day: Day, count: int) -> None:
    """A household of the register is granted dibao from this month."""
    number = "'D639900' || lpad({hh}::varchar, 10, '0')"
    rows = day.draw(
        f"""select s.*, p._key as key from ({_SOUND}) as s inner join {PERSONS} as p on s.person = p._person
        where s.relation = '户主' and s.hh not in (select _hh from {DIBAO})
            and s.hh not in (select _hh from {PERSONS} where {is_damaged_sql()} or length(id_number) <> 18)
            and not exists (select 1 from {PERSONS} as m where m._hh = s.hh and {
            is_damaged_sql(f"concat_ws('|', {number.format(hh='m._hh')}, m.id_number, '{day.month}')")
        })""",
        count,
        "dibao_started",
    )
    model = (
        "select category, standard_yuan, household_payment_yuan, special_category, end_month, end_reason, grace_until_month, "
        f"approving_body, bank_name, bank_account from {DIBAO} where end_month is null and special_category is null limit 1"
    )
    for row in rows:
        size = f"'{row['size_now']}'"
        day.connection.execute(
            f"""
            insert into {DIBAO} by name
            select *, {key_sql(contract("civil_affairs.dibao"))} as _key from (
                select {number.format(hh="p._hh")} as dibao_no, p.id_number, '{day.month}' as month, p.name,
                    '{row["name"]}' as head_name, p.relation, p.division_code, {size} as household_size,
                    {size} as insured_size, '{day.month}' as start_month, m.*, p._person, p._hh,
                    date '{day.day}' as _since, false as _deleted
                from {PERSONS} as p cross join ({model}) as m where p._hh = {row["hh"]}
            )
            """
        )
        day.note("dibao_started", "civil_affairs.dibao", row, str(row["hh"]), "R-CIV-01")


def house_graded_d(day: Day, count: int) -> None:
    """A house that people live in is appraised as D, the most dangerous grade."""
    rows = day.draw(
        f"""select s.*, e._key as key from ({_SOUND}) as s inner join {HOUSES} as e on s.hh = e._hh
        where s.relation = '户主' and e.is_lived_in = '是' and e.grade in ('A', 'B') and not {is_damaged_sql("e._key")}""",
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
        day.note("house_graded_d", "housing.house_safety", row, str(row["key"]), "R-HOU-01")


def job_lost(day: Day, count: int) -> None:
    """A worker of a lifted or monitored household turns from 在岗 to 失业 within the month."""
    for row in _workers(day, count, "job"):
        _lose_job(day, row)
        day.note("job_lost", "employment.work_monthly", row, str(row["key"]), "R-EMP-01")


def overlapping_risks(day: Day, count: int) -> None:
    """One household loses a job and gets a large emergency relief: two families of risk at once."""
    unburdened = (
        f"and s.hh not in (select _hh from {POSTS}) and exists (select 1 from {HOUSEHOLDS} as h "
        "where h.household_no = s.household_no and h.net_per_capita_yuan::double > 9500)"
    )
    for row in _workers(day, count, "overlap", unburdened):
        _lose_job(day, row)
        key = _grant_relief(day, row, 6000)
        day.note("overlapping_risks", "civil_affairs.temporary_relief", row, key, "R-SPX-01", work=row["key"])


def relief_repeated(day: Day, count: int) -> None:
    """A household gets an emergency relief of 5,800 yuan at once."""
    rows = day.draw(
        f"select * from ({_SOUND}) where relation = '户主' and length(id_number) = 18", count, "relief"
    )
    for row in rows:
        day.note(
            "relief_repeated",
            "civil_affairs.temporary_relief",
            row,
            _grant_relief(day, row, 5800),
            "R-CIV-06",
        )


def _workers(day: Day, count: int, tag: str, condition: str = "") -> list[Row]:
    return day.draw(
        f"""select s.*, w._key as key from ({_SOUND}) as s inner join {WORK} as w on s.person = w._person
        where w.month = '{day.month}' and w.status = '在岗' and w.job_channel <> '公益性岗位' and s.is_watched
            and not exists (select 1 from {WORK} as o where o._person = s.person and {is_damaged_sql("o._key")})
            {condition}""",
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
        wage_yuan="null",
        work_division_code="null",
        job_channel="null",
        employer_name="null",
        employer_uscc="null",
        industry="null",
        has_contract="null",
    )


def _grant_relief(day: Day, row: Row, amount: int, prefix: str = "LS") -> str:
    serial = 0
    number = f"{prefix}{day.month}{int(str(row['hh'])):010d}{serial}"
    while day.connection.execute(
        f"select {is_damaged_sql('?')} or exists (select 1 from {RELIEF} where relief_no = ?)",
        [number, number],
    ).fetchall()[0][0]:
        serial += 1
        number = f"{prefix}{day.month}{int(str(row['hh'])):010d}{serial}"
    day.connection.execute(
        f"""
        insert into {RELIEF} by name
        select '{number}' as relief_no, '{number}' as _key, p.name, left(p.id_number, 18) as id_number, p.division_code,
            '急难型' as relief_type, '意外事故' as cause, '{amount}.00' as amount_yuan, '{day.day - dt.timedelta(days=6)}' as applied_date,
            '{day.day - dt.timedelta(days=3)}' as approved_date, '{day.day - dt.timedelta(days=1)}' as paid_date,
            '否' as is_small_amount_first, p._person, p._hh, date '{day.day}' as _since, false as _deleted
        from {PERSONS} as p where p._key = '{row["person_key"]}'
        """
    )
    return number


def relief_withdrawn(day: Day, count: int) -> None:
    """Civil affairs withdraw a relief that was entered by mistake (the row is marked, not gone)."""
    rows = day.draw(
        f"""select _hh as hh, _key as key, id_number from {RELIEF}
        where not {is_damaged_sql()} and not _deleted and amount_yuan::decimal(12, 2) < 3000""",
        count,
        "withdrawn",
    )
    for row in rows:
        day.patch(RELIEF, f"_key = '{row['key']}'", _deleted="true")
        day.note("relief_withdrawn", "civil_affairs.temporary_relief", row, str(row["key"]))


def relief_committed_late(day: Day, count: int) -> None:
    """Rows stamped this evening before the pull, but committed (and so visible) only the next day."""
    rows = day.draw(
        f"select * from ({_SOUND}) where relation = '户主' and length(id_number) = 18", count, "late commit"
    )
    for row in rows:
        key = _grant_relief(day, row, 900, prefix="LC")
        day.note("relief_committed_late", "civil_affairs.temporary_relief", row, key)


def new_disability(day: Day, count: int) -> None:
    """A healthy person becomes disabled: the register holds a certificate number (ID, category, grade) now."""
    rows = day.draw(
        f"""select s.* from ({_SOUND}) as s inner join {PERSONS} as p on s.person = p._person
        where p.health = '健康' and s.birth_date between date '1966-01-01' and date '1996-12-31'""",
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
        day.note("new_disability", "rural_revitalisation.persons", row, str(row["person_key"]))


def birth(day: Day, count: int) -> None:
    """A child is born: a new person in the register, the household grows by one."""
    rows = day.draw(
        f"""select s.* from ({_SOUND}) as s inner join {PERSONS} as p on s.person = p._person
        where s.relation in ('配偶', '之儿媳') and s.sex = '女' and s.size_now < 8
            and s.birth_date between date '1992-01-01' and date '2004-12-31'
            and s.hh not in (select _hh from {PERSONS} where person_no like '%91')""",
        count,
        "birth",
    )
    for number, row in enumerate(rows):
        born = day.day - dt.timedelta(days=20)
        is_girl = number % 2 == 1
        sequence = 2 * number + (100 if is_girl else 101)
        head = (
            f"(select name from {PERSONS} where _hh = {row['hh']} order by relation <> '户主', _key limit 1)"
        )
        relation = (
            ("之孙女" if is_girl else "之孙子")
            if row["relation"] == "之儿媳"
            else ("之女" if is_girl else "之子")
        )
        person = int(str(row["hh"])) * 16 + 14
        day.copy(
            "rural_revitalisation.persons",
            PERSONS,
            f"_key = '{row['person_key']}'",
            _person=f"{person}::bigint",
            person_no="household_no || '91'",
            name=f"left({head}, 1) || '{'安然' if is_girl else '嘉宁'}'",
            id_type="'居民身份证'",
            id_number=f"id_number(date '{born}', {sequence})",
            sex="'女'" if is_girl else "'男'",
            birth_date=f"'{born}'",
            relation=f"'{relation}'",
            political_status="'群众'",
            education_level="null",
            student_status="'学龄前儿童'",
            health="'健康'",
            labour_skill="'无劳动力'",
            is_mandarin_speaker="'否'",
            work_place="null",
            work_months="'0'",
            public_post="null",
            public_post_months="'0'",
            job_channel="null",
            has_resident_medical="'是'",
            has_employee_medical="'否'",
            has_resident_pension="'否'",
            has_employee_pension="'否'",
            phone="null",
            has_medical_aid="'否'",
            has_accident_insurance="'否'",
        )
        _resize(day, row, 1)
        day.note("birth", "rural_revitalisation.persons", row, f"{row['household_no']}91")


def marriage(day: Day, count: int) -> None:
    """A daughter marries into another household of the register: same person number, new household."""
    brides = day.draw(
        f"""select * from ({_SOUND}) where relation = '之女' and size_now > 2
            and birth_date between date '1996-01-01' and date '2005-12-31'""",
        count,
        "bride",
    )
    grooms = day.draw(
        f"""select * from ({_SOUND}) as s where relation = '之子' and size_now < 8
            and birth_date between date '1993-01-01' and date '2004-12-31'
            and not exists (select 1 from {PERSONS} as w where w._hh = s.hh and w.relation = '之儿媳')""",
        len(brides),
        "groom",
    )
    for bride, groom in zip(brides, grooms, strict=False):
        day.connection.execute(
            f"""
            update {PERSONS} as p set household_no = h.household_no, division_code = h.division_code, town = h.town,
                village = h.village, natural_village = h.natural_village, relation = '之儿媳', _since = date '{day.day}',
                _hh = h._hh
            from {HOUSEHOLDS} as h where h._key = '{groom["household_key"]}' and p._key = '{bride["person_key"]}'
            """
        )
        _resize(day, bride, -1)
        _resize(day, groom, 1)
        day.note(
            "marriage",
            "rural_revitalisation.persons",
            bride,
            str(bride["person_key"]),
            to=groom["household_no"],
        )


def move(day: Day, count: int) -> None:
    """A household moves to another village of its township."""
    rows = day.draw(f"select * from ({_SOUND}) where relation = '户主'", count, "move")
    for row in rows:
        target = day.connection.execute(
            f"""select v.village_code, v.village_name from village as v
            where left(v.village_code, 9) = left('{row["household_no"]}', 9) and v.village_code <> left('{row["household_no"]}', 12)
            order by hash(v.village_code, {row["hh"]}) limit 1"""
        ).fetchall()[0]
        for table in (PERSONS, HOUSEHOLDS):
            day.patch(
                table,
                f"household_no = '{row['household_no']}'",
                division_code=f"'{target[0]}'",
                village=f"'{target[1]}'",
            )
        day.note("move", "rural_revitalisation.households", row, str(row["household_key"]), to=target[0])


def post_ending(day: Day, count: int) -> None:
    """The contract of a public post turns out to end within two weeks."""
    rows = day.draw(
        f"""select s.*, e._key as key from ({_SOUND}) as s inner join {POSTS} as e on s.person = e._person
        where s.is_watched and e.contract_end_date > '{day.day + dt.timedelta(days=40)}' and not {is_damaged_sql("e._key")}""",
        count,
        "post",
    )
    for row in rows:
        day.patch(POSTS, f"_key = '{row['key']}'", contract_end_date=f"'{day.day + dt.timedelta(days=12)}'")
        day.note("post_ending", "employment.public_posts", row, str(row["key"]), "R-EMP-02")


def income_fell(day: Day, count: int) -> None:
    """A lifted household's income of the year is found to be 7,200 yuan a head, below the monitor line."""
    rows = day.draw(
        f"""select s.* from ({_SOUND}) as s inner join {HOUSEHOLDS} as h on s.household_no = h.household_no
        where s.relation = '户主' and s.hh_type = '脱贫户' and h.net_per_capita_yuan::double > 9000""",
        count,
        "income",
    )
    for row in rows:
        size = int(str(row["size_now"]))
        day.patch(
            HOUSEHOLDS,
            f"_key = '{row['household_key']}'",
            wage_income_yuan=f"'{7200 * size}.00'",
            business_income_yuan="'0.00'",
            public_post_income_yuan="'0.00'",
            other_wage_income_yuan=f"'{7200 * size}.00'",
            business_cost_yuan="'0.00'",
            property_income_yuan="'0.00'",
            dividend_income_yuan="'0.00'",
            other_property_income_yuan="'0.00'",
            transfer_income_yuan="'0.00'",
            dibao_income_yuan="'0.00'",
            destitute_income_yuan="'0.00'",
            pension_income_yuan="'0.00'",
            ecology_income_yuan="'0.00'",
            other_transfer_income_yuan="'0.00'",
            net_income_yuan=f"'{7200 * size}.00'",
            net_per_capita_yuan="'7200.00'",
            size_year=f"'{size}'",
        )
        day.note("income_fell", "rural_revitalisation.households", row, str(row["household_key"]), "R-INC-01")


def _resize(day: Day, row: Row, step: int) -> None:
    day.patch(
        HOUSEHOLDS, f"household_no = '{row['household_no']}'", size_now=f"(size_now::int + {step})::varchar"
    )


Script = tuple[Callable[[Day, int], None], int]
_SECOND: tuple[Script, ...] = (
    (drop_out, 3),
    (dibao_stopped, 2),
    (dibao_started, 2),
    (house_graded_d, 2),
    (job_lost, 3),
    (overlapping_risks, 1),
    (relief_repeated, 2),
    (relief_withdrawn, 1),
    (new_disability, 1),
    (death_while_paid, 1),
    (move, 1),
    (birth, 2),
    (marriage, 1),
    (post_ending, 2),
    (income_fell, 2),
)
_LATER: tuple[Script, ...] = ((birth, 1), (move, 1), (job_lost, 1), (relief_repeated, 1), (post_ending, 1))


def happen(connection: duckdb.DuckDBPyConnection, day: dt.date) -> list[Event]:
    """Applies a day's scripted events to the dataset tables of `connection` and returns them.

    The first night has only the late-committed rows, the second every kind, later nights a few.
    """
    today = Day(connection, day)
    script: tuple[Script, ...] = _LATER
    if day == FIRST_NIGHT:
        script = ((relief_committed_late, 3),)
    elif day == SECOND_NIGHT:
        script = _SECOND
    elif day.day % 5 == 0:
        script = (*_LATER, (house_graded_d, 1), (drop_out, 1), (marriage, 1))
    for event, count in script:
        event(today, count)
    return today.events
