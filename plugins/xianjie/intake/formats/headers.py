"""Which row is the header: the declared one, or the one below the title rows that reads like it."""

from __future__ import annotations

from collections.abc import Sequence

from xianjie.contract.model import Contract
from xianjie.landing import SourceFormatError, is_header


def header_place(contract: Contract, rows: Sequence[Sequence[str | None]]) -> int:
    """Index (0-based) of the header among the first rows of a file.

    The contract's ``reading.header_row`` (1-based) counts when that row names a field at all; otherwise the
    row that names most of them. A department that drops its title row is read all the same.

    Raises:
        SourceFormatError: no row names a field.
    """
    known = [is_header(contract, row) for row in rows]
    declared = int(contract.source.reading.get("header_row", 0)) - 1
    if 0 <= declared < len(known) and known[declared]:
        return declared
    best = max(known, default=0)
    if not best:
        raise SourceFormatError(
            f"{contract.title}: 找不到表头, 没有一列与约定一致, 请确认是否发错文件", reason="no_header"
        )
    return known.index(best)
