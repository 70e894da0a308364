"""The texts of returned rows as they were delivered: bare where that is needed to find and mend a row, else masked.

The one place that lets personal values out of the landing. Needed are the fields of the record's key, the ID
number of the person it is about, and the fields that a broken rule names; see
``docs/decisions/002-unmasked-cells.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from xianjie.contract.model import Contract
from xianjie.reports.model import ReturnedRow
from xianjie.reports.protect import shown
from xianjie.reports.reading.returned import delivered

Texts = tuple[str, ...]


def texts_of(contract: Contract, rows: Sequence[ReturnedRow], withheld: str) -> dict[str, Texts]:
    """Each row's texts by row id, in the order of the contract's fields; empty where nothing was delivered.

    Rows whose delivery is gone from the landing are left out.
    """
    wanted: dict[str, list[ReturnedRow]] = defaultdict(list)
    for row in rows:
        wanted[row.delivery_id].append(row)
    found: dict[str, Texts] = {}
    for delivery_id, mine in wanted.items():
        by_number = dict(delivered(contract, delivery_id, [row.source_row for row in mine]))
        for row in mine:
            if (values := by_number.get(row.source_row)) is not None:
                found[row.row_id] = _allowed(contract, row, values, withheld)
    return found


def _allowed(contract: Contract, row: ReturnedRow, values: Sequence[str | None], withheld: str) -> Texts:
    bare = needed(contract, row)
    return tuple(
        (value or "") if field.name in bare else shown(contract, field, value, withheld)
        for field, value in zip(contract.fields, values, strict=True)
    )


def needed(contract: Contract, row: ReturnedRow) -> frozenset[str]:
    """The fields of a row that its department must see as it delivered them."""
    return frozenset({*contract.key, *row.bad_fields} | ({contract.subject} if contract.subject else set()))
