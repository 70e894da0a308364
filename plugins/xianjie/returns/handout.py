"""Handing out (下发): the night's workbooks of returned rows, put where offices fetch them."""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xianjie.reports import returned_rows
from xianjie.reports.packs import folder_of
from xianjie.reports.recipients import titles
from xianjie.returns.channels import ChannelDefinition, channels, opened
from xianjie.returns.errors import ChannelError, NotConnectedError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class HandedOut:
    """Workbooks put into outgoing folders, and the state of each channel that takes them."""

    workbooks: int
    channels: dict[str, str]


def hand_out(business_date: dt.date) -> HandedOut:
    """Puts every department's workbook of returned rows into its outgoing folders; again replaces the same.

    Raises:
        ChannelError: a connected channel did not take them; the packs and the mails are not touched.
    """
    books, put, states = list(_books(business_date)), 0, {}
    broken: ChannelError | None = None
    for channel in channels().channels:
        if not channel.hands_out:
            continue
        try:
            put += _put(channel, books, business_date)
            states[channel.code] = "ok"
        except NotConnectedError:
            states[channel.code] = "not_connected"
        except ChannelError as error:
            log.error("%s", error)
            broken = error
    if broken:
        raise broken
    return HandedOut(put, states)


def _books(business_date: dt.date) -> Iterator[tuple[str, Path]]:
    """Recipients and their workbooks, as the manifest lists them."""
    folder = folder_of(business_date)
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return
    for pack in json.loads(manifest.read_text(encoding="utf-8"))["packs"]:
        for file in pack["files"]:
            if Path(file["path"]).name == returned_rows.FILE_NAME:
                yield pack["recipient"], folder / file["path"]


def _put(channel: ChannelDefinition, books: list[tuple[str, Path]], business_date: dt.date) -> int:
    named = titles("zh")
    with opened(channel) as place:
        for recipient, path in books:
            place.answer(recipient, f"退回数据_{named.get(recipient, recipient)}_{business_date}.xlsx", path)
    return len(books)
