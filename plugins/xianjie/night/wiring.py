"""What the DAG files share: assets, default arguments, the closed list of tags, deadlines.

The assets mean "this stage has done this business date". Every emission names the date as partition, also
from a run that was started with ``conf`` and has no partition key of its own, so the chain always goes on.
"""

from __future__ import annotations

import datetime as dt
import logging
from functools import reduce
from operator import and_
from typing import Any

from airflow.sdk import (  # type: ignore[attr-defined]
    Asset,
    CronPartitionTimetable,
    DeadlineAlert,
    PartitionedAtRuntime,
    RetryAction,
    RetryDecision,
    RetryPolicy,
    SyncCallback,
)
from airflow.sdk.exceptions import DagRunTriggerException

from xianjie.contract.model import Contract
from xianjie.night.queued_at import QueuedAt
from xianjie.settings import settings

OWNER = "县数据局"
TAGS = frozenset({"摄取", "仓库", "监测", "问责", "夜间", "回收", "人工"})
ZONE = "Asia/Shanghai"
KEY_FORMAT = "%Y-%m-%d"
PROMPT_TRIES = 3
APPROVALS = "approvals"
OPEN_QUESTIONS = 200  # a question that waits must not keep the next one from being asked

LATE = Asset(name="late_delivery", uri="x-xianjie://night/late_delivery")
WAREHOUSE = Asset(name="warehouse", uri="x-xianjie://night/warehouse")
MONITORING = Asset(name="monitoring", uri="x-xianjie://night/monitoring")

_log = logging.getLogger(__name__)


def department_asset(department: str) -> Asset:
    """Emitted when a department's night is concluded, whatever came of it."""
    return Asset(name=f"department_{department}", uri=f"x-xianjie://department/{department}")


def dataset_asset(contract: Contract) -> Asset:
    """Carries a dataset's watermarks in the asset state store."""
    return Asset(name=contract.id, uri=f"x-xianjie://dataset/{contract.department}/{contract.dataset}")


def all_concluded_or_late(departments: list[str]) -> Any:
    """The condition that starts the warehouse: every department concluded the date, or one came late."""
    return reduce(and_, (department_asset(department) for department in departments)) | LATE


def evening() -> CronPartitionTimetable | PartitionedAtRuntime:
    """When the intake starts: the evening of day D has D as its partition key."""
    return _by_clock(settings().intake_cron)


def office_hours() -> CronPartitionTimetable | PartitionedAtRuntime:
    """When what came back is taken in; a correction belongs to the day it came."""
    return _by_clock(settings().returns_cron)


def _by_clock(cron: str) -> CronPartitionTimetable | PartitionedAtRuntime:
    return (
        CronPartitionTimetable(cron, timezone=ZONE, key_format=KEY_FORMAT) if cron else PartitionedAtRuntime()
    )


def pool_of(contract: Contract) -> str:
    """One pool a source, so that a department's old server is not knocked over."""
    return f"source_{contract.source.connection}" if contract.source.connection else "default_pool"


def default_args(**more: Any) -> dict[str, Any]:
    """Arguments of every task; a task states only what differs."""
    return {
        "owner": OWNER,
        "retries": 2,
        "retry_delay": dt.timedelta(minutes=1),
        "execution_timeout": dt.timedelta(hours=1),
        **more,
    }


def approval_timeout() -> dt.timedelta:
    """How long a question waits for an answer."""
    return dt.timedelta(hours=settings().approval_hours)


def ask(run_id: str, conf: dict[str, Any]) -> None:
    """Starts the run of `approvals` that asks a person; one that is there already stays as it is.

    What TriggerDagRunOperator does, without its import: that reads all of Airflow's database models, in every
    task of the intake.

    Raises:
        DagRunTriggerException: always; the task runner takes it as the order to start the run.
    """
    raise DagRunTriggerException(
        trigger_dag_id=APPROVALS,
        dag_run_id=run_id,
        conf=conf,
        reset_dag_run=False,
        skip_when_already_exists=True,
        wait_for_completion=False,
        allowed_states=[],
        failed_states=[],
        poke_interval=60,
        deferrable=False,
    )


def deadline(name: str, interval: dt.timedelta) -> DeadlineAlert:
    """An alert when a run is not done `interval` after it was queued."""
    return DeadlineAlert(
        name=name,
        reference=QueuedAt(),
        interval=interval,
        callback=SyncCallback("xianjie.night.wiring.report_missed_deadline", kwargs={"name": name}),
    )


def report_missed_deadline(name: str, context: dict[str, Any]) -> None:
    """Writes a line that monitoring of logs can pick up; the executor calls it when a deadline is missed."""
    run = context["dag_run"]
    day = run.get("partition_key") or "?"
    _log.error(
        "XJ-DEADLINE 超过时限: %s (%s, 业务日期 %s)。下一步: xianjie night status --date %s",
        name,
        run.get("dag_id"),
        day,
        day,
    )


class PullRetries(RetryPolicy):  # type: ignore[misc]
    """The intake's retry policy, loaded where a pull failed instead of wherever a DAG file is parsed.

    A pull has many retries, because it waits for what has not arrived. What the intake does not name is most
    likely a mistake of ours, which waiting does not mend: it is tried `PROMPT_TRIES` times, a minute apart.
    """

    def evaluate(
        self, exception: BaseException, try_number: int, max_tries: int, context: Any = None
    ) -> RetryDecision:
        """What the intake says about `exception`."""
        from xianjie.intake import retry_policy

        decision = retry_policy().evaluate(exception, try_number, max_tries, context)
        if decision.action is not RetryAction.DEFAULT:
            return decision
        if try_number >= PROMPT_TRIES:
            return RetryDecision.fail("重试无用, 请看日志")
        return RetryDecision.retry(dt.timedelta(minutes=1))

    def serialize(self) -> dict[str, Any]:
        """The name only: the worker asks the object of the DAG file, nobody asks a copy."""
        return {"__type": "PullRetries"}


def hand_on(outlet_events: Any, asset: Asset, business_date: dt.date) -> None:
    """Emits `asset` for a business date."""
    outlet_events[asset].add_partitions(business_date.isoformat())
