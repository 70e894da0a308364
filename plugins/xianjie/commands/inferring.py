"""``xianjie contract infer``: from a sample file, by the intake's readers, to a draft."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from xianjie import dates
from xianjie.contract.catalogue import read_contracts
from xianjie.contract.infer import Place, columns, draft
from xianjie.intake.formats.sample import sample


def drafted(
    file: Path, where: tuple[str, str, str, str], rows: int, include_dir: Path
) -> tuple[str, dict[str, Any]]:
    """The draft's YAML and a summary in counts; `where` is department, dataset, title and code.

    Raises:
        SourceFormatError: the file cannot be read as a table.
    """
    department, dataset, title, code = where
    with tempfile.TemporaryDirectory(prefix="xianjie-sample-") as scratch:
        read = sample(file, Path(scratch), rows)
    found = columns(read.header, read.rows, include_dir, dates.now().date())
    known = {each.department: each.department_title for each in read_contracts(include_dir)[0]}
    place = Place(
        department,
        known.get(department, "TODO"),
        dataset,
        code,
        title,
        read.format,
        read.header_row,
        read.encoding,
        read.rows.num_rows,
    )
    text = draft(place, found)
    key = [column.field.name for column in found if column.is_key]
    summary = {
        "columns": len(found),
        "known_columns": sum(column.is_known for column in found),
        "key": key,
        "todos": text.count("TODO"),
    }
    return text, summary
