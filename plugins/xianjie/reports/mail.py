"""The short mail that brings a pack: counts and who is missing in the body, the masked workbook attached.

The returned-rows workbook is never attached, for it shows personal values: the mail says where it lies.

No personal value stands in the subject or the body. The server is an Airflow connection (host, port, login,
password; extra ``disable_tls``, ``disable_ssl``, ``timeout``), the same keys Airflow's SMTP provider reads.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from xianjie.dates import SHANGHAI
from xianjie.reports.errors import MailError, UncertainError
from xianjie.reports.model import RETURNED_FILE, SEVERITIES, Pack, Recipient
from xianjie.reports.page import render
from xianjie.reports.words import Words
from xianjie.settings import settings

_XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
_TIMEOUT = 30.0
_KEPT = "报告已生成, 邮件仍在待发"


def compose(
    pack: Pack,
    recipient: Recipient,
    *,
    message_id: str,
    business_date: dt.date,
    missing: list[str],
    w: Words,
) -> EmailMessage:
    """The mail of one edition of a pack.

    Args:
        pack: what lies in ``out/<date>``; its workbook is attached.
        recipient: whom it is for.
        message_id: the same for every attempt, so that a receiver can tell a repetition.
        business_date: the night it is about.
        missing: names of the departments that did not come.
        w: the language.
    """
    report = w("leaders_report" if recipient.kind == "leaders" else "report")
    said = {"date": w.date(business_date), "weekday": w.weekday(business_date), "revision": pack.revision}
    kind = "_update" if pack.revision > 1 else ""
    values: dict[str, Any] = {
        "w": w,
        "pack": pack,
        "title": f"{report} · {pack.title} · {said['date']}",
        "intro": w(f"mail.intro{kind}", **said),
        "url": f"{settings().board_url}?date={business_date}",
        "banners": [*_banners(pack, recipient, missing, w), *_returned(pack, w)],
        "counts": _figures(pack.counts, w),
    }
    mail = EmailMessage()
    mail["Subject"] = w(f"mail.subject{kind}", recipient=pack.title, report=report, **said)
    mail["From"], mail["To"] = settings().mail_from, ", ".join(recipient.addresses)
    mail["Message-ID"], mail["Date"] = message_id, format_datetime(dt.datetime.now(tz=SHANGHAI))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(render("mail/notice.txt.j2", **values))
    mail.add_alternative(render("mail/notice.html.j2", **values), subtype="html")
    _attach(mail, pack, settings().out_dir / business_date.isoformat())
    return mail


def _banners(pack: Pack, recipient: Recipient, missing: list[str], w: Words) -> list[tuple[str, str]]:
    own = [("alarm", w("mail.own_missing"))] if pack.recipient in pack.missing_departments else []
    if (count := _not_taken(pack.counts)) and recipient.kind == "department":
        own.append(("alarm", w("mail.own_not_taken", count=count)))
    all_of_them = (
        ("notice", w("missing_line", names=w.names(missing))) if missing else ("calm", w("all_arrived"))
    )
    return [*own, all_of_them]


def _returned(pack: Pack, w: Words) -> list[tuple[str, str]]:
    """That there are rows to correct, and where."""
    return [
        ("notice", w("mail.returned_rows", file=RETURNED_FILE, rows=f"{file.rows:,}"))
        for file in pack.files
        if file.rows is not None
    ]


def _figures(n: dict[str, int], w: Words) -> list[tuple[str, str]]:
    """What the body tells: counts only."""
    by_severity = {severity: n[f"leads_{severity}"] for severity in SEVERITIES}
    not_taken = [("datasets_not_taken", str(count))] if (count := _not_taken(n)) else []
    return [
        ("datasets_arrived", f"{n['datasets_arrived']} / {n['datasets_due']}"),
        *not_taken,
        ("leads", w("mail.lead_line", leads=n["leads"], **by_severity)),
        *((key, f"{n[key]:,}") for key in ("leads_new", "leads_overdue", "returned_rows", "returned_new")),
        ("indicators_red", str(n["indicators_red"])),
    ]


def _not_taken(n: dict[str, int]) -> int:
    return n.get("datasets_not_taken", 0)  # packs of before 2026-11-27 do not know it


def _attach(mail: EmailMessage, pack: Pack, folder: Path) -> None:
    for file in pack.files:
        if file.path.endswith(".xlsx") and Path(file.path).name != RETURNED_FILE:
            data = (folder / file.path).read_bytes()
            mail.add_attachment(data, maintype=_XLSX[0], subtype=_XLSX[1], filename=Path(file.path).name)


@contextmanager
def server() -> Iterator[smtplib.SMTP]:
    """An open, greeted and logged-in SMTP session.

    Raises:
        MailError: the connection is not configured, the server cannot be reached or refuses the login.
    """
    name = settings().smtp_connection
    try:
        from airflow.sdk import BaseHook

        connection: Any = BaseHook.get_connection(name)
    except Exception:  # Airflow raises different classes inside and outside a task; none may carry the URI on
        raise MailError(
            f"没有配置邮件连接 {name}", data=_KEPT, next_command=f"airflow connections get {name}"
        ) from None
    try:
        session = _open(connection)
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(
            f"邮件服务器连接失败（{type(error).__name__}）",
            data=_KEPT,
            next_command=f"airflow connections get {name}",
        ) from None
    try:
        yield session
    finally:
        _quit(session)


def hand_over(session: smtplib.SMTP, message: EmailMessage) -> int:
    """Gives one mail to the server; returns how many addresses it refused (never all of them).

    Raises:
        MailError: the server said no, or broke off before the content went out; nothing was sent.
        UncertainError: it broke off after the content had begun to go out.
    """
    addresses = [address.strip() for address in str(message["To"]).split(",")]
    try:
        session.ehlo_or_helo_if_needed()
        _agreed(session.mail(str(message["From"])))
        refused = [address for address in addresses if session.rcpt(address)[0] not in (250, 251)]
        if len(refused) == len(addresses):
            raise MailError("邮件服务器不接受任何收件地址", data=_KEPT)
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"邮件服务器中断了会话（{type(error).__name__}）", data=_KEPT) from None
    try:
        answer = session.data(message.as_bytes(policy=SMTP))
    except smtplib.SMTPDataError as error:
        raise MailError(f"邮件服务器拒收（{error.smtp_code}）", data=_KEPT) from None
    except (OSError, smtplib.SMTPException) as error:
        raise UncertainError(
            f"发送中连接断开（{type(error).__name__}），无法确认是否送达", data="未改动"
        ) from None
    _agreed(answer)
    return len(refused)


def _agreed(answer: tuple[int, bytes]) -> None:
    if answer[0] not in (250, 251):
        raise MailError(f"邮件服务器拒收（{answer[0]}）", data=_KEPT)


def _open(connection: Any) -> smtplib.SMTP:
    extra = connection.extra_dejson
    timeout = float(extra.get("timeout", _TIMEOUT))
    context = ssl.create_default_context()
    if _is_on(extra, "disable_ssl"):
        session = smtplib.SMTP(connection.host, connection.port or 25, timeout=timeout)
        if not _is_on(extra, "disable_tls"):
            session.starttls(context=context)
    else:
        session = smtplib.SMTP_SSL(connection.host, connection.port or 465, timeout=timeout, context=context)
    if connection.login:
        session.login(connection.login, connection.password or "")
    return session


def _is_on(extra: dict[str, Any], key: str) -> bool:
    return str(extra.get(key, False)).lower() in {"1", "true", "yes"}


def _quit(session: smtplib.SMTP) -> None:
    try:
        session.quit()
    except (OSError, smtplib.SMTPException):
        session.close()
