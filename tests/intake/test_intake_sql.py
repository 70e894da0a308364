from __future__ import annotations

import pytest
from intake_helpers import (
    AFTER_CUTOFF,
    DAY,
    PERSON,
    SECRET,
    landed,
    last_receipt,
    make_contract,
    set_connection,
)

from xianjie import intake, landing
from xianjie.contract.model import Contract, Source

pytestmark = pytest.mark.usefixtures("warehouse_url")

OPTIONS = {
    "table": "people",
    "watermark_column": "updated_at",
    "lag_minutes": 60,
    "withdrawn_field": "is_deleted",
    "withdrawn_values": ["1", "true"],
    "ignored_fields": ["is_deleted", "updated_at", "born", "paid"],
}


def contract_of(connection: str, **options: object) -> Contract:
    source = Source(connector="sql", connection=connection, options=OPTIONS | options)
    return make_contract(source, delivery_mode="delta")


@pytest.fixture
def people(bureau):
    bureau.execute("truncate people")

    def add(*rows):
        with bureau.cursor() as cursor:
            cursor.executemany("insert into people values (%s, %s, %s, %s, null, null, %s, %s)", rows)

    return add


def test_the_first_pull_takes_everything_as_text(people, bureau):
    people((PERSON, "张三", ' a "b",\nc ', 1, False, "2026-09-21 19:00+08"))
    bureau.execute("update people set born = '2010-01-01', paid = 1.50")
    people(("x", None, "", None, True, "2026-09-21 20:00+08"))
    done = intake.pull(contract_of("bureau_db", ignored_fields=["is_deleted", "updated_at"]), DAY)
    assert done.outcome == "landed"
    assert landed(done.delivery_id, "id_number, name, school, grade, _op, _line, _file, _extra") == [
        (PERSON, "张三", ' a "b",\nc ', "1", "U", 1, "people", '{"born":"2010-01-01","paid":"1.50"}'),
        ("x", None, None, None, "D", 2, "people", None),
    ]
    delivery = landing.load(done.delivery_id)
    assert delivery.mode == "full"
    assert delivery.files == ()
    receipt = last_receipt()
    assert (receipt["outcome"], receipt["rows_read"], receipt["sha256"]) == ("landed", 2, delivery.sha256)
    assert receipt["bytes_read"] > 0
    assert receipt["window_from"] is None
    assert done.watermark == receipt["window_to"]


def test_the_next_pull_takes_what_changed_and_what_was_committed_late(people):
    people(
        ("old", "甲", "校", 1, False, "2026-09-20 20:00+08"),
        ("a", "乙", "校", 1, False, "2026-09-21 20:00+08"),
    )
    contract = contract_of("bureau_db")
    first = intake.pull(contract, DAY)
    # Stamped before the first pull, committed after it: inside the lag window.
    people(
        ("late", "丙", "校", 1, False, "2026-09-21 19:30+08"),
        ("new", "丁", "校", 2, False, "2026-09-21 21:00+08"),
    )
    second = intake.pull(contract, DAY, watermark=first.watermark)
    assert landing.load(second.delivery_id).mode == "delta"
    assert sorted(row[0] for row in landed(second.delivery_id)) == ["a", "late", "new"]
    assert second.watermark > first.watermark
    diff = landing.compare(landing.load(second.delivery_id), [landing.load(first.delivery_id)])
    assert (diff.new, diff.unchanged, diff.absent) == (2, 1, 0)


def test_nothing_new_is_empty_and_leaves_the_watermark(people):
    people(("a", "乙", "校", 1, False, "2026-09-21 20:00+08"))
    contract = contract_of("bureau_db")
    first = intake.pull(contract, DAY)
    again = intake.pull(contract_of("bureau_db", lag_minutes=-1), DAY, watermark=first.watermark)
    assert (again.outcome, again.delivery_id, again.watermark) == ("empty", None, first.watermark)
    assert last_receipt()["outcome"] == "empty"
    assert "没有新增" in last_receipt()["reason"]


def test_an_empty_table_pulled_whole_is_a_delivery_without_rows(people):
    done = intake.pull(contract_of("bureau_db"), DAY)
    assert done.outcome == "landed"
    assert landing.load(done.delivery_id).rows == 0
    assert "没有一行数据" in last_receipt()["reason"]


