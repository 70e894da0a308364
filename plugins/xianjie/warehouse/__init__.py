"""Warehouse (数据仓库): what was true, and what was known, on any day.

In: the linked rows of accepted deliveries, and the records a full delivery no longer holds.
Out: the change logs (``changes``), their bitemporal projection (``history``), memberships and households
(``core``), the as-of views (``facts``), the base of the next comparison (``ops.diff_base``), and the
households a night touched (``core.affected_household``).
Wrong: `StaleBaseError` when a delivery was not compared with what is believed now, `NotAcceptedError`,
`LateNightError`, `DatasetShapeError`, `NightError`; in each case nothing of the dataset's night was kept.
"""

from xianjie.warehouse.as_of import as_of
from xianjie.warehouse.dataset import ensure, ensure_dataset
from xianjie.warehouse.errors import DatasetShapeError, LateNightError, NightError, NotAcceptedError
from xianjie.warehouse.merge import MergeResult, merge
from xianjie.warehouse.night import NightSummary, run_night
from xianjie.warehouse.reconcile import Reconciled, reconcile
from xianjie.warehouse.settle import Settled, settle

__all__ = [
    "DatasetShapeError",
    "LateNightError",
    "MergeResult",
    "NightError",
    "NightSummary",
    "NotAcceptedError",
    "Reconciled",
    "Settled",
    "as_of",
    "ensure",
    "ensure_dataset",
    "merge",
    "reconcile",
    "run_night",
    "settle",
]
