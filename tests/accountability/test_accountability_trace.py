"""From a figure to the line of the file that came, through a real delivery."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import text

from tests.sql import scratch_facts
from tests.sql.scratch_facts import COUNTY, VILLAGE
from xianjie import accountability, landing
from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import transaction

DAY = dt.date(2026, 9, 21)


def test_a_row_is_found_again_in_the_file_that_came(warehouse_url: str, module_home: Path) -> None:
    contract = catalogue().get("housing.house_safety")
    labels = tuple(field.label for field in contract.fields)
    path = module_home / "houses.csv"
    grade = [field.name for field in contract.fields].index("grade")
    lines = [",".join(labels)]
    for value in ("A", "D"):
        lines.append(",".join(value if place == grade else "" for place in range(len(labels))))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table = landing.CsvTable("农房安全档案.csv", labels, path)
    delivery = landing.publish(contract, DAY, [table], mode="full", county_code=COUNTY)

    scratch_facts.install()
    with transaction() as connection:
        scratch_facts.clear(connection)
        facts = [
            {
                "household": f"H{row}",
                "grade": value,
                "is_lived_in": True,
                "delivery_id": delivery.delivery_id,
                "source_row": row,
            }
            for row, value in ((1, "A"), (2, "D"))
        ]
        scratch_facts.fill(connection, DAY, {"housing.house_safety": facts})
        scratch_facts.arrived(connection, DAY)
    accountability.run(DAY, COUNTY)

    opened = accountability.trace("I-3B-03", VILLAGE, DAY)
    assert opened.is_proven
    worst = opened.rows[0]
    assert (worst.household_id, worst.numerator, worst.dataset) == ("H2", 0, "housing.house_safety")
    assert (worst.delivery_id, worst.file, worst.line) == (delivery.delivery_id, "农房安全档案.csv", 3)


def test_a_delivery_the_landing_no_longer_holds_leaves_the_rows_without_a_line(
    warehouse_url: str, module_home: Path
) -> None:
    with transaction() as connection:
        scratch_facts.clear(connection)
        gone = "639900.housing.house_safety.20260921.20260921T200000-abcdef"
        row = {"household": "H1", "grade": "A", "is_lived_in": True, "delivery_id": gone, "source_row": 1}
        scratch_facts.fill(connection, DAY, {"housing.house_safety": [row]})
        scratch_facts.arrived(connection, DAY)
    accountability.run(DAY, COUNTY)
    opened = accountability.trace("I-3B-03", COUNTY, DAY)
    assert [(row.delivery_id, row.file) for row in opened.rows] == [(gone, None)]


def test_a_corrected_row_names_who_corrected_it_and_where_it_came_from(
    warehouse_url: str, module_home: Path
) -> None:
    contract = catalogue().get("housing.house_safety")
    labels = tuple(field.label for field in contract.fields)
    made = []
    for name, origin in (("农房安全档案.csv", "pull"), ("退回数据更正表.xlsx", "returns")):
        path = module_home / name
        path.write_text(",".join(labels) + "\n" + "A" * 2 + "," * (len(labels) - 1) + "\n", encoding="utf-8")
        table = landing.CsvTable(name, labels, path)
        made.append(
            landing.publish(contract, DAY, [table], mode="delta", county_code=COUNTY, origin=origin)  # type: ignore[arg-type]
        )
    first, answered = made
    with transaction() as connection:
        scratch_facts.clear(connection)
        row = {
            "household": "H1", "grade": "D", "is_lived_in": True, "delivery_id": answered.delivery_id, "source_row": 1,
        }  # fmt: skip
        scratch_facts.fill(connection, DAY, {"housing.house_safety": [row]})
        scratch_facts.arrived(connection, DAY)
        values = {"c": COUNTY, "d": DAY, "a": answered.delivery_id, "o": first.delivery_id}
        connection.execute(
            text(
                "insert into quality.returned_workbook values (:c, 'f', gen_random_uuid(), 'housing',"
                " '退回数据更正表.xlsx', 'sftp', 'clerk', :d, 1, now(), now())"
            ),
            values,
        )
        connection.execute(
            text(
                "insert into quality.correction (county_code, file_sha256, row_id, department, dataset, decision,"
                " delivery_id, source_row, record_key, row_hash, new_op, original_delivery_id, original_row, sheet,"
                " line, fields, business_date, is_confirmed) values (:c, 'f', gen_random_uuid(), 'housing',"
                " 'house_safety', 'correct', :a, 1, gen_random_uuid(), gen_random_uuid(), 'U', :o, 1, '农房', 7,"
                " array['grade'], :d, true)"
            ),
            values,
        )
    accountability.run(DAY, COUNTY)
    (found,) = accountability.trace("I-3B-03", COUNTY, DAY).rows
    correction = found.correction
    assert correction is not None
    assert (correction.department, correction.file, correction.sheet, correction.line) == (
        "housing", "退回数据更正表.xlsx", "农房", 7,
    )  # fmt: skip
    assert (correction.original_delivery_id, correction.original_file, correction.original_line) == (
        first.delivery_id, "农房安全档案.csv", 2,
    )  # fmt: skip
