"""``xianjie settings``: every setting, its value, and where the value came from."""

from __future__ import annotations

import os
from typing import Any

from pydantic import SecretStr

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, print_json, print_table
from xianjie.settings import Settings, settings


def show(as_json: AsJson = False) -> None:
    """Print every setting, its value (secrets only as set or not set) and where it came from."""
    rows = [_row(name) for name in Settings.model_fields]
    if as_json:
        print_json(rows)
    else:
        print_table("设置", ("变量", "值", "来源", "说明"), [tuple(row.values()) for row in rows])


def _row(name: str) -> dict[str, Any]:
    variable = f"XIANJIE_{name.upper()}"
    value = getattr(settings(), name)
    described = Settings.model_fields[name]
    is_secret = "SecretStr" in str(described.annotation)
    return {
        "variable": variable,
        "value": ("已设置" if isinstance(value, SecretStr) else "未设置") if is_secret else _text(value),
        "source": _source(variable),
        "description": described.description,
    }


def _text(value: object) -> str | int | bool | None:
    if isinstance(value, tuple):
        return ",".join(value)
    return value if isinstance(value, str | int | bool | None) else str(value)


def _source(variable: str) -> str:
    if variable in at_hand.from_demo:
        return f"演示环境 {at_hand.environment_file()}"
    return "环境变量" if variable in os.environ else "默认值"
