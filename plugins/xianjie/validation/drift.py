"""Drift (变样): what exactly a delivery does differently from those before it.

Columns that came, went or were renamed; fields whose text is not of its type any more; codes nobody knows; dates
written in another form. A share is of the changed rows, the only ones that are typed. Text of a row is never
quoted, with one exception: an unknown code of a field that is not personal, when several rows have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xianjie.contract.model import Contract, Field, FieldKind, FieldType
from xianjie.contract.typing_sql import clean
from xianjie.database.columnar import columnar, identifier, literal
from xianjie.landing import Delivery, changed_sql
from xianjie.privacy import redact
from xianjie.validation.policy import Policy
from xianjie.validation.sieve import Sieved

Kind = Literal["column_added", "column_missing", "column_renamed", "type", "code", "format"]
_SHOWN_CODES = 5
_SHOWN_LENGTH = 12
_CODE_ROWS = 3  # an unknown code of fewer rows is a slip of somebody, not a code
_FORMS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "2026-09-01"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "2026/9/1"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "2026.9.1"),
    (r"\d{4}年\d{1,2}月\d{1,2}日?", "2026年9月1日"),
    (r"\d{8}", "20260901"),
    (r"\d{4}-\d{1,2}", "2026-09"),
    (r"\d{4}/\d{1,2}", "2026/9"),
    (r"\d{4}\.\d{1,2}", "2026.9"),
    (r"\d{4}年\d{1,2}月", "2026年9月"),
    (r"\d{6}", "202609"),
    (r"\d{5}(\.\d+)?", "表格日期序号"),
    (r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ T].*", "日期带时刻"),
)
_OTHER = "其他写法"


@dataclass(frozen=True)
class Change:
    """One difference; `field` is a label or, for a column nobody declared, its heading."""

    kind: Kind
    field: str
    sentence: str
    row_count: int | None = None
    share_pct: float | None = None


@dataclass(frozen=True)
class Share:
    """How many of the changed rows break one derived rule of a field, and how many used to (in per cent)."""

    field: Field
    rows: int
    pct: float
    usual_pct: float | None

    @property
    def rise(self) -> float:
        """By how many percentage points it is more than it used to be."""
        return self.pct - (self.usual_pct or 0.0)

    @property
    def words(self) -> str:
        """``12 行（2.4%，平时 0.1%）``."""
        usual = "" if self.usual_pct is None else f"，平时 {self.usual_pct:.1f}%"
        return f"{self.rows} 行（{self.pct:.1f}%{usual}）"


@dataclass(frozen=True)
class Seen:
    """What is compared: shares of unreadable codes and types, forms of dates before and now, and the names
    of undeclared columns that may be printed."""

    codes: tuple[Share, ...]
    types: tuple[Share, ...]
    forms_before: Mapping[str, str]
    forms: Mapping[str, str]
    printable: tuple[str, ...]


def shares(contract: Contract, problem: str, sieved: Sieved, usual: Mapping[str, float]) -> tuple[Share, ...]:
    """The share of each field that has the derived rule `problem` (``code``, ``type``)."""
    found, changed = [], sieved.accepted_rows + sieved.quarantined_rows
    for field in contract.fields:
        rule = rule_id(contract, field, problem)
        if rule:
            rows = sieved.rule_rows.get(rule, 0)
            pct = 100.0 * rows / changed if changed else 0.0
            found.append(Share(field, rows, pct, usual.get(rule)))
    return tuple(found)


def rule_id(contract: Contract, field: Field, problem: str) -> str | None:
    """The id of a field's derived rule ``code`` or ``type``, as `xianjie.contract.derive` names it."""
    if field.kind is FieldKind.ID_NUMBER:
        return None
    is_typed = field.type is not FieldType.STRING and not field.code_list
    has_it = bool(field.code_list) if problem == "code" else is_typed
    return f"{contract.code}.{field.name}.{problem}" if has_it else None


def rule_ids(contract: Contract) -> list[str]:
    """All such rule ids of a contract."""
    ids = (rule_id(contract, field, problem) for field in contract.fields for problem in ("code", "type"))
    return [each for each in ids if each]


