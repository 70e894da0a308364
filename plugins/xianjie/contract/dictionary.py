"""The dictionary (数据字典): one self-contained page per department, and one reference in Markdown.

Both are generated from the contracts and the codes valid today; nothing in them is written by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from xianjie import dates
from xianjie.contract import codes, derive, dictionary_book
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Field, FieldKind, FieldType, Rule, Severity, Tolerances
from xianjie.settings import settings

_FORMS = {
    FieldType.STRING: "文字",
    FieldType.INTEGER: "整数",
    FieldType.DECIMAL: "数字",
    FieldType.DATE: "日期",
    FieldType.MONTH: "年月",
    FieldType.BOOLEAN: "是 / 否",
}
_KEPT = {
    FieldKind.PLAIN: "原值",
    FieldKind.ID_NUMBER: "令牌 + 后四位",
    FieldKind.NAME: "首字",
    FieldKind.PHONE: "令牌 + 前三后四",
    FieldKind.BANK_ACCOUNT: "后四位",
    FieldKind.REGISTER_NO: "令牌 + 后四位",
    FieldKind.ADDRESS: "不入库",
    FieldKind.FREE_TEXT: "不入库",
}
_SOURCES = {"sql": "数据库只读账号", "http": "接口", "sftp": "文件服务器", "folder": "共享文件夹"}
_MODES = {"full": "全量", "delta": "增量（首次全量）"}
_DRIFT = {"freeze": "待确认", "evolve": "可缺", "discard": "可缺，错值略去"}
_REFUSED = "拒收"


@dataclass(frozen=True)
class _FieldRow:
    name: str
    label: str
    form: str
    code_list: str | None
    required: str
    aliases: str
    level: str
    kept: str
    drift: str
    note: str


@dataclass(frozen=True)
class _RuleRow:
    id: str
    title: str
    action: str
    mark: str
    fix: str
    external_number: str
    level: str


@dataclass(frozen=True)
class _Dataset:
    contract: Contract
    key: str
    mode: str
    source: str
    tolerances: str
    fields: tuple[_FieldRow, ...]
    rules: tuple[_RuleRow, ...]


@dataclass(frozen=True)
class _CodeList:
    name: str
    label: str
    codes: tuple[codes.Code, ...]


@dataclass(frozen=True)
class _Department:
    name: str
    title: str
    deadline: str
    versions: str
    datasets: tuple[_Dataset, ...]
    code_lists: tuple[_CodeList, ...]

    @property
    def is_in_use(self) -> bool:
        """Whether any of its datasets is pulled."""
        return any(dataset.contract.is_active for dataset in self.datasets)


def write(out: Path, include_dir: Path | None = None, on: dt.date | None = None) -> list[Path]:
    """Writes ``dictionary/<department>.html`` and ``dictionary.md`` below `out`; returns their paths."""
    folder, day = include_dir or settings().include_dir, on or dates.now().date()
    departments = [
        _department(contracts, folder, day) for contracts in catalogue(folder).every_department().values()
    ]
    pages = {f"dictionary/{each.name}.html": page(each, folder) for each in departments}
    pages["dictionary.md"] = _markdown(departments)
    for name, text in pages.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return [out / name for name in pages]


def write_books(out: Path, include_dir: Path | None = None, on: dt.date | None = None) -> list[Path]:
    """Writes ``dictionary/<department>.xlsx`` below `out`: the same for those who work in spreadsheets."""
    folder, day = include_dir or settings().include_dir, on or dates.now().date()
    departments = catalogue(folder).every_department().values()
    return [
        dictionary_book.write(each, out / "dictionary" / f"{each.name}.xlsx")
        for each in (_department(contracts, folder, day) for contracts in departments)
    ]


def page(department: _Department, include_dir: Path) -> str:
    """A department's dictionary as one HTML document without links to other servers."""
    templates = include_dir / "templates"
    environment = Environment(
        loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.globals["style"] = environment.filters["safe"]((templates / "style.css").read_text("utf-8"))
    return environment.get_template("dictionary/department.html.j2").render(department=department)


def _department(contracts: tuple[Contract, ...], include_dir: Path, on: dt.date) -> _Department:
    first = contracts[0]
    return _Department(
        name=first.department,
        title=first.department_title,
        deadline=f"{max(contract.arrival_deadline for contract in contracts):%H:%M}",
        versions="、".join(sorted({contract.version for contract in contracts})),
        datasets=tuple(_dataset(each, include_dir) for each in sorted(contracts, key=lambda each: each.code)),
        code_lists=tuple(_code_lists(contracts, include_dir, on)),
    )


def _dataset(contract: Contract, include_dir: Path) -> _Dataset:
    source = contract.source
    return _Dataset(
        contract=contract,
        key=" + ".join(contract.field(name).label for name in contract.key),
        mode=f"{contract.cadence.text}{_MODES[contract.delivery_mode]}",
        source=f"{_SOURCES[source.connector]}（{source.connection or '-'}），{source.format}",
        tolerances=_tolerances(contract.tolerances),
        fields=tuple(_field_row(field) for field in contract.fields),
        rules=tuple(_rule_row(rule) for rule in derive.rules(contract, include_dir=include_dir)),
    )


def _tolerances(allowed: Tolerances) -> str:
    return (
        f"少于 {allowed.min_rows} 行或比上次少 {allowed.refuse_drop_pct:g}% 拒收；少 {allowed.hold_drop_pct:g}%、"
        f"多 {allowed.hold_growth_pct:g}%、合格行不足 {allowed.min_valid_pct:g}% 待人工确认"
    )


def _field_row(field: Field) -> _FieldRow:
    return _FieldRow(
        name=field.name,
        label=field.label,
        form=_form(field),
        code_list=field.code_list if field.code_list != codes.DIVISION else None,
        required="必填" if field.required else "",
        aliases="、".join(field.aliases),
        level=field.pi_level,
        kept=_KEPT[field.kind],
        drift=_REFUSED if field.required else _DRIFT[field.drift],
        note="；".join(filter(None, (field.description, _examples(field)))),
    )


def _examples(field: Field) -> str:
    return f"如 {'、'.join(map(str, field.examples))}" if field.examples else ""


def _form(field: Field) -> str:
    if field.kind is FieldKind.ID_NUMBER:
        return "证件号码"
    if field.code_list == codes.DIVISION:
        return "12 位区划代码"
    if field.code_list:
        return "代码（可多选）" if field.is_multiple else "代码"
    if field.type is FieldType.STRING and field.max_length:
        return f"文字，{field.max_length} 字内"
    return _FORMS[field.type]


def _rule_row(rule: Rule) -> _RuleRow:
    is_fix = rule.severity is Severity.FIX
    return _RuleRow(
        id=rule.id,
        title=rule.title,
        action="退回" if is_fix else "提醒",
        mark="red" if is_fix else "yellow",
        fix=rule.fix,
        external_number=rule.external_number or "",
        level=str(rule.level or ""),
    )


def _code_lists(contracts: Iterable[Contract], include_dir: Path, on: dt.date) -> Iterator[_CodeList]:
    labels: dict[str, str] = {}
    for contract in contracts:
        for field in contract.fields:
            if field.code_list and field.code_list != codes.DIVISION:
                labels.setdefault(field.code_list, field.label)
    for name, label in labels.items():
        valid = (code for code in codes.all_codes(include_dir) if code.list_name == name)
        yield _CodeList(name, label, tuple(code for code in valid if code.valid_from <= on <= code.valid_to))


def _markdown(departments: Iterable[_Department]) -> str:
    lines = [
        "# Datasets",
        "",
        "Generated by `xianjie contract docs`; the pages for departments are in `dictionary/`.",
    ]
    for department in departments:
        lines += ["", f"## {department.name} {department.title}", ""]
        if not department.is_in_use:
            lines += ["Not in use yet: [switch it on](../cookbook/switch-on-a-department.md).", ""]
        lines += [f"Page: [{department.title} 数据字典](dictionary/{department.name}.html)"]
        for dataset in department.datasets:
            lines += list(_markdown_dataset(dataset))
    return "\n".join(lines) + "\n"


def _markdown_dataset(dataset: _Dataset) -> Iterator[str]:
    contract = dataset.contract
    yield from ("", f"### {contract.code} {contract.id} {contract.title}", "", contract.description, "")
    use = "" if contract.is_active else " Not in use yet."
    yield (
        f"Key: `{' + '.join(contract.key)}`. Mode: {contract.delivery_mode}. Owed: {contract.cadence.text}."
        f" Version {contract.version}.{use}"
    )
    yield from (
        "",
        "| field | label | type | required | level | drift | warehouse columns |",
        "|---|---|---|---|---|---|---|",
    )
    kept: dict[str, list[str]] = {}
    for column in derive.table_columns(contract):
        kept.setdefault(column.field, []).append(f"`{column.name}` {column.pg_type}")
    for field in contract.fields:
        kind = f"code `{field.code_list}`" if field.code_list else str(field.type)
        columns = ", ".join(kept.get(field.name, ["not kept"]))
        required, drift = ("yes", "") if field.required else ("", field.drift)
        yield f"| `{field.name}` | {field.label} | {kind} | {required} | {field.pi_level} | {drift} | {columns} |"
