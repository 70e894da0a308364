"""Channels on real servers and folders: what has arrived, what is not ready, where answers and files go."""

from __future__ import annotations

import datetime as dt
import json
import os
import time
from email.message import EmailMessage
from pathlib import Path

import pytest

from xianjie.returns.channels import DONE, channels, opened
from xianjie.returns.errors import ChannelError, NotConnectedError
from xianjie.returns.folder_channel import note_of
from xianjie.warehouse.questions.errors import DefinitionError

DAY = dt.date(2026, 9, 23)
DEPARTMENTS = ["education", "housing"]


def named(code: str):
    return next(channel for channel in channels().channels if channel.code == code)


def old(path: Path) -> Path:
    """The file as if it had been lying there for a while."""
    os.utime(path, (time.time() - 60,) * 2)
    return path


def drop(folder: Path, name: str, content: bytes = b"content") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return old(path)


@pytest.fixture
def home(module_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from xianjie.settings import settings

    monkeypatch.setenv("XIANJIE_HOME", str(tmp_path / "home"))
    settings.cache_clear()
    yield tmp_path / "home"
    settings.cache_clear()


def test_the_sftp_exchange_is_read_answered_and_cleared(exchange: Path, tmp_path: Path):
    drop(exchange / "education" / "上交", "退回.xlsx")
    drop(exchange / "education" / "上交", "half.xlsx.filepart")
    drop(exchange / "education" / "上交", "~$退回.xlsx")
    drop(exchange / "elsewhere" / "上交", "x.xlsx")
    answer = tmp_path / "answer.xlsx"
    answer.write_bytes(b"answer")
    with opened(named("sftp")) as channel:
        (arrival,) = channel.arrivals(DEPARTMENTS)
        assert (arrival.department, arrival.name, arrival.size) == ("education", "退回.xlsx", 7)
        channel.fetch(arrival, tmp_path / "copy")
        channel.answer("education", "回执.xlsx", answer)
        channel.answer("education", "回执.xlsx", answer)
        channel.put_away(arrival, DAY)
        channel.put_away(arrival, DAY)
        assert list(channel.arrivals(DEPARTMENTS)) == []
    assert (tmp_path / "copy").read_bytes() == b"content"
    assert [path.name for path in (exchange / "education" / "下发").iterdir()] == ["回执.xlsx"]
    assert (exchange / "education" / "上交" / DONE / "2026-09-23" / "退回.xlsx").exists()


def test_a_file_of_the_same_name_never_replaces_what_was_put_away(exchange: Path):
    with opened(named("sftp")) as channel:
        for content in (b"first", b"second"):
            drop(exchange / "housing" / "上交", "a.xlsx", content)
            (arrival,) = channel.arrivals(DEPARTMENTS)
            channel.put_away(arrival, DAY)
    away = exchange / "housing" / "上交" / DONE / "2026-09-23"
    assert {path.read_bytes() for path in away.iterdir()} == {b"first", b"second"}


def test_a_channel_airflow_does_not_know_is_not_connected(module_home: Path):
    with pytest.raises(NotConnectedError), opened(named("sftp")):
        pass


def test_a_wrong_password_is_an_error_of_the_channel_and_tells_no_secret(
    exchange: Path, monkeypatch: pytest.MonkeyPatch
):
    form = json.loads(os.environ["AIRFLOW_CONN_RETURNS_SFTP"])
    monkeypatch.setenv("AIRFLOW_CONN_RETURNS_SFTP", json.dumps(form | {"password": "wrong-secret"}))
    with pytest.raises(ChannelError) as raised, opened(named("sftp")) as channel:
        list(channel.arrivals(DEPARTMENTS))
    assert "wrong-secret" not in str(raised.value)
    assert "127.0.0.1" not in str(raised.value)


def test_an_upload_is_known_by_the_name_and_the_login_in_its_note(home: Path, tmp_path: Path):
    path = drop(home / "returns" / "upload" / "education", "3f.xlsx")
    note_of(path).write_text(json.dumps({"name": "我的退回.xlsx", "person": "clerk"}))
    (home / "returns" / "upload" / "education" / "fresh.xlsx").write_bytes(b"still being copied")
    with opened(named("upload")) as channel:
        (arrival,) = channel.arrivals(DEPARTMENTS)
        assert (arrival.name, arrival.person) == ("我的退回.xlsx", "clerk")
        channel.put_away(arrival, DAY)
    assert not path.exists()
    assert not note_of(path).exists()
    assert {each.name for each in (path.parent / DONE / "2026-09-23").iterdir()} == {"3f.xlsx", "3f.xlsx.json"}


def mail(sender: str, *attachments: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "xianjie@example.invalid", "更正"
    message.set_content("请查收")
    for name, content in attachments:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def test_spreadsheets_attached_to_a_mail_belong_to_the_sender(home: Path, tmp_path: Path):
    content = mail("教育局 <Education@example.invalid>", ("更正.xlsx", b"one"), ("logo.png", b"no"), ("b.xlsm", b"two"))
    path = drop(home / "returns" / "mail", "1.eml", content)
    with opened(named("mail")) as channel:
        first, second = channel.arrivals(DEPARTMENTS)
        assert (first.department, first.name, first.size) == ("education", "更正.xlsx", 3)
        channel.fetch(second, tmp_path / "two")
        for arrival in (first, second):
            channel.put_away(arrival, DAY)
        assert list(channel.arrivals(DEPARTMENTS)) == []
    assert (tmp_path / "two").read_bytes() == b"two"
    assert not path.exists()


def test_an_unknown_sender_belongs_to_nobody(home: Path):
    drop(home / "returns" / "mail", "1.eml", mail("stranger@example.com", ("x.xlsx", b"x")))
    with opened(named("mail")) as channel:
        (arrival,) = channel.arrivals(DEPARTMENTS)
    assert arrival.department is None


def test_a_channel_without_its_connection_is_a_fault_of_the_file(tmp_path: Path):
    (tmp_path / "returns").mkdir()
    (tmp_path / "returns" / "channels.yaml").write_text(
        'version: "1"\nmax_file_mb: 1\nkeep_days: 1\nchannels:\n'
        "  - {code: a, name: A, name_en: A, kind: sftp, incoming: /x}\n"
    )
    with pytest.raises(DefinitionError, match="connection"):
        channels(tmp_path)
