"""Items (退回条目): the open or closed row that an answer speaks of, and the text that was delivered."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from xianjie.contract.model import Contract
from xianjie.database.columnar import columnar, identifier
from xianjie.database.migrate import script
from xianjie.landing import delivered_sql, load

WAITING = ("open", "returned", "expired")
SETTLED = ("corrected", "accepted", "waived", "void")


@dataclass(frozen=True)
class Item:
    """One row of ``quality.quarantined_row`` or ``warned_row`` with the rules it breaks (id → severity)."""

    row_id: uuid.UUID
    kind: str  # "quarantined" or "warned"
    department: str
    dataset: str
    record_key: uuid.UUID
    row_hash: uuid.UUID
    delivery_id: str
    source_row: int
    contract_version: str
    state: str
    closed_by: str | None
    origin_row_id: uuid.UUID | None
    rules: Mapping[str, str]

    @property
    def is_waiting(self) -> bool:
        """Whether an answer still changes anything; one that came too late to be counted still does."""
        return self.state in WAITING


@dataclass(frozen=True)
class Text:
    """A row as it was delivered: text by field name, and where it stood."""

    values: Mapping[str, str | None]
    file: str
    line: int


def find(connection: Connection, county_code: str, row_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Item]:
    """The items called `row_ids`, by id; what is unknown is left out."""
    return _items(connection, "items_by_id.sql", county=county_code, rows=list(row_ids))


def siblings(connection: Connection, county_code: str, items: Iterable[Item]) -> dict[uuid.UUID, Item]:
    """All waiting items of the same records, the given ones included."""
    found: dict[uuid.UUID, Item] = {}
    keys: defaultdict[tuple[str, str], set[uuid.UUID]] = defaultdict(set)
    for item in items:
        keys[item.department, item.dataset].add(item.record_key)
    for (department, dataset), records in keys.items():
        found |= _items(
            connection,
            "items_by_record.sql",
            county=county_code,
            department=department,
            dataset=dataset,
            records=list(records),
        )
    return found


def waiting(connection: Connection, county_code: str, contract: Contract) -> list[Item]:
    """A dataset's open items, those that went out in a workbook included."""
    who = {"county": county_code, "department": contract.department, "dataset": contract.dataset}
    return list(_items(connection, "items_open.sql", **who).values())


def went_on(connection: Connection, county_code: str, item: Item) -> Item:
    """The waiting item that `item` went on as, when an office's own wrong answer replaced it; else itself."""
    seen = {item.row_id}
    while item.state == "replaced" and item.closed_by:
        row = connection.execute(
            text(script("quality", "item_that_replaced.sql")),
            {"county": county_code, "row": item.row_id, "delivery": item.closed_by},
        ).one_or_none()
        if row is None or row.row_id in seen:
            break
        seen.add(row.row_id)
        item = find(connection, county_code, [row.row_id])[row.row_id]
    return item


def _items(connection: Connection, name: str, **values: object) -> dict[uuid.UUID, Item]:
    rows = connection.execute(text(script("quality", name)), values).mappings()
    return {row["row_id"]: Item(**row) for row in rows}


def texts(contract: Contract, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Text]:
    """The delivered text of rows, by (delivery id, row in it).

    Raises:
        DeliveryNotFoundError: a delivery is no longer in the landing.
    """
    by_delivery: defaultdict[str, list[int]] = defaultdict(list)
    for delivery_id, row in places:
        by_delivery[delivery_id].append(row)
    return {
        (delivery_id, row): found
        for delivery_id, rows in by_delivery.items()
        for row, found in _texts(contract, delivery_id, rows)
    }


def _texts(contract: Contract, delivery_id: str, rows: Sequence[int]) -> list[tuple[int, Text]]:
    names = [field.name for field in contract.fields]
    columns, rows_sql = ", ".join(map(identifier, names)), delivered_sql(load(delivery_id), names)
    with columnar() as duck:
        found = duck.execute(
            f"select _row, _file, _line, {columns} from {rows_sql} where _row in (select unnest(?))",
            [list(rows)],
        ).fetchall()
    return [
        (row[0], Text(dict(zip(names, row[3:], strict=True)), row[1] or "", row[2] or 0)) for row in found
    ]
