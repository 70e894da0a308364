"""Check (校验): one delivery through diff, sieve, gate and ledger to its verdict.

The work happens in files below the work folder; what came of it is written in one transaction at the end. So
a run that is killed leaves no trace in the database, and one that is repeated replaces its own.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import traceback
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, text

from xianjie import dates, landing
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Rule
from xianjie.database.engine import transaction
from xianjie.database.migrate import script
from xianjie.errors import XianjieError
from xianjie.landing import Delivery, Diff
from xianjie.validation import balance, data_docs, quarantine, versions
from xianjie.validation.balance import LedgerRow
from xianjie.validation.errors import CheckError
from xianjie.validation.gate import Decision, Judgement, judge
from xianjie.validation.memory import known
from xianjie.validation.policy import Policy, policy
from xianjie.validation.profile import Profile, past, profile
from xianjie.validation.sieve import Sieve, Sieved

log = logging.getLogger(__name__)
_STAYS = "已入库，维持接收"


@dataclass(frozen=True)
class Verdict:
    """What becomes of a delivery: `code` and Chinese `reason` as departments read them.

    `data_docs` is null for what is not a department's own delivery: the gate does not judge it.
    """

    delivery_id: str
    department: str
    dataset: str
    decision: Decision
    code: str
    reason: str
    ledger: LedgerRow
    data_docs: Path | None


@dataclass(frozen=True)
class _Judged:
    """Everything one run found out, before any of it is written."""

    contract: Contract
    delivery: Delivery
    diff: Diff
    sieved: Sieved
    rules: tuple[Rule, ...]
    row: LedgerRow
    profile: Profile
    judgement: Judgement


def check(contract: Contract, delivery_id: str, *, base: Sequence[Delivery] | None = None) -> Verdict:
    """Judges a delivery and records the verdict, its ledger row and its returned rows; idempotent.

    A person's decision on a held delivery stands when it is judged again and still held. What is merged
    already is not held any more; one that would be refused now comes back so, with nothing recorded. `base`
    is what it is compared with when that is not what the warehouse holds yet: a state with a late delivery.

    Raises:
        LedgerError: rows in are not rows accounted for.
        SieveError, GateError: a rule or an expectation of ours does not run.
        StaleBaseError, WarehouseError: as the landing and the database say.
    """
    delivery = landing.load(delivery_id)
    judged = _judge(contract, delivery, policy(), base)
    page = None
    if delivery.is_own:
        page = data_docs.publish(contract, delivery, judged.judgement, _counts(judged), policy())
    with transaction() as connection:
        decision, code, reason = _record(connection, judged)
    return Verdict(
        delivery.delivery_id,
        delivery.department,
        delivery.dataset,
        decision,
        code,
        reason,
        replace(judged.row, verdict=decision),
        page,
    )


def check_department(department: str, business_date: dt.date, county_code: str) -> list[Verdict]:
    """Judges all deliveries of a department's night in one process (the gate's library loads once).

    A dataset whose check fails never stops the others; its failure is recorded and concludes as ``failed``.

    Raises:
        CheckError: at the end, when any check failed. That is a mistake of ours, never bad data.
    """
    verdicts, failed = [], []
    for contract in catalogue().by_department().get(department, ()):
        for delivery_id in _waiting(contract, business_date, county_code):
            try:
                verdicts.append(check(contract, delivery_id))
            except Exception as error:
                failed.append(contract.title)
                _record_failure(delivery_id, error)
    if failed:
        raise CheckError(
            f"{'、'.join(failed)}未能完成校验，其余 {len(verdicts)} 个数据集已裁定",
            data="未裁定的交付已落地，未入库",
            next_command=f"xianjie night status --date {business_date}",
        )
    return verdicts


def _judge(contract: Contract, delivery: Delivery, rules: Policy, base: Sequence[Delivery] | None) -> _Judged:
    if base is None:
        base = landing.base_for(
            contract, delivery.business_date, delivery.county_code, delivery_id=delivery.delivery_id
        )
    with transaction() as connection:
        said = known(connection, delivery)
        contract = versions.judging(connection, contract, delivery)
    diff = landing.compare(delivery, base, said.held)
    sieve = Sieve(contract, delivery.business_date, delivery.county_code, known=said, is_own=delivery.is_own)
    sieved = sieve.run(
        landing.work_folder(delivery), sample_rows=rules.changed_rows_cap, source=landing.changed_sql(delivery)
    )
    row = balance.balanced(contract, delivery, diff, sieved)
    with transaction() as connection:
        history = past(connection, contract, delivery, rules)
    numbers = profile(contract, delivery, diff, sieved, history=history, policy=rules)
    judgement = judge(contract, numbers, sieved.sample, rules) if delivery.is_own else _taken(numbers, rules)
    return _Judged(contract, delivery, diff, sieved, sieve.rules, row, numbers, judgement)


def _taken(numbers: Profile, rules: Policy) -> Judgement:
    """What is not a department's own delivery is judged row by row only: accepted, whatever its numbers."""
    reason = rules.answered.reason.format(**asdict(numbers))
    return Judgement("accept", rules.answered.code, reason, results=(), changes=(), pages={})


