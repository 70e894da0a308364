"""Files in a folder: a share of the county's own, or an object store.

``path`` and ``full_path`` are fsspec URLs (``file:///…``, ``s3://…``); ``storage`` holds what its file system
needs beyond the URL. Secrets of an object store belong into its own environment variables, not in a contract.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import fsspec

from xianjie.contract.model import Contract
from xianjie.intake.connectors.files import RemoteFile, open_taken, take_files
from xianjie.intake.errors import SourceAuthError, SourceConnectionError
from xianjie.intake.fetched import Fetched, Request


def fetch(request: Request) -> Fetched:
    """Tonight's files of a folder; see `files` for the options."""
    contract = request.contract
    try:
        taken = take_files(request, _Folder(contract))
    except PermissionError:
        raise SourceAuthError(f"{contract.title}: 没有权限读取文件夹") from None
    except OSError as error:
        raise SourceConnectionError(f"{contract.title}: 文件夹读取中断 ({type(error).__name__})") from None
    return open_taken(request, taken)


class _Folder:
    """A `FileSource` over fsspec; paths are URLs."""

    def __init__(self, contract: Contract) -> None:
        self._options = contract.source.options.get("storage", {})

    def files(self, folder: str) -> list[RemoteFile]:
        """Plain files of a folder."""
        file_system, path = fsspec.core.url_to_fs(folder, **self._options)
        file_system.invalidate_cache()
        return [
            RemoteFile(file_system.unstrip_protocol(entry["name"]), int(entry["size"]), _changed_at(entry))
            for entry in file_system.ls(path, detail=True)
            if entry["type"] == "file"
        ]

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """A file's content."""
        with fsspec.open(path, "rb", **self._options) as stream:
            yield stream


def _changed_at(entry: dict[str, Any]) -> float:
    changed = entry.get("mtime") or entry.get("LastModified") or entry.get("created") or 0.0
    return changed.timestamp() if isinstance(changed, dt.datetime) else float(changed)
