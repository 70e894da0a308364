"""Rows of a dataset that has no SQL of its own, drawn from its contract alone.

A dataset is about persons (it names one by ID number), about households (it names one by household number) or
about things that happen in villages; its subjects are drawn from the county accordingly. Each field is drawn by
its kind, code list, examples and type. A row is drawn up to `TRIES` times until it breaks none of the contract's
own rules; a subject for whom that never happens is left out. As everywhere here all draws are hashes of the seed.
"""

from __future__ import annotations

import re

from demo.calendar import FIRST_NIGHT
from demo.divisions import COUNTY_CODE
from xianjie.contract import code_list, typed
from xianjie.contract.derive import night_condition
from xianjie.contract.model import Contract, Field, FieldKind, FieldType
from xianjie.settings import REPOSITORY

TRIES = 8
#: the share of its subjects that a dataset is about, and which ones; the default share by kind of subject
_ABOUT: dict[str, tuple[float, str]] = {
    "medical_insurance.payments": (1.0, "true"),
    "medical_insurance.settlements": (0.5, "health <> '健康'"),
    "medical_insurance.outpatient_chronic": (0.6, "health <> '健康'"),
    "health.serious_illness": (0.9, "health = '患有大病'"),
    "health.chronic_contracts": (0.9, "health = '长期慢性病'"),
    "disabled_federation.certificates": (0.97, "health = '残疾'"),
    "disabled_federation.services": (0.3, "health = '残疾'"),
    "public_security.population": (1.0, "true"),
    "public_security.inmates": (0.003, "age between 20 and 60"),
    "public_security.traffic_accidents": (0.006, "age > 5"),
    "public_security.criminal_injuries": (0.003, "age > 15"),
    "public_security.id_changes": (0.004, "true"),
    "public_security.exit_entry": (0.004, "age > 15"),
    "public_security.vehicles": (0.09, "age between 20 and 65"),
    "financial_services.small_credit": (0.05, "hh_type <> '一般农户' and age between 20 and 64"),
    "organisation.resident_team": (0.02, "age between 25 and 55"),
    "organisation.helpers": (0.95, "hh_type <> '一般农户'"),
    "organisation.visits": (0.9, "hh_type <> '一般农户'"),
    "emergency.disasters": (0.02, "true"),
    "petitions.appeals": (0.01, "age > 20"),
    "agriculture.insurance_claims": (0.03, "age > 20"),
    "agriculture.cooperative_members": (0.1, "age > 20"),
    "agriculture.land": (0.8, "true"),
    "agriculture.grain_subsidy": (0.7, "true"),
    "agriculture.livestock": (0.35, "true"),
}
_SHARES = {"person": 0.25, "household": 0.1, "thing": 0.05}
_SUBJECTS = {
    "person": "select person as entity, person as _person, hh as _hh, * exclude (person, hh) from person_state",
    "household": """
        select h.hh as entity, null::bigint as _person, h.hh as _hh, h.hh_no, h.village_code, h.hh_type,
            p.* exclude (person, hh, hh_no, village_code, hh_type)
        from household_state as h inner join person_state as p on p.person = h.hh * 16 + 1
    """,
}
_BY_NAME = {
    "certificate_no": "id_number || disability_category || disability_grade",
    "register_no": "'H' || hh_no",
    "birth_date": "birth_date",
}
_BY_CODE_LIST = {
    "division": "village_code",
    "sex": "if(sex = 1, '男', '女')",
    "ethnic_group": "ethnic",
    "family_relation": "relation",
    "disability_category": "disability_category",
    "disability_grade": "disability_grade",
}
_OWN_IDS, _OWN_NAMES = ("id_number", "head_id_number"), ("name", "head_name")
_STRANGERS = [
    "李建国",
    "马海英",
    "王秀兰",
    "赵生辉",
    "张永福",
    "韩玉梅",
    "祁正元",
    "陈晓东",
    "星占才",
    "孙丽",
]
_TEXTS = ["群众来电反映，已登记并告知办理时限", "入户了解情况，情况基本稳定", "反映的问题已转有关单位办理"]


