"""What goes wrong with single rows, as a function of the row's key and the date alone.

About 1.6 % of all rows are damaged at some time: 70 % of them on the first night already, the rest later;
each is repaired after 2 to 21 days. A damaged row keeps its clean counterpart in the state of the county,
so truth is a join. Kinds with `faults` must be quarantined under those rules; kinds with `warns` must be accepted
as they are and told under those; kinds with neither must be read as if clean.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from demo.calendar import FIRST_NIGHT
from xianjie.contract.model import Contract, FieldKind, FieldType

SHARE = 0.016
_TYPO = "left({0}, 17) || case substr({0}, 18, 1) when '7' then '2' else '7' end || substr({0}, 19)"
_OLD_ID = "if(length({0}) = 18 and substr({0}, 7, 2) = '19', left({0}, 6) || substr({0}, 9, 9), ' ' || {0})"
#: fields whose damage would break further rules than the one that is meant
_LEFT_ALONE = {
    "education.student_aid": {"paid_date"},
    "housing.house_safety": {"appraisal_date"},
    "rural_revitalisation.households": {"business_cost_yuan", "net_per_capita_yuan"},
}
#: a landline where a mobile is asked for, an area in square metres instead of 亩, a question left out
_ACCEPTED = {
    "rural_revitalisation.households": (
        ("phone_landline", "phone", "'0971-' || right({0}, 7)", "phone_landline"),
        (
            "area_in_m2",
            "area_arable_mu",
            "(greatest(1, {0}::double) * 667)::decimal(12, 2)::varchar",
            "arable_range",
        ),
    ),
    "rural_revitalisation.persons": (
        ("insurance_left_out", "has_major_illness_insurance", "null", "major_illness_empty"),
    ),
}
_FULL_WIDTH = "translate({0}, '0123456789', '０１２３４５６７８９')"


@dataclass(frozen=True)
class Damage:
    """One kind of damage: the field it hits, the text delivered (SQL), the rules it breaks (suffixes).

    `faults` are problems of the field, `warns` rules of the contract that let the row pass.
    """

    kind: str
    field: str
    delivered: str
    faults: tuple[str, ...] = ()
    warns: tuple[str, ...] = ()


def damages(contract: Contract) -> tuple[Damage, ...]:
    """All kinds of damage a dataset can carry, derived from its fields."""
    found: list[Damage] = []
    if contract.subject:
        subject = contract.field(contract.subject)
        found += [
            Damage("id_typo", subject.name, _TYPO.format(subject.name), ("checksum",)),
            Damage("id_15_digits", subject.name, _OLD_ID.format(subject.name)),
            Damage("id_full_width", subject.name, _FULL_WIDTH.format(subject.name)),
        ]
        missing = ("missing",) if subject.required else ()
        found.append(Damage("id_missing", subject.name, "null", missing))
    spared = {*contract.key, *_LEFT_ALONE.get(contract.id, ())}
    fixed = [field for field in contract.fields if field.name not in spared and field.severity == "fix"]
    coded = [field for field in fixed if field.code_list and field.required and field.code_list != "division"]
    if coded:
        found.append(Damage("unknown_code", coded[-1].name, "'待核实'", ("code",)))
    dated = [field for field in fixed if field.type == FieldType.DATE]
    if dated:
        found.append(Damage("broken_date", dated[0].name, "'2026年13月32日'", ("type",)))
    amounts = [field for field in fixed if field.type == FieldType.DECIMAL and "income" not in field.name]
    if amounts:
        found.append(Damage("not_a_number", amounts[0].name, "'约三千元'", ("type",)))
    named = [field for field in contract.fields if field.kind == FieldKind.NAME and field.required]
    if named:
        found += [
            Damage("name_spaces", named[0].name, f"'  ' || {named[0].name} || '　'"),
            Damage("name_missing", named[0].name, "null", ("missing",)),
        ]
    counted = [field for field in fixed if field.type == FieldType.INTEGER]
    if not found and counted:
        found.append(Damage("not_a_number", counted[0].name, "'约三百户'", ("type",)))
    found += [
        Damage(kind, field, delivered.format(field), warns=(rule,))
        for kind, field, delivered, rule in _ACCEPTED.get(contract.id, ())
    ]
    return tuple(found)


def delivered_sql(contract: Contract, name: str, *, harmful_only: bool = False) -> str:
    """A field as delivered, given a column ``_damage``; with `harmful_only` as it must be understood."""
    found = [damage for damage in damages(contract) if damage.field == name]
    if harmful_only:
        found = [damage for damage in found if damage.faults or damage.warns or damage.delivered == "null"]
    if not found:
        return name
    return (
        "case "
        + " ".join(f"when _damage = '{d.kind}' then {d.delivered}" for d in found)
        + f" else {name} end"
    )


def is_damaged_sql(key: str = "_key") -> str:
    """True for rows that are damaged at some time."""
    return f"(u({key}, 'dirt') < {SHARE})"


def is_repeated_sql(key: str = "_key") -> str:
    """True for rows that a department's file holds twice, from the first night on."""
    return f"(u({key}, 'repeated') < 0.0005 and not {is_damaged_sql(key)})"


def since_sql(key: str = "_key") -> str:
    """The day a damaged row became so."""
    first = f"date '{FIRST_NIGHT}'"
    return f"if(u({key}, 'dirt from') < 0.7, {first}, {first} + 1 + floor(u({key}, 'dirt day') * 60)::int)"


def until_sql(key: str = "_key") -> str:
    """The day a damaged row was repaired."""
    return f"({since_sql(key)} + 2 + floor(u({key}, 'dirt until') * 20)::int)"


def kind_sql(contract: Contract, day: dt.date, key: str = "_key") -> str:
    """The kind of damage a row carries on a day; null when none."""
    kinds = ", ".join(f"'{damage.kind}'" for damage in damages(contract))
    return (
        f"case when {is_damaged_sql(key)} "
        f"and date '{day}' >= {since_sql(key)} and date '{day}' < {until_sql(key)} "
        f"then pick({key}, 'dirt kind', [{kinds}]) end"
    )


def changed_sql(day: dt.date, since: str = "_since", key: str = "_key") -> str:
    """The day a row's delivered form last changed: its own change, or damage that came or went."""
    return (
        f"greatest({since}, if({is_damaged_sql(key)} and date '{day}' >= {since_sql(key)}, "
        f"if(date '{day}' >= {until_sql(key)}, {until_sql(key)}, {since_sql(key)}), {since}))"
    )
