"""Whatever a department sends, the night of the others goes on, and everybody is told why."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_county import FIRST, HOUSES, POSTS, County, ask, facts, folder_source, include_with, put

from demo.state import Servers
from xianjie.contract.catalogue import catalogue
from xianjie.settings import settings

RECIPIENTS = (
    "education", "civil_affairs", "housing", "employment", "rural_revitalisation", "county_leaders",
)  # fmt: skip
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
WORDS = {"failed": "读取失败", "refused": "整批未采用", "accepted": "已采用"}
CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")
PERSONAL = re.compile(r"\d{17}[\dXx]")


@dataclass(frozen=True)
class Bad:
    """A file (name and content) and what has to come of it: codes, the outcome, words of the reason.

    `receipt` is the code on the receipt, `code` the conclusion's, `gate` the check's that found it; what
    can be read has a receipt without a code.
    """

    name: str
    file: Callable[[County], tuple[str, bytes]]
    outcome: str
    code: str | None
    says: tuple[str, ...]
    receipt: str | None = None
    gate: str | None = None


def unreadable(
    name: str, file: Callable[[County], bytes], reason: str, *says: str, suffix: str = "xlsx"
) -> Bad:
    """A file that never becomes a delivery."""
    code = f"XJ-201.{reason}"
    return Bad(name, lambda county: (f"{HOUSES}.{suffix}", file(county)), "failed", code, says, receipt=code)


def judged(name: str, file: Callable[[County], bytes], outcome: str, code: str, *says: str) -> Bad:
    """A file that lands and is judged; what is accepted with a remark has the remark's code at the gate."""
    error = None if outcome == "accepted" else code
    return Bad(name, lambda county: (f"{HOUSES}.xlsx", file(county)), outcome, error, says, gate=code)


