"""Where deliveries stand: any fsspec URL, written aside first, visible only when whole.

On a local disk the folder is renamed into place. Elsewhere nothing can be renamed atomically: the manifest is
written last, and a folder without a manifest does not exist for anybody.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from xianjie.landing.errors import DeliveryNotFoundError
from xianjie.settings import settings

MANIFEST = "manifest.json"
_ASIDE = ".part"


@contextmanager
def writing(folder: str) -> Iterator[Path]:
    """A local folder to fill (manifest included); on leaving without an exception it becomes `folder`."""
    file_system, root = _landing()
    aside = _aside(file_system, root, folder)
    aside.mkdir(parents=True)
    try:
        yield aside
        _commit(file_system, f"{root}/{folder}", aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def read_manifest(folder: str) -> str:
    """The manifest's text of a folder of the landing, or `DeliveryNotFoundError`."""
    file_system, root = _landing()
    try:
        return str(file_system.cat_file(f"{root}/{folder}/{MANIFEST}").decode())
    except FileNotFoundError:
        raise DeliveryNotFoundError(
            "找不到这次交付: 没有入库清单", data="未读取任何数据", next_command="xianjie night status"
        ) from None


def local_copy(path: str) -> str:
    """A local path with the content of `path` (relative to the landing); fetched once when remote."""
    file_system, root = _landing()
    if isinstance(file_system, LocalFileSystem):
        return f"{root}/{path}"
    copy = settings().work / "fetched" / path
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        aside = copy.with_name(f"{copy.name}.{os.getpid()}{_ASIDE}")
        file_system.get_file(f"{root}/{path}", str(aside))
        aside.replace(copy)
    return str(copy)


def relative(path: str) -> str:
    """A folder given by absolute path or URL, relative to the landing."""
    file_system, root = _landing()
    return str(file_system._strip_protocol(path)).removeprefix(f"{root}/")


def folders(prefix: str) -> list[str]:
    """Delivery folders below a prefix of the landing, in name order; half-written ones are not listed."""
    file_system, root = _landing()
    found = file_system.glob(f"{root}/{prefix}/**/{MANIFEST}")
    kept = (str(path).removeprefix(f"{root}/").removesuffix(f"/{MANIFEST}") for path in found)
    return sorted(folder for folder in kept if _ASIDE not in folder)


def sweep(older_than_seconds: float = 86_400) -> int:
    """Removes what killed writers left beside the landing; returns how many folders went."""
    file_system, root = _landing()
    base = Path(root) if isinstance(file_system, LocalFileSystem) else settings().work / "aside"
    limit = time.time() - older_than_seconds
    left = [path for path in base.rglob(f"*{_ASIDE}") if path.stat().st_mtime < limit]
    for path in left:
        shutil.rmtree(path, ignore_errors=True)
    return len(left)


def _landing() -> tuple[Any, str]:
    file_system, root = fsspec.core.url_to_fs(settings().landing)
    return file_system, str(root).rstrip("/")


def _aside(file_system: Any, root: str, folder: str) -> Path:
    if isinstance(file_system, LocalFileSystem):
        target = Path(root) / folder
        return target.with_name(f".{target.name}{_ASIDE}")
    return settings().work / "aside" / f"{Path(folder).name}{_ASIDE}"


def _commit(file_system: Any, target: str, aside: Path) -> None:
    if isinstance(file_system, LocalFileSystem):
        aside.replace(target)
        return
    for file in sorted(aside.rglob("*")):
        name = file.relative_to(aside).as_posix()
        if file.is_file() and name != MANIFEST:
            file_system.put_file(str(file), f"{target}/{name}")
    file_system.pipe_file(f"{target}/{MANIFEST}", (aside / MANIFEST).read_bytes())
