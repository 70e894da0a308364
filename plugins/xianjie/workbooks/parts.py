"""The parts of an XLSX file beside its sheets: which sheets there are, the texts they share; parsing XML safely."""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any
from xml.parsers import expat

_CHUNK = 1 << 16

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """A cell's text with ``_x000D_`` and the like as the characters they stand for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


@dataclass(frozen=True)
class SheetInfo:
    """A worksheet of a workbook: its name, whether it shows, the member that holds it."""

    name: str
    is_visible: bool
    part: str


def directory(archive: zipfile.ZipFile) -> tuple[dt.date, tuple[SheetInfo, ...]]:
    """The day before day one, and the worksheets in the order of their tabs."""
    targets: dict[str, str] = {}
    sheets: list[tuple[str, bool, str]] = []
    epoch = [dt.date(1899, 12, 30)]

    def relation(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "Relationship":
            target = attributes["Target"]
            targets[attributes["Id"]] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    def entry(name: str, attributes: dict[str, str]) -> None:
        if local(name) == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            epoch[0] = dt.date(1904, 1, 1)
        if local(name) == "sheet":
            relation_id = next(value for key, value in attributes.items() if local(key) == "id")
            is_visible = attributes.get("state", "visible") == "visible"
            sheets.append((attributes["name"], is_visible, relation_id))

    with archive.open("xl/_rels/workbook.xml.rels") as stream:
        parse(stream, relation)
    with archive.open("xl/workbook.xml") as stream:
        parse(stream, entry)
    there = set(archive.namelist())
    found = tuple(SheetInfo(name, shows, targets[rid]) for name, shows, rid in sheets if targets.get(rid) in there)
    return epoch[0], tuple(sheet for sheet in found if "chartsheets" not in sheet.part)


def shared_texts(archive: zipfile.ZipFile) -> list[str]:
    """The table of texts, each without the phonetic hints that Chinese and Japanese input leaves."""
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    texts: list[str] = []
    state: dict[str, Any] = {"text": [], "reading": False, "phonetic": False}

    def start(name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "si":
            state["text"] = []
        elif name == "rPh":
            state["phonetic"] = True
        elif name == "t":
            state["reading"] = not state["phonetic"]

    def end(name: str) -> None:
        name = local(name)
        if name == "si":
            texts.append(unescaped("".join(state["text"])))
        elif name == "rPh":
            state["phonetic"] = False
        elif name == "t":
            state["reading"] = False

    def characters(data: str) -> None:
        if state["reading"]:
            state["text"].append(data)

    with archive.open("xl/sharedStrings.xml") as stream:
        parse(stream, start, end, characters)
    return texts


def parse(stream: IO[bytes], start: Any, end: Any = None, characters: Any = None) -> None:
    """Parses a part with the given handlers; raises `ExpatError`, or `ValueError` for entities."""
    parser = safe_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = characters
    for chunk in chunks(stream):
        parser.Parse(chunk, False)


def safe_parser() -> Any:
    """A parser that refuses entities: no workbook needs them, and they grow without end."""
    parser = expat.ParserCreate()

    def refuse(*_: Any) -> None:
        raise ValueError("entities are not read")

    parser.EntityDeclHandler = refuse
    return parser


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """A part's bytes, a little at a time."""
    while chunk := stream.read(_CHUNK):
        yield chunk


def local(name: str) -> str:
    """A name without its prefix: programs choose prefixes as they like."""
    return name.rpartition(":")[2]