def query(contract: Contract) -> str:
    """DuckDB over the tables of people: ``_person``, ``_hh`` and the contract's fields, booleans as such."""
    columns = ", ".join(f"{_drawn(contract, field)} as {field.name}" for field in contract.fields)
    names = ", ".join(f"d.{field.name}" for field in contract.fields)
    return f"""
        with subject as ({_subjects(contract)}),
        tried as (
            select s.*, t.try, s.entity * {TRIES} + t.try as draw
            from subject as s cross join range({TRIES if contract.rules else 1}) as t (try)
        ),
        drawn as (select number, try, _person, _hh, {columns} from tried),
        sound as ({_sound(contract)})
        select d._person, d._hh, {names} from drawn as d inner join sound using (number, try)
    """


def changes(contract: Contract) -> dict[str, str]:
    """What an ordinary day changes in a row that moves: one plain field that no rule and no key looks at."""
    watched = {name for rule in contract.rules for name in _fields_in(contract, rule.breaks_when)}
    roles = {contract.subject, contract.subject_name, contract.household, contract.division}
    for field in contract.fields:
        is_drawn = field.name not in _BY_NAME and field.code_list not in _BY_CODE_LIST
        if (
            field.name in {*watched, *roles, *contract.key}
            or field.kind is not FieldKind.PLAIN
            or not is_drawn
        ):
            continue
        choices = _choices(field)
        if not field.is_multiple and len(choices) > 1:
            return {field.name: f"if({field.name} = {choices[0]}, {choices[1]}, {choices[0]})"}
        if field.type is FieldType.BOOLEAN:
            return {field.name: f"if({field.name} = '是', '否', '是')"}
    return {}


def _subjects(contract: Contract) -> str:
    is_household = contract.household is not None and not _is_about_person(contract)
    kind = "person" if _is_about_person(contract) else "household" if is_household else "thing"
    share, condition = _ABOUT.get(contract.id, (_SHARES[kind], "true"))
    return f"""
        select *, row_number() over (order by entity) as number
        from ({_SUBJECTS["person" if kind == "person" else "household"]})
        where u(entity, '{contract.id}') < {share} and {condition}
    """


def _is_about_person(contract: Contract) -> bool:
    return contract.subject is not None and not contract.subject.startswith("head_")


def _sound(contract: Contract) -> str:
    """The first try of each subject that breaks no rule of the contract's own."""
    conditions = [night_condition(rule, FIRST_NIGHT, COUNTY_CODE) for rule in contract.rules]
    if not conditions:
        return "select number, try from drawn"
    used = _fields_in(contract, " ".join(rule.breaks_when for rule in contract.rules))
    raw = ", ".join(f"{name} := {text_sql(contract.field(name))}" for name in used)
    include = REPOSITORY / "include"
    values = ", ".join(
        f"{typed(contract.field(name), f'raw.{name}', FIRST_NIGHT, include)} as {name}" for name in used
    )
    return f"""
        select number, min(try) as try
        from (select number, try, raw, {values} from (select number, try, struct_pack({raw}) as raw from drawn))
        where not coalesce({" or ".join(f"coalesce({condition}, false)" for condition in conditions)}, false)
        group by number
    """


def _fields_in(contract: Contract, condition: str) -> list[str]:
    words = {*re.findall(r"[a-z][a-z0-9_]*", condition)}
    return [field.name for field in contract.fields if field.name in words]


def text_sql(field: Field) -> str:
    """A drawn value as canonical text."""
    if field.type is FieldType.BOOLEAN:
        return f"case when {field.name} then '是' when not {field.name} then '否' end"
    return f"{field.name}::varchar"


def _drawn(contract: Contract, field: Field) -> str:
    value = _value(contract, field)
    roles = {contract.subject, contract.subject_name, contract.household, contract.division}
    if field.required or field.name in roles or field.name in _OWN_IDS:
        return value
    empty = 0.35 if field.type is FieldType.DATE else 0.12
    return f"if({_u(contract, field, 'empty')} < {empty}, null, {value})"


def _value(contract: Contract, field: Field) -> str:
    if field.name == contract.household:
        return "hh_no"
    if found := _BY_NAME.get(field.name) or _BY_CODE_LIST.get(field.code_list or ""):
        return found
    if field.kind is not FieldKind.PLAIN:
        return _of_kind(contract, field)
    if field.code_list or field.type is FieldType.STRING:
        return _of_choices(contract, field)
    return _of_type(contract, field)


