"""The page of returned rows behind a real Airflow: what is open, handing a workbook in, opening its answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from xianjie import dates
from xianjie.database.engine import Role, transaction
from xianjie.returns import files
from xianjie.returns.channels import Arrival

Visit = Callable[..., httpx.Response]
WORKBOOK = {"workbook": ("我的退回.xlsx", b"PK not really")}
SAME_SITE = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def upload_folder(night: Path) -> Iterator[Path]:
    folder = night / "returns" / "upload" / "housing"
    yield folder
    for path in folder.glob("*") if folder.exists() else ():
        path.unlink()


@pytest.fixture(scope="module")
def answered(night: Path) -> files.ReturnedFile:
    """A file of housing that was taken, with its answer; two open rows, one of them new, and one fixed."""
    arrival = Arrival("housing", "/somewhere/张三.xlsx", "张三.xlsx", 3, 1.0, "clerk")
    file_id = files.id_of("639900", "sftp", arrival)
    files.folder_of(file_id).mkdir(parents=True)
    files.note(file_id, arrival)
    files.enter("639900", "sftp", arrival, sha256="ab", received_at=dates.now())
    files.mark(file_id, state="taken", counts={"accepted": 3, "still_wrong": 1}, taken_at=dates.now())
    (files.folder_of(file_id) / files.ANSWER).write_bytes(b"answer")
    item = text("""
        insert into quality.quarantined_row (county_code, row_id, department, dataset, record_key, row_hash,
            delivery_id, source_row, business_date, contract_version, state, opened_on, closed_on)
        values ('639900', gen_random_uuid(), 'housing', 'house_safety', gen_random_uuid(), gen_random_uuid(),
            'd', 1, :opened, '1.0.0', :state, :opened, :closed)
    """)
    with transaction(Role.PIPELINE) as connection:
        for opened, state, closed in (
            ("2026-09-20", "open", None),
            ("2026-09-22", "open", None),
            ("2026-09-20", "superseded", "2026-09-22"),
        ):
            connection.execute(item, {"opened": opened, "state": state, "closed": closed})
    found = files.one("639900", file_id)
    assert found is not None
    return found


def test_the_page_tells_what_is_open_and_what_came_back(visit: Visit, answered: files.ReturnedFile):
    page = visit("/returns", browser=True)
    assert page.status_code == 200
    assert "已入库 3，仍有问题 1" in page.text
    assert "张三" not in page.text
    shown = visit("/api/returns").json()
    housing = next(desk for desk in shown["departments"] if desk["department"] == "housing")
    assert (housing["open_rows"], housing["new_rows"], housing["oldest_on"]) == (2, 1, "2026-09-20")
    assert housing["fix_pct"] == 100
    assert "Returned rows" in visit("/returns?lang=en", browser=True).text


def test_an_operator_hands_a_workbook_in(visit: Visit, upload_folder: Path):
    answer = visit(
        "/returns/upload",
        "admin",
        method="POST",
        browser=True,
        headers=SAME_SITE,
        data={"department": "housing"},
        files=WORKBOOK,
    )
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/xianjie/returns?lang=zh&said=received")
    (kept,) = upload_folder.glob("*.xlsx")
    assert kept.read_bytes() == b"PK not really"
    note = json.loads(kept.with_name(f"{kept.name}.json").read_text(encoding="utf-8"))
    assert note == {"name": "我的退回.xlsx", "person": "admin"}


@pytest.mark.parametrize(
    ("user", "headers", "status"),
    [
        ("viewer", SAME_SITE, 403),
        (None, SAME_SITE, 401),
        ("admin", {"sec-fetch-site": "cross-site"}, 403),
        ("admin", {"origin": "http://elsewhere.invalid"}, 403),
    ],
)
def test_nobody_else_hands_anything_in(visit: Visit, upload_folder: Path, user, headers, status):
    answer = visit(
        "/returns/upload",
        user,
        method="POST",
        browser=True,
        headers=headers,
        data={"department": "housing"},
        files=WORKBOOK,
    )
    assert answer.status_code == status
    assert not upload_folder.exists() or not list(upload_folder.iterdir())


def test_a_department_that_does_not_exist_gets_nothing(visit: Visit, night: Path):
    for department in ("nobody", "../../escape"):
        answer = visit(
            "/returns/upload",
            "admin",
            method="POST",
            headers=SAME_SITE,
            data={"department": department},
            files=WORKBOOK,
        )
        assert answer.status_code == 404
    assert not (night / "returns" / "upload" / "nobody").exists()


def test_only_those_who_may_run_dags_open_an_answer(visit: Visit, answered: files.ReturnedFile):
    path = f"/returns/answers/{answered.file_id}"
    assert visit(path, "viewer").status_code == 403
    assert visit(path, "admin").content == b"answer"
    assert visit("/returns/answers/00000000-0000-0000-0000-000000000000", "admin").status_code == 404
    assert visit("/returns/answers/nonsense", "admin").status_code == 422


def test_a_file_that_is_too_large_is_not_kept(night: Path, upload_folder: Path, monkeypatch: pytest.MonkeyPatch):
    from io import BytesIO

    from xianjie.board import desk
    from xianjie.returns.channels import Channels, channels

    small = channels().model_copy(update={"max_file_mb": 1})
    assert isinstance(small, Channels)
    monkeypatch.setattr(desk, "channels", lambda: small)
    assert not desk.put("housing", "x.xlsx", BytesIO(b"x" * (1 << 20) + b"x"), "admin")
    assert not list(upload_folder.iterdir())