def _record(connection: Connection, judged: _Judged) -> tuple[Decision, str, str]:
    """Writes everything of one check in the caller's transaction; returns the verdict that stands."""
    delivery, moment = judged.delivery, dates.now()
    who = {"county": delivery.county_code, "delivery": delivery.delivery_id}
    connection.execute(
        text("select pg_advisory_xact_lock(hashtext(:dataset))"),
        {"dataset": f"{delivery.county_code}.{delivery.department}.{delivery.dataset}"},
    )
    standing = connection.execute(text(script("quality", "standing.sql")), who).one()
    decision, code, reason = judged.judgement.decision, judged.judgement.code, judged.judgement.reason
    decided_by = None
    if decision == "hold" and standing.decision:
        decision, decided_by = standing.decision, standing.decided_by
        reason = f"{reason}。{standing.sentence}"
    elif decision == "hold" and standing.is_merged:
        decision, reason = "accept", f"{reason}。{_STAYS}"
    if decision == "refuse" and standing.is_merged:
        return decision, code, reason
    values = {
        "decision": decision,
        "code": code,
        "reason": reason,
        "judged_at": moment,
        "decided_by": decided_by,
    }
    connection.execute(text(script("quality", "write_verdict.sql")), who | values)
    versions.remember(connection, judged.contract, delivery.business_date)
    balance.write(connection, judged.row, moment)
    _write_profile(connection, delivery, judged)
    quarantine.replace_counts(connection, delivery, _counts(judged))
    quarantine.record(connection, delivery, judged.rules, judged.sieved if decision == "accept" else None)
    return decision, code, reason


def _write_profile(connection: Connection, delivery: Delivery, judged: _Judged) -> None:
    who: dict[str, object] = {
        "county": delivery.county_code,
        "delivery": delivery.delivery_id,
        "department": delivery.department,
        "dataset": delivery.dataset,
        "business_date": delivery.business_date,
    }
    connection.execute(
        text(script("quality", "write_profile.sql")),
        asdict(judged.profile)
        | who
        | {
            "columns_missing": list(delivery.columns_missing),
            "columns_unknown": len(delivery.columns_unknown),
            "newest": judged.profile.freshness.newest,
            "same_since": judged.profile.freshness.same_since,
            "formats": json.dumps(dict(judged.profile.forms), ensure_ascii=False),
        },
    )
    _write_drift(connection, who, judged)
    connection.execute(
        text("delete from quality.gate_result where county_code = :county and delivery_id = :delivery"), who
    )
    if not judged.judgement.results:
        return
    connection.execute(
        text(
            "insert into quality.gate_result "
            "values (:county, :delivery, :code, :title, :decision, :is_met, :reason)"
        ),
        [who | asdict(result) for result in judged.judgement.results],
    )


def _write_drift(connection: Connection, who: dict[str, object], judged: _Judged) -> None:
    connection.execute(
        text("delete from quality.drift where county_code = :county and delivery_id = :delivery"), who
    )
    if judged.profile.changes:
        connection.execute(
            text(
                "insert into quality.drift values "
                "(:county, :delivery, :position, :kind, :field, :sentence, :row_count, :share_pct)"
            ),
            [who | {"position": n} | asdict(change) for n, change in enumerate(judged.profile.changes, 1)],
        )


def _counts(judged: _Judged) -> list[tuple[Rule, int]]:
    found = judged.sieved.rule_rows
    return [(rule, found[rule.id]) for rule in judged.rules if rule.id in found]


def _waiting(contract: Contract, business_date: dt.date, county_code: str) -> Iterable[str]:
    """The night's deliveries of a dataset in order of arrival: those not judged yet, and the last one."""
    with transaction() as connection:
        found = connection.execute(
            text(script("quality", "deliveries_of_night.sql")),
            {
                "county": county_code,
                "department": contract.department,
                "dataset": contract.dataset,
                "business_date": business_date,
            },
        ).all()
    return [row.delivery_id for n, row in enumerate(found, start=1) if row.verdict is None or n == len(found)]


def _record_failure(delivery_id: str, error: Exception) -> None:
    """Leaves the delivery without a verdict and says why; of a foreign error only its type (no values)."""
    ours = error if isinstance(error, XianjieError) else CheckError(f"校验程序出错（{type(error).__name__}）")
    log.error("%s: %s\n%s", delivery_id, ours, "".join(traceback.format_tb(error.__traceback__)))
    with transaction() as connection:
        connection.execute(
            text(script("quality", "write_verdict.sql")),
            {
                "delivery": delivery_id,
                "decision": None,
                "code": ours.code,
                "reason": ours.message,
                "judged_at": dates.now(),
                "decided_by": None,
            },
        )
