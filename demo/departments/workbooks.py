"""Workbooks as a clerk exports and touches them up by hand.

Two merged title rows, header on the third; dates as text in three spellings, as bare Excel serials and as
date cells; numbers partly as text; trailing spaces; here and there full-width digits. How a cell is spelt
depends on its row's key only, so the same row looks the same every night. DuckDB writes the sheet's XML, one
text a row, because a workbook library would take minutes for a real county.
"""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import duckdb

from demo.divisions import COUNTY_NAME
from xianjie.contract.model import Contract, Field, FieldType

_BATCH = 2000
_DATE_STYLE = 1
_OLDEST_BARE_SERIAL = 20_000  # 1954; a smaller number would not be taken for a date by anyone
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_PARTS = {
    "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'{_HEAD}<styleSheet xmlns="{_MAIN}">'
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="16"/><name val="黑体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyAlignment="1">'
    '<alignment horizontal="center"/></xf></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def write(contract: Contract, held: Path, path: Path, day: dt.date) -> int:
    """Writes the rows below `held` as a workbook at `path`, whole or not at all; returns their number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.parent.parent / f".{path.name}"
    moment = (day.year, day.month, day.day, 17, 30, 0)
    rows = 0
    with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, text in {**_PARTS, "xl/workbook.xml": _workbook(contract)}.items():
            package.writestr(zipfile.ZipInfo(name, moment), text)
        with package.open(
            zipfile.ZipInfo("xl/worksheets/sheet1.xml", moment), "w", force_zip64=True
        ) as sheet:
            sheet.write(_opening(contract, day).encode())
            with duckdb.connect() as connection:
                connection.execute("set enable_progress_bar = false")
                cursor = connection.execute(_rows_query(contract, held))
                while batch := cursor.fetchmany(_BATCH):
                    sheet.write("".join(row for (row,) in batch).encode())
                    rows += len(batch)
            sheet.write(_closing(contract).encode())
    aside.replace(path)
    return rows


def copy(earlier: Path, path: Path) -> None:
    """Delivers an earlier workbook once more under today's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.parent.parent / f".{path.name}"
    shutil.copyfile(earlier, aside)
    aside.replace(path)


def _workbook(contract: Contract) -> str:
    return (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        f'<sheet name="{escape(contract.title[:31])}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    )


def _opening(contract: Contract, day: dt.date) -> str:
    issued = f"导出日期：{day.year}年{day.month}月{day.day}日"
    title = _text_cell("A1", COUNTY_NAME + contract.title, style=2)
    issuer = _text_cell("A2", f"填报单位：{contract.department_title}（盖章）")
    split = _column(_half(contract) + 1)
    labels = "".join(
        _text_cell(f"{_column(place)}3", field.label) for place, field in enumerate(contract.fields)
    )
    return (
        f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData><row r="1">{title}</row>'
        f'<row r="2">{issuer}{_text_cell(f"{split}2", issued)}</row><row r="3">{labels}</row>\n'
    )


def _closing(contract: Contract) -> str:
    half, last = _column(_half(contract)), _column(len(contract.fields) - 1)
    split = _column(_half(contract) + 1)
    return (
        f'</sheetData><mergeCells count="3"><mergeCell ref="A1:{last}1"/><mergeCell ref="A2:{half}2"/>'
        f'<mergeCell ref="{split}2:{last}2"/></mergeCells></worksheet>'
    )


def _half(contract: Contract) -> int:
    return len(contract.fields) // 2 - 1


def _text_cell(place: str, text: str, style: int = 0) -> str:
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def _column(place: int) -> str:
    """A, B … Z, AA … of a column counted from 0."""
    return chr(65 + place) if place < 26 else chr(64 + place // 26) + chr(65 + place % 26)


def _rows_query(contract: Contract, held: Path) -> str:
    """One text a row: its XML. Row 4 is the first after the header."""
    cells = ", ".join(_cell_sql(field, _column(place)) for place, field in enumerate(contract.fields))
    names = ", ".join(_escaped_sql(field.name) for field in contract.fields)
    return f"""
        with placed as (
            select _key, _copy, (row_number() over (order by _key, _copy) + 3)::varchar as _line, {names}
            from read_parquet('{held / contract.id}.parquet') where not _deleted
        )
        select concat('<row r="', _line, '">', {cells}, '</row>', chr(10)) from placed order by _key, _copy
    """


def _escaped_sql(name: str) -> str:
    return f"replace(replace(replace({name}, '&', '&amp;'), '<', '&lt;'), '>', '&gt;') as {name}"


def _cell_sql(field: Field, column: str) -> str:
    """A cell as this row's clerk writes it; `habit` is 0 to 99 and follows from the key."""
    name, habit = field.name, f"(hash(_key, '{field.name}') % 100)"
    start = f"""'<c r="{column}' || _line"""
    text = (
        f"""{start} || '" t="inlineStr"><is><t xml:space="preserve">' || {_spelt_sql(field, habit)}"""
        """ || '</t></is></c>'"""
    )
    if field.type in (FieldType.DECIMAL, FieldType.INTEGER):
        whole = f"regexp_replace(try_cast({name} as double)::varchar, '\\.0$', '')"
        number = f"""{start} || '"><v>' || {whole} || '</v></c>'"""
        return f"case when {habit} < 60 then coalesce({number}, {text}) else {text} end"
    if field.type == FieldType.DATE:
        serial = f"date_diff('day', date '1899-12-30', try_cast({name} as date))"
        style = f"if({habit} < 20 and {serial} > {_OLDEST_BARE_SERIAL}, '', ' s=\"{_DATE_STYLE}\"')"
        number = f"""{start} || '"' || {style} || '><v>' || {serial} || '</v></c>'"""
        return f"case when {habit} < 40 then coalesce({number}, {text}) else {text} end"
    return text


def _spelt_sql(field: Field, habit: str) -> str:
    name = field.name
    if field.type == FieldType.DATE:
        day = f"try_cast({name} as date)"
        long, short = f"strftime({day}, '%Y年%-m月%-d日')", f"strftime({day}, '%Y/%-m/%-d')"
        return f"coalesce(case {habit} % 3 when 0 then {long} when 1 then {short} end, {name})"
    if field.type in (FieldType.DECIMAL, FieldType.INTEGER):
        wide = f"translate({name}, '0123456789', '０１２３４５６７８９')"
        return f"(case when {habit} = 97 then {wide} when {habit} > 97 then {name} || '  ' else {name} end)"
    return f"(case when {habit} > 97 then {name} || '  ' else {name} end)"
