"""What cannot be read leaves a receipt that says why."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from intake_files import ROW, WORKBOOK, contract_of, lines, pull_file, sheet_file, zipped
from intake_helpers import DAY, HEADER, last_receipt

from tests.raw_workbook import raw_workbook
from xianjie import intake, landing

pytestmark = pytest.mark.usefixtures("warehouse_url")


def ole(*streams: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(512)
        + b"".join(name.encode("utf-16-le") for name in streams)
    )


def bomb() -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/workbook.xml", "w") as member,
    ):
        for _ in range(80):
            member.write(bytes(1 << 20))
    return stream.getvalue()


def encrypted_zip() -> bytes:
    content = bytearray(zipped(("a.csv", lines(ROW).encode())))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = content.index(signature) + offset
        struct.pack_into("<H", content, place, struct.unpack_from("<H", content, place)[0] | 1)
    return bytes(content)


def corrupt_workbook(path: Path) -> bytes:
    content = bytearray(sheet_file(path, [list(HEADER), list(ROW)]).read_bytes())
    with zipfile.ZipFile(path) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    content[place : place + 120] = bytes(120)
    return bytes(content)


def workbook_bytes(path: Path, *rows: list[object]) -> bytes:
    return sheet_file(path, list(rows)).read_bytes()


REFUSED = {
    "empty_file": lambda _: b"",
    "empty_file ": lambda _: b"\xef\xbb\xbf\r\n,,,\r\n",
    "encrypted": lambda _: ole("EncryptionInfo", "EncryptedPackage"),
    "encrypted ": lambda _: encrypted_zip(),
    "old_workbook": lambda _: ole("Workbook"),
    "web_page": lambda _: b"\xef\xbb\xbf <html><table><tr><td>1</td></tr></table>",
    "pdf": lambda _: b"%PDF-1.4 ...",
    "rar": lambda _: b"Rar!\x1a\x07\x00...",
    "truncated": lambda path: workbook_bytes(path, list(HEADER), list(ROW))[:-200],
    "truncated ": corrupt_workbook,
    "zip_bomb": lambda _: bomb(),
    "empty_archive": lambda _: zipped(("readme.md", b"#")),
    "nested_archive": lambda _: zipped(("a.zip", zipped(("a.csv", lines(ROW).encode())))),
    "no_header": lambda _: "甲,乙\n张三,一小\n".encode(),
    "no_header ": lambda path: workbook_bytes(path, ["甲", "乙"], ["张三", "一小"]),
    "json": lambda _: b'{"rows": [1, 2]}',
    "json ": lambda _: b'{"rows": [',
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_leaves_a_receipt_that_says_why(box, tmp_path, name):
    content = REFUSED[name](tmp_path / "made" / "a.xlsx")
    with pytest.raises(intake.SourceFormatError) as caught:
        pull_file(box, "上报.xlsx", content)
    receipt = last_receipt()
    assert (receipt["outcome"], receipt["error_code"]) == ("failed", f"XJ-201.{name.strip()}")
    assert receipt["reason"] == caught.value.message
    assert "学籍在校生" in receipt["reason"]
    assert "张三" not in str(caught.value)


def test_a_missing_sheet_is_named(box):
    sheet_file(box / "a.xlsx", [list(HEADER), list(ROW)])
    with pytest.raises(intake.SourceFormatError, match="在校生"):
        intake.pull(contract_of(box, {"sheet": "在校生"}), DAY)
    assert last_receipt()["error_code"] == "XJ-201.wrong_sheet"


def test_a_stray_cell_in_the_last_corner_is_refused_before_memory_is_asked_for(box):
    box.mkdir()
    corner = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    raw_workbook(box / "a.xlsx", corner)
    with pytest.raises(landing.SourceFormatError) as caught:
        intake.pull(contract_of(box, WORKBOOK), DAY)
    assert caught.value.reason == "too_large"
    assert last_receipt()["error_code"] == "XJ-201.too_large"
