"""The outbox (发件箱): one notice an edition of a pack, each handed to the server at most once.

A notice is *claimed* (``sending``, committed) before its first byte goes out and *marked* (``sent``) after
the server took it. What can happen in between:

* the server refuses it, or breaks off before the content: ``failed`` with the reason, tried again next time;
* the line breaks while the content goes out, or this process is killed: nobody can know whether the server
  took it. It becomes ``unknown`` (a killed run's notice is found in ``sending`` by the next run) and is left
  alone until a person says `requeue`; nothing is mailed twice by itself.

A newer edition supersedes what was not sent of the older ones.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from xianjie.database.engine import Role, transaction
from xianjie.database.migrate import script
from xianjie.dates import now
from xianjie.reports import mail
from xianjie.reports.editions import alone
from xianjie.reports.errors import MailError, ReportError, UncertainError
from xianjie.reports.model import Pack, PackFile, Recipient
from xianjie.reports.recipients import recipients, titles
from xianjie.reports.words import Words, words


@dataclass(frozen=True)
class Delivered:
    """What one run of the outbox did, in notices.

    `sent` went out now, `unchanged` had gone out before, `failed` are tried again by the next run, `unknown`
    wait for a person, `silent` recipients have no mail address.
    """

    sent: int = 0
    unchanged: int = 0
    failed: int = 0
    unknown: int = 0
    silent: int = 0


@dataclass(frozen=True)
class _Notice:
    recipient: str
    revision: int
    message_id: str


def deliver(business_date: dt.date, county: str) -> Delivered:
    """Mails every edition of this business date that has not gone out; again changes nothing.

    One recipient's failure never holds up another. A mail server that cannot be reached fails all that are
    due, with the reason; the packs stay where they are.
    """
    w = words()
    with alone("outbox", business_date, county):
        packs = _queue(business_date, county)
        sent = _send_all(packs, business_date, county, w)
        counted = _count(business_date, county)
    silent = sum(not recipient.addresses for recipient in recipients(w.language))
    return Delivered(
        sent=sent,
        unchanged=counted.get("sent", 0) - sent,
        failed=counted.get("failed", 0),
        unknown=counted.get("unknown", 0),
        silent=silent,
    )


def requeue(business_date: dt.date, county: str, recipient: str, by: str) -> None:
    """A person, having asked the recipient, puts a notice of unknown fate back into the queue.

    Raises:
        ReportError: there is none, or nobody signed.
    """
    values = {"county": county, "day": business_date, "recipient": recipient, "by": by.strip()}
    with transaction(Role.PIPELINE) as connection:
        done = (
            connection.execute(text(script("reports", "requeue.sql")), values).rowcount if by.strip() else 0
        )
    if not done:
        raise ReportError(
            "没有待确认的邮件，或未写明是谁决定重发", data="未重发", next_command="xianjie night status"
        )


def _queue(business_date: dt.date, county: str) -> dict[str, Pack]:
    """Queues the latest editions, retires older ones, and returns the latest edition by recipient."""
    w = words()
    titled = titles(w.language)
    moment = now()
    with transaction(Role.PIPELINE) as connection:
        who = {"county": county, "day": business_date}
        rows = connection.execute(text(script("reports", "latest_packs.sql")), who).all()
        packs = {row.recipient: _pack(row, titled.get(row.recipient, row.recipient)) for row in rows}
        addressed = {recipient.code for recipient in recipients(w.language) if recipient.addresses}
        for pack in packs.values():
            if pack.recipient in addressed:
                connection.execute(
                    text(script("reports", "queue.sql")), who | _queued(pack, business_date, county, moment)
                )
        connection.execute(text(script("reports", "retire.sql")), who)
    return packs


def _queued(pack: Pack, business_date: dt.date, county: str, moment: dt.datetime) -> dict[str, Any]:
    book = next((file.sha256 for file in pack.files if file.path.endswith(".xlsx")), "")
    message_id = f"<{county}.{business_date}.{pack.recipient}.r{pack.revision}@xianjie>"
    return {
        "recipient": pack.recipient,
        "revision": pack.revision,
        "sha256": book,
        "message_id": message_id,
        "queued_at": moment,
    }


def _pack(row: Any, title: str) -> Pack:
    counts = {key: value for key, value in row.counts.items() if key != "states"}
    return Pack(
        recipient=row.recipient,
        title=title,
        revision=row.revision,
        counts=counts,
        changes=tuple(row.changes),
        files=tuple(PackFile(**file) for file in row.files),
        missing_departments=tuple(row.missing_departments),
    )


def _due(business_date: dt.date, county: str) -> list[_Notice]:
    with transaction(Role.PIPELINE) as connection:
        rows = connection.execute(
            text(script("reports", "due.sql")), {"county": county, "day": business_date}
        )
        return [_Notice(row.recipient, row.revision, row.message_id) for row in rows]


def _send_all(packs: dict[str, Pack], business_date: dt.date, county: str, w: Words) -> int:
    """Sends what is due, one after the other; returns how many went out."""
    addressed = {recipient.code: recipient for recipient in recipients(w.language) if recipient.addresses}
    sent = 0
    for notice in _due(business_date, county):
        if notice.recipient in packs and notice.recipient in addressed:
            letter = _Letter(
                packs[notice.recipient], addressed[notice.recipient], notice, business_date, county
            )
            sent += letter.send(w)
    return sent


@dataclass(frozen=True)
class _Letter:
    """One notice on its way."""

    pack: Pack
    recipient: Recipient
    notice: _Notice
    business_date: dt.date
    county: str

    def send(self, w: Words) -> bool:
        """Sends it and marks what became of it.

        The session is opened before the claim, so that a server that is down costs a ``failed``, never an
        ``unknown``.
        """
        titled = titles(w.language)
        missing = [titled.get(code, code) for code in self.pack.missing_departments]
        try:
            message = mail.compose(
                self.pack,
                self.recipient,
                message_id=self.notice.message_id,
                business_date=self.business_date,
                missing=missing,
                w=w,
            )
            with mail.server() as session:
                self._mark("claim.sql")
                refused = mail.hand_over(session, message)
        except FileNotFoundError:
            self._mark(
                "failed.sql",
                error_code="XJ-901",
                reason="报告文件不在 out 目录，请先重新生成",
                state="failed",
            )
        except MailError as error:
            state = "unknown" if isinstance(error, UncertainError) else "failed"
            self._mark("failed.sql", error_code=error.code, reason=error.message, state=state)
        else:
            self._mark("sent.sql", reason=f"{refused} 个地址被拒收" if refused else None)
            return True
        return False

    def _mark(self, name: str, **values: str | None) -> None:
        key = {
            "county": self.county,
            "day": self.business_date,
            "recipient": self.notice.recipient,
            "revision": self.notice.revision,
            "moment": now(),
        }
        with transaction(Role.PIPELINE) as connection:
            connection.execute(text(script("reports", name)), key | values)


def _count(business_date: dt.date, county: str) -> dict[str, int]:
    statement = text(
        "select state, count(*) as n from reports.outbox"
        " where county_code = :county and business_date = :day group by state"
    )
    with transaction(Role.PIPELINE) as connection:
        return {
            row.state: row.n
            for row in connection.execute(statement, {"county": county, "day": business_date})
        }
