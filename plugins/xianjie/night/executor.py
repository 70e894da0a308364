"""An executor of one machine whose tasks find their libraries loaded.

Airflow forks each task from the scheduler's process. What a task imports it would import again each time, 0.5 s
of CPU for a pull and 3 s for a check; what the scheduler has loaded before it forks, all tasks share.
"""

from __future__ import annotations

import importlib
import logging
import time

from airflow.executors.local_executor import LocalExecutor

# The stages, and what they import inside of functions.
_LOADED = (
    "airflow.providers.sftp.hooks.sftp",
    "openpyxl",
    "pandas",
    "pgpq",
    "pyarrow.dataset",
    "pyarrow.pandas_compat",
    "python_calamine",
    "xlsxwriter",
    "xianjie.intake",
    "xianjie.validation",
    "xianjie.warehouse",
    "xianjie.consistency",
    "xianjie.monitoring",
    "xianjie.accountability",
    "xianjie.reports",
    "xianjie.returns",
)

_log = logging.getLogger(__name__)


class LoadedLocalExecutor(LocalExecutor):  # type: ignore[misc]
    """Airflow's `LocalExecutor`; what tasks import is imported once, before workers are forked.

    Code that changes is so read when the scheduler starts. Contracts, rules and everything else below
    ``include/`` are read by each task, as ever; of contracts only files that changed since.
    """

    def start(self) -> None:
        """Loads, then starts the workers."""
        begun = time.monotonic()
        _load()
        _log.info("loaded what tasks import in %.1f s", time.monotonic() - begun)
        super().start()


def _load() -> None:
    for name in _LOADED:
        importlib.import_module(name)
    from xianjie.contract.catalogue import read_contracts
    from xianjie.settings import settings
    from xianjie.validation.gate import import_great_expectations

    import_great_expectations()
    read_contracts(settings().include_dir)
