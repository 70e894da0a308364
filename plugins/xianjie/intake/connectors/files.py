"""What SFTP servers and folders have in common: finding tonight's files, and taking them whole.

Options: ``path`` and ``full_path`` are templates (``{business_date:%Y%m%d}``, ``{county_code}``) whose last
part may hold ``*``; ``pattern`` adds such a last part to ``path``. When a file stands at ``full_path`` the
delivery is a full one and ``path`` is not looked at.
"""

from __future__ import annotations

import fnmatch
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Protocol

from xianjie.contract.model import Contract
from xianjie.intake.errors import NotArrivedError, SourceConfigurationError
from xianjie.intake.fetched import Fetched, Request, mode_of
from xianjie.intake.formats import open_files
from xianjie.intake.staging import StagedFile, stage

_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".swp")


@dataclass(frozen=True)
class RemoteFile:
    """A file where the department left it; size in bytes, time of change in seconds."""

    path: str
    size: int
    changed_at: float


class FileSource(Protocol):
    """What a protocol has to offer."""

    def files(self, folder: str) -> list[RemoteFile]:
        """Plain files of a folder; `FileNotFoundError` when it does not exist."""

    def open(self, path: str) -> AbstractContextManager[IO[bytes]]:
        """A file's content, to be read from the start to the end."""


@dataclass(frozen=True)
class Taken:
    """Tonight's files in the scratch folder; `is_full` when they came from ``full_path``."""

    files: list[StagedFile]
    is_full: bool


def take_files(request: Request, source: FileSource) -> Taken:
    """Copies tonight's files of a dataset into the scratch folder, as they are.

    Raises:
        NotArrivedError: no file yet, or one that is still being written.
    """
    contract = request.contract
    full = _matching(request, source, "full_path") if "full_path" in contract.source.options else []
    found = full or _matching(request, source, "path")
    if not found:
        raise NotArrivedError(f"{contract.title}: 尚未收到 {request.business_date} 的文件")
    staged = [_take(request, source, file, number) for number, file in enumerate(found)]
    if _matching(request, source, "full_path" if full else "path") != found:
        raise NotArrivedError(f"{contract.title}: 文件还在上传, 稍后再取")
    return Taken(staged, is_full=bool(full))


def open_taken(request: Request, taken: Taken) -> Fetched:
    """The files as tables, once the source is let go.

    Raises:
        SourceFormatError: a file cannot be read.
    """
    remarks: list[str] = []
    opened = request.folder / "opened"
    return Fetched(
        tables=open_files(request.contract, taken.files, opened, request.business_date, remarks),
        mode=mode_of(request.contract, is_incremental=not taken.is_full),
        originals=[file.original for file in taken.files],
        bytes_read=sum(file.bytes for file in taken.files),
        remarks=remarks,
    )


def _take(request: Request, source: FileSource, file: RemoteFile, number: int) -> StagedFile:
    folder = request.folder / f"taken-{number}"
    folder.mkdir()
    with source.open(file.path) as stream:
        return stage(stream, PurePosixPath(file.path).name, folder)


def _matching(request: Request, source: FileSource, option: str) -> list[RemoteFile]:
    template = _template(request.contract, option)
    path = template.format(business_date=request.business_date, county_code=request.county_code)
    folder, _, pattern = path.rpartition("/")
    try:
        files = source.files(folder or "/")
    except FileNotFoundError:
        return []
    return sorted((file for file in files if _is_meant(file, pattern)), key=lambda file: file.path)


def _template(contract: Contract, option: str) -> str:
    options = contract.source.options
    if option not in options:
        raise SourceConfigurationError(f"{contract.title}: 数据约定缺少取数选项 {option}")
    template = str(options[option])
    return (
        f"{template.rstrip('/')}/{options['pattern']}"
        if option == "path" and "pattern" in options
        else template
    )


def _is_meant(file: RemoteFile, pattern: str) -> bool:
    name = PurePosixPath(file.path).name
    is_finished = not name.startswith((".", "~$")) and not name.lower().endswith(_UNFINISHED)
    return is_finished and fnmatch.fnmatchcase(name, pattern)