def _of_kind(contract: Contract, field: Field) -> str:
    lot = f"hash(draw, '{_tag(contract, field)}', getvariable('seed'))"
    if field.kind is FieldKind.ID_NUMBER:
        stranger = f"id_number(date '1968-01-01' + ({lot} % 9000)::int, 700 + ({lot} >> 20) % 299)"
        return "id_number" if field.name in _OWN_IDS or field.name == contract.subject else stranger
    is_own = field.name in _OWN_NAMES or not (contract.subject or contract.household)
    return {
        FieldKind.NAME: "name" if is_own else _pick(contract, field, [f"'{name}'" for name in _STRANGERS]),
        FieldKind.PHONE: f"'139' || lpad(({lot} % 100000000)::varchar, 8, '0')",
        FieldKind.BANK_ACCOUNT: "account",
        FieldKind.REGISTER_NO: "'G' || id_number",
        FieldKind.ADDRESS: "'乡村道路旁'",
        FieldKind.FREE_TEXT: _pick(contract, field, [f"'{text}'" for text in _TEXTS]),
    }[field.kind]


def _of_choices(contract: Contract, field: Field) -> str:
    """A code's name, the first one of a list in half of the rows; a running number; or one of the examples."""
    choices = _choices(field)
    if field.code_list:
        often = f"if({_u(contract, field, 'often')} < 0.5, {choices[0]}, {_pick(contract, field, choices)})"
        return f"concat_ws('、', {choices[0]}, {choices[1]})" if field.is_multiple else often
    if field.name.endswith("_uscc"):
        return "'91' || getvariable('prefix') || 'MA' || lpad((entity % 100000000)::varchar, 8, '0')"
    if field.name in contract.key and field.name.endswith(("_no", "_code")):
        before, digits, after = re.fullmatch(r"(.*?)(\d*)(\D*)", _example(field)).groups()  # type: ignore[union-attr]
        width = f"greatest({len(digits)}, len(number::varchar))::int"
        return f"'{before}' || lpad(number::varchar, {width}, '0') || '{after}'"
    return _pick(contract, field, choices or ["'无'"])


def _choices(field: Field) -> list[str]:
    """What a coded or plain text field may say, as SQL literals: names of codes, or the examples."""
    if field.code_list:
        names = code_list(field.code_list, FIRST_NIGHT, REPOSITORY / "include").values()
        return [f"'{name}'" for name in names]
    return [f"'{text}'" for text in field.examples] if field.type is FieldType.STRING else []


def _of_type(contract: Contract, field: Field) -> str:
    lot = _u(contract, field)
    if field.type is FieldType.BOOLEAN:
        return f"{lot} < {0.93 if field.name.endswith(('_ok', '_qualified')) else 0.3}"
    if field.type is FieldType.MONTH:
        return f"'{_example(field) or '202608'}'"
    if field.type is FieldType.DATE:
        low, high = (str(day) for day in _range(field, "2026-01-01", "2026-09-15"))
        return f"date '{low}' + floor({lot} * (1 + date_diff('day', date '{low}', date '{high}')))::int"
    low, high = _range(field, 0, 20)
    if field.type is FieldType.INTEGER:
        return f"({low} + floor({lot} * {lot} * ({high} - {low} + 1)))::int"
    return f"round({low} + {lot} * {lot} * ({high} - {low}), {field.scale})::decimal(18, {field.scale})"


def _range(field: Field, low: int | str, high: int | str) -> tuple[int | float | str, int | float | str]:
    return (field.examples[0], field.examples[-1]) if field.examples else (low, high)


def _example(field: Field) -> str:
    return str(field.examples[0]) if field.examples else ""


def _pick(contract: Contract, field: Field, choices: list[str]) -> str:
    return f"pick(draw, '{_tag(contract, field)}', [{', '.join(choices)}])"


def _u(contract: Contract, field: Field, purpose: str = "") -> str:
    return f"u(draw, '{_tag(contract, field)}{purpose}')"


def _tag(contract: Contract, field: Field) -> str:
    return f"{contract.id}.{field.name}"
