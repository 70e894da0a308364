"""The typed contract, as every other stage sees it.

Shapes follow the Open Data Contract Standard v3.1; what it has no word for sits in its ``customProperties``.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from xianjie.contract.cadence import Cadence


class Model(BaseModel):
    """Frozen and closed: a misspelt key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldType(StrEnum):
    """Logical types; a delivery itself is kept as text."""

    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    MONTH = "month"  # a year and month, typed as the first day of the month
    BOOLEAN = "boolean"


class FieldKind(StrEnum):
    """What a field says about a person; decides how it is protected beyond identity."""

    PLAIN = "plain"
    ID_NUMBER = "id_number"  # becomes <name>_token (uuid) and <name>_masked
    NAME = "name"  # becomes <name>_masked
    PHONE = "phone"  # becomes <name>_token and <name>_masked
    BANK_ACCOUNT = "bank_account"  # becomes <name>_masked
    REGISTER_NO = "register_no"  # holds an ID number inside (学籍号): becomes <name>_token and <name>_masked
    ADDRESS = "address"  # withheld: stays in the landing only
    FREE_TEXT = "free_text"  # a story told in words, which may name people: withheld likewise


WITHHELD = frozenset({FieldKind.ADDRESS, FieldKind.FREE_TEXT})


class Severity(StrEnum):
    """``fix`` quarantines the row; ``warn`` lets it pass and is reported."""

    FIX = "fix"
    WARN = "warn"


class Rule(Model):
    """One row rule. `breaks_when` is a DuckDB condition over typed columns, true when the row is wrong.

    ``raw.<column>`` is the delivered text, ``<column>`` the typed value. Null conditions count as false.
    `external_number` is the same check's number in the national system's lists, several joined by ``/``;
    `level` how serious those lists call it, 1 (must be fixed) to 5 (to be explained).
    """

    id: str
    title: str
    breaks_when: str
    fix: str
    severity: Severity = Severity.FIX
    fields: tuple[str, ...] = ()
    external_number: str | None = None
    level: int | None = None

    @property
    def external_numbers(self) -> tuple[str, ...]:
        """The numbers in `external_number`, one by one."""
        return tuple(self.external_number.split("/")) if self.external_number else ()


class Field(Model):
    """One column: `name` is ours (snake_case), `label` the department's (Chinese).

    `severity` is what a value that cannot be typed costs the row; `is_multiple` marks a coded field that
    holds several codes, typed as sorted codes joined by commas; `external_numbers` are those of the rules that
    follow from the field, by problem.
    """

    name: str
    label: str
    type: FieldType = FieldType.STRING
    aliases: tuple[str, ...] = ()
    description: str = ""
    required: bool = False
    max_length: int | None = None
    precision: int | None = None
    scale: int | None = None
    code_list: str | None = None
    pi_level: Literal["L1", "L2", "L3", "L4"] = "L1"
    kind: FieldKind = FieldKind.PLAIN
    is_multiple: bool = False
    severity: Severity = Severity.FIX
    drift: Literal["evolve", "freeze", "discard"] = "freeze"
    fix: str = ""
    external_numbers: dict[str, str] = {}
    examples: tuple[int | float | str, ...] = ()


class Source(Model):
    """Where a dataset is pulled from; `options` belong to the connector, `reading` to the file format."""

    connector: Literal["sql", "http", "sftp", "folder"]
    connection: str | None = None
    options: dict[str, Any] = {}
    format: Literal["csv", "xlsx", "json", "rows"] = "rows"
    reading: dict[str, Any] = {}


class Tolerances(Model):
    """What the gate accepts of a delivery as a whole; all assumptions until the county confirms them."""

    min_rows: int = 1
    hold_drop_pct: float = 20.0
    refuse_drop_pct: float = 50.0
    hold_growth_pct: float = 50.0
    min_valid_pct: float = 90.0
    min_unique_pct: float = 99.0
    max_unknown_code_pct: float = 5.0
    max_code_drift_pct: float = 2.0
    max_age_days: int | None = None  # what the cadence allows, when the contract says nothing


class Contract(Model):
    """One dataset of one department.

    `key` are the fields that name a row; `subject` the field holding the ID number of the person a row is
    about (none for household datasets); `household` the field holding the household number, when delivered.
    `terms` name what its conditions share; in `rules` they are spelled out already.
    Only what `is_active` is pulled; what `has_ended` (deprecated, retired) cannot be switched on any more.
    """

    id: str  # "<department>.<dataset>"
    code: str  # "EDU-01"
    version: str
    department: str
    department_title: str
    dataset: str
    title: str
    description: str = ""
    owner: str = ""
    liaison: str = ""
    is_active: bool = True
    has_ended: bool = False
    is_confirmed: bool = False
    key: tuple[str, ...]
    subject: str | None = None
    subject_name: str | None = None
    household: str | None = None
    division: str | None = None
    delivery_mode: Literal["full", "delta"]
    cadence: Cadence = Cadence()
    arrival_deadline: dt.time
    cutoff: dt.time
    source: Source
    tolerances: Tolerances = Tolerances()
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()
    terms: dict[str, str] = {}

    @property
    def table(self) -> str:
        """The dataset's table name in the schemas ``changes``, ``history`` and ``facts``."""
        return f"{self.department}_{self.dataset}"

    def field(self, name: str) -> Field:
        """The field called `name`; KeyError when there is none."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        raise KeyError(name)
