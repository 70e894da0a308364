"""Files that come back: right ones are taken, others are told why, and a kill anywhere costs nothing."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
import returns_helpers as helpers
from filled_books import Filler

from xianjie import returns
from xianjie.contract.catalogue import catalogue
from xianjie.contract.submission import write_submission
from xianjie.reports.model import Problem, ReturnedRow, ReturnedSheet
from xianjie.reports.returned_rows import write_returned_rows
from xianjie.returns import files, inbox, taking
from xianjie.returns.channels import DONE
from xianjie.returns.errors import InboxError
from xianjie.returns.folder_channel import FolderChannel
from xianjie.settings import settings

TONIGHT, MORNING = helpers.DAYS[0], helpers.DAYS[1]
RELIEF = "civil_affairs.temporary_relief"


@pytest.fixture
def home(office: helpers.Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of the test's own, so that its channels hold only what it puts there; the landing stays."""
    landing = settings().landing
    monkeypatch.setenv("XIANJIE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XIANJIE_LANDING_URL", landing)
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


def returned_posts(folder: Path, *numbers: int) -> Path:
    """A night in which these posts end before they start, and the workbook that returns them."""
    delivery = helpers.night(0, helpers.posts({n: {"contract_end_date": helpers.EARLY} for n in numbers}))
    contract = catalogue().get(helpers.POSTS)
    found = helpers.query(
        "select row_id::text, row_hash::text, source_line, source_row from quality.item"
        " where county_code = :county and closed_on is null order by source_row"
    )
    rows = tuple(
        ReturnedRow(
            row_id=row_id,
            department=contract.department,
            dataset=contract.dataset,
            source_file="岗位.xlsx",
            source_line=line,
            opened_on=TONIGHT,
            problems=(Problem("EMP-02.x", "合同到期日早于上岗日期", "请核对", "contract_end_date"),),
            original={},
            delivery_id=delivery.delivery_id,
            source_row=row,
            row_hash=row_hash,
            contract_version=contract.version,
            first_opened_on=TONIGHT,
            attempt=1,
        )
        for row_id, row_hash, line, row in found
    )
    columns = tuple((each.name, each.label) for each in contract.fields)
    sheet = ReturnedSheet(
        contract.department, contract.dataset, contract.code, contract.title, columns, contract.key, rows
    )
    path = folder / "returned-rows.xlsx"
    write_returned_rows(path, [sheet], TONIGHT, helpers.county(), title="人社局", revision=1)
    return path


def filled(path: Path, name: str = "filled.xlsx", **values: object) -> Path:
    """The workbook with its first row answered."""
    return Filler(path, "退回 EMP-02").put(1, decision="更正", **values).save(name)


def put(home: Path, path: Path, department: str = "employment", name: str = "我的更正.xlsx") -> Path:
    """Into the upload folder of a department, as if it had been there for a while."""
    target = home / "returns" / "upload" / department / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(path.read_bytes())
    os.utime(target, (time.time() - 60,) * 2)
    return target


def round_of(day: dt.date = MORNING) -> returns.TakenIn:
    """One round of the DAG."""
    returns.collect(helpers.county())
    return returns.take_in(day, helpers.county())


def newest() -> files.ReturnedFile:
    return files.latest(helpers.county())[0]


def texts(path: Path) -> str:
    """Everything a workbook says."""
    book = openpyxl.load_workbook(path)
    return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value)


def test_a_corrected_row_is_merged_and_the_office_gets_its_answer(home: Path, tmp_path: Path):
    put(home, filled(returned_posts(tmp_path, 1, 2), contract_end_date="2027-01-04"))
    done = round_of()
    assert (done.files, done.rows) == ({"taken": 1}, {"accepted": 1, "unanswered": 1, "remarks": 0})
    assert helpers.ends()["G00001"] == ["2027-01-04"]
    (answer,) = (home / "returns" / "answers" / "employment").iterdir()
    assert answer.name.startswith("回执_我的更正_")
    assert "已采用" in texts(answer)
    assert (home / "returns" / "upload" / "employment" / DONE / str(MORNING) / "我的更正.xlsx").exists()
    helpers.assert_reconciled(0, 1)


