from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import fsspec
import pytest
from landing_helpers import DAY, HEADER, batch_table, land, make_contract, read
from sqlalchemy import text

from xianjie import landing
from xianjie.contract.model import Field, Source
from xianjie.database.engine import transaction
from xianjie.settings import settings

pytestmark = pytest.mark.usefixtures("warehouse_url")
ROWS = [("639900201001011234", "张三", "桥头小学", "1"), ("639900201001021235", None, "桥头小学", "2")]


def test_rows_are_kept_exactly_as_delivered_with_their_place_in_the_file(contract, write_csv):
    path = write_csv([("６３９９００", " 张三 ", "", "1.0"), *ROWS])
    delivery = landing.publish(
        contract,
        DAY,
        [landing.CsvTable("学籍.csv", HEADER, path)],
        mode="full",
        originals=[landing.Original("学籍.csv", path)],
    )
    assert read(delivery.data_path, "_row, _file, _line, _op, id_number, name, school, grade, _extra") == [
        (1, "学籍.csv", 2, "U", "６３９９００", " 张三 ", None, "1.0", None),
        (2, "学籍.csv", 3, "U", *ROWS[0], None),
        (3, "学籍.csv", 4, "U", *ROWS[1], None),
    ]
    assert delivery.rows == 3
    assert delivery.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    original = Path(delivery.data_path).parent / "original" / "学籍.csv"
    assert original.read_bytes() == path.read_bytes()


def test_the_columns_of_data_parquet_are_the_documented_ones(contract):
    delivery = land(contract, ROWS)
    described = duckdb.sql(f"describe from read_parquet('{delivery.data_path}')").fetchall()
    assert [(column[0], column[1]) for column in described] == [
        ("_row", "BIGINT"), ("_file", "VARCHAR"), ("_line", "BIGINT"), ("_op", "VARCHAR"), ("_key", "UUID"),
        ("_hash", "UUID"), ("id_number", "VARCHAR"), ("name", "VARCHAR"), ("school", "VARCHAR"),
        ("grade", "VARCHAR"), ("_extra", "VARCHAR"),
    ]  # fmt: skip


def test_a_delivery_can_be_loaded_by_id_and_by_folder(contract):
    delivery = land(contract, ROWS)
    assert landing.load(delivery.delivery_id) == delivery
    assert landing.load(f"{settings().landing}/{delivery.folder}") == delivery
    assert landing.load(str(Path(delivery.data_path).parent)) == delivery
    assert delivery.folder == f"639900/education/enrolment/2026-09-21/{delivery.delivery_id}"


def test_what_never_landed_cannot_be_loaded(contract):
    with pytest.raises(landing.DeliveryNotFoundError):
        landing.load("639900.education.enrolment.20260921.20260921T200000-abcdef")
    with pytest.raises(landing.DeliveryNotFoundError):
        landing.load("nonsense")


def test_the_database_is_told_and_mended_from_the_manifest(contract):
    delivery = land(contract, ROWS)
    query = text("select landed_rows, sha256, business_date from ops.delivery where delivery_id = :id")
    with transaction() as connection:
        before = connection.execute(query, {"id": delivery.delivery_id}).one()
        connection.execute(
            text("delete from ops.delivery where delivery_id = :id"), {"id": delivery.delivery_id}
        )
    landing.load(delivery.delivery_id)
    with transaction() as connection:
        assert (
            connection.execute(query, {"id": delivery.delivery_id}).one()
            == before
            == (2, delivery.sha256, DAY)
        )


def test_the_same_content_again_is_a_new_delivery_with_the_same_digest(contract):
    first, second = land(contract, ROWS), land(contract, list(reversed(ROWS)))
    assert first.delivery_id != second.delivery_id
    assert first.sha256 == second.sha256
    assert first.sha256 != land(contract, ROWS[:1]).sha256


def test_a_delivery_without_rows_is_a_delivery(contract):
    delivery = land(contract, [], mode="delta")
    assert delivery.rows == 0
    assert read(delivery.data_path) == []


