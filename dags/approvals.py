"""One run a held delivery: a person is asked, the decision is kept, what was accepted is merged."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import DAG, task

from xianjie.dates import business_date_of
from xianjie.night import approvals, steps, wiring
from xianjie.night.asking import Question

DOC = """
### 待确认的交付
门禁拿不准的整份交付停在这里，等一个了解该部门的人决定。夜间的其他环节照常进行，不等它。
打开“需要操作”（Required Actions）就能看到原因和数字：选**接收**或**拒收**，写明理由，提交。
决定人、决定、理由永久留存。接收后仓库自动为该业务日期重跑。

**失败了怎么办**
- `ask` 重试：没有写理由，或者回答时调度器正忙，会再次询问，再答一次即可；超过 {hours:g} 小时无人回答，交付保持待确认，
  之后可用 `xianjie delivery approve|refuse 交付编号 --why 理由` 决定，或清除（Clear）本次运行重新询问。
- `settle` 变红：别人已经作了相反的决定，日志里写着是谁、为什么；以先作的决定为准，不用处理。
- 在命令行已决定的，本次运行会自动结束。
"""

with DAG(
    approvals.DAG_ID,
    dag_display_name="待确认 · 人工决定",
    description="待确认的交付: 询问、留存决定、补入仓库",
    doc_md=DOC.format(hours=wiring.approval_timeout() / dt.timedelta(hours=1)),
    schedule=None,
    catchup=False,
    max_active_runs=wiring.OPEN_QUESTIONS,
    dagrun_timeout=wiring.approval_timeout() + dt.timedelta(days=30),
    deadline=wiring.deadline("待确认的交付一天内无人决定", dt.timedelta(days=1)),
    tags=["摄取", "人工"],
    default_args=wiring.default_args(),
):

    @task.short_circuit(task_display_name="整理数字")
    def describe(dag_run=None):
        """原因、数字、检查项; 已有人决定的不再询问。"""
        return steps.question(dag_run.conf["delivery_id"])

    @task.short_circuit(task_display_name="留存决定")
    def settle(answered, dag_run=None):
        """留存决定; 接收的交付是否要请仓库重跑。"""
        return steps.settle(dag_run.conf["delivery_id"], answered)

    @task(task_display_name="补入: 请仓库重跑", outlets=[wiring.LATE])
    def announce_late(dag_run=None, outlet_events=None):
        """请仓库为该业务日期重跑。"""
        wiring.hand_on(outlet_events, wiring.LATE, business_date_of(dag_run))

    ask = Question(
        task_id=approvals.TASK_ID,
        task_display_name="接收还是拒收",
        subject="{{ ti.xcom_pull(task_ids='describe')['subject'] }}",
        body="{{ ti.xcom_pull(task_ids='describe')['body'] }}",
        retries=50,
        retry_delay=dt.timedelta(seconds=5),
    )
    describe() >> ask
    settle(ask.output) >> announce_late()
