"""The moment a deadline counts from: when the run was queued."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from airflow.sdk.definitions.deadline import BaseDeadlineReference


class QueuedAt(BaseDeadlineReference):  # type: ignore[misc]
    """What Airflow's ``DAGRUN_QUEUED_AT`` is, under a name of ours.

    With Airflow's own, no task of a DAG that has a deadline can be cleared (3.3.2, apache/airflow#70368), and
    clearing is how a night is mended. A run that is cleared keeps the deadline of the time it was first queued.
    """

    required_kwargs: ClassVar[set[str]] = {"dag_id", "run_id"}

    def _evaluate_with(self, *, session: Any, dag_id: str, run_id: str) -> dt.datetime | None:
        from airflow.models import DagRun
        from sqlalchemy import select

        queued_at = select(DagRun.queued_at).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        found: dt.datetime | None = session.scalar(queued_at)
        return found