def test_several_tables_become_one_delivery_in_order(contract, write_csv):
    rows = [(f"{number:018d}", "甲", "校", "1") for number in range(45_000)]
    tables = [
        landing.CsvTable("一.csv", HEADER, write_csv(rows, name="一.csv")),
        batch_table([("x", "乙", "校", "2")], first_line=4),
        landing.CsvTable(
            "二.csv", HEADER[::-1], write_csv([("3", "校", "丙", "y")], HEADER[::-1], name="二.csv")
        ),
    ]
    delivery = landing.publish(contract, DAY, tables, mode="full")
    landed = read(delivery.data_path, "_row, _file, _line, id_number, name")
    assert landed[:45_000] == [(n + 1, "一.csv", n + 2, row[0], "甲") for n, row in enumerate(rows)]
    assert landed[45_000:] == [(45_001, "rows", 4, "x", "乙"), (45_002, "二.csv", 2, "y", "丙")]


def test_row_numbers_follow_the_file_in_a_large_delivery(contract, tmp_path):
    count = 400_000
    path = tmp_path / "large.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.write(",".join(HEADER) + "\n")
        stream.writelines(f"{n:018d},张三,第{n % 97}小学,{n % 9}\n" for n in range(count))
    delivery = landing.publish(contract, DAY, [landing.CsvTable("large.csv", HEADER, path)], mode="full")
    wrong = read(
        delivery.data_path, "count(*) filter (where _row <> id_number::bigint + 1 or _line <> _row + 1)"
    )
    assert delivery.rows == count
    assert wrong == [(0,)]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("is_regular", [True, False])
def test_blank_rows_are_no_rows_but_count_as_lines(contract, tmp_path, ending, is_regular):
    lines = [
        ",".join(HEADER),
        "a,甲,校,1",
        ",,,",
        "b,乙,校,2",
        *([] if is_regular else [""]),
        "c,丙,校,3",
        ",,,",
        "",
    ]
    path = tmp_path / "blank.csv"
    path.write_bytes(ending.join(lines).encode())
    table = landing.CsvTable("blank.csv", HEADER, path, is_regular=is_regular)
    delivery = landing.publish(contract, DAY, [table], mode="full")
    last = 5 if is_regular else 6
    assert read(delivery.data_path, "_row, _line, id_number") == [(1, 2, "a"), (2, 4, "b"), (3, last, "c")]


def test_a_ragged_or_badly_quoted_file_lands_row_by_row(contract, tmp_path):
    path = tmp_path / "ragged.csv"
    path.write_text(
        ",".join(HEADER) + '\na,甲\nb,乙,校,2,多出,\nc,"丙 "x" 丙",校,3\nd,"两\n行",校,4\n', encoding="utf-8"
    )
    delivery = landing.publish(contract, DAY, [landing.CsvTable("ragged.csv", HEADER, path)], mode="full")
    assert read(delivery.data_path, "_line, id_number, name, grade, _extra") == [
        (2, "a", "甲", None, None),
        (3, "b", "乙", "2", '{"第5列":"多出","第6列":null}'),
        (4, "c", '丙 x" 丙"', "3", None),
        (5, "d", "两\n行", "4", None),
    ]
    assert delivery.columns_unknown == ("第5列", "第6列")


def test_withdrawn_rows_are_marked_and_bookkeeping_columns_are_not_unknown():
    options = {
        "withdrawn_field": "SFSC",
        "withdrawn_values": ["1", "true"],
        "ignored_fields": ["SFSC", "GXSJ"],
    }
    contract = make_contract(source=Source(connector="http", options=options))
    rows = [
        ("a", "甲", "校", "1", "１ ", "2026"),
        ("b", "乙", "校", "2", "0", "2026"),
        ("c", "丙", "校", "3", "TRUE", None),
    ]
    delivery = land(contract, rows, header=(*HEADER, "sfsc", "GXSJ"))
    assert read(delivery.data_path, "id_number, _op, _extra") == [
        ("a", "D", None),
        ("b", "U", None),
        ("c", "D", None),
    ]
    assert delivery.columns_unknown == ()


def test_undeclared_columns_are_kept_as_json(contract):
    delivery = land(
        contract,
        [("a", "甲", "校", "1", 'x"y', None), ("b", "乙", "校", "2", None, None)],
        header=(*HEADER, "备注", ""),
    )
    extras = [json.loads(str(extra)) if extra else None for (extra,) in read(delivery.data_path, "_extra")]
    assert extras == [{"备注": 'x"y', "第6列": None}, None]
    assert delivery.columns_unknown == ("备注", "第6列")


