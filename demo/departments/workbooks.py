"""Workbooks as a clerk exports and touches them up by hand.

Two merged title rows, header on the third; dates as text in three spellings, as bare Excel serials and as date
cells; numbers partly as text; trailing spaces; here and there full-width digits. How a cell is spelt depends on
its row's key only, so the same row looks the same every night.
"""

from __future__ import annotations

import datetime as dt
import os
import zlib
from pathlib import Path

import duckdb

from demo.divisions import COUNTY_NAME
from xianjie.contract.model import Contract, Field, FieldType

_EPOCH = dt.date(1899, 12, 30)
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_WIDTH = 15
_BATCH = 2000


def write(contract: Contract, held: Path, path: Path, day: dt.date) -> int:
    """Writes the rows below `held` as a workbook at `path` (whole or not at all); returns the number of rows."""
    import xlsxwriter

    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.parent.parent / f".{zlib.crc32(path.name.encode())}.xlsx"
    book = xlsxwriter.Workbook(
        str(aside),
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "tmpdir": str(aside.parent),
        },
    )
    book.set_properties({"created": dt.datetime(day.year, day.month, day.day, 17, 30)})  # noqa: DTZ001
    sheet = book.add_worksheet(contract.title[:31])
    dates = book.add_format({"num_format": "yyyy/m/d"})
    _head(book, sheet, contract, day)
    rows = 0
    for rows, (key, values) in enumerate(_rows(contract, held), start=1):
        for column, (field, value) in enumerate(zip(contract.fields, values, strict=True)):
            if value is not None:
                _cell(
                    sheet,
                    rows + 2,
                    column,
                    field,
                    value,
                    zlib.crc32(f"{key}{field.name}".encode()) % 100,
                    dates,
                )
    book.close()
    os.replace(aside, path)
    return rows


def _head(book: object, sheet: object, contract: Contract, day: dt.date) -> None:
    last = len(contract.fields) - 1
    big = book.add_format({"bold": True, "font_size": 16, "align": "center"})  # type: ignore[attr-defined]
    bold = book.add_format({"bold": True, "border": 1, "text_wrap": True})  # type: ignore[attr-defined]
    sheet.merge_range(0, 0, 0, last, f"{COUNTY_NAME}{contract.title}", big)  # type: ignore[attr-defined]
    half = max(1, last // 2)
    sheet.merge_range(1, 0, 1, half, f"填报单位：{contract.department_title}（盖章）")  # type: ignore[attr-defined]
    if half + 2 <= last:
        sheet.merge_range(1, half + 1, 1, last, f"导出日期：{day.year}年{day.month}月{day.day}日")  # type: ignore[attr-defined]
    sheet.set_column(0, last, _WIDTH)  # type: ignore[attr-defined]
    for column, field in enumerate(contract.fields):
        sheet.write_string(2, column, field.label, bold)  # type: ignore[attr-defined]


def _cell(sheet: object, row: int, column: int, field: Field, value: str, habit: int, dates: object) -> None:
    """Writes one value the way this row's clerk does; `habit` is 0 to 99."""
    if field.type in (FieldType.DECIMAL, FieldType.INTEGER) and habit < 60:
        number = _number(value)
        if number is not None:
            sheet.write_number(row, column, number)  # type: ignore[attr-defined]
            return
    if field.type == FieldType.DATE and habit < 40 and (moment := _date(value)):
        serial = (moment - _EPOCH).days
        if habit < 20 and serial > 20000:
            sheet.write_number(row, column, serial)  # type: ignore[attr-defined]
        else:
            sheet.write_number(row, column, serial, dates)  # type: ignore[attr-defined]
        return
    sheet.write_string(row, column, _spelt(field, value, habit))  # type: ignore[attr-defined]


def _spelt(field: Field, value: str, habit: int) -> str:
    if field.type == FieldType.DATE and (moment := _date(value)):
        forms = (
            f"{moment.year}年{moment.month}月{moment.day}日",
            f"{moment.year}/{moment.month}/{moment.day}",
            value,
        )
        return forms[habit % 3]
    if habit >= 98:
        return value + "  "
    if habit == 97 and field.type in (FieldType.DECIMAL, FieldType.INTEGER):
        return value.translate(_WIDE)
    return value


def _number(value: str) -> float | None:
    try:
        return float(value)
    except ValueError:
        return None


def _date(value: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        return None


def _rows(contract: Contract, held: Path):  # type: ignore[no-untyped-def]
    names = ", ".join(field.name for field in contract.fields)
    with duckdb.connect() as connection:
        cursor = connection.execute(
            f"select _key, {names} from read_parquet('{held / contract.id}.parquet') where not _deleted order by _key, _copy"
        )
        while batch := cursor.fetchmany(_BATCH):
            for key, *values in batch:
                yield key, values
