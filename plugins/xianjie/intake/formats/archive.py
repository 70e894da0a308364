"""ZIP archives of data files; names may be in GBK, as Chinese Windows writes them."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path, PurePosixPath

from xianjie.contract.model import Contract
from xianjie.landing import SourceFormatError

_READABLE = (".csv", ".txt", ".xlsx", ".json", ".jsonl", ".xls", ".et", ".zip")
_UTF8_NAME = 0x800


def unpack(contract: Contract, path: Path, folder: Path) -> list[tuple[str, Path]]:
    """The data files of an archive as (name, local path), in name order.

    Raises:
        SourceFormatError: the archive is damaged or holds no data file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(path) as archive:
            named = sorted((_name(m), m) for m in archive.infolist() if _is_data(m))
            found = [(name, _extract(archive, m, folder / f"{n}")) for n, (name, m) in enumerate(named)]
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError):
        raise SourceFormatError(f"{contract.title}: 压缩包损坏, 请重新打包上传", reason="truncated") from None
    if not found:
        raise SourceFormatError(f"{contract.title}: 压缩包里没有数据文件", reason="empty_archive")
    return found


def _extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> Path:
    with archive.open(member) as source, target.open("wb") as stream:
        shutil.copyfileobj(source, stream)
    return target


def _is_data(member: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(_name(member))
    is_hidden = name.name.startswith((".", "~$")) or "__MACOSX" in name.parts
    return not member.is_dir() and not is_hidden and name.suffix.lower() in _READABLE


def _name(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return member.filename
