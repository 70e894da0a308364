"""Files in a folder: a share of the county's own, or an object store (any fsspec URL)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from xianjie.contract.model import Contract
from xianjie.intake.connectors.files import RemoteFile, fetch_files
from xianjie.intake.errors import SourceAuthError, SourceConfigurationError, SourceConnectionError
from xianjie.intake.fetched import Fetched, Request


def fetch(request: Request) -> Fetched:
    """Tonight's files below the source option ``url``; see `fetch_files` for the other options."""
    contract = request.contract
    url = contract.source.options.get("url")
    if not url:
        raise SourceConfigurationError(f"{contract.title}: 数据约定缺少取数选项 url")
    try:
        return fetch_files(request, _Folder(str(url), contract))
    except PermissionError:
        raise SourceAuthError(f"{contract.title}: 没有权限读取文件夹") from None
    except OSError as error:
        raise SourceConnectionError(f"{contract.title}: 文件夹读取中断 ({type(error).__name__})") from None


class _Folder:
    """A `FileSource` over fsspec."""

    def __init__(self, url: str, contract: Contract) -> None:
        import fsspec

        self._file_system, root = fsspec.core.url_to_fs(url, **contract.source.options.get("storage", {}))
        self._root = str(root).rstrip("/")

    def files(self, folder: str) -> list[RemoteFile]:
        """Plain files of a folder below the URL."""
        self._file_system.invalidate_cache()
        listed = self._file_system.ls(f"{self._root}/{folder.strip('/.')}".rstrip("/"), detail=True)
        return [
            RemoteFile(str(entry["name"]), int(entry["size"]), _changed_at(entry))
            for entry in listed
            if entry["type"] == "file"
        ]

    @contextmanager
    def open(self, path: str) -> Iterator[IO[bytes]]:
        """A file's content."""
        with self._file_system.open(path, "rb") as stream:
            yield stream


def _changed_at(entry: dict[str, Any]) -> float:
    changed = entry.get("mtime") or entry.get("LastModified") or entry.get("created") or 0.0
    return changed.timestamp() if isinstance(changed, dt.datetime) else float(changed)
