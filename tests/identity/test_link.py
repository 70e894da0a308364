"""Linking: every row finds a person, and no personal value goes beyond it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sqlalchemy import text

from xianjie import identity, landing, privacy
from xianjie.contract.catalogue import catalogue
from xianjie.contract.derive import table_columns
from xianjie.contract.id_number import check_digit
from xianjie.contract.model import Contract, FieldKind
from xianjie.contract.typing_sql import duckdb_type
from xianjie.database.columnar import columnar, literal
from xianjie.database.engine import Role, transaction
from xianjie.identity.errors import LinkError
from xianjie.landing import Delivery

KEY = b"\x11" * 32
COUNTY, DAY = "639900", dt.date(2026, 9, 21)
STUDENTS, RELIEF, HOUSES, HOUSEHOLDS = (
    "education.enrolment", "civil_affairs.temporary_relief", "housing.house_safety",
    "rural_revitalisation.households",
)  # fmt: skip
Row = Mapping[str, str | None]


def id_number(n: int) -> str:
    first = f"639900{1950 + n % 50}{1 + n % 12:02d}{1 + n % 28:02d}{n % 1000:03d}"
    return first + check_digit(first)


def accepted(
    contract: Contract, rows: list[Row], *, withdrawn: frozenset[int] = frozenset(), county: str = COUNTY
) -> Delivery:
    """A landed delivery whose rows were all accepted as they are; `withdrawn` are row numbers."""
    names = [field.name for field in contract.fields]
    header = tuple(contract.field(name).label for name in names)
    cells = [[row.get(name) for name in names] for row in rows]
    table = landing.BatchTable("f", header, landing.text_batches(cells, len(names)))
    delivery = landing.publish(contract, DAY, [table], mode="full", county_code=county)
    target = landing.work_folder(delivery) / "accepted.parquet"
    casts = ", ".join(f"{f.name}::{duckdb_type(f)} as {f.name}" for f in contract.fields)
    gone = f"case when _row in ({', '.join(map(str, withdrawn)) or 'null'}) then 'D' else 'U' end as _op"
    with columnar() as duck:
        rows_sql = f"select * replace ({casts}, {gone}), []::varchar[] as _warnings, 'new' as _change"
        duck.execute(
            f"copy ({rows_sql} from read_parquet({literal(delivery.data_path)})) to {literal(str(target))}"
        )
    return delivery


def linked(contract_id: str, rows: list[Row], **options: Any) -> list[dict[str, Any]]:
    contract = catalogue().get(contract_id)
    rows_about_persons = identity.link(contract, accepted(contract, rows, **options))
    identity.enter([rows_about_persons])
    query = rows_about_persons.query
    found = duckdb.sql(f"select * from ({query}) order by source_row")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def student(n: int, **changes: str | None) -> Row:
    row = {
        "student_no": f"G{id_number(n)}", "name": f"马晓{n}", "id_number": id_number(n),
        "guardian_name": "马大山", "guardian_id_number": id_number(n + 500), "guardian_phone": "13812345678",
        "home_address": "桥头镇某村某号",
    }  # fmt: skip
    return row | changes


def test_a_person_is_the_token_of_the_id_number(warehouse_url: str) -> None:
    [row] = linked(STUDENTS, [student(1)])
    assert row["subject_token"] == privacy.token(KEY, id_number(1))
    assert row["id_number_token"] == row["subject_token"]
    assert row["guardian_id_number_token"] == privacy.token(KEY, id_number(501))
    assert row["id_number_masked"] == privacy.mask_id(id_number(1))
    assert row["guardian_name_masked"] == "马**"
    assert row["guardian_phone_masked"] == "138****5678"


@pytest.mark.parametrize("contract", catalogue().active(), ids=lambda contract: contract.id)
def test_linked_columns_are_those_of_the_warehouse(warehouse_url: str, contract: Contract) -> None:
    columns = [column.name for column in identity.protected(contract, KEY)]
    assert columns == [column.name for column in table_columns(contract)]


def test_no_personal_value_is_left_in_the_linked_rows(warehouse_url: str) -> None:
    contract = catalogue().get(STUDENTS)
    delivery = accepted(contract, [student(n) for n in range(30)])
    query = identity.link(contract, delivery).query
    subjects = landing.work_folder(delivery) / "subjects.parquet"
    text_of_all = str(duckdb.sql(query).fetchall()) + subjects.read_bytes().decode("latin-1")
    secrets = {id_number(3), id_number(503), "马晓3", "马大山", "13812345678", "桥头镇某村某号"}
    assert not {secret for secret in secrets if secret in text_of_all}
    plain = {f.name for f in contract.fields if f.kind is not FieldKind.PLAIN}
    assert not plain & set(duckdb.sql(query).columns)


def test_the_linked_rows_do_not_show_the_key_of_their_tokens(warehouse_url: str) -> None:
    contract = catalogue().get(STUDENTS)
    shown = repr(identity.link(contract, accepted(contract, [student(1)])))
    assert KEY.hex() not in shown
    assert "\\x" not in shown


def test_without_an_id_number_a_row_has_a_person_of_its_own_that_is_the_same_every_night(
    warehouse_url: str,
) -> None:
    rows: list[Row] = [{"relief_no": f"J{n}", "name": "无证人", "id_number": None} for n in range(2)]
    first, second = (linked(RELIEF, rows) for _ in range(2))
    tokens = [row["subject_token"] for row in first]
    assert len(set(tokens)) == 2
    assert [row["subject_token"] for row in second] == tokens
    with transaction() as connection:
        kinds = connection.execute(
            text(
                "select is_provisional, id_masked, name_masked from core.person where person_id = any(:ids)"
            ),
            {"ids": tokens},
        ).all()
    assert {tuple(kind) for kind in kinds} == {(True, None, "无**")}


def test_a_house_that_names_its_household_needs_no_owner(warehouse_url: str) -> None:
    rows: list[Row] = [
        {"house_no": "F1", "owner_name": "甲", "household_no": "H1"},
        {"house_no": "F2", "owner_name": "乙", "owner_id_number": id_number(9)},
        {"house_no": "F3", "owner_name": "丙"},
    ]
    named, owned, nobody = linked(HOUSES, rows)
    assert named["subject_token"] is None
    assert named["placed_by"] == uuid.UUID(duckdb.execute("select md5('H1')").fetchall()[0][0])
    assert owned["placed_by"] == owned["subject_token"] == privacy.token(KEY, id_number(9))
    assert nobody["placed_by"] == nobody["subject_token"] is not None


def test_withdrawn_rows_are_about_nobody(warehouse_url: str) -> None:
    kept, gone = linked(STUDENTS, [student(40), student(41)], withdrawn=frozenset({2}))
    assert (kept["op"], gone["op"]) == ("U", "W")
    assert gone["row_hash"] is None
    assert gone["subject_token"] is None
    with transaction() as connection:
        known = connection.scalar(
            text("select count(*) from core.person where person_id = :id"),
            {"id": privacy.token(KEY, id_number(41))},
        )
    assert known == 0


def test_households_are_about_no_person(warehouse_url: str) -> None:
    [row] = linked(HOUSEHOLDS, [{"household_no": "H1", "head_name": "马大山"}])
    assert row["subject_token"] is None
    assert row["head_name_masked"] == "马**"


def test_a_person_is_described_by_the_id_number_first(warehouse_url: str) -> None:
    linked(STUDENTS, [student(50, sex="1", birth_date="1999-01-01")])
    with transaction() as connection:
        row = connection.execute(
            text(
                "select sex, birth_date, name_masked, id_masked, is_provisional from core.person"
                " where person_id = :id"
            ),
            {"id": privacy.token(KEY, id_number(50))},
        ).one()
    number = id_number(50)
    assert row.sex == ("1" if int(number[16]) % 2 else "2")
    assert f"{row.birth_date:%Y%m%d}" == number[6:14]
    assert (row.name_masked, row.id_masked, row.is_provisional) == ("马***", f"****{number[-4:]}", False)


def test_another_name_under_one_id_number_is_a_conflict_until_it_agrees_again(warehouse_url: str) -> None:
    def conflicts() -> list[tuple[Any, ...]]:
        with transaction() as connection:
            rows = connection.execute(
                text("select kind, state from core.identity_conflict where person_id = :id"),
                {"id": privacy.token(KEY, id_number(60))},
            )
            return [tuple(row) for row in rows]

    linked(STUDENTS, [student(60)])
    assert conflicts() == []
    linked(STUDENTS, [student(60, name="别人")])
    linked(STUDENTS, [student(60, name="别人")])
    assert conflicts() == [("name_differs", "open")]
    linked(STUDENTS, [student(60)])
    assert conflicts() == [("name_differs", "settled")]


def test_who_is_met_in_two_deliveries_at_once_is_entered_as_the_first_says(warehouse_url: str) -> None:
    of = catalogue().get
    one = identity.link(of(STUDENTS), accepted(of(STUDENTS), [student(65)], county="639902"))
    relief = [{"relief_no": "J65", "name": "别人", "id_number": id_number(65)}]
    other = identity.link(of(RELIEF), accepted(of(RELIEF), relief, county="639902"))
    who = {"id": privacy.token(KEY, id_number(65))}
    for _ in range(2):  # the county's first persons, then those it has
        identity.enter([one, other])
        with transaction() as connection:
            [person] = connection.execute(
                text("select name_masked from core.person where county_code = '639902'")
            ).scalars()
            conflicts = connection.execute(
                text("select department, state from core.identity_conflict where person_id = :id"), who
            ).all()
        assert person == "马***"
        assert [tuple(each) for each in conflicts] == [("civil_affairs", "open")]
    with transaction(Role.IDENTITY) as connection:
        assert identity.reveal(connection, "639902", [who["id"]])[who["id"]].name == "马晓65"


def test_a_resolver_may_know_who_comes_without_an_id_number(warehouse_url: str) -> None:
    person = privacy.token(KEY, id_number(70))

    class KnowsEverybody:
        def resolve(self, duck: duckdb.DuckDBPyConnection, contract: Contract, unresolved: str) -> str:
            duck.execute(f"create view known as select _key, '{person}'::uuid as person_id from {unresolved}")
            return "known"

    contract = catalogue().get(RELIEF)
    delivery = accepted(
        contract, [{"relief_no": "J70", "name": "甲"}, {"relief_no": "J71", "id_number": id_number(71)}]
    )
    query = identity.link(contract, delivery, resolver=KnowsEverybody()).query
    tokens = duckdb.sql(f"select subject_token from ({query}) order by source_row").fetchall()
    assert tokens == [(person,), (privacy.token(KEY, id_number(71)),)]


def test_linking_again_gives_the_same_and_enters_nobody_twice(warehouse_url: str) -> None:
    contract = catalogue().get(STUDENTS)
    delivery = accepted(contract, [student(n) for n in range(80, 90)], county="639901")

    def state() -> tuple[Any, ...]:
        again = identity.link(contract, delivery)
        identity.enter([again])
        rows = duckdb.sql(f"{again.query} order by source_row").fetchall()
        with transaction() as connection:
            persons = connection.execute(
                text("select * from core.person where county_code = '639901' order by 2")
            ).all()
        with transaction(Role.IDENTITY) as connection:
            secrets = connection.execute(
                text("select * from vault.person_secret where county_code = '639901' order by 2")
            ).all()
        return rows, persons, secrets

    first = state()
    assert len(first[1]) == len(first[2]) == 10
    assert state() == first


def test_accepted_rows_that_are_missing_are_an_error_without_values(
    warehouse_url: str, tmp_path: Path
) -> None:
    contract = catalogue().get(STUDENTS)
    delivery = accepted(contract, [student(1)])
    (landing.work_folder(delivery) / "accepted.parquet").unlink()
    with pytest.raises(LinkError) as raised:
        identity.link(contract, delivery)
    assert raised.value.code == "XJ-501"
