"""From files as they came to tables ready to land."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from xianjie.contract.model import Contract
from xianjie.intake.formats import archive, delimited, json_items, submission, workbook
from xianjie.intake.formats.kinds import Kind, kind_of
from xianjie.intake.formats.opening import Opening
from xianjie.intake.staging import StagedFile
from xianjie.landing import SourceFormatError, Table


def open_files(
    contract: Contract, files: Sequence[StagedFile], folder: Path, on: dt.date, remarks: list[str]
) -> list[Table]:
    """The tables of all files, in order.

    Args:
        contract: the dataset.
        files: what was delivered.
        folder: scratch copies go below it.
        on: the business date.
        remarks: what the receipt should say of the files is added here, some of it only while rows are read.

    Raises:
        SourceFormatError: a file cannot be read as this dataset.
    """
    opening = Opening(contract, on, remarks)
    return [table for file in files for table in _open(opening, file.name, file.path, folder, depth=0)]


def _open(opening: Opening, name: str, path: Path, folder: Path, depth: int) -> list[Table]:
    contract = opening.contract
    kind = kind_of(path, contract.title)
    if kind is Kind.TEXT:
        return [delimited.open_table(contract, name, path, folder)]
    if kind is Kind.JSON:
        return [json_items.open_table(contract, name, path)]
    if kind is Kind.WORKBOOK:
        return [_workbook(opening, name, path)]
    if depth:
        raise SourceFormatError(
            f"{contract.title}: 压缩包里还有压缩包, 请直接报送文件", reason="nested_archive"
        )
    inner = archive.unpack(contract, path, folder / "unpacked")
    return [
        table
        for number, (inner_name, inner_path) in enumerate(inner)
        for table in _open(opening, f"{name}/{inner_name}", inner_path, folder / str(number), depth=1)
    ]


def _workbook(opening: Opening, name: str, path: Path) -> Table:
    """A submission workbook of ours, or whatever workbook the department makes."""
    found = submission.open_table(opening, name, path) if submission.is_submission(path) else None
    return found or workbook.open_table(opening.contract, name, path)
