"""Approval (待确认): what a person is shown who decides on a held delivery. Counts and reasons, no value of a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.engine import Role, transaction
from xianjie.database.migrate import script

_NUMBERS = (
    ("landed_rows", "本次行数", "{:,}"),
    ("previous_rows", "上次接收的行数", "{:,}"),
    ("drop_pct", "减少", "{:.1f}%"),
    ("growth_pct", "增加", "{:.1f}%"),
    ("unchanged", "未变化的行", "{:,}"),
    ("accepted", "新增或变化的行", "{:,}"),
    ("quarantined", "要退回的行", "{:,}"),
    ("absent", "上次有、这次没有的记录", "{:,}"),
    ("valid_pct", "合格行", "{:.1f}%"),
    ("unique_pct", "主键不重复的行", "{:.2f}%"),
    ("newest", "数据最新到", "{}"),
    ("same_since", "内容自何日起未变", "{}"),
)


@dataclass(frozen=True)
class Question:
    """One held delivery, as it is put before a person; `body` is Markdown in Chinese."""

    delivery_id: str
    business_date: dt.date
    subject: str
    body: str


def held(department: str, business_date: dt.date, county_code: str) -> list[str]:
    """Ids of the department's deliveries of a date that wait for a person."""
    with transaction(Role.READER) as connection:
        rows = connection.execute(
            text(script("quality", "held_deliveries.sql")),
            {"county": county_code, "department": department, "business_date": business_date},
        )
        return [row.delivery_id for row in rows]


def question(delivery_id: str) -> Question | None:
    """What is to be asked about a delivery; None when nobody has to decide on it any more."""
    with transaction(Role.READER) as connection:
        row = connection.execute(
            text(script("quality", "held_numbers.sql")), {"delivery": delivery_id}
        ).one_or_none()
        if row is None:
            return None
        contract = catalogue().get(f"{row.department}.{row.dataset}")
        lines = [*_why(row), *_numbers(row), *_checks(connection, row), *_drift(connection, row)]
    subject = f"{row.business_date} {contract.department_title}“{contract.title}”待确认：是否接收？"
    body = "\n".join([*_heading(contract, row), *lines, *_consequences(row)])
    return Question(delivery_id, row.business_date, subject, body)


def _heading(contract: Contract, row: Row[Any]) -> Iterator[str]:
    yield f"### {contract.code} {contract.title}（{contract.department_title}）"
    yield ""
    yield f"业务日期 {row.business_date}，交付编号 `{row.delivery_id}`"
    yield ""


def _why(row: Row[Any]) -> Iterator[str]:
    yield "#### 为什么要人确认"
    yield ""
    yield f"{row.verdict_reason}（{row.verdict_code}）"
    yield ""


def _numbers(row: Row[Any]) -> Iterator[str]:
    yield "#### 数字"
    yield ""
    yield from ("| 项目 | 数值 |", "|---|---:|")
    for name, title, form in _NUMBERS:
        number = getattr(row, name)
        if number is not None:
            yield f"| {title} | {form.format(number)} |"
    yield ""


def _checks(connection: Connection, row: Row[Any]) -> Iterator[str]:
    checks = connection.execute(
        text(script("quality", "gate_results.sql")), {"county": row.county_code, "delivery": row.delivery_id}
    ).all()
    yield "#### 检查项"
    yield ""
    yield from ("| 检查项 | 结论 | 说明 |", "|---|---|---|")
    for check in checks:
        yield f"| {check.title} | {'✓' if check.is_met else '✗'} | {_cell(check.reason)} |"
    yield ""


def _drift(connection: Connection, row: Row[Any]) -> Iterator[str]:
    changes = connection.execute(
        text(script("quality", "drift.sql")), {"county": row.county_code, "delivery": row.delivery_id}
    ).all()
    if changes:
        yield "#### 与约定或以往不同"
        yield ""
        yield from (f"- {change.sentence}" for change in changes)
        yield ""


def _consequences(row: Row[Any]) -> Iterator[str]:
    yield "#### 两种决定"
    yield ""
    yield "- **接收**：并入仓库，当晚的指标和报告随后自动更新；以后按这次的行数水平判断。"
    yield "- **拒收**：仓库保持上次接收的数据，请部门重新报送。"
    yield "- **暂不决定**：保持待确认，之后仍可用命令行决定："
    yield f"  `xianjie delivery approve {row.delivery_id} --why 理由`"
    yield ""
    yield "请先与部门核实，并在“理由”中写明核实了什么；决定人、决定和理由会永久留存。"


def _cell(sentence: str | None) -> str:
    return (sentence or "").replace("|", "｜").replace("\n", " ")
