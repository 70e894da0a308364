"""Thresholds of rules and indicators: effective-dated, regional, bound into SQL by name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import model_validator
from sqlalchemy import TextClause, text

from xianjie.warehouse.questions.definitions import Dated, Definition, Scalar, in_force
from xianjie.warehouse.questions.framework import Framework

BUILT_IN = frozenset({"business_date", "county_code"})
_BIND = re.compile(r"(?<![:\w]):([a-z_]\w*)\b(?!:)")
_SQL_NOISE = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


class Param(Definition):
    """A threshold with its history; or, with `reference`, a value the framework keeps.

    `monitor_line` is the line in force; `monitor_lines` all of the county's, as a JSON list of
    ``{"starts", "line_yuan"}``, for what is judged by the line of an earlier year.
    """

    title: str
    unit: str = ""
    values: tuple[Dated, ...] = ()
    reference: Literal["monitor_line", "monitor_lines"] | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> Param:
        if bool(self.values) == bool(self.reference):
            raise ValueError("values 与 reference 应恰有其一")
        return self


def resolve(
    params: Mapping[str, Param], on: dt.date, county_code: str, frame: Framework
) -> dict[str, Scalar]:
    """The parameters in force; None where nothing is known on that day."""
    return {name: _value(param, on, county_code, frame) for name, param in params.items()}


def bound(sql: str, values: Mapping[str, Any]) -> TextClause:
    """A statement with those of `values` it names, typed by their Python types: `:date - 30` is a date."""
    return text(sql).bindparams(**{name: values[name] for name in binds(sql)})


def binds(sql: str) -> set[str]:
    """The names of the bound parameters in a statement."""
    return set(_BIND.findall(_SQL_NOISE.sub("", sql)))


def _value(param: Param, on: dt.date, county_code: str, frame: Framework) -> Scalar:
    if param.reference == "monitor_line":
        line = frame.monitor_lines.line(county_code, on)
        return line.value if line else None
    if param.reference == "monitor_lines":
        return frame.monitor_lines.as_json(county_code)
    dated = in_force(param.values, county_code, on)
    return dated.value if dated else None
