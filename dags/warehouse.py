"""The warehouse of a night: starts when every department has concluded the date, or when one came late."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, PartitionedAssetTimetable, task

from xianjie.contract.catalogue import catalogue
from xianjie.dates import business_date_of
from xianjie.night import steps, wiring

DOC = """
### 数据仓库
把当晚被采纳的数据对到人、对到户，合并进仓库（每个数据集一个事务），再与原始数据对账。

**失败了怎么办**
- 任一任务变红：可以直接清除（Clear）重跑，重复运行不会改变结果，也不会留下半截数据。
- `reconcile` 变红：仓库与来料不一致或台账不平，不会发布报告；
  先执行 `xianjie ledger --date 日期`，再把日志交给工程师。
- 手工触发：填写分区键 `YYYY-MM-DD`，或在 conf 中写 `{"business_date": "YYYY-MM-DD"}`。
"""

with DAG(
    "warehouse",
    dag_display_name="仓库 · 对人对户与合并",
    description="关联、合并、对账",
    doc_md=DOC,
    schedule=PartitionedAssetTimetable(
        assets=wiring.all_concluded_or_late(list(catalogue().by_department()))
    ),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=dt.timedelta(hours=6),
    deadline=wiring.deadline("仓库一小时内未完成", dt.timedelta(hours=1)),
    tags=["仓库", "夜间"],
    default_args=wiring.default_args(execution_timeout=dt.timedelta(hours=4)),
):

    @task(task_display_name="关联与合并")
    def merge(dag_run=None):
        """把被采纳的数据对人对户, 合并进仓库。"""
        return steps.merge(business_date_of(dag_run))

    @task(task_display_name="对账", outlets=[wiring.WAREHOUSE])
    def reconcile(dag_run=None, outlet_events=None):
        """仓库与来料对账, 并核对台账。"""
        day = business_date_of(dag_run)
        found = steps.reconcile(day)
        wiring.hand_on(outlet_events, wiring.WAREHOUSE, day)
        return found

    merge() >> reconcile()
