"""What each task of a night does, in the order of the road.

Every step takes a business date, calls one stage, and returns a small dictionary for XCom: counts, ids and
outcomes, never a value from a row. Stages are imported inside, so that a DAG file costs nothing to parse.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from xianjie.night.errors import NightFailedError
from xianjie.settings import settings


def pull(
    contract_id: str, business_date: dt.date, watermark: str | None, attempt: int = 1
) -> dict[str, str | None]:
    """Pulls and lands one dataset; raises what the intake wants retried.

    Returns:
        ``{"outcome", "delivery_id", "watermark"}``; outcome is landed, empty, absent or failed.
    """
    from xianjie import intake, validation
    from xianjie.contract.catalogue import catalogue

    contract, county = catalogue().get(contract_id), settings().county_code
    done = intake.pull(
        contract,
        business_date,
        county_code=county,
        watermark=watermark,
        attempt=attempt,
        is_due=validation.is_due(contract, business_date, county),
    )
    return {"outcome": done.outcome, "delivery_id": done.delivery_id, "watermark": done.watermark}


def check(department: str, business_date: dt.date) -> dict[str, str]:
    """Judges a department's deliveries of the date; decisions by dataset."""
    from xianjie import validation

    verdicts = validation.check_department(department, business_date, settings().county_code)
    return {verdict.dataset: verdict.decision for verdict in verdicts}


def asked(department: str, business_date: dt.date) -> list[dict[str, Any]]:
    """The runs of `approvals` to start, one a held delivery of the date: ``{"run_id", "conf"}``."""
    from xianjie import validation
    from xianjie.night.approvals import run_id

    held = validation.held(department, business_date, settings().county_code)
    return [
        {
            "run_id": run_id(delivery_id),
            "conf": {"delivery_id": delivery_id, "business_date": business_date.isoformat()},
        }
        for delivery_id in held
    ]


def conclude(department: str, business_date: dt.date, *, is_together: bool = False) -> dict[str, Any]:
    """Concludes a department's night.

    A conclusion is late when every department had already concluded this date, so that the warehouse has run
    without what came now. `is_together` says that all departments run again and the warehouse waits for them.

    Returns:
        ``{"is_late": bool, "outcomes": {contract id: outcome}, "accepted": {contract id: delivery id}}``.
    """
    from xianjie import validation

    is_late = not is_together and all_concluded(business_date)
    conclusions = validation.conclude(department, business_date, settings().county_code, is_late)
    by_contract = {f"{item.department}.{item.dataset}": item for item in conclusions}
    outcomes = {contract_id: item.outcome for contract_id, item in by_contract.items()}
    accepted = {
        contract_id: item.delivery_id
        for contract_id, item in by_contract.items()
        if item.outcome == "accepted"
    }
    return {"is_late": is_late, "outcomes": outcomes, "accepted": accepted}


def question(delivery_id: str) -> dict[str, str] | None:
    """Subject and Markdown body of the question about a held delivery; None when there is nothing to ask."""
    from xianjie import validation

    asked_about = validation.question(delivery_id)
    return {"subject": asked_about.subject, "body": asked_about.body} if asked_about else None


def decided(delivery_id: str) -> dict[str, str] | None:
    """The decision that stands for a delivery, as an answer to its question; None while nobody has decided."""
    from xianjie import validation
    from xianjie.night import approvals

    stands = validation.decided(delivery_id)
    if stands is None:
        return None
    return {"option": approvals.ANSWERS[stands.decision], "reason": stands.why, "by": stands.by}


def settle(delivery_id: str, answered: Mapping[str, str]) -> bool:
    """Keeps a person's answer ``{"option", "reason", "by"}``; whether the warehouse has to run for it.

    Raises:
        NightFailedError: somebody decided otherwise before; that decision stands.
    """
    from xianjie import validation
    from xianjie.night import approvals

    decision = approvals.DECISIONS.get(answered["option"])
    if decision is None:
        return False
    try:
        return approvals.settle(delivery_id, decision, answered["by"], answered["reason"]).is_late
    except validation.AlreadyDecidedError as error:
        raise NightFailedError(
            f"{error.message}；本次回答没有采用",
            data="以先作的决定为准",
            next_command="xianjie night status",
        ) from None


def all_concluded(business_date: dt.date) -> bool:
    """Whether every department that has a contract has concluded this date already."""
    from xianjie import validation
    from xianjie.contract.catalogue import catalogue

    concluded = validation.concluded_departments(business_date, settings().county_code)
    return set(catalogue().by_department()) <= concluded


def merge(business_date: dt.date) -> dict[str, Any]:
    """Links and merges every accepted delivery of the date that is not merged yet; ends what ran out of time."""
    from xianjie import returns, warehouse

    found = _small(warehouse.run_night(business_date, settings().county_code))
    return found | {f"expired_{name}": count for name, count in _small(returns.expire(business_date)).items()}


