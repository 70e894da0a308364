"""A channel that is a folder of mails (``.eml``), as an IMAP rule or a mail program leaves them.

The sender's address tells the department. Attachments that are spreadsheets are taken; signatures and pictures are
not. Answers are not mailed: a workbook with personal values never travels as an attachment of ours.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from types import TracebackType

from xianjie.returns.channels import (
    Arrival,
    ChannelDefinition,
    is_finished,
    local,
)
from xianjie.returns.errors import ChannelError
from xianjie.returns.folder_channel import is_settled, move_away

_SHEETS = (".xlsx", ".xlsm", ".xls", ".et", ".ods", ".csv", ".zip")


class MailChannel:
    """A `Channel` over a folder of mails; a place is ``<file>#<number of the attachment>``."""

    def __init__(self, definition: ChannelDefinition, senders: Mapping[str, str]) -> None:
        self._definition = definition
        self._senders = senders

    def __enter__(self) -> MailChannel:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, OSError):
            raise ChannelError(
                f"{self._definition.name}: 邮件文件夹读写失败（{type(error).__name__}）",
                data="邮件仍在原处, 未处理",
                next_command="xianjie returns list",
            ) from None

    def arrivals(self, departments: Sequence[str]) -> Iterator[Arrival]:
        """Spreadsheets attached to mails; a sender nobody knows has no department."""
        folder = local(self._definition.incoming)
        for path in sorted(folder.glob("*.eml")) if folder.is_dir() else ():
            if not (is_finished(path.name) and is_settled(path)):
                continue
            mail, changed_at = _parsed(path), path.stat().st_mtime
            department = self._senders.get(parseaddr(str(mail["From"] or ""))[1].lower())
            for number, part in enumerate(_attachments(mail)):
                content = part.get_payload(decode=True) or b""
                name = Path(part.get_filename() or "").name
                yield Arrival(
                    department if department in departments else None,
                    f"{path}#{number}",
                    name,
                    len(content) if isinstance(content, bytes) else 0,
                    changed_at,
                )

    def fetch(self, arrival: Arrival, target: Path) -> None:
        """Writes the attachment."""
        path, _, number = arrival.place.rpartition("#")
        part = list(_attachments(_parsed(Path(path))))[int(number)]
        content = part.get_payload(decode=True)
        target.write_bytes(content if isinstance(content, bytes) else b"")

    def answer(self, department: str, name: str, source: Path) -> None:
        """Nothing: the answer lies on the board."""

    def put_away(self, arrival: Arrival, day: dt.date) -> None:
        """Moves the whole mail into ``已处理/<date>``."""
        move_away(Path(arrival.place.rpartition("#")[0]), day)


def _parsed(path: Path) -> EmailMessage:
    with path.open("rb") as stream:
        return email.message_from_binary_file(stream, policy=email.policy.default)


def _attachments(mail: EmailMessage) -> Iterator[EmailMessage]:
    for part in mail.iter_attachments():
        if isinstance(part, EmailMessage) and (part.get_filename() or "").lower().endswith(_SHEETS):
            yield part