def test_names_people_gave_their_files_are_in_no_table(home: Path, tmp_path: Path):
    put(home, filled(returned_posts(tmp_path, 1), contract_end_date="2027-01-04"), name="欧阳金丝雀.xlsx")
    round_of()
    for table in ("ops.returned_file", "quality.returned_workbook", "ops.delivery", "quality.correction"):
        assert "欧阳" not in str(helpers.query(f"select to_jsonb(t) from {table} as t where county_code = :county"))


def test_what_is_still_wrong_is_said_and_stays_open(home: Path, tmp_path: Path):
    put(home, filled(returned_posts(tmp_path, 1), contract_end_date="2025-01-06"))
    assert round_of().rows["still_wrong"] == 1
    assert "仍有问题" in texts(newest().answer)
    assert [state for state, _, closed in helpers.items() if closed is None] == ["open"]


def test_the_same_file_twice_and_an_older_copy_do_no_harm(home: Path, tmp_path: Path):
    book = returned_posts(tmp_path, 1, 2)
    path = filled(book, contract_end_date="2027-01-04")
    for name in ("a.xlsx", "b.xlsx"):
        put(home, path, name=name)
    assert round_of().files == {"taken": 2}
    put(home, Filler(path, "退回 EMP-02").put(2, decision="作废", reason="重复").save("more.xlsx"), name="c.xlsx")
    rows = round_of().rows
    assert (rows["already_closed"], rows["void"]) == (1, 1)
    assert helpers.ends()["G00001"] == ["2027-01-04"]


def test_another_offices_workbook_is_not_taken(home: Path, tmp_path: Path):
    put(home, filled(returned_posts(tmp_path, 1), contract_end_date="2027-01-04"), department="housing")
    assert round_of().files == {"refused": 1}
    assert newest().error_code == "RET-WRONG-OFFICE"
    assert "其他单位" in texts(newest().answer)
    assert "G00001" not in helpers.ends()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("旧.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "旧格式"),
        ("表.et", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "WPS"),
        ("密.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "密码"),
        ("断.xlsx", b"PK\x03\x04broken", "不完整"),
        ("空.xlsx", b"", "空"),
        ("信.xlsx", "<html>表</html>".encode(), "网页"),
    ],
)
def test_what_cannot_be_opened_is_answered_with_what_to_do(home: Path, tmp_path: Path, name, content, said):
    source = tmp_path / "odd"
    source.write_bytes(content)
    put(home, source, name=name)
    assert round_of().files == {"refused": 1}
    assert said in str(newest().reason)
    assert said in texts(newest().answer)


def test_some_other_workbook_is_no_workbook_of_ours(home: Path, tmp_path: Path):
    book = openpyxl.Workbook()
    book.active["A1"] = "通讯录"
    book.save(tmp_path / "other.xlsx")
    put(home, tmp_path / "other.xlsx")
    assert round_of().files == {"refused": 1}
    assert "不是退回数据" in str(newest().reason)


