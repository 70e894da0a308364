"""Landing (入库): every delivery kept exactly as it came, for good, and what it changes.

In: delivered tables (a CSV file, or record batches) with the original files.
Out: ``landing/<county>/<department>/<dataset>/<business_date>/<delivery_id>/`` with ``data.parquet``,
``manifest.json`` and ``original/``, a row in ``ops.delivery``; and, compared with what the warehouse holds,
``changed.parquet`` and ``absent.parquet`` in the delivery's work folder.
Wrong: `SourceFormatError` when nothing of it is this dataset, `DeliveryNotFoundError` without a manifest.
Renamed, missing and extra columns are recorded on the `Delivery`, never raised.
"""

from xianjie.landing.base import base_for, base_ids
from xianjie.landing.columns import ColumnMatch, is_header, match
from xianjie.landing.compare import ABSENT, CHANGED, Diff, changed_sql, compare, load_diff
from xianjie.landing.delivered import delivered_sql
from xianjie.landing.delivery import OWN, DeliveredFile, Delivery, Origin, folder_of, work_folder
from xianjie.landing.errors import DeliveryNotFoundError, SourceFormatError
from xianjie.landing.held import Held
from xianjie.landing.publish import Original, publish, sha256_of
from xianjie.landing.registry import deliveries, load, read
from xianjie.landing.store import sweep
from xianjie.landing.tables import BatchTable, CsvTable, Table, batch_schema, text_batches, text_encoding

__all__ = [
    "ABSENT",
    "CHANGED",
    "OWN",
    "BatchTable",
    "ColumnMatch",
    "CsvTable",
    "DeliveredFile",
    "Delivery",
    "DeliveryNotFoundError",
    "Diff",
    "Held",
    "Origin",
    "Original",
    "SourceFormatError",
    "Table",
    "base_for",
    "base_ids",
    "batch_schema",
    "changed_sql",
    "compare",
    "delivered_sql",
    "deliveries",
    "folder_of",
    "is_header",
    "load",
    "load_diff",
    "match",
    "publish",
    "read",
    "sha256_of",
    "sweep",
    "text_batches",
    "text_encoding",
    "work_folder",
]
