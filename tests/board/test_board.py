"""The board behind a real Airflow: who is let in, and what they see."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

DAY = "2026-09-22"
Visit = Callable[..., httpx.Response]
EVERYWHERE = [
    "/",
    "/api/tonight",
    "/returns",
    "/api/returns",
    "/openapi.json",
    "/docs",
    "/nowhere",
    f"/packs/{DAY}/housing/index.html",
    f"/data-docs/{DAY}/housing/house_safety/index.html",
    "/static/x.css",
]


@pytest.mark.parametrize("path", EVERYWHERE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_gets_in_without_a_login(visit: Visit, path: str, method: str) -> None:
    answer = visit(path, None, method=method)
    assert answer.status_code == 401
    assert "今晚" not in answer.text


def test_a_browser_is_sent_to_the_login_and_back(visit: Visit) -> None:
    answer = visit(f"/?date={DAY}", None, browser=True)
    assert answer.status_code == 307
    assert answer.headers["location"] == f"/api/v2/auth/login?next=%2Fxianjie%2F%3Fdate%3D{DAY}"


def test_a_forged_token_is_refused(server: str) -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for token in ("nonsense", f"{head}.e30."):
        answer = httpx.get(f"{server}/xianjie/", headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 403


def test_a_viewer_reads_the_night_but_no_pack_and_writes_nothing(visit: Visit) -> None:
    assert visit("/", browser=True).status_code == 200
    assert visit(f"/data-docs/{DAY}/housing/house_safety/index.html").status_code == 200
    assert visit(f"/packs/{DAY}/housing/index.html").status_code == 403
    assert visit(f"/PACKS/../packs/{DAY}/housing/index.html").status_code == 403
    assert visit("/", method="POST").status_code == 403


def test_an_operator_opens_packs(visit: Visit) -> None:
    assert "报告" in visit(f"/packs/{DAY}/housing/index.html", "admin").text


@pytest.mark.parametrize(
    "path",
    ["../secret.txt", "..%2f..%2fsecret.txt", f"{DAY}/.housing-half", "%2fetc%2fpasswd", f"{DAY}/housing"],
)
def test_only_finished_files_below_the_packs_are_served(visit: Visit, path: str) -> None:
    assert visit(f"/packs/{path}", "admin").status_code in {404, 403}


def test_the_page_says_who_came_and_who_did_not_and_shows_no_markup_of_others(visit: Visit) -> None:
    page = visit("/", browser=True).text
    assert "今晚 · 衔接示范县" in page
    assert "无变动" in page
    assert "&lt;b&gt;没有收到&lt;/b&gt;" in page
    assert f"/xianjie/data-docs/{DAY}/housing/house_safety/index.html" in page
    assert "今晚未到：" in page


def test_the_page_speaks_english_by_switch(visit: Visit) -> None:
    assert "Who came tonight" in visit("/?lang=en", browser=True).text


def test_the_same_as_json(visit: Visit) -> None:
    night = visit(f"/api/tonight?date={DAY}").json()
    assert night["business_date"] == DAY
    assert {row["outcome"] for row in night["datasets"]} == {"empty", "absent", "pending"}
    assert "education" in night["missing_departments"]
    assert night["ledger"]["difference"] == 0
    assert len(night["packs"]) == 6


def test_a_date_nobody_knows_and_one_that_is_none_are_told_apart(visit: Visit) -> None:
    assert "还没有任何数据" in visit("/?date=2020-01-01", browser=True).text
    answer = visit("/?date=yesterday639900198503072316", browser=True)
    assert answer.status_code == 422
    assert "639900198503072316" not in answer.text


def test_an_unknown_address_is_a_page_of_ours(visit: Visit) -> None:
    answer = visit("/nowhere", browser=True)
    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


def test_answers_are_not_cached_and_run_no_script(visit: Visit) -> None:
    headers = visit("/", browser=True).headers
    assert headers["cache-control"] == "no-store"
    assert "script-src" not in headers["content-security-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]


def test_the_navigation_has_an_entry(server: str, token: Callable[[str], str]) -> None:
    answer = httpx.get(f"{server}/api/v2/plugins", headers={"authorization": f"Bearer {token('admin')}"})
    plugin = next(item for item in answer.json()["plugins"] if item["name"] == "xianjie")
    assert plugin["external_views"][0]["href"] == "/xianjie/"


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no browser here")
def test_a_browser_without_login_ends_at_the_login_page(server: str, tmp_path: Path) -> None:
    command = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}",
        "--virtual-time-budget=8000",
        "--dump-dom",
        f"{server}/xianjie/",
    ]
    seen = subprocess.run(
        command, capture_output=True, text=True, timeout=90, check=False, env=os.environ
    ).stdout
    assert "login" in seen.lower() or "sign" in seen.lower()
    assert "今晚 ·" not in seen


def test_the_plugin_costs_other_airflow_processes_nothing() -> None:
    heavy = {"fastapi", "jinja2", "sqlalchemy", "pandas"}
    code = f"import sys, xianjie.board.guard; print({heavy} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"
