"""The education bureau: a paginated JSON API behind a bearer token.

It answers 401 without the token, 429 with ``Retry-After`` above four requests a second, once an evening
503, and once an evening very slowly. ``updated_since`` (ISO 8601) gives the rows changed at or after that
moment, withdrawn ones marked. Which fields there are, and where, is read from the contracts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import shutil
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

import duckdb
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from demo.book import initials, of_department
from xianjie.contract.model import Contract

DEPARTMENT = "education"
REQUESTS_A_SECOND = 4
FAILING_REQUEST = 2
SLOW_REQUEST = 4
SLOW_SECONDS = 1.2
LARGEST_PAGE = 1000


class Evening:
    """Counts the requests of one evening (since the data last changed) and the last second."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._version = 0.0
        self._requests = 0
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()

    def admit(self) -> bool:
        """False when the last second saw too many requests."""
        with self._lock:
            now = time.monotonic()
            while self._recent and now - self._recent[0] > 1:
                self._recent.popleft()
            if len(self._recent) >= REQUESTS_A_SECOND:
                return False
            self._recent.append(now)
            return True

    def number(self) -> int:
        """The number of this request within the evening, from 1."""
        with self._lock:
            version = max((path.stat().st_mtime for path in self._folder.glob("*.parquet")), default=0.0)
            if version != self._version:
                self._version, self._requests = version, 0
            self._requests += 1
            return self._requests


def publish(held: Path, folder: Path) -> None:
    """Makes the API serve the datasets below `held`; each file is replaced whole."""
    folder.mkdir(parents=True, exist_ok=True)
    for contract in of_department(DEPARTMENT):
        aside = folder / f".{contract.id}"
        shutil.copyfile(held / f"{contract.id}.parquet", aside)
        aside.replace(folder / f"{contract.id}.parquet")


def application(folder: Path, token: str) -> FastAPI:
    """The API over the Parquet files below `folder`."""
    app = FastAPI(title="教育局数据接口", docs_url=None, redoc_url=None, openapi_url=None)
    evening = Evening(folder)
    for contract in of_department(DEPARTMENT):
        app.add_api_route(
            contract.source.options["endpoint"], _endpoint(contract, folder, token, evening), methods=["GET"]
        )
    return app


def _endpoint(contract: Contract, folder: Path, token: str, evening: Evening) -> Any:
    options = contract.source.options

    async def page(request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {token}":
            raise HTTPException(401, "令牌无效", headers={"WWW-Authenticate": "Bearer"})
        if not evening.admit():
            raise HTTPException(429, "请求过于频繁", headers={"Retry-After": "1"})
        number = evening.number()
        if number == FAILING_REQUEST:
            raise HTTPException(503, "系统维护中, 请稍后再试")
        if number == SLOW_REQUEST:
            await asyncio.sleep(SLOW_SECONDS)
        query = request.query_params
        index, size = (
            _whole(query.get(options["page_param"], "1")),
            _whole(query.get(options["size_param"], "100")),
        )
        since = _moment(query.get(options["since_param"])) if options.get("since_param") else None
        items, total = await asyncio.to_thread(_page, contract, folder, index, min(size, LARGEST_PAGE), since)
        return JSONResponse({options["items"]: items, options["total"]: total, options["page_param"]: index})

    return page


def _page(
    contract: Contract, folder: Path, index: int, size: int, since: dt.datetime | None
) -> tuple[list[dict[str, Any]], int]:
    columns = ", ".join(f'{field.name} as "{initials(field)}"' for field in contract.fields)
    source = (
        f"from read_parquet('{folder / contract.id}.parquet') where _updated_at >= ? and (not _deleted or ?)"
    )
    with duckdb.connect() as connection:
        start = since or dt.datetime(1970, 1, 1)  # noqa: DTZ001 - the bureau's system knows local time only
        values = [start, since is not None]
        total = connection.execute(f"select count(*) {source}", values).fetchall()[0][0]
        cursor = connection.execute(
            f"""select {columns}, if(_deleted, '1', '0') as "SFSC",
                strftime(_updated_at, '%Y-%m-%dT%H:%M:%S+08:00') as "GXSJ"
            {source} order by _key limit {size} offset {(index - 1) * size}""",
            values,
        )
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()], int(total)


def _whole(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise HTTPException(400, "页码和页大小应为正整数")
    return int(text)


def _moment(text: str | None) -> dt.datetime | None:
    """An ISO moment as Shanghai's local time."""
    if not text:
        return None
    try:
        moment = dt.datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            raise HTTPException(400, "updated_since 应为 ISO 8601 时间") from None
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(dt.timezone(dt.timedelta(hours=8))).replace(tzinfo=None)
