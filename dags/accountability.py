"""The 1+7+5+N figures and everyone's report pack, after the watch."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, PartitionedAssetTimetable, task

from xianjie.dates import business_date_of
from xianjie.night import steps, wiring

DOC = """
### 问责与报告
计算“1+7+5+N”指标和亮灯，为每个收件单位生成工作簿与网页，再发出邮件通知（邮件正文只有数量）。

**失败了怎么办**
- `measure` / `pack` 变红：清除（Clear）重跑；成品是整份替换的，不会出现半份报告。
- `sound` 变红：某项指标的 SQL 没有跑通，日志里有指标编号；报告已照发并写明。
- `send` 变红：多半是邮件服务器；恢复后清除该任务，已经发过且未变的不会重发。
- `hand_out` 变红：SFTP 交换目录放不进去；报告和邮件不受影响，恢复后清除该任务，看板上随时可以下载。
- 某部门没有来数据不是失败：报告照发，并写明谁没有来。
- 手工触发：填写分区键 `YYYY-MM-DD`，或在 conf 中写 `{"business_date": "YYYY-MM-DD"}`。
"""

with DAG(
    "accountability",
    dag_display_name="问责 · 指标与报告",
    description="指标、亮灯、报告、送达",
    doc_md=DOC,
    schedule=PartitionedAssetTimetable(assets=wiring.MONITORING),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=dt.timedelta(hours=4),
    deadline=wiring.deadline("报告一小时内未完成", dt.timedelta(hours=1)),
    tags=["问责", "夜间"],
    default_args=wiring.default_args(),
):

    @task(task_display_name="计算指标与亮灯")
    def measure(dag_run=None):
        """计算指标、证据行与亮灯。"""
        return steps.measure(business_date_of(dag_run))

    @task(task_display_name="生成报告包")
    def pack(dag_run=None):
        """为每个收件单位生成工作簿与网页。"""
        return steps.pack(business_date_of(dag_run))

    @task(task_display_name="发出通知", retries=5, retry_delay=dt.timedelta(minutes=5))
    def send(dag_run=None):
        """发出只含数量的邮件通知。"""
        return steps.send(business_date_of(dag_run))

    @task(task_display_name="下发退回数据", retries=5, retry_delay=dt.timedelta(minutes=5))
    def hand_out(dag_run=None):
        """把退回数据工作簿放进各单位的交换目录。"""
        return steps.hand_out(business_date_of(dag_run))

    @task(task_display_name="全部指标跑通")
    def sound(found):
        """有指标没有跑通时变红; 报告照发并写明缺哪些。"""
        steps.require_sound(found)

    measured = measure()
    measured >> pack() >> [send(), hand_out()]
    sound(measured)
