"""One DAG a department, generated from the contracts: pull, check, conclude."""

from __future__ import annotations

import datetime as dt

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TriggerRule, task

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.dates import business_date_of
from xianjie.night import steps, watermarks, wiring

DOC = """
### {title}：夜间摄取
20:00 起逐个数据集拉取、落地、逐行检查，最后对当晚作出**结论**（采纳 / 待定 / 拒收 / 未到）。
结论一出，无论好坏，仓库都会继续；坏数据不会挡住别的部门。

**失败了怎么办**
- `pull_*` 变红：看任务日志里的错误代码和中文原因；
  密码、地址类问题改好 Airflow 连接后，清除（Clear）该任务即可。
- `check` 变红：是程序问题，不是数据问题；把日志交给工程师，修好后清除该任务。
- 结论是“待定”：`ask` 已为该交付开了一次“待确认”运行，等人决定；夜间照常进行。
- 数据晚到：`xianjie night run --date 日期 --department {department}`，仓库会自动为该日期重跑。
- 手工触发必须填写分区键（partition key），格式 `YYYY-MM-DD`。
"""


def intake_dag(department: str, contracts: tuple[Contract, ...]) -> DAG:
    """The intake of one department; its asset is emitted once the night is concluded."""
    assets = {contract.id: wiring.dataset_asset(contract) for contract in contracts}
    concluded = wiring.department_asset(department)
    title = contracts[0].department_title

    with DAG(
        f"intake_{department}",
        dag_display_name=f"摄取 · {title}",
        description=f"{title}: 拉取、落地、检查、结论",
        doc_md=DOC.format(title=title, department=department),
        schedule=wiring.evening(),
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=dt.timedelta(hours=12),
        deadline=wiring.deadline(f"{title}到 05:00 仍无结论", dt.timedelta(hours=9)),
        tags=["摄取", "夜间"],
        default_args=wiring.default_args(),
    ) as dag:

        @task(retries=48, retry_delay=dt.timedelta(minutes=10), retry_policy=wiring.PullRetries())
        def pull(contract_id, dag_run=None, ti=None, asset_state_store=None):
            day = business_date_of(dag_run)
            marks = asset_state_store[assets[contract_id]].get(watermarks.STORE_KEY)
            return steps.pull(contract_id, day, watermarks.before(marks, day), ti.try_number)

        @task(task_display_name="逐行检查与把关", trigger_rule=TriggerRule.ALL_DONE)
        def check(dag_run=None):
            day = business_date_of(dag_run)
            steps.check(department, day)
            return steps.asked(department, day)

        @task(task_display_name="待确认的请人决定")
        def ask(question):
            wiring.ask(**question)

        @task.short_circuit(
            task_display_name="当晚结论",
            trigger_rule=TriggerRule.ALL_DONE,
            inlets=list(assets.values()),
            outlets=[concluded],
        )
        def conclude(pulls, dag_run=None, asset_state_store=None, outlet_events=None):
            day = business_date_of(dag_run)
            done = steps.conclude(department, day, is_together=bool((dag_run.conf or {}).get("together")))
            for contract_id, delivery_id in done["accepted"].items():
                pulled = pulls[contract_id] or {}
                if pulled.get("delivery_id") == delivery_id and (mark := pulled.get("watermark")):
                    store = asset_state_store[assets[contract_id]]
                    store.set(
                        watermarks.STORE_KEY, watermarks.moved(store.get(watermarks.STORE_KEY), day, mark)
                    )
            wiring.hand_on(outlet_events, concluded, day)
            return done["is_late"]

        @task(task_display_name="晚到: 请仓库重跑", outlets=[wiring.LATE])
        def announce_late(dag_run=None, outlet_events=None):
            wiring.hand_on(outlet_events, wiring.LATE, business_date_of(dag_run))

        pulls = {
            contract.id: pull.override(
                task_id=f"pull_{contract.dataset}",
                task_display_name=f"拉取 · {contract.title}",
                pool=wiring.pool_of(contract),
                inlets=[assets[contract.id]],
            )(contract.id)
            for contract in contracts
        }
        checked = check()
        # Costs no process: red when a pull or the check failed, although the night is concluded.
        sound = EmptyOperator(task_id="sound", task_display_name="全部正常")
        # No process either unless something is held; the night does not wait for the answer.
        ask.expand(question=checked)
        [*pulls.values()] >> checked >> conclude(pulls) >> announce_late()
        [*pulls.values(), checked] >> sound
    return dag


for _department, _contracts in catalogue().by_department().items():
    intake_dag(_department, _contracts)
