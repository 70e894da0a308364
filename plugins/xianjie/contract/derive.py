"""What follows from a contract: all its row rules, and the protected columns of its warehouse table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xianjie.contract import codes, conditions, id_number
from xianjie.contract.model import Contract, Field, FieldKind, FieldType, Rule, Severity
from xianjie.contract.typing_sql import clean
from xianjie.settings import settings

_FORMS = {
    FieldType.INTEGER: ("整数", "请填写整数，不带单位"),
    FieldType.DECIMAL: ("数字", "请填写数字，不带单位"),
    FieldType.DATE: ("日期", "请按 2026-09-01 的样式填写真实存在的日期"),
    FieldType.MONTH: ("年月", "请按 202609 的样式填写年月"),
    FieldType.BOOLEAN: ("是或否", "请填写“是”或“否”"),
}
_ID_FAULTS = {
    "length": ("位数或字符不对", "应为 18 位数字（末位可为 X），或 15 位旧号、20/22 位残疾人证号"),
    "certificate": ("不是有效的残疾人证号", "残疾人证号第 19 位为类别 1–7，第 20 位为等级 1–4"),
    "province": ("前两位不是省级区划代码", "请对照证件核对前 6 位"),
    "date": ("第 7 至 14 位不是有效的出生日期", "请对照证件核对出生日期"),
    "checksum": ("校验码不对", "至少有一位写错，请对照证件逐位核对"),
    "fixture": ("是测试号段 639900", "测试数据不得报送，请填写真实号码"),
    "placeholder": ("是无证占位号", "办理证件后请补报；在此之前按临时人员处理"),
    "foreign": ("是居住证或外国人证件", "请核对证件类型；此类证件不参与跨部门比对"),
}
_ID_WARNINGS = ("placeholder", "foreign")
_SHOWN_CODES = 12
_PHONE = "1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}"


@dataclass(frozen=True)
class Column:
    """One column of a dataset's warehouse table, after protection. `field` is the contract field it shows."""

    name: str
    pg_type: str
    label: str
    pi_level: str
    field: str


def rules(
    contract: Contract,
    on: dt.date | None = None,
    *,
    county_code: str | None = None,
    include_dir: Path | None = None,
) -> tuple[Rule, ...]:
    """All row rules of a contract: derived from its fields, then its own.

    With `on` the conditions are plain DuckDB for that night; without it, in lists of rules, they keep our
    functions and parameters. Rule ids are unique and stable: ``EDU-01.grade.type``,
    ``EDU-01.sex_matches_id``.
    """
    derived = [*_of_row(contract)]
    for field in contract.fields:
        derived += _of_field(contract, field, on, include_dir)
    own = list(contract.rules)
    if on is None:
        return tuple(derived + own)
    county = county_code or settings().county_code
    return tuple(
        rule.model_copy(update={"breaks_when": night_condition(rule, on, county)}) for rule in derived + own
    )


def night_condition(rule: Rule, on: dt.date, county_code: str) -> str:
    """A rule's condition as plain DuckDB for one night."""
    return conditions.filled(rule.breaks_when, on, county_code)


def table_columns(contract: Contract) -> tuple[Column, ...]:
    """The columns that may be kept of a contract's fields, in its order, personal values protected."""
    return tuple(column for field in contract.fields for column in _columns(field))


def _columns(field: Field) -> Iterator[Column]:
    token = Column(f"{field.name}_token", "uuid", f"{field.label}(令牌)", field.pi_level, field.name)
    masked = Column(f"{field.name}_masked", "text", f"{field.label}(掩码)", field.pi_level, field.name)
    if field.kind is FieldKind.PLAIN:
        yield Column(field.name, _pg_type(field), field.label, field.pi_level, field.name)
    elif field.kind in (FieldKind.ID_NUMBER, FieldKind.PHONE, FieldKind.REGISTER_NO):
        yield from (token, masked)
    elif field.kind in (FieldKind.NAME, FieldKind.BANK_ACCOUNT):
        yield masked


def _pg_type(field: Field) -> str:
    if field.type is FieldType.DECIMAL:
        return f"numeric({field.precision or 18},{field.scale or 0})"
    return {
        FieldType.STRING: "text",
        FieldType.INTEGER: "integer",
        FieldType.DATE: "date",
        FieldType.MONTH: "date",
        FieldType.BOOLEAN: "boolean",
    }[field.type]


def _of_row(contract: Contract) -> Iterator[Rule]:
    labels = "、".join(contract.field(name).label for name in contract.key)
    yield Rule(
        id=f"{contract.code}.row.repeated",
        title="整行重复报送",
        breaks_when="_duplicate = 1",
        fix="请删除重复行，每条记录只报一次",
        fields=contract.key,
    )
    yield Rule(
        id=f"{contract.code}.row.conflicting",
        title=f"同一{labels}有内容不同的多行",
        breaks_when="_duplicate = 2",
        fix=f"请按「{labels}」核对，只保留正确的一行",
        fields=contract.key,
    )


