"""A night in a real warehouse and a real landing, written by plain inserts."""

from __future__ import annotations

import csv
import datetime as dt
import json
import uuid
from pathlib import Path

from sqlalchemy import Connection, text

from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import Role, transaction
from xianjie.landing import CsvTable, publish

DAY = dt.date(2026, 9, 22)
COUNTY = "639900"
CANARY_ID = "639900198503072316"
CANARY_NAME = "欧阳金丝雀"
CANARY_PHONE = "13897654321"
HOUSEHOLD = "6399001020000777"
LEAD = uuid.UUID(int=77)
ROW = uuid.UUID(int=5)

_CONCLUSION = text("""
    insert into ops.conclusion values
    (:county, :department, :dataset, :day, :outcome, :delivery, :code, :reason, now(), :is_late)
    on conflict (county_code, business_date, department, dataset) do update
    set outcome = excluded.outcome, delivery_id = excluded.delivery_id, reason = excluded.reason,
        is_late = excluded.is_late, error_code = excluded.error_code
""")


def seed(tmp_path: Path) -> None:
    """One night: housing delivered with a returned row, its second dataset and others did not come."""
    delivery_id = deliver_houses(tmp_path)
    for contract in catalogue().active():
        came = contract.id == "housing.house_safety"
        conclude(
            contract.department,
            contract.dataset,
            "accepted" if came else "absent",
            delivery_id if came else None,
        )
    with transaction(Role.PIPELINE) as connection:
        _judge(connection, delivery_id)
        _watch(connection)
        _measure(connection)


def _insert(connection: Connection, table: str, **values: object) -> None:
    columns, binds = ", ".join(values), ", ".join(f":{name}" for name in values)
    connection.execute(text(f"insert into {table} ({columns}) values ({binds})"), values)


def _judge(connection: Connection, delivery_id: str) -> None:
    """Two houses accepted, the third returned for two reasons."""
    _insert(
        connection,
        "ops.ledger",
        delivery_id=delivery_id,
        county_code=COUNTY,
        department="housing",
        dataset="house_safety",
        business_date=DAY,
        landed=3,
        unchanged=0,
        accepted=2,
        quarantined=1,
        merged=2,
        checked_at="now",
    )
    _insert(
        connection,
        "quality.quarantined_row",
        county_code=COUNTY,
        row_id=ROW,
        department="housing",
        dataset="house_safety",
        record_key=ROW,
        row_hash=ROW,
        delivery_id=delivery_id,
        source_file="=cmd|calc.csv",
        source_line=4,
        source_row=3,
        business_date=DAY,
        contract_version="1.0.0",
        opened_on=DAY,
    )
    for rule, field in (("grade.code", "grade"), ("owner_id_number.checksum", "owner_id_number")):
        _insert(
            connection,
            "quality.finding",
            county_code=COUNTY,
            row_id=ROW,
            rule_id=f"HOU-01.{rule}",
            severity="fix",
            field=field,
            title=f"{field} 有误",
            fix=f"请改正 {field}",
        )


def _watch(connection: Connection) -> None:
    """One red lead of housing's on one household, with its hit; one rule blocked."""
    common = {"county_code": COUNTY, "rule_id": "R-HOU-01", "rule_version": "1", "household_id": HOUSEHOLD}
    _insert(
        connection,
        "monitoring.lead",
        **common,
        lead_id=LEAD,
        village_code="639900102200",
        town_code="639900102",
        severity="红",
        family="住房",
        hit_count=1,
        route="village",
        departments=["housing"],
        copy_to=["housing"],
        first_seen=DAY,
        due_on=DAY + dt.timedelta(days=3),
    )
    evidence = {"ev_grade": "D", "ev_built_year": 1986, "ev_house_no": "FW000003"}
    _insert(
        connection,
        "monitoring.hit",
        **common,
        hit_id=LEAD,
        hit_key=LEAD,
        row_hash=LEAD,
        occurred_on=DAY,
        severity="红",
        family="住房",
        evidence=json.dumps(evidence),
        dataset="housing.house_safety",
        valid_from=DAY,
    )
    _insert(
        connection,
        "monitoring.rule_run",
        county_code=COUNTY,
        business_date=DAY,
        rule_id="R-INC-01",
        rule_version="1",
        fingerprint="x",
        params="{}",
        status="blocked",
        reason="监测线未确定",
        is_full=False,
    )


