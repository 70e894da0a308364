"""Each department's server speaks its protocol to a real client."""

from __future__ import annotations

import csv
import io
import json
import re
import smtplib
import time
from email.message import EmailMessage

import duckdb
import httpx
import paramiko
import psycopg
import pytest
from demo_scene import NIGHTS, Scene
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

from demo.book import contract, initials, of_department
from demo.departments import civil_affairs
from demo.links import connections

FIRST, SECOND, THIRD = NIGHTS


def _connection(scene: Scene, name: str) -> dict[str, object]:
    return json.loads(connections(scene.place)[f"AIRFLOW_CONN_{name.upper()}"])


def _api(scene: Scene) -> httpx.Client:
    found = _connection(scene, "education_api")
    return httpx.Client(
        base_url=f"{found['schema']}://{found['host']}:{found['port']}",
        headers={"Authorization": f"Bearer {found['password']}"},
        timeout=10,
    )


def _get(client: httpx.Client, path: str, **query: object) -> httpx.Response:
    while (answer := client.get(path, params=query)).status_code in (429, 503):
        time.sleep(float(answer.headers.get("Retry-After", 0)))
    return answer


def _sftp(scene: Scene, account: str) -> paramiko.SFTPClient:
    found = _connection(scene, f"{account}_sftp")
    transport = paramiko.Transport((str(found["host"]), int(str(found["port"]))))
    transport.connect(username=str(found["login"]), password=str(found["password"]))
    client = paramiko.SFTPClient.from_transport(transport)
    assert client is not None
    return client


def test_there_is_a_connection_for_every_contract(serving: Scene) -> None:
    named = {name.removeprefix("AIRFLOW_CONN_").lower() for name in connections(serving.place)}
    wanted = {
        found.source.connection
        for found in map(
            contract,
            [
                "education.enrolment",
                "civil_affairs.dibao",
                "housing.house_safety",
                "employment.work_monthly",
                "rural_revitalisation.persons",
            ],
        )
    }
    assert named == wanted | {"xianjie_smtp", "returns_sftp"}


def test_the_state_file_is_private(serving: Scene) -> None:
    assert (serving.place.root / "state.json").stat().st_mode & 0o777 == 0o600


def test_education_refuses_a_stranger(serving: Scene) -> None:
    with _api(serving) as client:
        assert httpx.get(f"{client.base_url}/v1/enrolments").status_code == 401


def test_education_fails_once_an_evening_and_limits_the_rate(serving: Scene) -> None:
    path = serving.place.education / "education.enrolment.parquet"
    path.touch()
    with _api(serving) as client:
        answers = [client.get("/v1/dropout-ledger") for _ in range(9)]
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(503) == 1
    assert 429 in statuses
    assert all(answer.headers["Retry-After"] == "1" for answer in answers if answer.status_code == 429)
    assert max(answer.elapsed.total_seconds() for answer in answers) > 1


@pytest.mark.parametrize("dataset", [found.id for found in of_department("education")])
def test_education_gives_every_row_once_page_by_page(
    serving: Scene, ask: duckdb.DuckDBPyConnection, dataset: str
) -> None:
    found = contract(dataset)
    items: list[dict[str, object]] = []
    with _api(serving) as client:
        while True:
            page = _get(
                client, found.source.options["endpoint"], page=len(items) // 400 + 1, page_size=400
            ).json()
            items += page["items"]
            if len(items) >= page["total"]:
                break
    held = ask.execute(
        f"select count(*) from '{serving.place.education / dataset}.parquet' where not _deleted"
    ).fetchall()
    assert len(items) == len({json.dumps(item) for item in items}) == held[0][0]
    assert set(items[0]) == {initials(field) for field in found.fields} | {"SFSC", "GXSJ"}


def test_education_gives_only_what_changed_since(serving: Scene) -> None:
    with _api(serving) as client:
        whole = _get(client, "/v1/enrolments", page_size=1).json()["total"]
        changed = _get(
            client, "/v1/enrolments", page_size=1000, updated_since=f"{THIRD}T00:00:00+08:00"
        ).json()
    assert 0 < changed["total"] < whole / 20
    assert all(item["GXSJ"] >= f"{THIRD}T00:00:00" for item in changed["items"])


def test_civil_affairs_lets_its_reader_read_only(serving: Scene) -> None:
    found = _connection(serving, "civil_affairs_db")
    address = {
        "host": found["host"],
        "port": found["port"],
        "dbname": found["schema"],
        "user": found["login"],
        "password": found["password"],
    }
    with psycopg.connect(**address) as connection:  # type: ignore[arg-type]
        for name in ("rural_dibao", "destitute_support", "temporary_relief"):
            rows = connection.execute(f"select count(*), max(updated_at) from {name}").fetchall()  # type: ignore[arg-type]
            assert rows[0][0] > 0
        with pytest.raises(psycopg.Error):
            connection.execute("delete from rural_dibao")


