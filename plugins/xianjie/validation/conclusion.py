"""Conclusion (结论): what came of each dataset's night; and a person's decision on what is held."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Row, text

from xianjie import dates
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.engine import Role, transaction
from xianjie.database.migrate import script
from xianjie.privacy import redact
from xianjie.validation import data_docs
from xianjie.validation.errors import AlreadyDecidedError, DecisionError
from xianjie.validation.policy import policy
from xianjie.validation.verdict import Verdict, check

Decision = Literal["accept", "refuse"]
Outcome = Literal["accepted", "held", "refused", "absent", "failed", "empty", "not_due"]
_OUTCOMES: dict[str | None, Outcome] = {
    "accept": "accepted",
    "hold": "held",
    "refuse": "refused",
    None: "failed",
}
_LAST_ACCEPTED = text(
    "select max(business_date) from ops.delivery where county_code = :county and department = :department"
    " and dataset = :dataset and verdict = 'accept' and business_date < :day"
)
_NOTHING_CAME = "到截止时间没有收到数据"
_NOT_JUDGED = "交付已落地，校验没有完成"


@dataclass(frozen=True)
class Conclusion:
    """What came of one dataset's night; `delivery_id` is the delivery that counts, if any came."""

    county_code: str
    department: str
    dataset: str
    business_date: dt.date
    outcome: Outcome
    delivery_id: str | None
    error_code: str | None
    reason: str
    is_late: bool


def conclude(
    department: str, business_date: dt.date, county_code: str, is_late: bool = False
) -> list[Conclusion]:
    """Concludes the night for each dataset of a department, from its receipts and verdicts; idempotent.

    Several deliveries: the last accepted one counts, without one the last. A conclusion that is the same as
    before keeps its moment and whether it was late.
    """
    contracts = catalogue().by_department().get(department, ())
    with transaction() as connection:
        found = [
            _conclusion(connection, contract, business_date, county_code, is_late) for contract in contracts
        ]
        moment = dates.now()
        for conclusion in found:
            connection.execute(
                text(script("quality", "write_conclusion.sql")), asdict(conclusion) | {"concluded_at": moment}
            )
    if contracts:
        title = contracts[0].department_title
        rows = [_index_row(contract, each) for contract, each in zip(contracts, found, strict=True)]
        data_docs.publish_index(department, title, business_date, rows, policy())
    return found


def concluded_departments(business_date: dt.date, county_code: str) -> set[str]:
    """The departments whose night is concluded already."""
    statement = text(
        "select distinct department from ops.conclusion where county_code = :county and business_date = :day"
    )
    with transaction() as connection:
        rows = connection.execute(statement, {"county": county_code, "day": business_date})
        return {row.department for row in rows}


def is_due(contract: Contract, business_date: dt.date, county_code: str) -> bool:
    """Whether the dataset owes a delivery on a night: by its cadence, and what was accepted before."""
    with transaction() as connection:
        return _is_due(connection, contract, business_date, county_code)


def _index_row(contract: Contract, conclusion: Conclusion) -> data_docs.IndexRow:
    return data_docs.IndexRow(
        contract.code,
        contract.dataset,
        contract.title,
        conclusion.outcome,
        conclusion.error_code,
        conclusion.reason,
    )


@dataclass(frozen=True)
class Decided:
    """The decision that stands for a held delivery; `by` and `why` as `decide` kept them."""

    decision: Decision
    by: str
    why: str


def decided(delivery_id: str) -> Decided | None:
    """What a person has decided on a delivery; None while nobody has."""
    with transaction(Role.READER) as connection:
        return _decided(connection, delivery_id)


def decide(delivery_id: str, decision: Decision, by: str, why: str) -> Verdict | None:
    """A person accepts or refuses a held delivery; who and why are kept for good.

    Accepting judges the delivery again, so that its rows are entered as any accepted delivery's; then the
    verdict is returned. The first decision stands: the same person saying it again changes nothing.

    Raises:
        AlreadyDecidedError: somebody else decided first, or the same person otherwise.
        DecisionError: there is no such delivery, it is not held, or nobody signed.
    """
    by, why = redact(by.strip()), redact(why.strip())
    if not by or not why:
        raise DecisionError("请写明是谁决定的和为什么", next_command="xianjie night status")
    with transaction() as connection:
        contract = _enter_decision(connection, delivery_id, decision, by, why)
    return check(contract, delivery_id) if decision == "accept" else None


