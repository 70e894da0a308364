"""A bureau's API: pages behind a token, with the moods of a real one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse


class Api:
    """`items` is what it holds; `moods` are taken one a request before it answers normally."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.items: list[dict[str, Any]] = []
        self.moods: list[Callable[[], Response | float]] = []
        self.seen: list[dict[str, str]] = []
        self.hidden_rows = 0

    def reset(self, items: list[dict[str, Any]]) -> None:
        self.items, self.moods, self.seen, self.hidden_rows = items, [], [], 0

    def application(self) -> FastAPI:
        app = FastAPI()

        @app.get("/v1/people")
        async def people(request: Request) -> Response:
            self.seen.append(dict(request.query_params))
            if self.moods:
                mood = self.moods.pop(0)()
                if isinstance(mood, Response):
                    return mood
                await asyncio.sleep(mood)
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return JSONResponse({"detail": "no"}, 401)
            since = request.query_params.get("updated_since", "")
            rows = [item for item in self.items if str(item.get("GXSJ", "")) >= since]
            page, size = (int(request.query_params.get(name, "1")) for name in ("page", "page_size"))
            shown = rows[(page - 1) * size : page * size]
            return JSONResponse({"data": {"items": shown}, "total": len(rows) + self.hidden_rows})

        return app
