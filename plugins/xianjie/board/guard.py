"""The guard in front of the whole board: routes, files, documentation and pages that do not exist.

A dependency of FastAPI would cover routes only, so this wraps the application itself. It takes Airflow's
bearer token or login cookie and asks Airflow's auth manager, whichever is configured. It fails closed.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_READS = frozenset({"GET", "HEAD"})
_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
        b"form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
    ),
]


class Guard:
    """An ASGI application that lets only people in whom Airflow knows.

    Args:
        load: imports and returns the application; called at the first request that is let in.
        trusted: path prefixes, relative to the mount, that need more than a viewer's rights.
    """

    def __init__(self, load: Callable[[], App], trusted: tuple[str, ...] = ()) -> None:
        self._load = load
        self._trusted = trusted
        self._app: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one connection."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
        elif _is_foreign(scope):
            await _refuse(scope, send, 403)
        elif (status := await self._status(scope)) == 200:
            if self._app is None:
                self._app = self._load()
            await self._app(scope, receive, _protected(send))
        else:
            await _refuse(scope, send, status)

    async def _status(self, scope: Scope) -> int:
        """200 when the visitor may come in, else the status to answer with."""
        from airflow.api_fastapi.core_api.security import resolve_user_from_token
        from fastapi import HTTPException
        from starlette.concurrency import run_in_threadpool

        token = _token(scope)
        if not token:
            return 401
        try:
            user = await resolve_user_from_token(token)
        except HTTPException as refusal:
            return refusal.status_code
        is_allowed = await run_in_threadpool(self._is_allowed, scope, user)
        scope.setdefault("state", {})["person"] = user.get_name()
        return 200 if is_allowed else 403

    def _is_allowed(self, scope: Scope, user: Any) -> bool:
        from airflow.api_fastapi.app import get_auth_manager
        from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity

        manager = get_auth_manager()
        if not manager.is_authorized_view(access_view=AccessView.WEBSITE, user=user):
            return False
        if scope["method"] in _READS and not _path(scope).startswith(self._trusted or ("\0",)):
            return True
        # To start a run: no role of FAB, not even Admin, has POST on a DAG itself.
        run = DagAccessEntity.RUN
        return bool(manager.is_authorized_dag(method="POST", access_entity=run, user=user))


def _is_foreign(scope: Scope) -> bool:
    """Whether a browser writes on behalf of another site's page; a program with a bearer token never does."""
    headers = _headers(scope)
    if scope["method"] in _READS or b"authorization" in headers:
        return False
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site != b"same-origin"
    origin = urlsplit(headers.get(b"origin", b"").decode("latin-1")).netloc
    return bool(origin) and origin != headers.get(b"host", b"").decode("latin-1")


def _path(scope: Scope) -> str:
    """The path below the mount."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))


def _headers(scope: Scope) -> dict[bytes, bytes]:
    return dict(scope["headers"])


def _token(scope: Scope) -> str | None:
    from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN

    headers = _headers(scope)
    scheme, _, credentials = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip() or None
    try:
        cookies = SimpleCookie(headers.get(b"cookie", b"").decode("latin-1"))
    except CookieError:
        return None
    morsel = cookies.get(COOKIE_NAME_JWT_TOKEN)
    return morsel.value if morsel else None


async def _refuse(scope: Scope, send: Send, status: int) -> None:
    headers = [(b"content-type", b"application/json"), *_HEADERS]
    is_browser = b"text/html" in _headers(scope).get(b"accept", b"")
    if status == 401 and is_browser and scope["method"] in _READS:
        status = 307
        headers.append((b"location", _login(scope).encode("latin-1")))
    elif status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    detail = {401: "Not authenticated", 403: "Forbidden"}.get(status, "")
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps({"detail": detail}).encode()})


def _login(scope: Scope) -> str:
    """Airflow's own login address, which leads back here."""
    from airflow.api_fastapi.app import API_ROOT_PATH

    query = scope.get("query_string", b"").decode("latin-1")
    back = str(scope["path"]) + (f"?{query}" if query else "")
    return f"{API_ROOT_PATH}api/v2/auth/login?{urlencode({'next': back})}"


def _protected(send: Send) -> Send:
    async def with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message["headers"]}
            message["headers"] = [*message["headers"], *(h for h in _HEADERS if h[0] not in given)]
        await send(message)

    return with_headers


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
