"""The watch over households: checks across rows and departments, risk rules and leads, after the warehouse."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, PartitionedAssetTimetable, task

from xianjie.dates import business_date_of
from xianjie.night import steps, wiring

DOC = """
### 风险监测
先对当晚有变化的户做跨行、跨部门核查（数据问题台账，核查规则在 `include/checks/` 里），再运行风险规则，
命中的归并为线索（去重、抑制、升级；规则在 `include/rules/` 里）。都不在程序里。

**失败了怎么办**
- 清除（Clear）该任务即可重跑；重复运行不会产生重复线索。
- `sound` 变红：某条核查或规则的 SQL 没有跑通，日志里有编号；改好 `include/checks/` 或 `include/rules/` 后从监测起重跑。
- 某条规则的参数缺失不会让任务失败：该规则记为“受阻”，报告会写明原因。
- 手工触发：填写分区键 `YYYY-MM-DD`，或在 conf 中写 `{"business_date": "YYYY-MM-DD"}`。
"""

with DAG(
    "monitoring",
    dag_display_name="监测 · 规则与线索",
    description="跨部门比对、风险规则、线索",
    doc_md=DOC,
    schedule=PartitionedAssetTimetable(assets=wiring.WAREHOUSE),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=dt.timedelta(hours=4),
    deadline=wiring.deadline("监测一小时内未完成", dt.timedelta(hours=1)),
    tags=["监测", "夜间"],
    default_args=wiring.default_args(),
):

    @task(task_display_name="跨部门比对")
    def compare(dag_run=None):
        """跨行、跨部门核查数据, 记入问题台账。"""
        return steps.compare(business_date_of(dag_run))

    @task(task_display_name="运行规则", outlets=[wiring.MONITORING])
    def watch(dag_run=None, outlet_events=None):
        """对有变化的户运行风险规则, 归并线索。"""
        day = business_date_of(dag_run)
        found = steps.watch(day)
        wiring.hand_on(outlet_events, wiring.MONITORING, day)
        return found

    @task(task_display_name="全部规则跑通")
    def sound(compared, watched):
        """有核查或规则没有跑通时变红; 当晚其余环节不受影响。"""
        steps.require_sound(compared, watched)

    compared, watched = compare(), watch()
    compared >> watched
    sound(compared, watched)