def zipped(name: str, content: bytes) -> bytes:
    """An archive with one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def half(content: bytes) -> bytes:
    """What arrives when the line breaks off."""
    return content[: len(content) // 2]


def damaged(content: bytes) -> bytes:
    """The same length, with some bytes in the middle gone wrong."""
    middle = len(content) // 2
    return content[:middle] + bytes(64) + content[middle + 64 :]


def without(county: County, label: str) -> bytes:
    """The workbook less one column."""
    place = county.labels[HOUSES].index(label)
    rows = [row[:place] + row[place + 1 :] for row in county.rows[HOUSES]]
    return county.houses(labels=[each for each in county.labels[HOUSES] if each != label], rows=rows)


def renamed(county: County, label: str, other: str) -> bytes:
    """The workbook with one heading changed."""
    return county.houses(labels=[other if each == label else each for each in county.labels[HOUSES]])


def with_extra(county: County) -> bytes:
    """The workbook with a column that nobody agreed on."""
    rows = [[*row, "内部批注"] for row in county.rows[HOUSES]]
    return county.houses(labels=[*county.labels[HOUSES], "经办备注"], rows=rows)


def fewer(county: County) -> bytes:
    """Two rows of five."""
    return county.houses(rows=county.rows[HOUSES][: len(county.rows[HOUSES]) * 2 // 5])


BAD = (
    unreadable("random bytes", lambda county: bytes(range(128, 256)) * 40, "encoding", "编码无法识别"),
    unreadable("a PDF", lambda county: b"%PDF-1.7\n" + b"\x00" * 500, "pdf", "是 PDF 文件", "重报"),
    unreadable(
        "a workbook with a password",
        lambda county: OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
        "encrypted", "打开密码", "重报",
    ),
    unreadable("a truncated workbook", lambda county: half(county.houses()), "truncated", "文件不完整"),
    unreadable("a damaged workbook", lambda county: damaged(county.houses()), "truncated", "再报"),
    unreadable(
        "a truncated archive", lambda county: half(zipped("农房.xlsx", county.houses())),
        "truncated", "文件不完整", suffix="zip",
    ),
    unreadable("an empty file", lambda county: b"", "empty_file", "文件是空的"),
    unreadable(
        "a wrong workbook",
        lambda county: county.houses(labels=["甲", "乙"], rows=[["1", "2"]]),
        "no_header", "表头与约定一致",
    ),
    judged(
        "a required column missing", lambda county: without(county, "鉴定等级"),
        "refused", "GATE-COLUMN-MISSING", "缺少必填列", "鉴定等级",
    ),
    judged(
        "a required column renamed", lambda county: renamed(county, "鉴定等级", "房屋鉴定等级"),
        "refused", "GATE-COLUMN-MISSING", "缺少必填列", "“房屋鉴定等级”可能是“鉴定等级”改了名",
    ),
    judged(
        "no rows", lambda county: county.houses(rows=[]), "refused", "GATE-ROWS-FEW", "全量交付只有 0 行",
    ),
    judged("sixty per cent fewer rows", fewer, "refused", "GATE-ROWS-DROP", "少 60.0%", "疑似文件不完整"),
    judged(
        "the same content again", lambda county: county.first,
        "accepted", "GATE-SAME-AS-BEFORE", "新增或变化 0", "内容与上次交付完全相同",
    ),
    judged(
        "an extra column", with_extra, "accepted", "GATE-COLUMN-EXTRA", "多出 1 个未约定的列", "经办备注",
    ),
)  # fmt: skip


def day_of(number: int) -> dt.date:
    """The business date of the n-th bad night."""
    return FIRST + dt.timedelta(days=1 + number)


@pytest.mark.parametrize(("number", "bad"), list(enumerate(BAD)), ids=[bad.name for bad in BAD])
def test_a_bad_file_costs_its_own_dataset_only(county: County, number: int, bad: Bad) -> None:
    day = day_of(number)
    put(county.drops, day, *bad.file(county))
    a_bad_night(county, day, bad, attendance=str(1 + number))


def a_bad_night(county: County, day: dt.date, bad: Bad, attendance: str, include: Path | None = None) -> None:
    """Runs the night and checks all that has to hold after it."""
    before = housing_as_kept()
    put(county.drops, day, f"{POSTS}.csv", county.posts(attendance))
    steps = county.night(day, include)
    errors = {name: step["error"] for name, step in steps.items() if step["error"]}
    assert set(errors) == ({f"pull {HOUSES}"} if bad.receipt else set())
    reason = check_receipt_and_conclusion(day, bad)
    assert housing_as_kept() == before
    assert facts(HOUSES, day) == before["facts"]
    check_the_others_went_on(day, attendance)
    check_reports(day, bad, reason)


def housing_as_kept() -> dict[str, object]:
    """All that the warehouse believes, and ever believed, of the housing bureau's dataset."""
    table = HOUSES.replace(".", "_")
    return {
        "facts": facts(HOUSES),
        "history": ask(f"select h::text from history.{table} as h order by change_id, known_from"),
        "changes": ask(f"select op, count(*) from changes.{table} group by op order by op"),
    }


def check_receipt_and_conclusion(day: dt.date, bad: Bad) -> str:
    """Receipt and conclusion have the code and say it in Chinese; returns the conclusion's reason."""
    who = "department = 'housing' and dataset = 'house_safety' and business_date = :day"
    receipts = ask(f"select * from ops.receipt where {who} order by finished_at", day=day)
    conclusion = ask(f"select * from ops.conclusion where {who}", day=day)[0]
    assert [receipt["outcome"] for receipt in receipts] == ["failed" if bad.receipt else "landed"]
    assert receipts[0]["error_code"] == bad.receipt
    assert (conclusion["outcome"], conclusion["error_code"]) == (bad.outcome, bad.code)
    reason = str(conclusion["reason"])
    assert CHINESE.search(reason)
    assert not PERSONAL.search(reason)
    assert [word for word in bad.says if word not in reason] == [], reason
    if bad.receipt:
        assert receipts[0]["reason"] == reason
        assert ask(f"select 1 from ops.delivery where {who}", day=day) == []
    else:
        delivery = ask("select * from ops.delivery where delivery_id = :id", id=receipts[0]["delivery_id"])[0]
        assert delivery["verdict_reason"] == reason
        unmet = ask(
            "select code from quality.gate_result where delivery_id = :id and not is_met",
            id=delivery["delivery_id"],
        )
        assert bad.gate in [result["code"] for result in unmet]
        assert (delivery["merged_at"] is not None) == (bad.outcome == "accepted")
    return reason


