"""A paginated JSON API behind a bearer token.

Options: ``endpoint``; ``page_param``, ``size_param``, ``size``; ``items`` and ``total`` (dotted paths in a
page); ``since_param`` with ``watermark_field`` and ``lag_minutes`` for incremental pulls; ``timeout_seconds``
and ``attempts``. Pages are kept as they came, one a line, in ``pages.jsonl.gz``.
"""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xianjie.contract.model import Contract
from xianjie.intake.connections import SourceConnection, connection_of
from xianjie.intake.connectors.requests import Requests
from xianjie.intake.errors import SourceConnectionError
from xianjie.intake.fetched import Fetched, Request, mode_of
from xianjie.intake.formats.json_items import Item, items_of, keys_of, parse, table
from xianjie.landing import Original, SourceFormatError

_PAGES = "pages.jsonl.gz"
_SIZE = 1000


def fetch(request: Request) -> Fetched:
    """All pages of the endpoint, or those since the watermark less the lag.

    Raises:
        SourceFormatError: a page is not JSON, or holds no list of objects.
        SourceConnectionError: fewer rows came than the API said there are.
    """
    contract, options = request.contract, request.contract.source.options
    since = _since(request) if options.get("since_param") else None
    pages = _Pages(contract, connection_of(contract), request.folder / _PAGES)
    pages.download({options["since_param"]: since} if since else {})
    mark = pages.latest or request.watermark
    mode = mode_of(contract, is_incremental=since is not None)
    return Fetched(
        tables=[table(_PAGES.removesuffix(".gz"), pages.keys or _labels(contract), pages.items())],
        mode=mode,
        originals=[Original(_PAGES, pages.path)],
        bytes_read=pages.bytes,
        window=(since, mark),
        watermark=mark,
        is_nothing_new=mode == "delta" and not pages.rows,
    )


class _Pages:
    """The pages of one pull: downloaded into a file once, then read from it."""

    def __init__(self, contract: Contract, connection: SourceConnection, path: Path) -> None:
        self.path = path
        self.keys: dict[str, None] = {}
        self.rows = self.bytes = 0
        self.latest: str | None = None
        self._contract, self._connection = contract, connection
        self._options = contract.source.options

    def download(self, parameters: dict[str, str]) -> None:
        """Asks for page after page until all rows the API speaks of have come."""
        size = int(self._options.get("size", _SIZE))
        expected: int | None = None
        with (
            self.path.open("wb") as raw,
            gzip.GzipFile("", "wb", compresslevel=1, fileobj=raw, mtime=0) as file,
            Requests(self._contract, self._connection) as source,
        ):
            for number in range(1, 10_000_000):
                body = source.get(parameters | self._page(number, size))
                page, items = self._parsed(body)
                file.write(body.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n")
                self._note(body, items)
                expected = self._total(page)
                if not items or "page_param" not in self._options:
                    break
                if (expected is not None and self.rows >= expected) or (
                    expected is None and len(items) < size
                ):
                    break
        if expected is not None and self.rows < expected:
            raise SourceConnectionError(f"{self._contract.title}: 接口少给了数据, 实收少于其声明的总数")

    def items(self) -> Iterator[Item]:
        """The objects of all pages, in order."""
        with gzip.open(self.path, "rb") as file:
            for line in file:
                yield from items_of(parse(line), self._options.get("items"))

    def _page(self, number: int, size: int) -> dict[str, str]:
        if "page_param" not in self._options:
            return {}
        page = {str(self._options["page_param"]): str(number)}
        return page | ({str(self._options["size_param"]): str(size)} if "size_param" in self._options else {})

    def _parsed(self, body: bytes) -> tuple[Any, list[Item]]:
        try:
            page = parse(body)
            return page, items_of(page, self._options.get("items"))
        except ValueError:
            raise SourceFormatError(
                f"{self._contract.title}: 接口返回的不是约定的 JSON", reason="json"
            ) from None

    def _note(self, body: bytes, items: list[Item]) -> None:
        self.bytes += len(body)
        self.rows += len(items)
        keys_of(items, self.keys)
        field = self._options.get("watermark_field")
        marks = [str(item[field]) for item in items if item.get(field)] if field else []
        self.latest = max([*marks, *([self.latest] if self.latest else [])], default=None)

    def _total(self, page: Any) -> int | None:
        found = page
        for step in str(self._options["total"]).split(".") if "total" in self._options else ():
            found = found.get(step) if isinstance(found, dict) else None
        return int(found) if isinstance(found, str) and found.isdigit() else None


def _since(request: Request) -> str | None:
    """The watermark less the lag; a source whose rows are committed late needs one."""
    lag = int(request.contract.source.options.get("lag_minutes", 0))
    if request.watermark is None or not lag:
        return request.watermark
    return (dt.datetime.fromisoformat(request.watermark) - dt.timedelta(minutes=lag)).isoformat()


def _labels(contract: Contract) -> list[str]:
    """The header of an answer without rows: what was promised."""
    return [field.name for field in contract.fields]
