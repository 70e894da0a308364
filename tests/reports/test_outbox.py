"""The outbox against a real SMTP server: once each, whatever happens in between."""

from __future__ import annotations

import email
import json
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
import report_nights as nights
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from sqlalchemy import text

from xianjie import reports
from xianjie.database.engine import Role, transaction

DAY, COUNTY = nights.DAY, nights.COUNTY
ALL = 6


class Catcher:
    """Keeps what it is sent; `answer` is what it says to the content, None breaks the line instead."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer: str | None = "250 OK"
        self.refused = ""

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == self.refused:
            return "550 no such box"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        if self.answer is None:
            server.transport.abort()
            return "250 OK"
        if self.answer.startswith("250"):
            self.mails.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]
        return self.answer


@pytest.fixture
def catcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Catcher]:
    handler = Catcher()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    use(monkeypatch, port)
    yield handler
    controller.stop()


def use(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    connection = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": port,
        "extra": {"disable_ssl": True, "disable_tls": True, "timeout": 3},
    }
    monkeypatch.setenv("AIRFLOW_CONN_XIANJIE_SMTP", json.dumps(connection))


@pytest.fixture(scope="module", autouse=True)
def night(warehouse_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    nights.seed(tmp_path_factory.mktemp("delivered"))


@pytest.fixture(autouse=True)
def packs() -> list[reports.Pack]:
    with transaction(Role.PIPELINE) as connection:
        connection.execute(text("delete from reports.outbox"))
        connection.execute(text("delete from reports.pack"))
    return reports.build(DAY, COUNTY)


def states() -> dict[str, str]:
    with transaction(Role.PIPELINE) as connection:
        rows = connection.execute(text("select recipient || revision as who, state from reports.outbox"))
        return {row.who: row.state for row in rows}


def test_every_recipient_gets_one_mail_with_its_workbook(catcher: Catcher) -> None:
    assert reports.deliver(DAY, COUNTY) == reports.Delivered(sent=ALL)
    assert len({str(mail["To"]) for mail in catcher.mails}) == ALL
    for mail in catcher.mails:
        [attachment] = list(mail.iter_attachments())
        assert str(attachment.get_filename()).endswith("2026-09-22.xlsx")
        assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}


def test_a_body_holds_counts_and_nobodys_data(catcher: Catcher) -> None:
    reports.deliver(DAY, COUNTY)
    housing = next(mail for mail in catcher.mails if "housing" in str(mail["To"]))
    body = housing.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "线索：1（红 1、橙 0、黄 0）" in body
    assert "贵单位有数据集今晚未送达" in body
    assert "退回待更正：1" in body
    assert "今晚未到：" in body
    assert "http://127.0.0.1:8080/xianjie/?date=2026-09-22" in body
    for mail in catcher.mails:
        said = str(mail["Subject"]) + "".join(
            part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"
        )
        for secret in (nights.HOUSEHOLD, nights.CANARY_ID, nights.CANARY_NAME, "欧*"):
            assert secret not in said


def test_running_again_mails_nobody_twice(catcher: Catcher) -> None:
    reports.deliver(DAY, COUNTY)
    reports.build(DAY, COUNTY)
    assert reports.deliver(DAY, COUNTY) == reports.Delivered(unchanged=ALL)
    assert len(catcher.mails) == ALL


def test_a_changed_pack_goes_out_as_an_update(catcher: Catcher) -> None:
    reports.deliver(DAY, COUNTY)
    nights.conclude("education", "enrolment", "held")
    reports.build(DAY, COUNTY)
    assert reports.deliver(DAY, COUNTY).sent == ALL
    assert "更新版2" in str(catcher.mails[-1]["Subject"])
    nights.conclude("education", "enrolment", "absent")


def test_one_refused_address_does_not_hold_up_the_others(catcher: Catcher) -> None:
    catcher.refused = "housing@example.invalid"
    assert reports.deliver(DAY, COUNTY) == reports.Delivered(sent=ALL - 1, failed=1)
    catcher.refused = ""
    assert reports.deliver(DAY, COUNTY) == reports.Delivered(sent=1, unchanged=ALL - 1)


def test_a_server_that_is_down_fails_with_a_reason_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, catcher: Catcher
) -> None:
    with monkeypatch.context() as away:
        use(away, 1)
        assert reports.deliver(DAY, COUNTY) == reports.Delivered(failed=ALL)
    with transaction(Role.PIPELINE) as connection:
        row = connection.execute(
            text("select error_code, reason, attempts from reports.outbox limit 1")
        ).one()
    assert (row.error_code, row.attempts) == ("XJ-902", 1)
    assert "邮件服务器连接失败" in row.reason
    assert reports.deliver(DAY, COUNTY).sent == ALL


def test_a_missing_connection_fails_without_showing_where_it_looked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_XIANJIE_SMTP", raising=False)
    assert reports.deliver(DAY, COUNTY).failed == ALL


def test_a_rejected_content_is_tried_again_but_a_broken_line_is_left_to_a_person(catcher: Catcher) -> None:
    catcher.answer = "452 full"
    assert reports.deliver(DAY, COUNTY).failed == ALL
    catcher.answer = None
    assert reports.deliver(DAY, COUNTY).unknown == ALL
    catcher.answer = "250 OK"
    assert reports.deliver(DAY, COUNTY) == reports.Delivered(unknown=ALL)
    assert catcher.mails == []


def test_a_notice_left_by_a_killed_process_is_not_sent_again_by_itself(catcher: Catcher) -> None:
    reports.deliver(DAY, COUNTY)
    with transaction(Role.PIPELINE) as connection:
        connection.execute(text("update reports.outbox set state = 'sending' where recipient = 'housing'"))
    assert reports.deliver(DAY, COUNTY) == reports.Delivered(unchanged=ALL - 1, unknown=1)
    assert len(catcher.mails) == ALL
    with pytest.raises(reports.ReportError):
        reports.requeue(DAY, COUNTY, "housing", by=" ")
    reports.requeue(DAY, COUNTY, "housing", by="值班员")
    assert reports.deliver(DAY, COUNTY).sent == 1
    assert str(catcher.mails[-1]["Message-ID"]) in {str(mail["Message-ID"]) for mail in catcher.mails[:ALL]}


def test_what_was_never_sent_is_superseded_by_a_newer_edition(catcher: Catcher) -> None:
    catcher.answer = "452 full"
    reports.deliver(DAY, COUNTY)
    catcher.answer = "250 OK"
    nights.conclude("education", "enrolment", "held")
    reports.build(DAY, COUNTY)
    assert reports.deliver(DAY, COUNTY).sent == ALL
    assert states()["housing1"] == "superseded"
    nights.conclude("education", "enrolment", "absent")


def test_the_mail_says_that_what_arrived_was_not_merged(catcher: Catcher) -> None:
    nights.conclude("education", "enrolment", "refused")
    reports.build(DAY, COUNTY)
    reports.deliver(DAY, COUNTY)
    nights.conclude("education", "enrolment", "absent")
    said = {str(mail["To"]).split("@")[0]: mail.get_body(("plain",)).get_content() for mail in catcher.mails}  # type: ignore[union-attr]
    alarm, figure = "贵单位有 1 个数据集已送达，但整批未并入", "其中整批未并入：1"
    assert {who for who, body in said.items() if alarm in body} == {"education"}
    assert {who for who, body in said.items() if figure in body} == {"education", "county_leaders"}


def test_a_pack_whose_file_is_gone_fails_alone(catcher: Catcher, packs: list[reports.Pack]) -> None:
    from xianjie.settings import settings

    book = next(
        f.path for pack in packs if pack.recipient == "housing" for f in pack.files if "日报" in f.path
    )
    (settings().out_dir / DAY.isoformat() / book).unlink()
    assert reports.deliver(DAY, COUNTY) == reports.Delivered(sent=ALL - 1, failed=1)


def test_the_file_with_bare_values_is_never_attached_but_told_of(packs: list[reports.Pack]) -> None:
    from xianjie.reports.mail import compose
    from xianjie.reports.recipients import recipients
    from xianjie.reports.words import words

    pack = next(pack for pack in packs if pack.recipient == "housing")
    assert [file.rows for file in pack.files if file.path.endswith("/returned-rows.xlsx")] == [1]
    recipient = next(each for each in recipients("zh") if each.code == "housing")
    mail = compose(pack, recipient, message_id="<x@y>", business_date=DAY, missing=[], w=words("zh"))
    assert [str(part.get_filename()) for part in mail.iter_attachments()] == [
        "防返贫动态监测日报_住建局_2026-09-22.xlsx"
    ]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "returned-rows.xlsx，1 行" in body.get_content()
