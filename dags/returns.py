"""What the offices sent back: workbooks with corrected rows, and submissions, every ten minutes in office hours."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, TriggerRule, task

from xianjie.dates import business_date_of
from xianjie.night import steps, wiring

DOC = """
### 回收：退回数据的更正
从看板上传、SFTP 交换目录、邮件附件收取各单位填好的工作簿，逐行重新检查；改对的当即入库，
仍有问题的连同原因写进**回执**放回原单位。重复发送、只填了一部分、行序打乱都没有关系。

**失败了怎么办**
- `collect` 变红：某个通道连不上（日志里有名称和错误代码）；文件留在原处，改好连接后下一轮自动收取。
- `take_in` 变红：程序问题，或回执放不回去；已入库的行不受影响，修好后清除（Clear）该任务即可，不会重复入库。
- 查看收到了什么：`xianjie returns list`，或看板“退回与更正”页。
- 手工触发：填写分区键 `YYYY-MM-DD`（更正记在这一天），或在 conf 中写 `{"business_date": "YYYY-MM-DD"}`。
"""

with DAG(
    "returns",
    dag_display_name="回收 · 更正与补报",
    description="收取工作簿、逐行重新检查、入库、回执",
    doc_md=DOC,
    schedule=wiring.office_hours(),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=dt.timedelta(hours=2),
    deadline=wiring.deadline("回收一小时内未完成", dt.timedelta(hours=1)),
    tags=["回收"],
    default_args=wiring.default_args(),
):

    @task(task_display_name="收取文件")
    def collect():
        """把各通道里新到的文件收进来, 原件留档。"""
        return steps.collect_returns()

    @task.short_circuit(task_display_name="逐行检查、入库、回执", trigger_rule=TriggerRule.ALL_DONE)
    def take_in(dag_run=None):
        """处理收到的文件, 并把回执放回原单位; 有单位补报了当晚的数据时, 请仓库重跑。"""
        return steps.take_in_returns(business_date_of(dag_run))["is_late"]

    @task(task_display_name="晚到: 请仓库重跑", outlets=[wiring.LATE])
    def announce_late(dag_run=None, outlet_events=None):
        """请仓库为该日期重跑。"""
        wiring.hand_on(outlet_events, wiring.LATE, business_date_of(dag_run))

    collect() >> take_in() >> announce_late()
