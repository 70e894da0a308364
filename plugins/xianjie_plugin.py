"""What Airflow loads of us: the board at ``/xianjie/``, its entry in the navigation, what deadlines count from."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from xianjie.board.guard import App, Guard
from xianjie.night.queued_at import QueuedAt


def _board() -> App:
    from xianjie.board.app import app

    return app


class XianjiePlugin(AirflowPlugin):  # type: ignore[misc]
    """Mounts the guarded board; every Airflow process loads this, only the API server the board."""

    name = "xianjie"
    fastapi_apps: ClassVar[list[Any]] = [
        {"app": Guard(_board, trusted=("/packs", "/returns/answers")), "url_prefix": "/xianjie", "name": "xianjie"}
    ]
    external_views: ClassVar[list[Any]] = [
        {"name": "衔接 · 今晚", "href": "/xianjie/", "url_route": "xianjie", "destination": "nav"}
    ]
    deadline_references: ClassVar[list[Any]] = [QueuedAt]
