"""GET requests with patience: a busy or ailing server is asked again, for a while."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from xianjie.contract.model import Contract
from xianjie.intake.connections import SourceConnection
from xianjie.intake.errors import SourceAuthError, SourceConnectionError, SourceRateLimitedError
from xianjie.landing import SourceFormatError

if TYPE_CHECKING:
    import httpx

ATTEMPTS = 5
LONGEST_WAIT = 60.0
_FIRST_WAIT = 0.5
_AILING = frozenset({500, 502, 503, 504})
_TIMEOUT = 30.0


class Requests:
    """A session with one API. Its errors name the status, never the address, the parameters or the token."""

    def __init__(
        self, contract: Contract, connection: SourceConnection, pause: Callable[[float], None] = time.sleep
    ) -> None:
        import httpx

        options = contract.source.options
        self._title, self._pause = contract.title, pause
        self._attempts = int(options.get("attempts", ATTEMPTS))
        self._endpoint = str(options["endpoint"])
        self._client = httpx.Client(
            base_url=_base_url(connection),
            headers={"Accept": "application/json", **_authorisation(connection)},
            auth=(connection.login, connection.password) if connection.login else None,
            timeout=float(options.get("timeout_seconds", _TIMEOUT)),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._client.close()

    def get(self, parameters: dict[str, str]) -> bytes:
        """The body of one answer.

        Raises:
            SourceAuthError: 401 or 403.
            SourceRateLimitedError: still 429 after the last attempt.
            SourceConnectionError: still no answer, or still 5xx.
            SourceFormatError: any other status.
        """
        import httpx

        status: int | None = None
        wait = 0.0
        for attempt in range(self._attempts):
            self._pause(wait)
            wait = _FIRST_WAIT * 2**attempt
            try:
                answer = self._client.get(self._endpoint, params=parameters)
            except (httpx.TransportError, httpx.InvalidURL):
                status = None
                continue
            status = answer.status_code
            if answer.is_success:
                return answer.content
            if status != 429 and status not in _AILING:
                raise self._refused(status)
            wait = _said(answer, wait)
        raise self._exhausted(status)

    def _exhausted(self, status: int | None) -> Exception:
        if status == 429:
            return SourceRateLimitedError(f"{self._title}: 接口一直限流 (429)")
        what = f"一直返回 {status}" if status else "连不上或超时"
        return SourceConnectionError(f"{self._title}: 接口{what}")

    def _refused(self, status: int) -> Exception:
        if status in {401, 403}:
            return SourceAuthError(f"{self._title}: 接口拒绝了我们的令牌 ({status})")
        return SourceFormatError(f"{self._title}: 接口地址或参数不对 ({status})", reason="wrong_endpoint")


def _base_url(connection: SourceConnection) -> str:
    if "://" in connection.host:
        return connection.host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{connection.host}{port}"


def _authorisation(connection: SourceConnection) -> dict[str, str]:
    is_token = connection.password and not connection.login
    return {"Authorization": f"Bearer {connection.password}"} if is_token else {}


def _said(answer: httpx.Response, otherwise: float) -> float:
    """Seconds that ``Retry-After`` asks for (a number, or a moment), within reason."""
    said = answer.headers.get("retry-after", "")
    if said.isdigit():
        return min(float(said), LONGEST_WAIT)
    try:
        left = (parsedate_to_datetime(said) - dt.datetime.now(tz=dt.UTC)).total_seconds()
    except ValueError:
        return otherwise
    return min(max(left, 0.0), LONGEST_WAIT)
