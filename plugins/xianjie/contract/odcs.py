"""The form of a contract file: ODCS v3.1.0, with our additions in custom properties named ``xianjie``.

Closed on purpose: a key we do not know is a fault, so that a misspelt one is not silently without effect.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field as Key
from pydantic import ValidationError

from xianjie.contract import conditions, sla
from xianjie.contract.faults import Fault
from xianjie.contract.model import (
    Contract,
    Field,
    FieldKind,
    FieldType,
    Model,
    Rule,
    Severity,
    Source,
    Tolerances,
)

_NUMBERS = r"^\d+(_\d+)+(/\d+(_\d+)+)*$"
_MENDS = {
    "missing": ("缺少必需的键", "请补上这个键"),
    "extra_forbidden": ("没有这个键", "请改正拼写或删除"),
    "enum": ("取值不在允许范围内", "请改为其中之一"),
    "literal_error": ("取值不在允许范围内", "请改为其中之一"),
    "string_pattern_mismatch": ("写法不对", "请改为要求的格式"),
    "too_short": ("内容为空", "请至少写一项"),
}


class _FieldAdditions(Model):
    kind: FieldKind = FieldKind.PLAIN
    code_list: str | None = None
    is_multiple: bool = False
    aliases: tuple[str, ...] = ()
    severity: Severity = Severity.FIX
    drift: Literal["evolve", "freeze", "discard"] = "freeze"
    fix: str = ""
    external_numbers: dict[str, str] = Key(default_factory=dict)


class _Property(Model):
    name: str = Key(pattern=r"^[a-z][a-z0-9_]*$")
    businessName: str
    logicalType: Literal["string", "integer", "number", "date", "boolean"]
    physicalType: str = Key(pattern=r"^(varchar\(\d+\)|integer|numeric\(\d+,\d+\)|date|boolean)$")
    classification: Literal["L1", "L2", "L3", "L4"]
    description: str = ""
    logicalTypeOptions: dict[str, Any] = Key(default_factory=dict)
    required: bool = False
    primaryKey: bool = False
    primaryKeyPosition: int = 0
    examples: tuple[int | float | str, ...] = ()
    xianjie: _FieldAdditions = _FieldAdditions()


class _QualityAdditions(Model):
    fields: tuple[str, ...]
    fix: str
    external_number: str | None = Key(default=None, pattern=_NUMBERS)
    level: int | None = Key(default=None, ge=1, le=5)


class _Quality(Model):
    id: str = Key(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    type: Literal["custom"]
    engine: Literal["duckdb"]
    implementation: str
    severity: Severity
    dimension: Literal[
        "accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"
    ] = "conformity"
    description: str = ""
    xianjie: _QualityAdditions


class _Schema(Model):
    name: str
    businessName: str
    properties: tuple[_Property, ...] = Key(min_length=1)
    logicalType: Literal["object"] = "object"
    physicalType: Literal["table"] = "table"
    dataGranularityDescription: str = ""
    description: str = ""
    quality: tuple[_Quality, ...] = ()


class _ContractAdditions(Model):
    code: str = Key(pattern=r"^[A-Z][A-Z0-9]*(-\d+)?$")
    is_confirmed: bool = False
    delivery_mode: Literal["full", "delta"]
    source: Source
    subject: str | None = None
    subject_name: str | None = None
    household: str | None = None
    division: str | None = None
    tolerances: Tolerances = Tolerances()
    terms: dict[str, str] = Key(default_factory=dict)


class _Description(Model):
    purpose: str
    limitations: str = ""
    usage: str = ""


class _Member(Model):
    username: str
    name: str
    role: Literal["owner", "liaison"]
    description: str = ""


class _Team(Model):
    name: str
    members: tuple[_Member, ...] = ()
    description: str = ""


class _Server(Model):
    server: str
    type: str
    description: str = ""
    environment: str = ""


class _Document(Model):
    apiVersion: Literal["v3.1.0"]
    kind: Literal["DataContract"]
    id: str = Key(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")
    name: str
    version: str = Key(pattern=r"^\d+\.\d+\.\d+$")
    status: Literal["proposed", "draft", "active", "deprecated", "retired"]
    domain: str
    description: _Description
    team: _Team
    slaProperties: tuple[sla.Property, ...]
    schema_: tuple[_Schema, ...] = Key(alias="schema", min_length=1, max_length=1)
    xianjie: _ContractAdditions
    servers: tuple[_Server, ...] = ()
    tags: tuple[str, ...] = ()


def parse(document: object, file: str) -> tuple[Contract | None, list[Fault]]:
    """The contract in one YAML document (as loaded), or all faults of its form."""
    if not isinstance(document, Mapping):
        return None, [Fault(file, "-", "文件不是一份契约", "请参照同目录的其他契约改写")]
    try:
        parsed = _Document.model_validate(_lifted(document))
    except ValidationError as error:
        return None, _faults(file, error)
    try:
        return _contract(parsed), []
    except ValueError as error:
        return None, [Fault(file, "slaProperties", str(error), sla.MEND)]


def _lifted(node: Any) -> Any:
    """The document with each ``customProperties: [{property: xianjie, value: …}]`` as a key ``xianjie``."""
    if isinstance(node, list):
        return [_lifted(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    lifted = {key: _lifted(value) for key, value in node.items() if key != "customProperties"}
    for each in node.get("customProperties") or ():
        lifted[str(each.get("property"))] = each.get("value")
    return lifted


def _faults(file: str, error: ValidationError) -> list[Fault]:
    errors = error.errors(include_url=False, include_input=False)
    inner = {each["loc"][:depth] for each in errors for depth in range(len(each["loc"]))}
    return [_fault(file, each) for each in errors if each["loc"] not in inner]


def _fault(file: str, error: Mapping[str, Any]) -> Fault:
    path = ""
    for part in error["loc"]:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    message, mend = _MENDS.get(error["type"], (error["msg"], "请改正取值"))
    expected = error.get("ctx", {}).get("expected") or error.get("ctx", {}).get("pattern")
    return Fault(file, path, message, f"{mend}（{expected}）" if expected else mend)


def _contract(document: _Document) -> Contract:
    schema, ours = document.schema_[0], document.xianjie
    department, dataset = document.id.split(".")
    people = {member.role: member.name for member in document.team.members}
    promised: dict[str, sla.Property] = {each.property: each for each in document.slaProperties}
    keys = sorted(
        (each for each in schema.properties if each.primaryKey), key=lambda each: each.primaryKeyPosition
    )
    return Contract(
        id=document.id,
        code=ours.code,
        version=document.version,
        department=department,
        department_title=document.team.name,
        dataset=dataset,
        title=document.name,
        description=" ".join(filter(None, (document.description.purpose, document.description.limitations))),
        owner=people.get("owner", ""),
        liaison=people.get("liaison", ""),
        is_active=document.status == "active",
        has_ended=document.status in ("deprecated", "retired"),
        is_confirmed=ours.is_confirmed,
        key=tuple(each.name for each in keys),
        subject=ours.subject,
        subject_name=ours.subject_name,
        household=ours.household,
        division=ours.division,
        delivery_mode=ours.delivery_mode,
        cadence=sla.cadence(promised),
        arrival_deadline=sla.clock(promised, "arrival_deadline"),
        cutoff=sla.clock(promised, "cutoff"),
        source=ours.source,
        tolerances=ours.tolerances,
        fields=tuple(_field(each) for each in schema.properties),
        rules=tuple(_rule(each, ours.code, ours.terms) for each in schema.quality),
        terms=ours.terms,
    )


def _field(each: _Property) -> Field:
    numbers = [int(number) for number in re.findall(r"\d+", each.physicalType)]
    is_text, is_number = each.physicalType.startswith("varchar"), each.physicalType.startswith("numeric")
    return Field(
        name=each.name,
        label=each.businessName,
        type=_field_type(each),
        description=each.description,
        required=each.required or each.primaryKey,
        max_length=numbers[0] if is_text else None,
        precision=numbers[0] if is_number else None,
        scale=numbers[1] if is_number else None,
        pi_level=each.classification,
        examples=tuple(each.examples),
        **_tolerant(each.xianjie).model_dump(),
    )


def _tolerant(additions: _FieldAdditions) -> _FieldAdditions:
    """With drift policy ``discard`` a value that cannot be typed never costs the row."""
    return (
        additions.model_copy(update={"severity": Severity.WARN})
        if additions.drift == "discard"
        else additions
    )


def _field_type(each: _Property) -> FieldType:
    if each.logicalType == "date" and each.logicalTypeOptions.get("format") == "yyyyMM":
        return FieldType.MONTH
    return FieldType.DECIMAL if each.logicalType == "number" else FieldType(each.logicalType)


def _rule(each: _Quality, code: str, terms: Mapping[str, str]) -> Rule:
    return Rule(
        id=f"{code}.{each.id}",
        title=each.name,
        breaks_when=conditions.spelled_out(each.implementation, terms),
        severity=each.severity,
        **each.xianjie.model_dump(),
    )