def _measure(connection: Connection) -> None:
    """Two indicators, published: one red, one that nobody has set a target for."""
    common = {"county_code": COUNTY, "business_date": DAY}
    _insert(
        connection,
        "accountability.publication",
        **common,
        revision=1,
        checksum="x",
        reason="首次",
        is_current=True,
        published_at="now",
    )
    _publish(connection, "I-3B-03", numerator=2, value=66.67, target=100, light="red")
    _publish(connection, "I-EMP-01", numerator=3, value=3, target=None, light="grey")


def _publish(connection: Connection, indicator: str, **figure: object) -> None:
    common = {"county_code": COUNTY, "business_date": DAY, "indicator": indicator}
    _insert(
        connection,
        "accountability.indicator_run",
        **common,
        indicator_version="1",
        fingerprint="x",
        params="{}",
        status="ok",
        is_full=False,
        elapsed_ms=1,
    )
    _insert(
        connection,
        "accountability.value",
        **common,
        **figure,
        revision=1,
        division_code=COUNTY,
        entities=3,
        denominator=3,
        is_confirmed=False,
    )


def deliver_houses(tmp_path: Path) -> str:
    """Lands three houses; the third has a wrong ID, a formula, markup and personal values all over."""
    contract = catalogue().get("housing.house_safety")
    labels = {field.name: field.label for field in contract.fields}
    rows = [
        {"house_no": f"FW{n:06d}", "owner_name": "王五", "owner_id_number": CANARY_ID, "grade": "A"}
        for n in (1, 2)
    ]
    rows.append(
        {
            "house_no": "=cmd|' /C calc'!A0",
            "owner_name": CANARY_NAME,
            "owner_id_number": CANARY_ID[:-1] + "7",
            "grade": "<script>alert(1)</script>",
            "structure": f"@SUM(1) {CANARY_ID} {CANARY_PHONE}",
            "address": "中庄村7号",
            "household_no": HOUSEHOLD,
        }
    )
    path = tmp_path / "houses.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(labels), restval="")
        stream.write(",".join(labels.values()) + "\n")
        writer.writerows(rows)
    table = CsvTable("农房.csv", tuple(labels.values()), path)
    delivery = publish(contract, DAY, [table], mode="full", county_code=COUNTY)
    return delivery.delivery_id


def conclude(
    department: str, dataset: str, outcome: str, delivery_id: str | None = None, *, is_late: bool = False
) -> None:
    """Concludes one dataset's night."""
    with transaction(Role.PIPELINE) as connection:
        connection.execute(
            _CONCLUSION,
            {
                "county": COUNTY,
                "department": department,
                "dataset": dataset,
                "day": DAY,
                "outcome": outcome,
                "delivery": delivery_id,
                "code": None if outcome == "accepted" else "XJ-205",
                "is_late": is_late,
                "reason": None if outcome == "accepted" else "到截止时间没有收到数据",
            },
        )


def place_household() -> None:
    """Gives the lead's household a head, as the base register's view would."""
    with transaction(Role.OWNER) as connection:
        execute = connection.exec_driver_sql
        execute(
            "create table facts.household (county_code text, household_id text, household_no text,"
            " head_name_masked text)"
        )
        execute(
            "create table facts.person (county_code text, household_id text, person_id uuid,"
            " name_masked text, id_masked text)"
        )
        execute(f"insert into facts.household values ('{COUNTY}', '{HOUSEHOLD}', '{HOUSEHOLD}', '欧****')")
