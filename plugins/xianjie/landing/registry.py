"""The database's memory of deliveries (``ops.delivery``), mended from the manifests when it lags behind."""

from __future__ import annotations

from sqlalchemy import text

from xianjie.database.engine import transaction
from xianjie.landing import store
from xianjie.landing.delivery import Delivery, folder_of

_INSERT = text("""
    insert into ops.delivery (
        delivery_id, county_code, department, dataset, business_date,
        contract_version, landed_rows, sha256, landed_at, origin, cause
    ) values (
        :delivery_id, :county_code, :department, :dataset, :business_date,
        :contract_version, :rows, :sha256, :landed_at, :origin, :cause
    ) on conflict (delivery_id) do nothing
""")
_RECORDED = (
    "delivery_id", "county_code", "department", "dataset", "business_date",
    "contract_version", "rows", "sha256", "landed_at", "origin", "cause",
)  # fmt: skip


def record(delivery: Delivery) -> None:
    """Inserts the delivery into ``ops.delivery`` unless it is there."""
    with transaction() as connection:
        connection.execute(_INSERT, {name: getattr(delivery, name) for name in _RECORDED})


def load(delivery: str) -> Delivery:
    """The delivery of an id, or of a folder's path or URL; mends its row in ``ops.delivery`` when missing.

    Raises:
        DeliveryNotFoundError: no such delivery was ever completed.
    """
    found = read(delivery)
    record(found)
    return found


def read(delivery: str) -> Delivery:
    """As `load`, by the manifest alone: for use while a transaction of ours holds rows of ``ops.delivery``.

    Raises:
        DeliveryNotFoundError: no such delivery was ever completed.
    """
    folder = store.relative(delivery.rstrip("/")) if "/" in delivery else folder_of(delivery)
    return Delivery.from_json(store.read_manifest(folder))


def deliveries(prefix: str) -> list[Delivery]:
    """All completed deliveries below a prefix of the landing (``639900/education``), oldest first."""
    found = [Delivery.from_json(store.read_manifest(folder)) for folder in store.folders(prefix)]
    return sorted(found, key=lambda delivery: delivery.place)
