"""Outcomes (处理结果): what became of each answered row, in words that hold no value."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, text

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Rule
from xianjie.returns.items import Item, went_on
from xianjie.returns.model import Answer, Outcome, Problem, Result

_SENTENCES: dict[Result, str] = {
    "accepted": "已采纳并入库",
    "still_wrong": "仍须修改：{problems}",
    "waived": "已按“情况属实”采纳并入库，到期须重新确认",
    "void": "已作废，本行不入库",
    "already_closed": "此前已处理完毕，不必再报",
    "superseded": "本记录已有更新的来料或答复，本次答复未采用",
    "not_yours": "不是本单位的退回数据，未处理",
    "unknown_row": "没有这条退回数据，请在最近一次的工作簿中填写",
}
_STILL_WARNED = "已采纳并入库；仍有提示：{problems}"
_SETTLED: dict[str, Result] = {
    "corrected": "accepted",
    "accepted": "accepted",
    "waived": "waived",
    "void": "void",
}
SAME = "主键与另一条已有记录相同"
_SAME_FIX = "请核对主键；若两条是同一记录，本行请答复“作废”"
NOT_WAIVABLE = "这类问题不能以“情况属实”处理"
_NOT_WAIVABLE_FIX = "请填写正确的内容，或答复“作废”"


def outcome(answer: Answer, result: Result, problems: Sequence[Problem] = ()) -> Outcome:
    """The outcome of an answer, with its sentence."""
    pattern = _STILL_WARNED if result == "accepted" and problems else _SENTENCES[result]
    named = "；".join(dict.fromkeys(problem.title for problem in problems)) or "内容未改动"
    return Outcome(
        answer.row_id, answer.sheet, answer.line, result, tuple(problems), pattern.format(problems=named)
    )


def problems_of(contract: Contract, rules: Iterable[Rule]) -> tuple[Problem, ...]:
    """Broken rules in the department's words."""
    return tuple(Problem(labels(contract, rule.fields), rule.title, rule.fix) for rule in rules)


def same_key(contract: Contract) -> tuple[Problem, ...]:
    """The record an answer would become is there already, with another content."""
    return (Problem(labels(contract, contract.key), SAME, _SAME_FIX),)


def not_waivable(contract: Contract, titles: Iterable[tuple[str, str]]) -> tuple[Problem, ...]:
    """Broken rules, as (fields, title), that leave no value to take in."""
    return tuple(
        Problem(labels(contract, fields.split(",")), f"{title}：{NOT_WAIVABLE}", _NOT_WAIVABLE_FIX)
        for fields, title in titles
    )


def no_reason() -> tuple[Problem, ...]:
    """情况属实 needs a reason."""
    return (Problem("", "答复“情况属实”没有写明理由", "请在“说明”一列写明情况"),)


def labels(contract: Contract, names: Iterable[str]) -> str:
    """Fields by the labels their department knows."""
    known = {field.name: field.label for field in contract.fields}
    return "、".join(known.get(name, name) for name in names if name)


def findings(connection: Connection, county_code: str, row_id: uuid.UUID) -> dict[str, tuple[str, str, str]]:
    """What an item breaks now, by rule: fields (comma-separated), title, fix."""
    rows = connection.execute(
        text(
            "select rule_id, field, title, fix from quality.finding"
            " where county_code = :county and row_id = :row order by rule_id"
        ),
        {"county": county_code, "row": row_id},
    )
    return {row.rule_id: (row.field, row.title, row.fix) for row in rows}


def settled(connection: Connection, county_code: str, answer: Answer, item: Item, *, is_new: bool) -> Outcome:
    """What the database says became of an answer that was judged.

    Args:
        item: the answered item as it is now.
        is_new: whether this run settles it; what an earlier one settled is closed already.
    """
    if item.state in _SETTLED:
        return outcome(answer, _SETTLED[item.state] if is_new else "already_closed")
    now = went_on(connection, county_code, item)
    if not now.is_waiting:
        return outcome(answer, "already_closed" if now.state in _SETTLED else "superseded")
    contract = catalogue().get(f"{item.department}.{item.dataset}")
    problems = [
        Problem(labels(contract, fields.split(",")), title, fix)
        for fields, title, fix in findings(connection, county_code, now.row_id).values()
    ]
    is_taken = now.kind == "warned" and now.row_id != item.row_id
    return outcome(answer, "accepted" if is_taken else "still_wrong", problems)
