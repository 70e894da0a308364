"""Lint (检查): all that can be known to be wrong with contracts and code lists before a delivery comes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb

from xianjie.contract import codes, derive
from xianjie.contract.catalogue import read_contracts
from xianjie.contract.faults import Fault
from xianjie.contract.model import Contract
from xianjie.contract.typing_sql import duckdb_type
from xianjie.errors import ContractError
from xianjie.settings import settings

_ANY_DAY = dt.date(2000, 9, 1)
_ANY_COUNTY = "000000"


def lint(include_dir: Path | None = None) -> list[Fault]:
    """All faults of an include folder: form, meaning, rule conditions, code lists; empty when sound."""
    folder = include_dir or settings().include_dir
    try:
        faults = list(_of_code_lists(folder))
    except ContractError as error:  # nothing can be judged against code lists that cannot be read
        return [Fault("codes", "-", error.message, "请改正代码表后重新检查")]
    contracts, found = read_contracts(folder)
    faults += found
    with duckdb.connect() as connection:
        for contract in contracts:
            faults += _of_conditions(connection, contract)
    return sorted(faults)


def _of_conditions(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Iterator[Fault]:
    """Each condition of the contract's own must be one DuckDB boolean over its columns."""
    file = f"contracts/{contract.department}/{contract.dataset}.yaml"
    typed = ", ".join(f"null::{duckdb_type(field)} as {field.name}" for field in contract.fields)
    raw = ", ".join(f"{field.name} := null::varchar" for field in contract.fields)
    connection.execute(f"create or replace temp table typed as select {typed}, struct_pack({raw}) as raw")
    for position, rule in enumerate(contract.rules):
        try:
            condition = derive.night_condition(rule, _ANY_DAY, _ANY_COUNTY)
            found = connection.execute(f"describe select ({condition}) as broken from typed").fetchall()
            problem = "" if found[0][1] in ("BOOLEAN", '"NULL"') else f"结果是 {found[0][1]}，不是真假"
        except (duckdb.Error, ValueError) as error:
            problem = str(error).split("\n")[0]
        if problem:
            path = f"schema[0].quality[{position}].implementation"
            yield Fault(file, path, f"{rule.id} 的条件不能执行: {problem}", "请改正字段名或写法")


def _of_code_lists(include_dir: Path) -> Iterator[Fault]:
    for code in codes.all_codes(include_dir):
        if code.valid_from > code.valid_to:
            yield Fault("codes", f"{code.list_name}/{code.code}", "valid_to 早于 valid_from", "请改正有效期")
    yield from _of_spellings(include_dir)
    known = {division.code for division in codes.divisions(include_dir=include_dir)}
    for division in codes.divisions(include_dir=include_dir):
        if division.level != "county" and division.parent_code not in known:
            yield Fault(
                "codes/divisions.csv",
                division.code,
                f"上级 {division.parent_code} 不在表内",
                "请补上上级区划",
            )


def _of_spellings(include_dir: Path) -> Iterator[Fault]:
    """Two codes valid on one day must not be written alike."""
    seen: dict[tuple[str, str], codes.Code] = {}
    for code in codes.all_codes(include_dir):
        for spelling in dict.fromkeys((code.code, code.name_cn, *code.aliases)):
            other = seen.setdefault((code.list_name, spelling), code)
            overlaps = other.valid_from <= code.valid_to and code.valid_from <= other.valid_to
            if other is not code and overlaps:
                path = f"{code.list_name}/{code.code}"
                yield Fault(
                    "codes", path, f"“{spelling}”也是 {other.code} 的写法", "同一写法只能对应一个代码"
                )