def test_late_committed_rows_carry_a_stamp_before_the_first_watermark(
    scene: Scene, ask: duckdb.DuckDBPyConnection
) -> None:
    held = f"'{scene.place.root}/county/nights/{{}}/held/civil_affairs.temporary_relief.parquet'"
    assert ask.execute(
        f"select count(*) from {held.format(FIRST)} where relief_no like 'LC%'"
    ).fetchall() == [(0,)]
    stamps = ask.execute(
        f"select _updated_at from {held.format(SECOND)} where relief_no like 'LC%'"
    ).fetchall()
    watermark = ask.execute(f"select max(_updated_at) from {held.format(FIRST)}").fetchall()[0][0]
    lag = contract("civil_affairs.temporary_relief").source.options["lag_minutes"]
    assert len(stamps) == 3
    assert all(0 < (watermark - stamp).total_seconds() < lag * 60 for (stamp,) in stamps)


def test_the_civil_tables_can_be_created_on_mariadb() -> None:
    for table in civil_affairs.tables()[1].values():
        assert "VARCHAR(200)" in str(CreateTable(table).compile(dialect=mysql.dialect()))


def test_sftp_accounts_see_their_own_files_only(serving: Scene) -> None:
    for account, expected in (
        ("housing", "20260921"),
        ("employment", "full"),
        ("rural_revitalisation", "20260923"),
    ):
        with _sftp(serving, account) as client:
            assert expected in client.listdir("/")
            with pytest.raises(OSError, match=r"(?i)no such file"):
                client.stat("/../../state.json")
    transport = paramiko.Transport((serving.place.host, serving.place.sftp_port))
    with pytest.raises(paramiko.SSHException):
        transport.connect(username="housing", password="wrong")


def test_employment_files_are_gb18030_with_the_contracts_labels(serving: Scene) -> None:
    found = contract("employment.work_monthly")
    with _sftp(serving, "employment") as client, client.open("/full/20260921/务工月监测.csv") as file:
        text = file.read().decode("gb18030")
    assert next(csv.reader(io.StringIO(text))) == [field.label for field in found.fields]
    with _sftp(serving, "employment") as client, client.open("/delta/20260922/务工月监测.csv") as file:
        delta = file.read().decode("gb18030")
    assert 1 < len(delta.splitlines()) < len(text.splitlines()) / 20


@pytest.mark.parametrize(
    "dataset",
    [
        "housing.house_safety",
        "housing.renovation",
        "rural_revitalisation.persons",
        "rural_revitalisation.households",
    ],
)
def test_workbooks_have_their_header_on_the_third_row(serving: Scene, dataset: str) -> None:
    from python_calamine import CalamineWorkbook

    found = contract(dataset)
    path = found.source.options["path"].format(business_date=FIRST).replace("*", f"{FIRST:%Y%m%d}")
    with _sftp(serving, found.department) as client, client.open(path) as file:
        book = CalamineWorkbook.from_filelike(io.BytesIO(file.read()))
    sheet = book.get_sheet_by_index(0)
    rows = sheet.to_python(skip_empty_area=False)
    assert rows[2] == [field.label for field in found.fields]
    assert sheet.merged_cell_ranges
    assert "衔接示范县" in str(rows[0][0])


def test_workbooks_are_untidy_in_every_way_a_clerk_knows(serving: Scene) -> None:
    from openpyxl import load_workbook

    path = serving.place.drop_box("housing") / "20260921" / "农房安全档案20260921.xlsx"
    sheet = load_workbook(path)["农房安全档案"]
    labels = [cell.value for cell in sheet[3]]
    dates = [row[labels.index("鉴定日期")] for row in sheet.iter_rows(min_row=4)]
    areas = [row[labels.index("建筑面积(平方米)")].value for row in sheet.iter_rows(min_row=4)]
    texts = [cell.value for row in sheet.iter_rows(min_row=4) for cell in row if isinstance(cell.value, str)]
    assert any(cell.is_date for cell in dates)
    assert any(isinstance(cell.value, int | float) for cell in dates)
    for form in (r"\d{4}年\d+月\d+日", r"\d{4}/\d+/\d+", r"\d{4}-\d\d-\d\d"):
        assert any(isinstance(cell.value, str) and re.fullmatch(form, cell.value) for cell in dates)
    assert {type(area) for area in areas} >= {str, int}
    assert any(text.endswith(" ") for text in texts)
    assert any(re.search("[０-９]", text) for text in texts)


def test_the_mail_catcher_keeps_mails(serving: Scene) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "今晚的报告", "a@example.invalid", "b@example.invalid"
    mail.set_content("共 3 条线索")
    found = _connection(serving, "xianjie_smtp")
    with smtplib.SMTP(str(found["host"]), int(str(found["port"]))) as client:
        client.send_message(mail)
    (caught,) = serving.place.mail.glob("*.eml")
    assert "X-RcptTo: b@example.invalid" in caught.read_text(encoding="utf-8")
