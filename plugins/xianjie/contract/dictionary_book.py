"""The dictionary as a workbook (数据字典工作簿): one a department, for those who work in spreadsheets.

Sheets: 说明, one a dataset (fields, then rules), and 代码表. Everything is text: nothing of a contract becomes a
formula or a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xianjie.contract.model import Contract

if TYPE_CHECKING:
    from xianjie.contract.dictionary import _CodeList, _Dataset, _Department

_NOT_A_NAME = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_NAVY, _PAPER, _LINE = "#1F3A5F", "#F3F6FA", "#D3DAE3"
_MARKS = {"red": "#B3261E", "yellow": "#9A6A00"}
_FIELDS = (
    ("序", 5), ("中文名称", 22), ("字段", 24), ("写法", 18), ("代码表", 20), ("必填", 6), ("也认的列名", 24),
    ("级别", 6), ("入库形式", 16), ("缺列时", 14), ("说明", 40),
)  # fmt: skip
_SETS = (
    ("工作表", 34), ("记录主键", 30), ("报送方式", 16), ("到达时限 / 截止", 16), ("取数方式", 34), ("口径确认", 14),
    ("字段", 8), ("规则", 8),
)  # fmt: skip
_CODES = (("代码表", 22), ("用于", 20), ("代码", 20), ("名称", 26), ("也认", 44), ("起", 12), ("止", 12))


@dataclass(frozen=True)
class _Looks:
    """The workbook's formats."""

    title: Any
    head: Any
    cell: Any
    soft: Any
    marks: dict[str, Any]


def write(department: _Department, path: Path) -> Path:
    """Writes a department's workbook in one step and returns its path."""
    import xlsxwriter

    aside = path.with_name(f".{path.name}")
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(aside, options) as book:
        book.set_properties({"title": f"{department.title} 数据字典", "author": "衔接"})
        looks = _looks(book)
        names = list(_sheet_names(department))
        _about(book, department, names, looks)
        for dataset, name in zip(department.datasets, names, strict=True):
            _dataset(book.add_worksheet(name), dataset, looks)
        _codes(book.add_worksheet("代码表"), department.code_lists, looks)
    aside.replace(path)
    return path


def _looks(book: Any) -> _Looks:
    base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "text_wrap": True}
    boxed = {**base, "border": 1, "border_color": _LINE}
    return _Looks(
        title=book.add_format({**base, "font_size": 15, "bold": True, "font_color": _NAVY, "text_wrap": False}),
        head=book.add_format(
            {**boxed, "bold": True, "font_color": "#FFFFFF", "bg_color": _NAVY, "valign": "vcenter"}
        ),
        cell=book.add_format(boxed),
        soft=book.add_format({**base, "font_color": "#5B6775", "text_wrap": False}),
        marks={name: book.add_format({**boxed, "bold": True, "font_color": c}) for name, c in _MARKS.items()},
    )


def _sheet_names(department: _Department) -> Iterator[str]:
    """Names that a spreadsheet takes, none twice."""
    taken = {"说明", "代码表"}
    for dataset in department.datasets:
        contract: Contract = dataset.contract
        name = _NOT_A_NAME.sub("", f"{contract.code} {contract.title}")[:_LONGEST_NAME].strip()
        name = name if name.lower() not in taken else f"{name[: _LONGEST_NAME - 4]} {len(taken)}"
        taken.add(name.lower())
        yield name


def _about(book: Any, department: _Department, names: Sequence[str], looks: _Looks) -> None:
    sheet = book.add_worksheet("说明")
    sheet.hide_gridlines(2)
    _title(sheet, 0, f"{department.title} 数据字典", looks)
    lines = [
        f"{len(department.datasets)} 个数据集，契约版本 {department.versions}。",
        "本工作簿由数据契约生成：报什么、怎么写、哪些情况会退回、怎么改，以此为准。",
        "列名可用中文名称、字段名或别名；日期、年月、是否、代码的常见写法都能识别，空格与全角字符不影响。",
        "“退回”的行不入库，改正后重报；“提醒”的行照常入库，请核实。",
        "级别：L1 公开、L2 内部、L3 个人、L4 敏感个人。令牌是用密钥算出的替代号，不能还原为证件号。",
    ]
    for row, line in enumerate(lines, start=1):
        sheet.write_string(row, 0, line, looks.soft)
    rows = [
        (
            name,
            each.key,
            each.mode,
            f"{each.contract.arrival_deadline:%H:%M} / {each.contract.cutoff:%H:%M}",
            each.source,
            "已由部门确认" if each.contract.is_confirmed else "待部门确认",
            str(len(each.fields)),
            str(len(each.rules)),
        )
        for each, name in zip(department.datasets, names, strict=True)
    ]
    top = len(lines) + 2
    _table(sheet, top, _SETS, rows, looks)
    for row, name in enumerate(names, start=top + 1):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", looks.cell, name)
    _print(sheet, top)


