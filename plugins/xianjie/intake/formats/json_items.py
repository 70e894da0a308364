"""JSON: a list of objects, an object that holds such a list, or one object a line; also pages of an API.

Numbers stay the text they were delivered as; what is nested stays JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from xianjie.contract.model import Contract
from xianjie.landing import BatchTable, SourceFormatError, text_batches, text_encoding

Item = Mapping[str, Any]


def parse(text: str | bytes) -> Any:
    """JSON with its numbers as text; raises `ValueError`."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


def items_of(document: Any, where: str | None) -> list[Item]:
    """The objects of a page: below the dotted path `where`, or the document itself.

    Raises:
        ValueError: there is no list of objects.
    """
    found = document
    for step in (where or "").split(".") if not isinstance(document, list) and where else ():
        found = found.get(step) if isinstance(found, dict) else None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise ValueError("no list of objects")
    return found


def table(name: str, header: Iterable[str], items: Iterable[Item]) -> BatchTable:
    """Objects as a table with one column a key."""
    names = tuple(header)
    rows = ([as_text(item.get(key)) for key in names] for item in items)
    return BatchTable(name, names, text_batches(rows, len(names)))


def keys_of(items: Iterable[Item], known: dict[str, None]) -> None:
    """Adds the keys of objects to `known`, in the order they are first seen."""
    for item in items:
        if not item.keys() <= known.keys():
            known.update(dict.fromkeys(item))


def open_table(contract: Contract, name: str, path: Path) -> BatchTable:
    """A JSON file as a table; ``reading.items`` is the dotted path of the list inside an object.

    Raises:
        SourceFormatError: not JSON, or no list of objects in it.
    """
    try:
        items = list(_items(contract, path))
    except ValueError:
        raise SourceFormatError(f"{contract.title}: 不是有效的 JSON 记录列表", reason="json") from None
    known: dict[str, None] = {}
    keys_of(items, known)
    return table(name, known, items)


def as_text(value: Any) -> str | None:
    """A JSON value as text."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _items(contract: Contract, path: Path) -> Iterator[Item]:
    where = contract.source.reading.get("items")
    text = path.read_text(encoding=text_encoding(path) or "utf-8-sig")
    try:
        document = parse(text)
    except ValueError:
        yield from items_of([parse(line) for line in text.splitlines() if line.strip()], None)
        return
    if isinstance(document, dict) and where is None:
        lists = [key for key, value in document.items() if isinstance(value, list)]
        yield from items_of(document, lists[0]) if len(lists) == 1 else [document]
        return
    yield from items_of(document, where)
