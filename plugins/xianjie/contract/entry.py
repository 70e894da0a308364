"""Filling in a field by hand (填报): what its cell offers, accepts and says, for every workbook people type into.

One place for returned rows and submissions, so that a drop-down says the same in both and is understood alike.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from xianjie.contract import codes
from xianjie.contract.model import Contract, Field, FieldKind, FieldType

_YES_NO = ("是", "否")
_LONGEST_HINT = 250  # a spreadsheet shows 255 characters
_HINTS = {
    FieldType.INTEGER: "只填整数，不带单位。",
    FieldType.DECIMAL: "只填数字，不带单位和千分位。",
    FieldType.DATE: "写成 2026-09-01。",
    FieldType.MONTH: "写成 2026-09。",
    FieldType.BOOLEAN: "选“是”或“否”。",
}
_KIND_HINTS = {
    FieldKind.ID_NUMBER: "按证件填 18 位，末位 X 大写；本格是文本格式，不会变成 6.39E+17。",
    FieldKind.PHONE: "11 位手机号，或带区号的座机号。",
    FieldKind.BANK_ACCOUNT: "逐位填写账号，中间不留空格。",
}
_ID_LENGTHS = (18, 15, 20, 22)
# Excel's own words; the cell is written where {cell} stands.
_CHECKS = {
    FieldType.INTEGER: "ISNUMBER(VALUE({cell}))",
    FieldType.DECIMAL: "ISNUMBER(VALUE({cell}))",
    FieldType.DATE: "ISNUMBER(DATEVALUE({cell}))",
}


@dataclass(frozen=True)
class Entry:
    """How one field is filled in.

    `choices` are what its drop-down offers (none without a code list), `hint` what is said while typing, `check`
    an Excel condition with ``{cell}`` that a value should meet; whoever knows better may overrule it.
    """

    field: Field
    choices: tuple[str, ...]
    hint: str
    check: str | None
    meanings: Mapping[str, str]

    @property
    def label(self) -> str:
        """The column's name, as the department calls it."""
        return self.field.label

    @property
    def is_strict(self) -> bool:
        """Whether nothing but one of the choices is taken."""
        return bool(self.choices) and not self.field.is_multiple

    def meant(self, typed: str) -> str:
        """What a typed text stands for: the code behind a choice that is more than its name, else the text."""
        return self.meanings.get(typed.strip(), typed)


def entries(
    contract: Contract, on: dt.date, county_code: str, include_dir: Path | None = None
) -> tuple[Entry, ...]:
    """One entry a field, in the contract's order, with the code lists of the day."""
    return tuple(_entry(field, on, county_code, include_dir) for field in contract.fields)


def unknown_code(field: Field, typed: str, on: dt.date, include_dir: Path | None = None) -> bool:
    """Whether a typed text is in no spelling of the field's code list (divisions are left to the sieve)."""
    if not field.code_list or field.code_list == codes.DIVISION:
        return False
    known = codes.spellings(field.code_list, on, include_dir)
    parts = re.split(r"[,、;|/ ，；]+", typed.strip()) if field.is_multiple else [typed.strip()]
    return typed.strip() not in known and not all(part in known for part in parts)


def _entry(field: Field, on: dt.date, county_code: str, include_dir: Path | None) -> Entry:
    meanings = _meanings(field, on, county_code, include_dir)
    is_boolean = field.type is FieldType.BOOLEAN and not field.code_list
    return Entry(
        field=field,
        choices=_YES_NO if is_boolean else tuple(meanings),
        hint=_hint(field),
        check=_check(field),
        meanings={choice: code for choice, code in meanings.items() if choice.startswith(f"{code} ")},
    )


def _meanings(field: Field, on: dt.date, county_code: str, include_dir: Path | None) -> dict[str, str]:
    """Choice → code. A choice is the name; where the name alone is not understood, the code comes first."""
    if not field.code_list:
        return {}
    if field.code_list == codes.DIVISION:
        return _places(county_code, include_dir)
    names = codes.code_list(field.code_list, on, include_dir)
    times = Counter(names.values())
    return {(name if times[name] == 1 else f"{code} {name}"): code for code, name in names.items()}


def _places(county_code: str, include_dir: Path | None) -> dict[str, str]:
    """``630121102200 桥头镇 中庄村``: villages below their town, as people look for them."""
    listed = codes.divisions(county_code, include_dir)
    names = {each.code: each.name for each in listed}
    found = {}
    for each in listed:
        code = each.code.ljust(12, "0")
        above = names.get(each.parent_code, "") if each.level == "village" else ""
        found[" ".join(filter(None, (code, above, each.name)))] = code
    return found


def _hint(field: Field) -> str:
    parts = ["必填。" if field.required else "没有可不填。"]
    if field.is_multiple:
        parts.append("可填多项，用顿号隔开。")
    elif field.code_list:
        parts.append("从下拉列表里选。")
    parts.append(_KIND_HINTS.get(field.kind) or ("" if field.code_list else _HINTS.get(field.type, "")))
    if (
        field.type is FieldType.STRING
        and not field.code_list
        and field.kind is FieldKind.PLAIN
        and field.max_length
    ):
        parts.append(f"不超过 {field.max_length} 个字。")
    parts.append(field.description)
    return "".join(filter(None, parts))[:_LONGEST_HINT]


def _check(field: Field) -> str | None:
    if field.code_list or field.type is FieldType.BOOLEAN:
        return None
    if field.kind is FieldKind.ID_NUMBER:
        return f"OR({','.join(f'LEN({{cell}})={length}' for length in _ID_LENGTHS)})"
    if field.type is FieldType.STRING:
        return f"LEN({{cell}})<={field.max_length}" if field.max_length else None
    return _CHECKS.get(field.type)
