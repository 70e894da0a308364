"""The mail catcher: an SMTP server that keeps every mail as an .eml file and sends none."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.state import Servers


class Catcher:
    """aiosmtpd's handler: one file a mail, complete when it has its name; recipients in ``X-RcptTo``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self._numbers = itertools.count(len(list(folder.glob("*.eml"))) + 1)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Writes the mail and accepts it."""
        name = f"{next(self._numbers):06d}"
        head = f"X-MailFrom: {envelope.mail_from}\r\nX-RcptTo: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        content = envelope.original_content or b""
        aside = self._folder / f".{name}"
        aside.write_bytes(head + content)
        aside.replace(self._folder / f"{name}.eml")
        return f"250 OK {name}"


async def listen(servers: Servers) -> asyncio.Server:
    """Starts the catcher on its port."""
    loop = asyncio.get_running_loop()
    handler = Catcher(servers.mail)
    return await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True), servers.host, servers.smtp_port
    )