@pytest.mark.parametrize(
    ("options", "error", "code"),
    [
        ({"table": "nothing_here"}, intake.SourceFormatError, "XJ-201.wrong_table"),
        ({"columns": ["id_number", "renamed"]}, intake.SourceFormatError, "XJ-201.wrong_table"),
        ({"watermark_column": "stamp"}, intake.SourceFormatError, "XJ-201.wrong_table"),
        ({"table": "hidden"}, intake.SourceAuthError, "XJ-203"),
    ],
)
def test_a_wrong_table_or_missing_right_is_told_apart(bureau, options, error, code):
    with pytest.raises(error):
        intake.pull(contract_of("bureau_db", **({"watermark_column": None} | options)), DAY)
    assert (last_receipt()["outcome"], last_receipt()["error_code"]) == ("failed", code)


def test_only_listed_columns_are_read(people):
    people((PERSON, "张三", "校", 1, False, "2026-09-21 19:00+08"))
    done = intake.pull(contract_of("bureau_db", columns=["name", "id_number"]), DAY)
    assert landed(done.delivery_id) == [(PERSON, "张三", None, None)]
    assert landing.load(done.delivery_id).columns_missing == ("school", "grade")


def wrong(name: str, **changes: object) -> str:
    import json
    import os

    values = json.loads(os.environ[f"AIRFLOW_CONN_{name.upper()}"]) | changes
    set_connection("wrong_db", **values)
    return "wrong_db"


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"password": "wrong-pass-word"}, intake.SourceAuthError, "XJ-203"),
        ({"port": 1}, intake.SourceConnectionError, "XJ-204"),
        ({"conn_type": "oracle"}, intake.SourceConfigurationError, "XJ-207"),
        ({"schema": "no_such_database"}, intake.SourceFormatError, "XJ-201.wrong_table"),
    ],
)
@pytest.mark.parametrize("server", ["bureau", "maria"])
def test_a_wrong_connection_says_what_is_wrong_without_secrets(request, server, changes, error, code):
    request.getfixturevalue(server)
    if server == "maria" and "schema" in changes:
        error, code = intake.SourceAuthError, "XJ-203"
    with pytest.raises(error) as caught:
        intake.pull(contract_of(wrong(f"{server}_db", **changes)), DAY, now=AFTER_CUTOFF)
    receipt = last_receipt()
    assert (receipt["outcome"], receipt["error_code"]) == ("failed", code)
    for word in (SECRET, "wrong-pass-word", "127.0.0.1", "reader"):
        assert word not in f"{caught.value} {receipt['reason']}"
    assert caught.value.__cause__ is None


def test_a_connection_airflow_does_not_know_is_a_configuration_error():
    with pytest.raises(intake.SourceConfigurationError, match="nowhere_db"):
        intake.pull(contract_of("nowhere_db"), DAY)
    assert last_receipt()["error_code"] == "XJ-207"


def test_mariadb_is_read_the_same_way(maria):
    with maria.cursor() as cursor:
        cursor.execute("truncate bureau.people")
        cursor.executemany(
            "insert into bureau.people values (%s, %s, %s, %s, %s, %s)",
            [
                (PERSON, "张三", ' a "b",\nc ', 1, 0, "2026-09-21 19:00:00.125"),
                ("x", None, "", None, 1, "2026-09-21 20:00:00"),
                ("𠮷", "马小跳", "校", 2, 0, "2026-09-20 08:00:00"),
            ],
        )
    contract = contract_of("maria_db")
    first = intake.pull(contract, DAY)
    assert landed(first.delivery_id, "id_number, name, school, grade, _op") == [
        (PERSON, "张三", ' a "b",\nc ', "1", "U"),
        ("x", None, "", None, "D"),
        ("𠮷", "马小跳", "校", "2", "U"),
    ]
    assert first.watermark == "2026-09-21 20:00:00.000"
    with maria.cursor() as cursor:
        cursor.execute("insert into bureau.people values ('late', '丙', '校', 3, 0, '2026-09-21 19:40:00')")
    second = intake.pull(contract, DAY, watermark=first.watermark)
    assert sorted(row[0] for row in landed(second.delivery_id)) == [PERSON, "late", "x"]
    assert landing.load(second.delivery_id).mode == "delta"


def test_many_rows_stream_in_order(bureau, maria):
    bureau.execute("truncate people")
    bureau.execute(
        "insert into people select i::text, '甲', '校', 1, null, null, false, now() "
        "from generate_series(1, 50000) as i"
    )
    done = intake.pull(contract_of("bureau_db"), DAY)
    assert last_receipt()["rows_read"] == 50_000
    with maria.cursor() as cursor:
        cursor.execute("truncate bureau.people")
        cursor.execute("insert into bureau.people select seq, '甲', '校', 1, 0, now() from seq_1_to_50000")
    done = intake.pull(contract_of("maria_db"), DAY)
    assert landed(done.delivery_id, "count(distinct id_number), max(_row)")[0] == (50_000, 50_000)
