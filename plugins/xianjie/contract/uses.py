"""Uses (用处): which columns of the datasets' tables a statement reads, from its syntax tree.

DuckDB parses the statements (it runs none of them): aliases are resolved by scope, so that ``w.status`` is a use
of ``employment_work_monthly.status`` only where ``w`` is that table. What it cannot parse, such as the writing
statements of the warehouse, is read by words, which may name a column too many and never one too few.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import duckdb

Columns = Mapping[str, frozenset[str]]  # table → its columns
Used = frozenset[tuple[str, str]]  # (table, column)
_SCHEMAS = frozenset({"facts", "history", "changes"})
_BINDS = re.compile(r"(?<!:):([a-z_]+)")
_COMMENTS = re.compile(r"--[^\n]*")
_NAMED = re.compile(
    r"\b(?:facts|history|changes)\.([a-z0-9_]+)(?:\s+(?:as\s+)?(?!on\b|where\b|using\b|inner\b|left\b|join\b)"
    r"([a-z_][a-z0-9_]*))?"
)


def columns_used(statement: str, tables: Columns) -> Used:
    """The columns of `tables` that a statement reads or writes."""
    plain = _BINDS.sub(r"'\1'", _COMMENTS.sub("", statement))
    found: set[tuple[str, str]] = set()
    for part in filter(str.strip, plain.split(";")):
        tree = _tree(part)
        found |= set(_of_tree(tree, tables)) if tree else set(_of_words(part, tables))
    return frozenset(found)


@lru_cache(maxsize=1024)
def _tree(statement: str) -> Any:
    """The nodes of a SELECT, or None when DuckDB does not know the syntax."""
    with duckdb.connect() as connection:
        row = connection.execute("select json_serialize_sql(?)", [statement]).fetchone()
    parsed: dict[str, Any] = json.loads(row[0]) if row else {"error": True}
    return None if parsed.get("error") else [each["node"] for each in parsed["statements"]]


def _of_tree(nodes: Any, tables: Columns) -> Iterator[tuple[str, str]]:
    for node in nodes:
        yield from _walk(node, [], frozenset(), tables)


def _walk(
    node: Any, scopes: list[dict[str, str]], named: frozenset[str], tables: Columns
) -> Iterator[tuple[str, str]]:
    """Uses below a node; `scopes` map alias to table (empty for what is no dataset), innermost last."""
    if isinstance(node, list):
        for each in node:
            yield from _walk(each, scopes, named, tables)
        return
    if not isinstance(node, dict):
        return
    named = named | {each["key"] for each in node.get("cte_map", {}).get("map", ())}
    if node.get("type") == "SELECT_NODE":
        scopes = [*scopes, dict(_relations(node["from_table"], named))]
    elif node.get("class") == "COLUMN_REF":
        yield from _column(node["column_names"], scopes, tables)
        return
    elif node.get("class") == "STAR":
        yield from _star(node.get("relation_name") or "", scopes, tables)
    for name in node.get("using_columns") or ():
        yield from _column([name], scopes, tables)
    for each in node.values():
        yield from _walk(each, scopes, named, tables)


def _relations(table: Any, named: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Alias and table of each relation of a FROM clause; inner queries have scopes of their own."""
    if table.get("type") == "BASE_TABLE":
        is_ours = table["schema_name"] in _SCHEMAS or (
            not table["schema_name"] and table["table_name"] not in named
        )
        yield table["alias"] or table["table_name"], table["table_name"] if is_ours else ""
    elif table.get("type") == "JOIN":
        yield from _relations(table["left"], named)
        yield from _relations(table["right"], named)
    elif table.get("alias"):
        yield table["alias"], ""


def _column(
    names: list[str], scopes: list[dict[str, str]], tables: Columns
) -> Iterator[tuple[str, str]]:
    if len(names) > 1:
        alias, column = names[-2], names[-1]
        for scope in reversed(scopes):
            if alias in scope:
                table = scope[alias]
                if table in tables and column in tables[table]:
                    yield table, column
                return
        return
    for scope in reversed(scopes):
        having = [table for table in scope.values() if table in tables and names[0] in tables[table]]
        if having:
            yield from ((table, names[0]) for table in having)
            return


def _star(alias: str, scopes: list[dict[str, str]], tables: Columns) -> Iterator[tuple[str, str]]:
    for name, table in (scopes[-1] if scopes else {}).items():
        if table in tables and alias in ("", name):
            yield from ((table, column) for column in tables[table])


def _of_words(statement: str, tables: Columns) -> Iterator[tuple[str, str]]:
    """Every ``alias.column`` of a table named in the statement, and its columns without an alias."""
    aliases = {alias or table: table for table, alias in _NAMED.findall(statement) if table in tables}
    for alias, column in re.findall(r"\b([a-z_][a-z0-9_]*)\.([a-z_][a-z0-9_]*)", statement):
        table = aliases.get(alias, alias if alias in aliases.values() else "")
        if column in tables.get(table, ()):
            yield table, column
    for table in {*aliases.values()}:
        for word in set(re.findall(r"(?<![.\w'])([a-z_][a-z0-9_]*)(?![\w'(])", statement)):
            if word in tables[table]:
                yield table, word

