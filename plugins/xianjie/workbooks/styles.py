"""Which cell styles of a workbook show a number as a date."""

from __future__ import annotations

import re
import zipfile
from xml.parsers import expat

_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_NOT_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_DATE_CODE = re.compile(r"[ymdhse]|上午|年", re.IGNORECASE)


def date_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Indices of the cell formats that are dates, from ``xl/styles.xml`` (none when there is no such part)."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    custom: dict[int, str] = {}
    formats: list[int] = []
    inside = [False]

    def start(name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "numFmt":
            custom[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            formats.append(int(attributes.get("numFmtId", 0)))

    def end(name: str) -> None:
        if name.rpartition(":")[2] == "cellXfs":
            inside[0] = False

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.Parse(archive.read("xl/styles.xml"), True)
    return frozenset(
        index for index, number in enumerate(formats) if number in _BUILT_IN or is_date(custom.get(number, ""))
    )


def is_date(code: str) -> bool:
    """Whether a number format's code prints a date or a time."""
    return code.lower() != "general" and bool(_DATE_CODE.search(_NOT_CODE.sub("", code)))