def _of_field(
    contract: Contract, field: Field, on: dt.date | None, include_dir: Path | None
) -> Iterator[Rule]:
    if field.required or field.name == contract.subject:
        yield _missing(contract, field)
    if field.kind is FieldKind.ID_NUMBER:
        yield from _id_rules(contract, field, on)
    elif field.code_list:
        yield _unknown_code(contract, field, on, include_dir)
    elif field.type in _FORMS:
        yield _not_of_type(contract, field)
    elif field.max_length:
        yield _too_long(contract, field)
    if field.kind is FieldKind.PHONE:
        yield _odd_phone(contract, field)


def _missing(contract: Contract, field: Field) -> Rule:
    is_id = field.kind is FieldKind.ID_NUMBER
    return _rule(
        contract,
        field,
        "missing",
        title=f"「{field.label}」为空",
        breaks_when=_when_untyped(field, is_delivered=False),
        fix=f"请补填「{field.label}」",
        severity=Severity.FIX if field.required else Severity.WARN,
        level=1 if is_id and field.name == contract.subject else None,
    )


def _not_of_type(contract: Contract, field: Field) -> Rule:
    form, fix = _FORMS[field.type]
    return _rule(
        contract,
        field,
        "type",
        title=f"「{field.label}」不是{form}",
        breaks_when=_when_untyped(field, is_delivered=True),
        fix=fix,
    )


def _unknown_code(contract: Contract, field: Field, on: dt.date | None, include_dir: Path | None) -> Rule:
    if field.code_list == codes.DIVISION:
        fix = "请填写本县 12 位行政村区划代码"
    else:
        names = list(codes.code_list(str(field.code_list), on or dt.date.max, include_dir).values())
        more = f" 等 {len(names)} 项，见数据字典" if len(names) > _SHOWN_CODES else ""
        fix = f"请填写下列之一：{'、'.join(names[:_SHOWN_CODES])}{more}"
    return _rule(
        contract,
        field,
        "code",
        title=f"「{field.label}」不在代码表内",
        breaks_when=_when_untyped(field, is_delivered=True),
        fix=fix,
    )


def _too_long(contract: Contract, field: Field) -> Rule:
    return _rule(
        contract,
        field,
        "too_long",
        title=f"「{field.label}」超过 {field.max_length} 个字",
        breaks_when=f"length({field.name}) > {field.max_length}",
        fix=f"请将「{field.label}」缩短到 {field.max_length} 个字以内",
    )


def _odd_phone(contract: Contract, field: Field) -> Rule:
    return _rule(
        contract,
        field,
        "phone",
        title=f"「{field.label}」不是手机号或带区号的座机号",
        breaks_when=f"not regexp_full_match({field.name}, '{_PHONE}')",
        fix="请填写 11 位手机号",
        severity=Severity.WARN,
        level=3,
    )


def _id_rules(contract: Contract, field: Field, on: dt.date | None) -> Iterator[Rule]:
    found = id_number.fault_sql(f"raw.{field.name}", on)
    for reason, (title, fix) in _ID_FAULTS.items():
        yield _rule(
            contract,
            field,
            reason,
            title=f"「{field.label}」{title}",
            breaks_when=f"case when {field.name} is null then {found} = '{reason}' end",
            fix=fix,
            severity=Severity.WARN if reason in _ID_WARNINGS else field.severity,
            level=_level(contract, field, reason),
        )


def _level(contract: Contract, field: Field, reason: str) -> int | None:
    """How serious the national lists call a fault of the ID number that a row is about."""
    if field.name != contract.subject:
        return None
    return 4 if reason in _ID_WARNINGS else 1


def _rule(
    contract: Contract,
    field: Field,
    problem: str,
    *,
    title: str,
    breaks_when: str,
    fix: str,
    severity: Severity | None = None,
    level: int | None = None,
) -> Rule:
    return Rule(
        id=f"{contract.code}.{field.name}.{problem}",
        title=title,
        breaks_when=breaks_when,
        fix="；".join(filter(None, (fix, field.fix))),
        severity=severity or field.severity,
        fields=(field.name,),
        external_number=field.external_numbers.get(problem),
        level=level,
    )


def _when_untyped(field: Field, *, is_delivered: bool) -> str:
    """True for a null value of which something, or nothing, was delivered; never both, never neither."""
    if field.type is FieldType.STRING and not field.code_list and field.kind is not FieldKind.ID_NUMBER:
        return f"{field.name} is null"  # typing such text cleans it and nothing else
    delivered = f"raw.{field.name}"
    shown = clean(delivered) if field.kind is FieldKind.ID_NUMBER else f"nullif(trim({delivered}), '')"
    return f"case when {field.name} is null then ({shown}) is {'not ' if is_delivered else ''}null end"


def recurring(contract: Contract) -> Rule:
    """The rule that a row breaks when it is what the office has corrected, or struck out, before.

    Asked only where something was: the sieve knows which contents those are (``_recurring``).
    """
    return Rule(
        id=f"{contract.code}.row.recurring",
        title="更正过的旧内容再次报送",
        breaks_when="_recurring",
        fix="本行已由本单位更正或作废，请在本单位系统中同样修改；若原内容才是对的，请答复“情况属实”",
        fields=contract.key,
    )