def _enter_decision(connection: Connection, delivery_id: str, decision: str, by: str, why: str) -> Contract:
    row = connection.execute(
        text("select * from ops.delivery where delivery_id = :delivery for update"), {"delivery": delivery_id}
    ).one_or_none()
    stands = _decided(connection, delivery_id)
    if stands is not None and (stands.decision, stands.by) != (decision, by):
        raise AlreadyDecidedError(stands.decision, stands.by, stands.why)
    if row is None or (stands is None and row.verdict != "hold"):
        raise DecisionError("这次交付不在待确认状态", next_command="xianjie night status")
    values = {
        "county": row.county_code,
        "delivery": delivery_id,
        "decision": decision,
        "by": by,
        "why": why,
        "moment": dates.now(),
    }
    if stands is None:
        connection.execute(text(script("quality", "enter_decision.sql")), values)
    if decision == "refuse":
        connection.execute(text(script("quality", "refuse_held.sql")), values)
    return catalogue().get(f"{row.department}.{row.dataset}")


def _decided(connection: Connection, delivery_id: str) -> Decided | None:
    row = connection.execute(
        text(script("quality", "decision_of.sql")), {"delivery": delivery_id}
    ).one_or_none()
    return Decided(row.decision, row.decided_by, row.why) if row is not None else None


def _conclusion(
    connection: Connection, contract: Contract, business_date: dt.date, county_code: str, is_late: bool
) -> Conclusion:
    who = {
        "county": county_code,
        "department": contract.department,
        "dataset": contract.dataset,
        "business_date": business_date,
    }
    deliveries = connection.execute(text(script("quality", "deliveries_of_night.sql")), who).all()
    receipt = connection.execute(text(script("quality", "last_receipt.sql")), who).one_or_none()
    outcome, delivery_id, code, reason = _of_deliveries(deliveries) if deliveries else _of_receipt(receipt)
    owed = _is_due(connection, contract, business_date, county_code)
    if outcome == "absent" and not owed:
        coming = contract.cadence.next_due_day(business_date)
        outcome, code, reason = "not_due", None, f"{contract.cadence.text}报送，下次截止 {coming}"
    if deliveries and outcome == "accepted" and receipt is not None and receipt.outcome == "failed":
        reason = f"{reason}；之后再次取数失败：{receipt.reason}"
    return Conclusion(
        county_code,
        contract.department,
        contract.dataset,
        business_date,
        outcome,
        delivery_id,
        code,
        reason,
        is_late and owed,
    )


def _is_due(connection: Connection, contract: Contract, business_date: dt.date, county_code: str) -> bool:
    if contract.cadence.is_nightly:
        return True
    last_accepted = connection.execute(
        _LAST_ACCEPTED,
        {
            "county": county_code,
            "department": contract.department,
            "dataset": contract.dataset,
            "day": business_date,
        },
    ).scalar()
    return contract.cadence.is_due(business_date, last_accepted)


def _of_deliveries(deliveries: Sequence[Row[Any]]) -> tuple[Outcome, str | None, str | None, str]:
    last = deliveries[-1]
    chosen = next((row for row in reversed(deliveries) if row.verdict == "accept"), last)
    outcome = _OUTCOMES[chosen.verdict]
    reason = chosen.verdict_reason or _NOT_JUDGED
    if chosen is not last:
        reason = f"{reason}；之后的一次交付未被采用：{last.verdict_reason or _NOT_JUDGED}"
    return outcome, chosen.delivery_id, None if outcome == "accepted" else chosen.verdict_code, reason


def _of_receipt(receipt: Row[Any] | None) -> tuple[Outcome, str | None, str | None, str]:
    if receipt is None:
        return "absent", None, None, _NOTHING_CAME
    outcome: Outcome = "failed" if receipt.outcome == "landed" else receipt.outcome
    return outcome, None, receipt.error_code, receipt.reason or _NOTHING_CAME