def _dataset(sheet: Any, dataset: _Dataset, looks: _Looks) -> None:
    """The fields from the frozen header down, and below them the rules."""
    contract: Contract = dataset.contract
    sheet.hide_gridlines(2)
    _title(sheet, 0, f"{contract.code} {contract.title}", looks)
    sheet.write_string(1, 0, f"{contract.description}　主键：{dataset.key}　{dataset.mode}", looks.soft)
    fields = [
        (
            str(n), f.label, f.name, f.form, f.code_list or "", f.required, f.aliases, f.level, f.kept, f.drift, f.note,
        )
        for n, f in enumerate(dataset.fields, start=1)
    ]  # fmt: skip
    _table(sheet, 2, _FIELDS, fields, looks)
    sheet.freeze_panes(3, 2)
    row = 5 + len(fields)
    _title(sheet, row - 1, f"规则（{len(dataset.rules)}）", looks)
    _rules(sheet, row, dataset, looks)
    _print(sheet, 2)


def _rules(sheet: Any, top: int, dataset: _Dataset, looks: _Looks) -> None:
    """Rules under columns that are as wide as fields need them: longer texts span several."""
    spans = ((0, 2), (3, 4), (5, 5), (6, 9), (10, 10))
    titles = ("编号", "问题", "处理", "怎么改", "国家系统编号 / 等级")
    for (first, last), title in zip(spans, titles, strict=True):
        _span(sheet, top, (first, last), title, looks.head)
    for row, rule in enumerate(dataset.rules, start=top + 1):
        numbers = " / ".join(filter(None, (rule.external_number, rule.level)))
        texts = (rule.id, rule.title, rule.action, rule.fix, numbers)
        for (first, last), title, text in zip(spans, titles, texts, strict=True):
            look = looks.marks[rule.mark] if title == "处理" else looks.cell
            _span(sheet, row, (first, last), text, look)
        sheet.set_row(row, 15 * max(1, -(-_width(rule.fix) // 58), -(-_width(rule.title) // 36)))


def _span(sheet: Any, row: int, columns: tuple[int, int], text: str, look: Any) -> None:
    first, last = columns
    if first == last:
        sheet.write_string(row, first, text, look)
    else:
        sheet.merge_range(row, first, row, last, "", look)
        sheet.write_string(row, first, text, look)


def _codes(sheet: Any, lists: Sequence[_CodeList], looks: _Looks) -> None:
    rows = [
        (
            each.name,
            each.label,
            code.code,
            code.name_cn,
            "、".join(code.aliases),
            "" if code.valid_from.year <= 1990 else code.valid_from.isoformat(),
            "" if code.valid_to.year >= 9999 else code.valid_to.isoformat(),
        )
        for each in lists
        for code in each.codes
    ]
    sheet.hide_gridlines(2)
    _table(sheet, 0, _CODES, rows, looks)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(rows)), len(_CODES) - 1)
    _print(sheet, 0)


def _title(sheet: Any, row: int, text: str, looks: _Looks) -> None:
    sheet.set_row(row, 26)
    sheet.write_string(row, 0, text, looks.title)


def _table(
    sheet: Any, top: int, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]], looks: _Looks
) -> None:
    sheet.set_row(top, 20)
    for place, (title, width) in enumerate(columns):
        sheet.set_column(place, place, width)
        sheet.write_string(top, place, title, looks.head)
    for number, row in enumerate(rows, start=top + 1):
        lines = max(-(-_width(text) // width) for text, (_, width) in zip(row, columns, strict=True))
        sheet.set_row(number, 15 * max(1, lines))
        for place, text in enumerate(row):
            sheet.write_string(number, place, text, looks.cell)


def _width(text: str) -> int:
    """Columns a text takes: two a Chinese character, and some room."""
    return sum(2 if ord(each) > 0x2E80 else 1 for each in text) + 1


def _print(sheet: Any, header: int) -> None:
    """Landscape A4, as wide as the page, the header on each."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
