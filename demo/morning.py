"""The morning after a night: every office's clerk answers the workbook of returned rows, each her own way.

The education bureau uploads it on the board, the civil affairs bureau sends it by mail, the others put it into their
SFTP folder. What each clerk did is kept beside the truth, ``<home>/demo/truth/<date>/clerks.json``.
"""

from __future__ import annotations

import datetime as dt
import json
import mimetypes
from collections.abc import Callable, Iterable
from dataclasses import asdict
from email.message import EmailMessage
from functools import partial
from io import BytesIO
from pathlib import Path

import httpx

from demo.chronicle import night_folder
from demo.clerk import Done, Habits, fill_in
from demo.nights import county, departments
from demo.state import demo_folder, servers
from xianjie.accountability.framework import accountability
from xianjie.board import desk
from xianjie.reports import returned_rows
from xianjie.reports.packs import folder_of
from xianjie.returns.channels import channels, local
from xianjie.settings import settings

Hand = Callable[[str, Path], None]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHOICE = {"education": "upload", "civil_affairs": "mail"}


def answer_all(
    day: dt.date,
    *,
    only: Iterable[str] | None = None,
    hands: dict[str, Hand] | None = None,
    habits: Habits | None = None,
) -> dict[str, list[Done]]:
    """Every office that got a workbook on `day` fills it in and sends it back; what was done, by department."""
    ways = {"upload": upload, "mail": mail, "sftp": partial(drop, day=day)} | (hands or {})
    done: dict[str, list[Done]] = {}
    for department in only or departments():
        book = folder_of(day) / department / returned_rows.FILE_NAME
        if not book.exists():
            continue
        filled = demo_folder() / "clerks" / day.isoformat() / department / f"退回数据_{day}_已填.xlsx"
        done[department] = fill_in(book, filled, night_folder(county(), day), habits)
        ways[_CHOICE.get(department, "sftp")](department, filled)
    _keep(day, done)
    return done


def upload(department: str, filled: Path) -> None:
    """Over the board, signed in as the operator."""
    conf = settings()
    if conf.airflow_url is None or conf.airflow_password is None:
        desk.put(department, filled.name, BytesIO(filled.read_bytes()), conf.airflow_user)
        return
    with httpx.Client(base_url=conf.airflow_url, timeout=60, trust_env=False) as client:
        who = {"username": conf.airflow_user, "password": conf.airflow_password.get_secret_value()}
        token = client.post("/auth/token", json=who).raise_for_status().json()["access_token"]
        answer = client.post(
            "/xianjie/returns/upload",
            data={"department": department},
            files={"workbook": (filled.name, filled.read_bytes(), _XLSX)},
            headers={"authorization": f"Bearer {token}"},
        )
        assert answer.status_code == httpx.codes.SEE_OTHER, answer.status_code


def mail(department: str, filled: Path) -> None:
    """As an attachment to a mail from the registered address, which a mail program puts into the folder."""
    message = EmailMessage()
    message["From"] = accountability().organisation(department).mail[0]
    message["To"], message["Subject"] = settings().mail_from, "退回数据更正"
    message.set_content("已更正，请查收附件。")
    main, _, sub = (mimetypes.guess_type(filled.name)[0] or _XLSX).partition("/")
    message.add_attachment(filled.read_bytes(), maintype=main, subtype=sub, filename=filled.name)
    folder = local(next(each.incoming for each in channels().channels if each.kind == "mail"))
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f".{department}"
    aside.write_bytes(message.as_bytes())
    aside.replace(folder / f"{department}-{filled.parent.parent.name}.eml")


def drop(department: str, filled: Path, *, day: dt.date) -> None:
    """Into the office's folder of the SFTP exchange."""
    template = next(each.incoming for each in channels().channels if each.kind == "sftp")
    folder = servers().drop_box("returns") / template.format(department=department).lstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / ".half.part"
    aside.write_bytes(filled.read_bytes())
    aside.replace(folder / filled.name)


def _keep(day: dt.date, done: dict[str, list[Done]]) -> None:
    path = demo_folder() / "truth" / day.isoformat() / "clerks.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = {name: [asdict(each) for each in rows] for name, rows in done.items()}
    path.write_text(json.dumps(kept, indent=1), encoding="utf-8")