def reconcile(business_date: dt.date) -> dict[str, Any]:
    """Compares the warehouse with the accepted deliveries, and checks that the ledger balances."""
    from xianjie import validation, warehouse

    found = warehouse.reconcile(business_date)
    rows = validation.ledger(business_date, settings().county_code)
    return {"datasets": len(rows), **_small(found)}


def compare(business_date: dt.date) -> dict[str, Any]:
    """Evaluates the checks over several rows and the conflicts between departments."""
    from xianjie import consistency

    summary = consistency.run(business_date, settings().county_code)
    return {
        "households": summary.households,
        "checks": len(summary.checks),
        "findings": summary.open,
        "failed": list(summary.failed),
    }


def watch(business_date: dt.date) -> dict[str, Any]:
    """Evaluates the risk rules for the households in play and keeps the leads."""
    from xianjie import monitoring

    summary = monitoring.run(business_date, settings().county_code)
    return {"households": summary.households, "rules": len(summary.rules), "failed": list(summary.failed)}


def measure(business_date: dt.date) -> dict[str, Any]:
    """Computes the indicators, their evidence and their lights."""
    from xianjie import accountability

    summary = accountability.run(business_date, settings().county_code)
    return {
        "households": summary.households,
        "indicators": len(summary.indicators),
        "failed": list(summary.failed),
    }


def hand_out(business_date: dt.date) -> dict[str, Any]:
    """Puts the workbooks of returned rows where offices fetch them; their number, and each channel's state."""
    from xianjie import returns

    done = returns.hand_out(business_date)
    return {"workbooks": done.workbooks, **done.channels}


def collect_returns() -> dict[str, Any]:
    """Copies what the offices sent back into the archive; files, and the state of each channel."""
    from xianjie import returns

    found = returns.collect(settings().county_code)
    return {"files": found.files, **found.channels}


def take_in_returns(business_date: dt.date) -> dict[str, Any]:
    """Judges what came back, merges what is right, answers the offices.

    Returns:
        files by state, answered rows by result, and ``is_late``: somebody submitted data of the date after the
        warehouse had run, so it has to run again.
    """
    from xianjie import returns

    done = returns.take_in(business_date, settings().county_code)
    return {**done.files, **done.rows, "is_late": is_waiting_for_warehouse(business_date)}


def is_waiting_for_warehouse(business_date: dt.date) -> bool:
    """Whether an accepted delivery of the date is not merged although every department has concluded."""
    from sqlalchemy import text

    from xianjie.database.engine import transaction

    statement = text(
        "select exists (select 1 from ops.delivery where county_code = :county and business_date = :day"
        " and verdict = 'accept' and merged_at is null)"
    )
    with transaction() as connection:
        is_waiting = connection.execute(
            statement, {"county": settings().county_code, "day": business_date}
        ).scalar()
    return bool(is_waiting) and all_concluded(business_date)


def require_sound(*found: Mapping[str, Any]) -> None:
    """Raises when a check, a rule or an indicator of ours did not run; the night went on without it."""
    failed = [name for each in found for name in each["failed"]]
    if failed:
        raise NightFailedError(
            f"没有跑通: {', '.join(failed)}",
            data="其余核查、规则与指标已算完, 报告照发并写明缺哪些",
            next_command="xianjie night status",
        )


def pack(business_date: dt.date) -> dict[str, Any]:
    """Builds every recipient's workbook and page."""
    from xianjie import reports

    packs = reports.build(business_date, settings().county_code)
    return {"packs": len(packs)}


def send(business_date: dt.date) -> dict[str, Any]:
    """Mails what is new; an unchanged pack is never mailed twice.

    Raises:
        NightFailedError: a notice did not go out; running the step again sends only what is missing.
    """
    from xianjie import reports

    delivered = reports.deliver(business_date, settings().county_code)
    if delivered.failed:
        raise NightFailedError(
            f"{delivered.failed} 封通知没有发出",
            data="报告已生成, 已发出的不会重发",
            next_command=f"xianjie night run --date {business_date} --from accountability",
        )
    return _small(delivered)


def _small(summary: object) -> dict[str, Any]:
    """Numbers and flags of a stage's summary; anything else stays out of the metadata database."""
    if isinstance(summary, Mapping):
        items: Iterable[tuple[Any, Any]] = summary.items()
    elif hasattr(summary, "__dataclass_fields__"):
        items = ((name, getattr(summary, name)) for name in summary.__dataclass_fields__)
    else:
        items = ()
    return {str(name): value for name, value in items if isinstance(value, bool | int | float)}
