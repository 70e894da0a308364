"""Reading definitions people of the field write: closed models, effective dates, all faults at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from xianjie.warehouse.questions.errors import DefinitionError

Mark = Literal["sourced", "assumption", "not_found"]
Scalar = int | Decimal | str | None


class Definition(BaseModel):
    """Frozen and closed: a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Dated(Definition):
    """A value in force from a date; null means nobody could say it, and blocks what needs it.

    `region` is a prefix of division codes; the longest that fits a county wins.
    """

    region: str = ""
    start: dt.date = Field(alias="from")
    value: Scalar
    mark: Mark
    is_confirmed: bool = False
    source: str = ""


class _Regional(Protocol):
    @property
    def region(self) -> str: ...

    @property
    def start(self) -> dt.date: ...


_R = TypeVar("_R", bound=_Regional)
_M = TypeVar("_M", bound=Definition)


def in_force(values: Sequence[_R], division: str, on: dt.date) -> _R | None:
    """The value in force for a division: the longest region that has one on that day, and its latest."""
    fitting = [value for value in values if division.startswith(value.region) and value.start <= on]
    return max(fitting, key=lambda value: (len(value.region), value.start)) if fitting else None


def read_model(model: type[_M], path: Path, faults: list[str]) -> _M | None:
    """One YAML file as `model`; every fault goes to `faults`, with the file and the key."""
    where = f"{path.parent.name}/{path.name}"
    try:
        data: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return model.model_validate(data)
    except FileNotFoundError:
        faults.append(f"{where}: 缺少文件")
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        faults.append(f"{where}: 第 {mark.line + 1 if mark else '?'} 行不是合法的 YAML")
    except ValidationError as error:
        faults += [f"{where}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
    return None


def raise_for(faults: Sequence[str]) -> None:
    """Raises `DefinitionError` listing all `faults`, if there are any."""
    if faults:
        raise DefinitionError(faults)


def statement(path: Path) -> str:
    """The one SQL statement of a file, without its closing semicolon."""
    return path.read_text(encoding="utf-8").rstrip().removesuffix(";")