def test_a_file_too_large_is_refused_unread(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    small = inbox.channels().model_copy(update={"max_file_mb": 0})
    monkeypatch.setattr(inbox, "channels", lambda: small)
    put(home, filled(returned_posts(tmp_path, 1), contract_end_date="2027-01-04"))
    round_of()
    assert (newest().state, newest().error_code, newest().path.exists()) == ("refused", "RET-TOO-LARGE", False)


def test_files_are_deleted_once_they_were_kept_long_enough(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    put(home, filled(returned_posts(tmp_path, 1), contract_end_date="2027-01-04"))
    round_of()
    first = newest()
    later = first.received_at + dt.timedelta(days=inbox.channels().keep_days)
    monkeypatch.setattr(inbox.dates, "now", lambda: later)
    round_of()
    assert (first.path.exists(), newest().removed_at) == (True, None)
    monkeypatch.setattr(inbox.dates, "now", lambda: later + dt.timedelta(seconds=1))
    round_of()
    assert (first.folder.exists(), newest().removed_at is not None) == (False, True)
    assert (newest().state, newest().counts["accepted"]) == ("taken", 1)
    assert helpers.ends()["G00001"] == ["2027-01-04"]


@pytest.mark.parametrize("moment", ["apply", "write_answer_file", "mark", "put_away"])
def test_a_kill_at_any_step_costs_nothing(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str):
    """The step is done, and the process dies before it can say so; the next round finishes."""
    put(home, filled(returned_posts(tmp_path, 1, 2), contract_end_date="2027-01-04"))
    returns.collect(helpers.county())
    target = {"mark": files, "put_away": FolderChannel}.get(moment, taking)
    original = getattr(target, moment)

    def dies(*arguments: object, **more: object) -> None:
        original(*arguments, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(target, moment, dies)
        with pytest.raises(KeyboardInterrupt):
            returns.take_in(MORNING, helpers.county())
    round_of()
    assert newest().state == "taken"
    assert newest().counts["accepted"] == 1
    assert newest().put_away_at is not None
    assert helpers.ends()["G00001"] == ["2027-01-04"]
    returned = "select count(*) from ops.delivery where county_code = :county and origin = 'returns'"
    assert helpers.query(returned) == [(1,)]


def test_a_mistake_of_ours_keeps_the_file_and_the_others_go_on(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    book = returned_posts(tmp_path, 1)
    put(home, filled(book, contract_end_date="2027-01-04"), name="a.xlsx")
    put(home, tmp_path / "filled.xlsx", department="housing", name="b.xlsx")

    def breaks(*_: object, **__: object) -> None:
        raise ValueError("639900198503072316")

    with monkeypatch.context() as patch:
        patch.setattr(taking, "apply", breaks)
        with pytest.raises(InboxError) as raised:
            round_of()
    assert "639900198503072316" not in str(raised.value)
    states = {file.department: file.state for file in files.latest(helpers.county())}
    assert states == {"employment": "failed", "housing": "refused"}
    assert round_of().files == {"taken": 1}


def submission(folder: Path, *rows: dict[str, str]) -> Path:
    """A submission workbook of temporary relief, filled in."""
    path = folder / "填报表.xlsx"
    write_submission(catalogue().get(RELIEF), path, MORNING, helpers.county())
    book = openpyxl.load_workbook(path)
    sheet = book["数据"]
    columns = {cell.value: cell.column for row in sheet.iter_rows(max_row=4) for cell in row if cell.value}
    for number, row in enumerate(rows):
        for name, value in row.items():
            sheet.cell(5 + number, columns[name]).value = value
    book.save(path)
    return path


def relief(number: int, **changes: str) -> dict[str, str]:
    plain = {
        "relief_no": f"LS{number:05d}",
        "name": "王五",
        "id_number": helpers.id_number(number),
        "relief_type": "急难型",
        "amount_yuan": "800",
        "applied_date": "2026-09-01",
    }
    return plain | changes


def test_a_submission_is_a_delivery_judged_at_once(home: Path, tmp_path: Path):
    path = submission(tmp_path, relief(1), relief(2), relief(3, amount_yuan="-5"))
    put(home, path, department="civil_affairs", name="临时救助.xlsx")
    done = round_of()
    assert done.files == {"taken": 1}
    assert done.rows == {"landed": 3, "accepted": 2, "unchanged": 0, "quarantined": 1}
    assert "收到 3 行，采用 2 行" in texts(newest().answer)
    found = helpers.query("select origin, verdict, business_date from ops.delivery where county_code = :county")
    assert found == [("submission", "accept", MORNING)]


def test_a_submission_of_another_office_is_not_taken(home: Path, tmp_path: Path):
    put(home, submission(tmp_path, relief(1)), department="housing")
    assert round_of().files == {"refused": 1}
    assert helpers.query("select count(*) from ops.delivery where county_code = :county") == [(0,)]


def test_the_same_submission_again_lands_nothing_more(home: Path, tmp_path: Path):
    path = submission(tmp_path, relief(1))
    for name in ("a.xlsx", "b.xlsx"):
        put(home, path, department="civil_affairs", name=name)
    assert round_of().files == {"taken": 2}
    assert helpers.query("select count(*) from ops.delivery where county_code = :county") == [(1,)]