def test_a_stream_that_fails_leaves_nothing_and_raises_its_own_error(contract):
    def batches():
        yield from landing.text_batches([("a", "甲", "校", "1")] * 30_000, 4)
        raise landing.SourceFormatError("工作表中断", reason="truncated")

    before = set(Path(settings().home).rglob("*.parquet"))
    with pytest.raises(landing.SourceFormatError, match="工作表中断"):
        landing.publish(contract, DAY, [landing.BatchTable("x", HEADER, batches())], mode="full")
    assert set(Path(settings().home).rglob("*.parquet")) == before
    assert not list(Path(settings().home).rglob("*.part"))


def test_a_file_of_something_else_is_refused_without_its_text(contract):
    with pytest.raises(landing.SourceFormatError) as caught:
        land(contract, [("639900201001011234", "张三")], header=("639900201001011234", "张三"))
    assert caught.value.reason == "no_header"
    assert "张三" not in str(caught.value)


_KILLED = """
import datetime as dt, sys
sys.path.insert(0, {tests!r})
from landing_helpers import HEADER, make_contract
from xianjie import landing
def rows():
    n = 0
    while True:
        n += 1
        yield (str(n), "甲", "校", "1")
        if n == 40_000:
            print("writing", flush=True)
table = landing.BatchTable("x", HEADER, landing.text_batches(rows(), 4))
landing.publish(make_contract(), dt.date(2026, 9, 25), [table], mode="full")
"""


def test_a_kill_leaves_no_delivery_and_the_rest_is_swept(contract):
    script = _KILLED.format(tests=str(Path(__file__).parent))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=dict(os.environ))
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    folder = Path(settings().home) / "landing/639900/education/enrolment/2026-09-25"
    assert [path.suffix for path in folder.iterdir()] == [".part"]
    assert landing.deliveries("639900/education/enrolment/2026-09-25") == []
    again = land(contract, ROWS, day=dt.date(2026, 9, 25))
    assert landing.deliveries("639900/education/enrolment/2026-09-25") == [again]
    assert landing.sweep() == 0
    assert landing.sweep(older_than_seconds=-1) == 1
    assert [path.name for path in folder.iterdir()] == [again.delivery_id]


def test_a_remote_landing_exists_only_with_its_manifest(contract, monkeypatch):
    monkeypatch.setenv("XIANJIE_LANDING_URL", "memory://bucket/landing")
    settings.cache_clear()
    delivery = land(contract, ROWS)
    assert landing.load(delivery.delivery_id) == delivery
    assert landing.load(f"memory://bucket/landing/{delivery.folder}") == delivery
    assert landing.deliveries("639900/education") == [delivery]
    assert read(delivery.data_path, "id_number") == [(ROWS[0][0],), (ROWS[1][0],)]
    fsspec.filesystem("memory").rm(f"/bucket/landing/{delivery.folder}/manifest.json")
    assert landing.deliveries("639900/education") == []
    with pytest.raises(landing.DeliveryNotFoundError):
        landing.load(delivery.delivery_id)
    monkeypatch.delenv("XIANJIE_LANDING_URL")
    settings.cache_clear()


def test_a_wide_delivery_stays_inside_the_memory_limit(monkeypatch, tmp_path):
    fields = tuple(Field(name=f"f{n}", label=f"列{n}") for n in range(30))
    contract = make_contract(fields=fields, key=("f0",))
    path = tmp_path / "wide.csv"
    noise = random.Random(1)
    tail = ",".join(f"值{noise.random()}" for _ in range(29))
    with path.open("w", encoding="utf-8") as stream:
        stream.write(",".join(field.label for field in fields) + "\n")
        stream.writelines(f"{n},{tail}\n" for n in range(300_000))
    monkeypatch.setenv("XIANJIE_DUCKDB_MEMORY", "400MB")
    settings.cache_clear()
    table = landing.CsvTable("wide.csv", tuple(field.label for field in fields), path)
    assert landing.publish(contract, DAY, [table], mode="full").rows == 300_000
    monkeypatch.delenv("XIANJIE_DUCKDB_MEMORY")
    settings.cache_clear()