def check_the_others_went_on(day: dt.date, attendance: str) -> None:
    """The employment bureau's delivery of that night is in the warehouse."""
    delivery = ask(
        "select d.* from ops.delivery as d inner join ops.conclusion as c using (delivery_id) "
        "where d.dataset = 'public_posts' and d.business_date = :day and c.outcome = 'accepted'",
        day=day,
    )[0]
    assert delivery["merged_at"] is not None
    assert int(attendance) in [row["attendance_days"] for row in facts(POSTS, day)]


def check_reports(day: dt.date, bad: Bad, reason: str) -> None:
    """Every page names the dataset and what became of it; the bureau's and the leaders' say why."""
    for recipient in RECIPIENTS:
        folder = settings().out_dir / day.isoformat() / recipient
        assert list(folder.glob("*.xlsx"))
        page = html.unescape((folder / "index.html").read_text(encoding="utf-8"))
        line = next(row for row in page.split("<tr>") if "HOU-01 农房安全档案" in row)
        assert WORDS[bad.outcome] in line
        assert "住建局" in line
        if recipient in ("housing", "county_leaders"):
            assert reason in line


@pytest.mark.parametrize(
    ("name", "source", "says"),
    [
        (
            "sftp",
            {
                "connector": "sftp", "connection": "housing_sftp", "format": "xlsx",
                "options": {"path": "/{business_date:%Y%m%d}/农房安全档案*.xlsx"},
            },
            "用户名、密码或目录权限不对",
        ),
        (
            "http",
            {
                "connector": "http", "connection": "education_api", "format": "json",
                "options": {"endpoint": "/v1/enrolments", "items": "items", "total": "total"},
            },
            "令牌",
        ),
    ],
    ids=["sftp", "http"],
)  # fmt: skip
def test_a_wrong_password_costs_its_own_dataset_only(
    county: County, departments: Servers, name: str, source: dict[str, object], says: str
) -> None:
    number = len(BAD) + ("sftp", "http").index(name)
    bad = Bad(name, lambda _: ("", b""), "failed", "XJ-203", (says,), receipt="XJ-203")
    a_bad_night(county, day_of(number), bad, str(1 + number), include=with_source(county, name, source))
    kept = ask("select reason from ops.receipt where error_code = 'XJ-203'")
    secrets = ("wrong-pass-word", departments.education_token, *departments.sftp_passwords.values())
    assert not any(secret in row["reason"] for row in kept for secret in secrets)


def test_a_sheet_that_is_agreed_on_and_not_there_costs_its_own_dataset_only(county: County) -> None:
    number, code = len(BAD) + 2, "XJ-201.wrong_sheet"
    source = folder_source(county.drops, HOUSES, "xlsx", header_row=3, sheet="农房")
    put(county.drops, day_of(number), f"{HOUSES}.xlsx", county.houses(sheet="汇总"))
    bad = Bad("wrong sheet", lambda _: ("", b""), "failed", code, ("没有工作表「农房」",), receipt=code)
    a_bad_night(county, day_of(number), bad, str(1 + number), include=with_source(county, "sheet", source))


def with_source(county: County, name: str, source: dict[str, object]) -> Path:
    """The county's include folder with another way to the housing bureau's dataset."""
    sources = {each.id: each.source.model_dump() for each in catalogue(county.include).active()}
    return include_with(county.root / f"include-{name}", sources | {HOUSES: source})


def test_a_good_file_after_a_bad_one_is_taken_and_the_reports_are_renewed(county: County) -> None:
    day = day_of(len(BAD) + 3)
    put(county.drops, day, f"{HOUSES}.xlsx", half(county.houses()))
    county.night(day)
    place = county.labels[HOUSES].index("层数")
    rows = [list(row) for row in county.rows[HOUSES]]
    rows[0][place] = "9"
    put(county.drops, day, f"{HOUSES}.xlsx", county.houses(rows=rows))
    steps = county.night(day)
    assert [step["error"] for step in steps.values() if step["error"]] == []
    assert steps["conclude housing"]["result"]["outcomes"][HOUSES] == "accepted"
    assert [row["storeys"] for row in facts(HOUSES, day)].count(9) == 1
    page = html.unescape((settings().out_dir / day.isoformat() / "housing" / "index.html").read_text("utf-8"))
    assert "更新版" in page
