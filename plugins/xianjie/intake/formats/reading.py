"""From files as they came to tables ready to land."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xianjie.contract.model import Contract
from xianjie.intake.formats import archive, delimited, json_items, workbook
from xianjie.intake.formats.kinds import Kind, kind_of
from xianjie.intake.staging import StagedFile
from xianjie.landing import SourceFormatError, Table


def open_files(contract: Contract, files: Sequence[StagedFile], folder: Path) -> list[Table]:
    """The tables of all files, in order; scratch copies go below `folder`.

    Raises:
        SourceFormatError: a file cannot be read as this dataset.
    """
    return [table for file in files for table in _open(contract, file.name, file.path, folder, depth=0)]


def _open(contract: Contract, name: str, path: Path, folder: Path, depth: int) -> list[Table]:
    kind = kind_of(path, contract.title)
    if kind is Kind.TEXT:
        return [delimited.open_table(contract, name, path, folder)]
    if kind is Kind.JSON:
        return [json_items.open_table(contract, name, path)]
    if kind is Kind.WORKBOOK:
        return [workbook.open_table(contract, name, path)]
    if depth:
        raise SourceFormatError(
            f"{contract.title}: 压缩包里还有压缩包, 请直接报送文件", reason="nested_archive"
        )
    inner = archive.unpack(contract, path, folder / "unpacked")
    return [
        table
        for number, (inner_name, inner_path) in enumerate(inner)
        for table in _open(contract, f"{name}/{inner_name}", inner_path, folder / str(number), depth=1)
    ]
