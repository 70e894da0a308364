"""Makes the templates as they are shipped: ``python -m xianjie.workbooks.shipped include/templates``.

Only a starting point: what counts is the .xlsx in ``include/templates``, restyled in Excel, WPS or LibreOffice.
Running this again replaces those files.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FONT = "微软雅黑"
NAVY, GREY, LINE = "1F3864", "595959", "BFBFBF"
_LOOKS: dict[str, dict[str, Any]] = {
    "title": {"size": 18, "bold": True, "colour": NAVY},
    "note": {"size": 10, "colour": GREY},
    "heading": {"size": 12, "bold": True, "colour": NAVY, "under": NAVY},
    "plain": {"size": 10.5, "wrap": True},
    "alarm": {"size": 11, "bold": True, "colour": "FFFFFF", "fill": "A61C1C", "wrap": True},
    "header": {"bold": True, "fill": "D9E2F3", "wrap": True, "middle": True, "grid": True},
    "header_original": {"bold": True, "fill": "E7E6E6", "wrap": True, "middle": True, "grid": True},
    "header_answer": {"bold": True, "fill": "FFE699", "wrap": True, "middle": True, "grid": True},
    "number": {"middle": True, "grid": True},
    "problem": {"wrap": True, "grid": True, "colour": "7B1010", "bold": True},
    "fix": {"wrap": True, "grid": True},
    "opened": {"middle": True, "wrap": True, "grid": True},
    "source": {"wrap": True, "grid": True, "size": 9, "colour": GREY},
    "decision": {"middle": True, "grid": True, "fill": "FFF2CC", "bold": True},
    "reason": {"wrap": True, "grid": True, "fill": "FFFBE6"},
    "original": {"grid": True, "wrap": True, "colour": GREY},
    "original_problem": {"grid": True, "wrap": True, "bold": True, "colour": "7B1010", "fill": "F8CBAD"},
    "answer": {"grid": True, "wrap": True, "fill": "FFFBE6"},
    "answer_problem": {"grid": True, "wrap": True, "bold": True, "fill": "FFE08A", "frame": "BF9000"},
    "required": {"bold": True, "fill": "FFE699", "wrap": True, "middle": True, "grid": True, "colour": "7B1010"},
    "good": {"middle": True, "grid": True, "bold": True, "fill": "E2EFDA", "colour": "375623"},
    "bad": {"middle": True, "grid": True, "bold": True, "fill": "F8CBAD", "colour": "7B1010"},
    "neutral": {"middle": True, "grid": True, "bold": True, "fill": "EDEDED", "colour": GREY},
    "list_header": {"bold": True, "fill": "D9E2F3", "middle": True, "wrap": True, "grid": True},
    "list": {"wrap": True, "grid": True},
}
_RETURNED = (
    ("title", "退回数据更正表"),
    ("note", "{department}　业务日期 {business_date}　共 {rows} 行待更正　请于 {deadline} 前发回"),
    ("", ""),
    ("heading", "怎么填"),
    ("plain", "1. 每张“退回”表一行是一条没有入库的数据。看“问题”和“如何修改”两列，出错的格子标成红色。"),
    ("plain", "2. 在“处理方式”里选一项：更正——在右侧标黄的“改为”格里写上正确的值，没有写的格子保持原值；"
     "情况属实——数据没有错，请在“说明”里写清依据，由县里登记豁免；作废——这一行本来就不该报。"),
    ("plain", "3. 拿不准的行可以先空着，改好几行就先发回几行，余下的以后再发。空着的行继续保留在下一晚的表里。"),
    ("plain", "4. 日期写成 2026-09-01；身份证号逐位填写，格子是文本格式，不会变成 6.39E+17；"
     "有下拉箭头的格子从列表里选。原值应为空的，写“清空”。"),
    ("plain", "5. 可以筛选、改文件名、删掉不办的行（要排序请先撤销工作表保护，没有密码）；"
     "请不要改动灰色的原值，不要合并格子，不要写公式。"),
    ("plain", "6. 今晚没有问题的列已经收起。要看整行：选中整张表，在列标上右键，选“取消隐藏”。"),
    ("plain", "7. 填好后保存为 .xlsx，放进本单位 SFTP 目录的“上交”文件夹，或在看板“退回与更正”页上传；"
     "随后在“下发”文件夹和该页会有回执，逐行说明结果。"),
    ("alarm", "本表含未脱敏的姓名、证件号码，仅供本单位改正自己报送的数据。不要用邮件、微信转发，用完即删。"),
    ("", ""),
    ("heading", "本次退回"),
)
_SUBMISSION = (
    ("title", "{title}（{code}）填报表"),
    ("note", "{department}　约定版本 {version}　{cadence}　每天 {deadline} 前送到"),
    ("", ""),
    ("heading", "怎么填"),
    ("plain", "1. 在“数据”表里从标题行下面开始填，一行一条，以{key}区分，不能重复。红字标题是必填列。"),
    ("plain", "2. 所有格子都是文本格式：身份证号逐位填写，日期写成 2026-09-01。有下拉箭头的格子请从列表里选。"),
    ("plain", "3. {mode}"),
    ("plain", "4. 请不要改动标题、不要合并格子、不要在表里写公式和合计行。空行不会被读取。"),
    ("plain", "5. 保存为 .xlsx，文件名不限，放进本单位的报送文件夹；当晚收取，有问题的行次日早上退回。"),
    ("alarm", "填好的表含个人信息，只放进报送文件夹，不要用邮件、微信转发。"),
    ("", ""),
    ("heading", "各列说明"),
)
_ANSWER = (
    ("title", "退回数据回执"),
    ("note", "{department}　{file}　收到 {received_at}"),
    ("", ""),
    ("heading", "结果"),
)


def make(folder: Path) -> list[Path]:
    """Writes the three templates into `folder` and returns their paths."""
    return [_returned(folder), _submission(folder), _answer(folder)]


def _returned(folder: Path) -> Path:
    book = _Maker()
    end = book.page("说明", _RETURNED, (16, 30, 10, 22, 22, 26), "1F3864")
    book.named("list_header", "说明", end, 0, "数据集")
    book.named("list", "说明", end + 1, 0, "")
    sheet = book.sheet("数据", (5, 24, 34, 12, 18, 11, 20, 18, 20), "C55A11")
    book.named("title", "数据", 0, 0, "{title}（{code}）退回数据")
    book.named("note", "数据", 1, 0, "在浅黄色格子里填写；红色格子是有问题的原值。共 {rows} 行。联系人：{liaison}")
    _row(book, 3, ("header",) * 5 + ("header_answer", "header_answer", "header_original", "header_answer"),
         ("序号", "问题", "如何修改", "首次退回", "来源", "处理方式", "说明", "产权人\n原值", "产权人\n改为"))
    book.named("header", "数据", 3, 0, "序号")
    _row(book, 4, ("number", "problem", "fix", "opened", "source", "decision", "reason", "original", "answer"),
         ("1", "身份证号校验位不对", "对照身份证原件改正", "2026-09-21\n第 1 次", "农房.xlsx\n第 4 行",
          "更正", "", "王五", ""))
    for look, column, text in (("original_problem", 7, "639900…"), ("answer_problem", 8, "")):
        book.named(look, "数据", 5, column, text)
    sheet.row_dimensions[1].height, sheet.row_dimensions[4].height = 30, 34
    return book.save(folder / "returned_rows.xlsx")


def _submission(folder: Path) -> Path:
    book = _Maker()
    end = book.page("填报说明", _SUBMISSION, (20, 8, 40, 34, 26), "1F3864")
    book.named("list_header", "填报说明", end, 0, "列")
    book.named("list", "填报说明", end + 1, 0, "")
    sheet = book.sheet("数据", (18, 18), "548235")
    book.named("title", "数据", 0, 0, "{title}（{code}）")
    book.named("note", "数据", 1, 0, "从第 5 行起填写，一行一条；红字为必填。约定版本 {version}")
    book.named("required", "数据", 3, 0, "必填列")
    book.named("header", "数据", 3, 1, "选填列")
    book.named("answer", "数据", 4, 0, "")
    sheet.row_dimensions[1].height, sheet.row_dimensions[4].height = 30, 34
    return book.save(folder / "submission.xlsx")


def _answer(folder: Path) -> Path:
    book = _Maker()
    end = book.page("回执", _ANSWER, (24, 12, 60, 20), "1F3864")
    for place, look in enumerate(("good", "bad", "neutral")):
        book.named(look, "回执", end + 4 + place, 0, "")
    book.named("list_header", "回执", end, 0, "结果")
    book.named("list", "回执", end + 1, 0, "")
    book.named("number", "回执", end + 1, 1, "")
    sheet = book.sheet("逐行结果", (18, 8, 14, 44, 50, 50), "C55A11")
    book.named("header", "逐行结果", 0, 0, "工作表")
    book.named("plain", "逐行结果", 1, 3, "")
    sheet.row_dimensions[1].height = 24
    return book.save(folder / "answer_file.xlsx")


def _row(book: _Maker, row: int, looks: Sequence[str], texts: Sequence[str]) -> None:
    for column, (look, text) in enumerate(zip(looks, texts, strict=True)):
        book.named(look, "数据", row, column, text)


class _Maker:
    """A template being made with openpyxl."""

    def __init__(self) -> None:
        import openpyxl

        self._book = openpyxl.Workbook()
        self._book.remove(self._book.worksheets[0])

    def sheet(self, name: str, widths: Sequence[float], tab: str) -> Any:
        """A new sheet with column widths in characters."""
        from openpyxl.utils import get_column_letter

        sheet = self._book.create_sheet(name)
        sheet.sheet_properties.tabColor = tab
        sheet.sheet_view.showGridLines = False
        for place, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        return sheet

    def page(self, name: str, lines: Sequence[tuple[str, str]], widths: Sequence[float], tab: str) -> int:
        """A sheet of texts below each other, merged over all columns; returns the row below (0-based)."""
        sheet = self.sheet(name, widths, tab)
        for place, (look, text) in enumerate(lines, start=1):
            sheet.merge_cells(start_row=place, end_row=place, start_column=1, end_column=len(widths))
            if look:
                dressed(sheet.cell(place, 1, text), _LOOKS[look])
                lines_needed = -(-2 * len(text) // int(sum(widths) * 0.95)) if look in ("plain", "alarm") else 1
                sheet.row_dimensions[place].height = {"title": 34, "heading": 24}.get(look, 6 + 16 * lines_needed)
        return len(lines)

    def named(self, look: str, sheet: str, row: int, column: int, text: str) -> None:
        """A cell (0-based place) in a look, with the defined name ``style_<look>`` on it."""
        from openpyxl.utils import get_column_letter
        from openpyxl.workbook.defined_name import DefinedName

        cell = self._book[sheet].cell(row + 1, column + 1, text)
        dressed(cell, _LOOKS[look])
        reference = f"'{sheet}'!${get_column_letter(column + 1)}${row + 1}"
        self._book.defined_names[f"style_{look}"] = DefinedName(f"style_{look}", attr_text=reference)

    def save(self, path: Path) -> Path:
        """Writes the template."""
        self._book.save(path)
        return path


def dressed(cell: Any, look: dict[str, Any]) -> None:
    """Gives an openpyxl cell a look."""
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    cell.font = Font(
        name=FONT, size=look.get("size", 10), bold=look.get("bold", False), color=look.get("colour", "262626")
    )
    cell.alignment = Alignment(
        horizontal="center" if look.get("middle") else None,
        vertical="center",
        wrap_text=look.get("wrap", False),
    )
    if "fill" in look:
        cell.fill = PatternFill("solid", fgColor=look["fill"])
    if look.get("grid"):
        side = Side("medium", color=look["frame"]) if "frame" in look else Side("thin", color=LINE)
        cell.border = Border(left=side, right=side, top=side, bottom=side)
    if "under" in look:
        cell.border = Border(bottom=Side("medium", color=look["under"]))


if __name__ == "__main__":
    for path in make(Path(sys.argv[1])):
        sys.stdout.write(f"{path}\n")
