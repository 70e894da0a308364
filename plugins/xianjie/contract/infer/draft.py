"""The draft's YAML. A person reads it next, so it says what was guessed from what, and what is to be decided."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xianjie.contract import codes
from xianjie.contract.infer.columns import Column
from xianjie.contract.model import Field, FieldKind, FieldType

_TYPES = {
    FieldType.STRING: "string",
    FieldType.INTEGER: "integer",
    FieldType.DECIMAL: "number",
    FieldType.DATE: "date",
    FieldType.MONTH: "date",
    FieldType.BOOLEAN: "boolean",
}
_CHANGES = ("操作类型", "变更类型", "操作标志", "删除标志", "变更标志")
_HOUSEHOLD = ("户编号", "户编码", "户号")


@dataclass(frozen=True)
class Place:
    """Where the contract will stand and how its file is read."""

    department: str
    department_title: str
    dataset: str
    code: str
    title: str
    format: str
    header_row: int = 1
    encoding: str | None = None
    rows: int = 0


def draft(place: Place, found: Sequence[Column]) -> str:
    """The YAML text of a contract in status ``draft``: read and checked, not pulled."""
    return "\n".join((*_head(place), *_ours(place, found), *_schema(place, found))) + "\n"


def _head(place: Place) -> Iterator[str]:
    yield f"# {place.code} {place.title}：由样本（{place.rows} 行）起草，逐条核对 TODO 后把 status 改为 active。"
    yield "# 本文件不含样本中的个人信息。"
    yield "apiVersion: v3.1.0"
    yield "kind: DataContract"
    yield f"id: {place.department}.{place.dataset}"
    yield f"name: {_quoted(place.title)}"
    yield "version: 1.0.0"
    yield "status: draft"
    yield f"domain: {place.department}"
    yield "description:"
    yield "  purpose: TODO 写明用途  # TODO"
    yield "team:"
    yield f"  name: {_quoted(place.department_title)}"
    yield "  members:  # TODO 责任科室与联络员"
    yield f"    - {{username: {place.department}_owner, name: TODO, role: owner}}"
    yield f"    - {{username: {place.department}_liaison, name: TODO, role: liaison}}"
    yield "slaProperties:  # TODO 与部门约定频次与时限"
    yield "  - {property: frequency, value: 1, unit: d, description: nightly}"
    yield '  - {property: arrival_deadline, value: "22:00"}'
    yield '  - {property: cutoff, value: "22:00"}'


def _ours(place: Place, found: Sequence[Column]) -> Iterator[str]:
    marks = [column.field.label for column in found if column.field.label in _CHANGES]
    yield "customProperties:"
    yield "  - property: xianjie"
    yield "    value:"
    yield f"      code: {place.code}"
    yield "      is_confirmed: false"
    yield f"      delivery_mode: {'delta' if marks else 'full'}  # TODO 全量还是增量，向部门确认"
    yield from _roles(found)
    yield "      source:  # TODO 实际取数方式"
    yield "        connector: folder"
    yield f"        format: {place.format}"
    yield "        options:"
    yield f'          path: "{place.department}/{{business_date:%Y%m%d}}/{place.dataset}.{place.format}"'
    if marks:
        yield f"          withdrawn_field: {_quoted(marks[0])}"
    reading = [f"header_row: {place.header_row}"] if place.header_row > 1 else []
    reading += [f"encoding: {place.encoding}"] if place.encoding in ("gb18030", "utf-16") else []
    if reading:
        yield f"        reading: {{{', '.join(reading)}}}"


def _roles(found: Sequence[Column]) -> Iterator[str]:
    fields = [column.field for column in found]
    roles = {
        "subject": [f for f in fields if f.kind is FieldKind.ID_NUMBER],
        "subject_name": [f for f in fields if f.kind is FieldKind.NAME],
        "household": [f for f in fields if f.label in _HOUSEHOLD],
        "division": [f for f in fields if f.code_list == codes.DIVISION],
    }
    for role, candidates in roles.items():
        if candidates:
            more = f"；另有 {'、'.join(f.label for f in candidates[1:])}" if candidates[1:] else ""
            yield f"      {role}: {candidates[0].name}  # TODO 确认{more}"


def _schema(place: Place, found: Sequence[Column]) -> Iterator[str]:
    key = [column.field.label for column in found if column.is_key]
    yield "schema:"
    yield f"  - name: {place.department}_{place.dataset}"
    yield f"    businessName: {_quoted(place.title)}"
    yield "    logicalType: object"
    yield "    physicalType: table"
    grain = _quoted(f"一行一个{'+'.join(key)}")
    yield f"    dataGranularityDescription: {grain}  # TODO 主键按样本的唯一性猜测"
    yield "    properties:"
    position = 0
    for column in found:
        position += column.is_key
        yield from _property(column, position)


def _property(column: Column, position: int) -> Iterator[str]:
    field = column.field
    doubt = "" if column.is_known or not field.name.startswith("field_") else "  # TODO 起英文名"
    yield f"      - name: {field.name}{doubt}"
    yield f"        businessName: {_quoted(field.label)}"
    yield f"        logicalType: {_TYPES[field.type]}"
    yield f"        physicalType: {_physical(field)}"
    if field.type is FieldType.MONTH:
        yield "        logicalTypeOptions: {format: yyyyMM}"
    if field.required or column.is_key:
        yield "        required: true  # TODO 样本中没有空缺" if not column.is_key else "        required: true"
    if column.is_key:
        yield "        primaryKey: true"
        yield f"        primaryKeyPosition: {position}"
    yield f"        classification: {field.pi_level}{'' if column.is_known else '  # TODO 敏感级别'}"
    if added := _additions(field):
        yield "        customProperties:"
        yield f"          - {{property: xianjie, value: {{{added}}}}}"
    yield from _codes(column)


def _codes(column: Column) -> Iterator[str]:
    """What to do about a column of few values that no code list has yet."""
    if column.has_few_values:
        shown = "、".join(text for text, _ in column.values)
        yield f"        # TODO 只有 {column.distinct} 种取值，建议在 include/codes 下建代码表并写 code_list"
        if shown:
            yield f"        # 样本中多次出现的取值：{shown}"


def _additions(field: Field) -> str:
    parts = {
        "kind": str(field.kind) if field.kind is not FieldKind.PLAIN else None,
        "code_list": field.code_list,
        "is_multiple": "true" if field.is_multiple else None,
    }
    return ", ".join(f"{name}: {text}" for name, text in parts.items() if text)


def _physical(field: Field) -> str:
    if field.type is FieldType.STRING:
        return f"varchar({field.max_length or 50})"
    if field.type is FieldType.DECIMAL:
        return f"numeric({field.precision or 12},{field.scale or 2})"
    return {FieldType.INTEGER: "integer", FieldType.BOOLEAN: "boolean"}.get(field.type, "date")


def _quoted(text: str) -> str:
    """A YAML scalar in double quotes: labels may hold anything."""
    return json.dumps(text, ensure_ascii=False)
