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


def fetch_files(request: Request, source: FileSource) -> Fetched:
    """Tonight's files of a dataset, opened as tables.

    Raises:
        NotArrivedError: no file yet, or one that is still being written.
        SourceFormatError: a file cannot be read.
    """
    contract = request.contract
    full = _matching(request, source, "full_path") if "full_path" in contract.source.options else []
    found = full or _matching(request, source, "path")
    if not found:
        raise NotArrivedError(f"{contract.title}: 尚未收到 {request.business_date} 的文件")
    before = {file.path: file for file in found}
    staged = [_take(request, source, file, number) for number, file in enumerate(found)]
    after = {file.path: file for file in _matching(request, source, "full_path" if full else "path")}
    if after != before:
        raise NotArrivedError(f"{contract.title}: 文件还在上传, 稍后再取")
    return Fetched(
        tables=open_files(contract, staged, request.folder / "opened"),
        mode=mode_of(contract, is_incremental=not full),
        originals=[file.original for file in staged],
        bytes_read=sum(file.bytes for file in staged),
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