def forms(contract: Contract, delivery: Delivery, rows: int) -> dict[str, str]:
    """How most dates of each date field are written, as a sample date, from at most `rows` changed rows.

    A field is left out when fewer than four in five of its values share one form.
    """
    dated = [f for f in contract.fields if f.type in (FieldType.DATE, FieldType.MONTH) and not f.code_list]
    if not dated:
        return {}
    written = " union all ".join(
        f"select {literal(field.name)} as field, {clean(identifier(field.name))} as written from few "
        f"where {identifier(field.name)} is not null"
        for field in dated
    )
    query = (
        f"with few as materialized (from {changed_sql(delivery)} where _op <> 'D' limit {rows}), "
        f"forms as (select field, {_form('written')} as form, count(*) as n from ({written}) group by all) "
        "select field, arg_max(form, n) from forms group by field "
        "having max(n) >= 0.8 * sum(n)"
    )
    with columnar() as duck:
        return {field: form for field, form in duck.execute(query).fetchall() if form != _OTHER}


def changes(
    contract: Contract, delivery: Delivery, sieved: Sieved, seen: Seen, policy: Policy
) -> tuple[Change, ...]:
    """All differences of one delivery; types, codes and forms only where enough rows changed."""
    found = [*_columns(contract, delivery, seen.printable)]
    if sieved.accepted_rows + sieved.quarantined_rows >= policy.min_sample_rows:
        found += _types(seen.types, policy)
        found += _codes(contract, sieved, seen.codes)
        found += _rewritten(contract, seen.forms_before, seen.forms)
    return tuple(found)


def _columns(contract: Contract, delivery: Delivery, printable: tuple[str, ...]) -> Iterator[Change]:
    renamed = {name: header for name, header in delivery.columns_renamed if header in printable}
    for name in delivery.columns_missing if delivery.rows else ():
        label = contract.field(name).label
        if name in renamed:
            sentence = f"“{label}”可能改名为“{renamed[name]}”"
            yield Change("column_renamed", label, sentence)
        else:
            yield Change("column_missing", label, f"没有“{label}”列")
    for header in printable:
        if header not in renamed.values():
            yield Change("column_added", header, f"多出“{header}”列")


def _types(found: tuple[Share, ...], policy: Policy) -> Iterator[Change]:
    for share in found:
        if share.rise >= policy.drift_pct:
            label = share.field.label
            yield Change("type", label, f"“{label}”读不懂的 {share.words}", share.rows, share.pct)


def _codes(contract: Contract, sieved: Sieved, found: tuple[Share, ...]) -> Iterator[Change]:
    for share in found:
        if share.rows >= _CODE_ROWS and share.rise >= contract.tolerances.max_code_drift_pct:
            label, quoted = share.field.label, unknown_codes(contract, share.field, sieved.quarantined)
            named = f"，如 {'、'.join(f'“{text}” {n} 行' for text, n in quoted)}" if quoted else ""
            sentence = f"“{label}”不认得的代码 {share.words}{named}"
            yield Change("code", label, sentence, share.rows, share.pct)


def _rewritten(contract: Contract, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Change]:
    for name in sorted(before.keys() & now.keys()):
        if before[name] != now[name]:
            label = contract.field(name).label
            yield Change("format", label, f"“{label}”的写法由 {before[name]} 变为 {now[name]}")


def unknown_codes(contract: Contract, field: Field, quarantined: Path) -> list[tuple[str, int]]:
    """The unknown codes that most rows have, with their rows; none of a field that is personal."""
    rule = rule_id(contract, field, "code")
    if rule is None or field.kind is not FieldKind.PLAIN or field.pi_level not in ("L1", "L2"):
        return []
    query = (
        f"select {clean(identifier(field.name))} as code, count(*) as n "
        f"from read_parquet({literal(str(quarantined))}) where list_contains(_rules, {literal(rule)}) "
        f"group by code having n >= {_CODE_ROWS} order by n desc, code limit {_SHOWN_CODES}"
    )
    with columnar() as duck:
        return [(redact(code)[:_SHOWN_LENGTH], n) for code, n in duck.execute(query).fetchall() if code]


def _form(text: str) -> str:
    """A case expression: the sample that shows how a date's cleaned text is written."""
    whens = " ".join(
        f"when regexp_full_match({text}, {literal(pattern)}) then {literal(sample)}"
        for pattern, sample in _FORMS
    )
    return f"case {whens} else {literal(_OTHER)} end"
