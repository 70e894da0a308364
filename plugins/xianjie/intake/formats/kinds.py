"""What a file really is, by its first bytes; and, for what cannot be read, what to tell the department."""

from __future__ import annotations

import zipfile
from enum import StrEnum
from pathlib import Path

from xianjie.landing import SourceFormatError


class Kind(StrEnum):
    """Formats that can be read."""

    TEXT = "text"
    JSON = "json"
    WORKBOOK = "workbook"
    ARCHIVE = "archive"


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 1 << 16
_FOREIGN = (
    (b"%PDF", "pdf", "是 PDF 文件, 请导出为 XLSX 或 CSV 后重报"),
    (b"Rar!", "rar", "是 RAR 压缩包, 请改用 ZIP 或直接报送文件"),
    (b"7z\xbc\xaf", "sevenzip", "是 7z 压缩包, 请改用 ZIP 或直接报送文件"),
)
_LARGEST = 2 << 30
_LARGE, _RATIO = 64 << 20, 120


def kind_of(path: Path, title: str) -> Kind:
    """The kind of a file.

    Raises:
        SourceFormatError: empty, encrypted, an old binary workbook, a web page, a broken or abusive archive;
            `reason` says which, the message says in Chinese what to do. `title` names the dataset in it.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip(b"\x00\xef\xbb\xbf \t\r\n,"):
        raise _refusal(title, "empty_file", "文件是空的, 请重新导出后再报")
    if head.startswith(_OLE):
        raise _binary_workbook(path, title)
    for magic, reason, advice in _FOREIGN:
        if head.startswith(magic):
            raise _refusal(title, reason, advice)
    if head.startswith(b"PK"):
        return _zipped(path, title)
    return _textual(head, title)


def _textual(head: bytes, title: str) -> Kind:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml", b"<meta")):
        raise _refusal(title, "web_page", "是网页另存的表格, 请在 Excel 中另存为 XLSX 后重报")
    return Kind.JSON if start.startswith((b"{", b"[")) else Kind.TEXT


def _binary_workbook(path: Path, title: str) -> SourceFormatError:
    """OLE containers: an encrypted XLSX, or what Excel 97 and WPS write as .xls and .et."""
    content = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in content:
        return _refusal(title, "encrypted", "文件设有打开密码, 请取消密码后重报")
    return _refusal(title, "old_workbook", "是旧格式 (.xls/.et), 请另存为 .xlsx 后重报")


def _zipped(path: Path, title: str) -> Kind:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise _refusal(title, "truncated", "文件不完整, 可能没有传完, 请重新上传") from None
    if any(member.flag_bits & 1 for member in members):
        raise _refusal(title, "encrypted", "压缩包设有密码, 请取消密码后重报")
    size, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if size > _LARGEST or (size > _LARGE and size > packed * _RATIO):
        raise _refusal(title, "zip_bomb", "解压后的大小不正常, 为安全起见没有打开")
    names = {member.filename for member in members}
    if "xl/workbook.xml" in names:
        return Kind.WORKBOOK
    if "xl/workbook.bin" in names:
        raise _refusal(title, "old_workbook", "是二进制工作簿 (.xlsb), 请另存为 .xlsx 后重报")
    return Kind.ARCHIVE


def _refusal(title: str, reason: str, advice: str) -> SourceFormatError:
    return SourceFormatError(f"{title}: {advice}", reason=reason)
