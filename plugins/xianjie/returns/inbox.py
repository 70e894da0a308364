"""The inbox (收件): collects what offices sent back, takes it in, and answers each file.

`collect` copies every new file beside its row; `take_in` judges the copies one by one and hands out the answers.
Each file's progress is committed before the next step, so that a kill costs nothing: a file is collected again
under the same id, an answered row is known to be answered, an answer replaces itself.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import shutil
import traceback
import uuid
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from xianjie import dates
from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import alone
from xianjie.errors import XianjieError
from xianjie.returns import files, taking
from xianjie.returns.channels import (
    Arrival,
    ChannelDefinition,
    channels,
    opened,
)
from xianjie.returns.errors import ChannelError, InboxError, NotConnectedError
from xianjie.returns.files import ReturnedFile

log = logging.getLogger(__name__)
TOO_LARGE = ("RET-TOO-LARGE", "文件太大，没有读取：请只发回填写好的工作簿")
UNKNOWN_SENDER = ("RET-UNKNOWN-SENDER", "发件地址没有登记，没有读取：请用本单位登记的邮箱发送，或在看板上传")
_NONE = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Collected:
    """What a round of collecting found: new files, and by channel ``ok``, ``not_connected`` or an error code."""

    files: int
    channels: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TakenIn:
    """What a round came to: files by state, answered rows by result."""

    files: Counter[str]
    rows: Counter[str]


def collect(county_code: str) -> Collected:
    """Copies every file that arrived into the archive and records it; a channel that fails costs only itself.

    Raises:
        InboxError: at the end, when a channel that is connected could not be read.
    """
    count, states = 0, {}
    for channel in channels().channels:
        try:
            count += _collect(channel, county_code)
            states[channel.code] = "ok"
        except NotConnectedError:
            states[channel.code] = "not_connected"
        except ChannelError as error:
            log.error("%s", error)
            states[channel.code] = error.code
    broken = [channel.name for channel in channels().channels if states[channel.code].startswith("XJ-")]
    if broken:
        raise InboxError(
            f"{'、'.join(broken)} 读不到", data="已收到的文件照常处理", next_command="xianjie returns list"
        )
    return Collected(count, states)


def take_in(business_date: dt.date, county_code: str) -> TakenIn:
    """Judges every collected file, merges what is right, answers each office, and deletes what is out of date.

    Raises:
        InboxError: a mistake of ours, or a channel that takes no answers; running again goes on there.
    """
    done, rows, failed = Counter[str](), Counter[str](), 0
    with alone(f"inbox {county_code}"):  # one round of a county at a time
        for file in files.waiting(county_code):
            try:
                taken = taking.take(file, business_date, county_code)
            except Exception as error:
                failed += 1
                _record_failure(file, error)
                continue
            done[taken.state] += 1
            rows.update(taken.counts)
        unanswered = _answer(files.to_answer(county_code), business_date)
        files.remove_old(county_code, dates.now() - dt.timedelta(days=channels().keep_days))
    if failed or unanswered:
        raise InboxError(
            f"{failed} 个文件没有处理完，{unanswered} 个文件的回执没有放回",
            data="已入库的行不受影响，未处理的文件保留在原处",
            next_command="xianjie returns list",
        )
    return TakenIn(done, rows)


def hand_in(path: Path, department: str, county_code: str, person: str) -> ReturnedFile:
    """Records a file that somebody handed in on the command line; `take_in` does the rest."""
    arrival = Arrival(department, str(path), path.name, path.stat().st_size, path.stat().st_mtime, person)
    file_id = _keep(arrival, "command", county_code, lambda target: shutil.copyfile(path, target))
    found = files.one(county_code, file_id)
    assert found is not None
    return found


def _collect(channel: ChannelDefinition, county_code: str) -> int:
    count = 0
    with opened(channel) as source:
        for arrival in source.arrivals(list(catalogue().by_department())):
            if files.is_known(files.id_of(county_code, channel.code, arrival)):
                continue
            _keep(arrival, channel.code, county_code, partial(source.fetch, arrival))
            count += 1
    return count


def _keep(arrival: Arrival, channel: str, county_code: str, fetch: Callable[[Path], object]) -> uuid.UUID:
    file_id = files.id_of(county_code, channel, arrival)
    folder = files.folder_of(file_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.note(file_id, arrival)
    refusal = _refusal(arrival)
    sha256 = _NONE
    if refusal is None:
        target = files.original_of(file_id, arrival)
        fetch(target)
        with target.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    return files.enter(
        county_code, channel, arrival, sha256=sha256, received_at=dates.now(), refusal=refusal
    )


def _refusal(arrival: Arrival) -> tuple[str, str] | None:
    if arrival.department is None:
        return UNKNOWN_SENDER
    return TOO_LARGE if arrival.size > channels().max_bytes else None


def _answer(judged: Iterable[ReturnedFile], day: dt.date) -> int:
    """Hands out answers and clears the channels; returns how many files a channel would not let go."""
    by_channel: dict[str, list[ReturnedFile]] = {}
    for file in judged:
        by_channel.setdefault(file.channel, []).append(file)
    left = 0
    for code, found in by_channel.items():
        definition = next((each for each in channels().channels if each.code == code), None)
        if definition is None:  # handed in on the command line, or over a channel that is no more
            for file in found:
                files.mark(file.file_id, answered_at=dates.now(), put_away_at=dates.now())
            continue
        try:
            with opened(definition) as channel:
                for file in found:
                    if file.department and file.answer.exists() and file.answered_at is None:
                        channel.answer(file.department, file.answer_name, file.answer)
                    files.mark(file.file_id, answered_at=file.answered_at or dates.now())
                    channel.put_away(file.arrival, day)
                    files.mark(file.file_id, put_away_at=dates.now())
        except ChannelError as error:
            log.error("%s", error)
            left += len(found)
    return left


def _record_failure(file: ReturnedFile, error: Exception) -> None:
    """Keeps the code of what went wrong; of a foreign error only its type (its text may hold values)."""
    ours = error if isinstance(error, XianjieError) else InboxError(f"程序出错（{type(error).__name__}）")
    log.error("%s %s: %s\n%s", file.channel, file.file_id, ours, "".join(traceback.format_tb(error.__traceback__)))
    files.mark(file.file_id, state="failed", error_code=ours.code, reason=ours.message)
