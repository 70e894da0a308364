"""What a file really is, by its first bytes; and, for what cannot be read, what to tell the sender."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path

from xianjie.workbooks.errors import FileRefusedError
from xianjie.workbooks.limits import Limits


class Kind(StrEnum):
    """Formats that can be read."""

    TEXT = "text"
    JSON = "json"
    WORKBOOK = "workbook"
    ARCHIVE = "archive"


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_HEAD = 1 << 16
_CHUNK = 1 << 20
_MB = 1 << 20
_FOREIGN = (
    (b"%PDF", "pdf", "是 PDF 文件, 请导出为 XLSX 或 CSV 后重报"),
    (b"Rar!", "rar", "是 RAR 压缩包, 请改用 ZIP 或直接报送文件"),
    (b"7z\xbc\xaf", "sevenzip", "是 7z 压缩包, 请改用 ZIP 或直接报送文件"),
)


def kind_of(path: Path, limits: Limits) -> Kind:
    """The kind of a file, looking at no more of it than is needed to tell.

    Raises:
        FileRefusedError: empty, encrypted, an old binary workbook, a web page, a broken or abusive archive.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip(b"\x00\xef\xbb\xbf \t\r\n,"):
        raise FileRefusedError("empty_file", "文件是空的, 请重新导出后再报")
    if head.startswith(_OLE):
        raise _binary_workbook(path)
    for magic, reason, advice in _FOREIGN:
        if head.startswith(magic):
            raise FileRefusedError(reason, advice)
    if head.startswith(b"PK"):
        return _zipped(path, limits)
    return _textual(head)


def _textual(head: bytes) -> Kind:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta")):
        raise FileRefusedError("web_page", "是网页另存的表格, 请在 Excel 中另存为 XLSX 后重报")
    return Kind.JSON if start.startswith((b"{", b"[")) else Kind.TEXT


def _binary_workbook(path: Path) -> FileRefusedError:
    """OLE containers: an encrypted XLSX, or what Excel 97 and WPS write as .xls and .et."""
    if _holds(path, _ENCRYPTED):
        return FileRefusedError("encrypted", "文件设有打开密码, 请取消密码后重报")
    if path.suffix.lower() == ".et":
        return FileRefusedError("old_workbook", "是 WPS 表格格式 (.et), 请在 WPS 中另存为 .xlsx 后重报")
    return FileRefusedError("old_workbook", "是旧格式 (.xls/.et), 请另存为 .xlsx 后重报")


def _holds(path: Path, wanted: bytes) -> bool:
    tail = b""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            if wanted in tail + chunk:
                return True
            tail = chunk[-len(wanted) :]
    return False


def _zipped(path: Path, limits: Limits) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise FileRefusedError("truncated", "文件不完整, 可能没有传完, 请重新上传") from None
    if any(member.flag_bits & 1 for member in members):
        raise FileRefusedError("encrypted", "压缩包设有密码, 请取消密码后重报")
    refuse_bomb(sum(m.file_size for m in members), sum(m.compress_size for m in members), limits)
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        return Kind.WORKBOOK
    if "xl/workbook.bin" in names:
        raise FileRefusedError("old_workbook", "是二进制工作簿 (.xlsb), 请另存为 .xlsx 后重报")
    return Kind.ARCHIVE


def refuse_bomb(size: int, packed: int, limits: Limits) -> None:
    """Refuses what unpacks to too much, or to suspiciously more than its size (both in bytes)."""
    is_abnormal = size > limits.ratio_from_mb * _MB and size > max(packed, 1) * limits.max_ratio
    if size > limits.max_unpacked_mb * _MB or is_abnormal:
        raise FileRefusedError("zip_bomb", "解压后的大小不正常, 为安全起见没有打开")
