"""Every DAG keeps the house rules; without a DAG these tests fail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from xianjie.contract.catalogue import catalogue
from xianjie.night import wiring

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_CHAIN = {"warehouse", "monitoring", "accountability", "returns"}
_BY_DELIVERY = "approvals"  # one run a held delivery, several at a time; its conf names the date


@pytest.fixture(scope="module")
def dags(parsed):
    found, _ = parsed
    assert len(found) >= 8, "no DAGs were found"
    return found.values()


@pytest.fixture(scope="module")
def tasks(dags):
    found = [task for dag in dags for task in dag.tasks]
    assert found, "no tasks were found"
    return found


def test_there_is_one_intake_a_department_and_the_chain(parsed):
    intakes = {f"intake_{department}" for department in catalogue().by_department()}
    assert set(parsed[0]) == intakes | _CHAIN | {_BY_DELIVERY}


def test_a_file_parses_in_under_a_second(parsed, capsys):
    _, seconds = parsed
    with capsys.disabled():
        print("\nDAG parse times: " + ", ".join(f"{name} {taken:.2f} s" for name, taken in seconds.items()))
    # The first file also pays for Airflow's own imports; the worker pays for them once a process.
    slow = {name: taken for name, taken in list(seconds.items())[1:] if taken > 1}
    assert not slow


def test_every_dag_says_who_owns_it_and_what_to_do_when_it_fails(dags):
    for dag in dags:
        assert dag.owner == wiring.OWNER, dag.dag_id
        assert _CHINESE.search(dag.dag_display_name), dag.dag_id
        assert "失败了怎么办" in dag.doc_md, dag.dag_id


def test_tags_come_from_the_closed_list(dags):
    for dag in dags:
        assert dag.tags, dag.dag_id
        assert set(dag.tags) <= wiring.TAGS, dag.dag_id


def test_every_dag_is_partitioned_by_business_date_and_never_catches_up(dags):
    from airflow.serialization.encoders import coerce_to_core_timetable

    for dag in dags:
        assert dag.catchup is False, dag.dag_id
        if dag.dag_id != _BY_DELIVERY:
            assert coerce_to_core_timetable(dag.timetable).partitioned, dag.dag_id
            assert dag.max_active_runs == 1, dag.dag_id


def test_a_question_waits_for_a_person_and_never_for_another_question(parsed):
    dag = parsed[0][_BY_DELIVERY]
    ask = dag.get_task("ask")
    assert dag.max_active_runs == wiring.OPEN_QUESTIONS > 100
    assert ask.response_timeout == wiring.approval_timeout() < dag.dagrun_timeout
    assert ask.defaults == ["暂不决定"]
    assert [outlet.name for outlet in dag.get_task("announce_late").outlets] == [wiring.LATE.name]


def test_what_is_held_is_asked_about_without_holding_up_the_night(parsed):
    for department in catalogue().by_department():
        dag = parsed[0][f"intake_{department}"]
        assert dag.get_task("ask").upstream_task_ids == {"check"}
        assert not dag.get_task("ask").downstream_task_ids


def test_asking_starts_one_run_of_the_questions(parsed):
    from airflow.sdk.exceptions import DagRunTriggerException

    with pytest.raises(DagRunTriggerException) as order:
        wiring.ask("held__x", {"delivery_id": "x"})
    assert order.value.trigger_dag_id == _BY_DELIVERY
    assert order.value.skip_when_already_exists


def test_every_dag_has_a_deadline_and_ends_in_the_end(dags):
    for dag in dags:
        assert dag.deadline, dag.dag_id
        assert dag.dagrun_timeout, dag.dag_id


def test_every_task_is_named_in_chinese_retried_and_timed_out(tasks):
    for task in tasks:
        assert _CHINESE.search(task.task_display_name), task.task_id
        assert task.retries >= 1, task.task_id
        assert timedelta(0) < task.execution_timeout <= timedelta(hours=4), task.task_id
        assert task.owner == wiring.OWNER, task.task_id


def test_a_pull_runs_in_the_pool_of_its_source(tasks):
    pulls = [task for task in tasks if task.task_id.startswith("pull_")]
    assert len(pulls) == len(catalogue().active())
    assert {task.pool for task in pulls} == {wiring.pool_of(contract) for contract in catalogue().active()}


def test_a_pull_is_tried_again_only_for_what_may_mend_itself(tasks):
    from airflow.sdk import RetryAction

    from xianjie.intake import NotArrivedError, SourceAuthError, SourceConnectionError, SourceFormatError

    policies = [task.retry_policy for task in tasks if task.task_id.startswith("pull_")]
    assert policies
    for policy in policies:
        for error, action in (
            (SourceAuthError, RetryAction.FAIL),
            (SourceFormatError, RetryAction.FAIL),
            (SourceConnectionError, RetryAction.RETRY),
            (NotArrivedError, RetryAction.RETRY),
        ):
            assert policy.evaluate(error.__new__(error), 1, 48).action is action


def test_an_unknown_failure_is_not_waited_for_all_night():
    from airflow.sdk import RetryAction

    policy = wiring.PullRetries()
    actions = [policy.evaluate(ValueError(), number, 48).action for number in (1, 2, 3)]
    assert actions == [RetryAction.RETRY, RetryAction.RETRY, RetryAction.FAIL]


def test_a_department_is_concluded_whatever_its_pulls_and_checks_came_to(parsed):
    for department in catalogue().by_department():
        dag = parsed[0][f"intake_{department}"]
        assert dag.get_task("check").trigger_rule == "all_done"
        conclude = dag.get_task("conclude")
        assert conclude.trigger_rule == "all_done"
        assert [outlet.name for outlet in conclude.outlets] == [wiring.department_asset(department).name]


def test_a_failed_pull_or_check_turns_the_run_red(parsed):
    for department in catalogue().by_department():
        dag = parsed[0][f"intake_{department}"]
        upstream = dag.get_task("sound").upstream_task_ids
        assert upstream == {task.task_id for task in dag.tasks if task.task_id.startswith("pull_")} | {
            "check"
        }


def test_the_evening_of_a_date_has_that_date_as_its_key():
    import pendulum
    from airflow.serialization.encoders import coerce_to_core_timetable

    timetable = coerce_to_core_timetable(wiring.evening())
    runs = list(
        timetable.iter_partition_dagrun_infos(
            earliest=pendulum.datetime(2026, 9, 21, tz="Asia/Shanghai"),
            latest=pendulum.datetime(2026, 9, 22, 23, 59, tz="Asia/Shanghai"),
        )
    )
    assert [run.partition_key for run in runs] == ["2026-09-21", "2026-09-22"]
    assert [run.run_after.in_timezone("Asia/Shanghai").hour for run in runs] == [20, 20]


def test_a_key_that_is_no_date_is_refused():
    from airflow.exceptions import InvalidPartitionKeyError
    from airflow.serialization.encoders import coerce_to_core_timetable

    with pytest.raises(InvalidPartitionKeyError):
        coerce_to_core_timetable(wiring.evening()).resolve_partition_date("21 September")
