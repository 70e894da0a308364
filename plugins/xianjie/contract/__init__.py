"""Contract (数据契约): what a department promised to send.

In: ``include/contracts/<department>/<dataset>.yaml`` (ODCS v3.1) and ``include/codes/*.csv``.
Out: the typed `Contract`, from which landing columns, sieve, gate, table columns and dictionary are derived.
Wrong: `ContractError`, naming every fault of every file at once.
"""

from xianjie.contract.cadence import Cadence
from xianjie.contract.catalogue import Catalogue, catalogue
from xianjie.contract.codes import code_list, divisions
from xianjie.contract.derive import Column, rules, table_columns
from xianjie.contract.model import Contract, Field, FieldKind, FieldType, Rule, Severity, Source, Tolerances
from xianjie.contract.typing_sql import clean, duckdb_type, typed

__all__ = [
    "Cadence",
    "Catalogue",
    "Column",
    "Contract",
    "Field",
    "FieldKind",
    "FieldType",
    "Rule",
    "Severity",
    "Source",
    "Tolerances",
    "catalogue",
    "clean",
    "code_list",
    "divisions",
    "duckdb_type",
    "rules",
    "table_columns",
    "typed",
]
