"""Airflow's connections to the demo's servers, as environment variables in JSON form."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy.engine import make_url

from demo.book import contracts
from demo.site import Site
from demo.site import State as StackState
from demo.state import EXCHANGE, Servers, servers


def connections(where: Servers | Site | None = None, stack: StackState | None = None) -> dict[str, str]:
    """``AIRFLOW_CONN_*`` by name for the departments and the mail catcher.

    Args:
        where: the servers, or the stack's site they live in; default is the settings' home.
        stack: accepted so that the stack may hand over what it knows; ports come from the servers' own state.
    """
    place = where if isinstance(where, Servers) else servers(where.home if where else None)
    return {f"AIRFLOW_CONN_{name.upper()}": json.dumps(form) for name, form in _forms(place).items()}


def _forms(place: Servers) -> dict[str, dict[str, Any]]:
    url = make_url(place.civil_url)
    forms: dict[str, dict[str, Any]] = {
        "education_api": {
            "conn_type": "http",
            "schema": "http",
            "host": place.host,
            "port": place.education_port,
            "password": place.education_token,
        },
        "civil_affairs_db": {
            "conn_type": "postgres" if url.get_backend_name() == "postgresql" else "mysql",
            "host": url.host,
            "port": url.port,
            "schema": url.database,
            "login": place.civil_reader,
            "password": place.civil_reader_password,
        },
        "xianjie_smtp": {
            "conn_type": "smtp",
            "host": place.host,
            "port": place.smtp_port,
            "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "xianjie@example.invalid"},
        },
    }
    dropping = {found.department for found in contracts() if found.source.connector == "sftp"}
    for account in sorted({*dropping, EXCHANGE}):
        forms[f"{account}_sftp"] = {
            "conn_type": "sftp",
            "host": place.host,
            "port": place.sftp_port,
            "login": account,
            "password": place.sftp_passwords[account],
            "extra": {"host_key": place.sftp_host_key},
        }
    return forms
