"""Faults of meaning: a contract of the right form that contradicts itself or the code lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from xianjie.contract.faults import Fault
from xianjie.contract.model import Contract, Field, FieldKind, FieldType

_OPTIONS = {
    "sql": ("table", "watermark_column"),
    "http": ("endpoint",),
    "sftp": ("path",),
    "folder": ("path",),
}
_FORMATS = {
    "sql": ("rows",),
    "http": ("json",),
    "sftp": ("csv", "xlsx", "json"),
    "folder": ("csv", "xlsx", "json"),
}
_PERSONAL_LEVELS = ("L3", "L4")


def faults_of_meaning(contract: Contract, file: str, code_lists: Collection[str]) -> list[Fault]:
    """All contradictions within `contract`, which was read from `file`."""
    found = [
        *_of_names(contract, file),
        *_of_roles(contract, file),
        *_of_source(contract, file),
        *_of_terms(contract, file),
        *_of_rules(contract, file),
    ]
    for position, field in enumerate(contract.fields):
        found += _of_field(field, file, f"schema[0].properties[{position}]", code_lists)
    return found


def _of_names(contract: Contract, file: str) -> Iterator[Fault]:
    if file != f"contracts/{contract.department}/{contract.dataset}.yaml":
        yield Fault(file, "id", f"与文件位置不符: {contract.id}", "文件应为 contracts/<部门>/<数据集>.yaml")
    for kind, names in (
        ("name", [field.name for field in contract.fields]),
        (
            "businessName 或 aliases",
            [name for f in contract.fields for name in {f.name, f.label, *f.aliases}],
        ),
    ):
        for name, count in Counter(names).items():
            if count > 1:
                yield Fault(
                    file,
                    "schema[0].properties",
                    f"{kind} {name} 重复",
                    "每个字段的名称、标签、别名只能出现一次",
                )


def _of_roles(contract: Contract, file: str) -> Iterator[Fault]:
    kinds = {field.name: field.kind for field in contract.fields}
    if not contract.key:
        yield Fault(file, "schema[0].properties", "没有主键", "请给至少一个字段写 primaryKey: true")
    for role, kind in (
        ("subject", FieldKind.ID_NUMBER),
        ("subject_name", FieldKind.NAME),
        ("household", None),
        ("division", None),
    ):
        name = getattr(contract, role)
        if name is not None and name not in kinds:
            yield Fault(file, f"xianjie.{role}", f"没有字段 {name}", "请填写本契约的字段名")
        elif name is not None and kind is not None and kinds[name] is not kind:
            yield Fault(
                file, f"xianjie.{role}", f"{name} 的 kind 不是 {kind}", f"请把该字段的 kind 写成 {kind}"
            )


def _of_source(contract: Contract, file: str) -> Iterator[Fault]:
    source = contract.source
    for option in _OPTIONS[source.connector]:
        if option not in source.options:
            yield Fault(
                file, "xianjie.source.options", f"没有 {option}", f"{source.connector} 取数必须写 {option}"
            )
    if source.format not in _FORMATS[source.connector]:
        allowed = "、".join(_FORMATS[source.connector])
        yield Fault(
            file, "xianjie.source.format", f"{source.connector} 不能读 {source.format}", f"请改为 {allowed}"
        )
    if source.connector != "folder" and not source.connection:
        yield Fault(file, "xianjie.source", "没有 connection", "请填写 Airflow 连接的名称")
    if contract.arrival_deadline > contract.cutoff:
        yield Fault(file, "slaProperties", "cutoff 早于 arrival_deadline", "截止时刻不能早于到达时限")


def _of_terms(contract: Contract, file: str) -> Iterator[Fault]:
    for name in {field.name for field in contract.fields} & contract.terms.keys():
        yield Fault(file, f"xianjie.terms.{name}", "与字段同名", "请给术语另取一个名称")


def _of_rules(contract: Contract, file: str) -> Iterator[Fault]:
    names = {field.name for field in contract.fields}
    for identifier, count in Counter(rule.id for rule in contract.rules).items():
        if count > 1:
            yield Fault(file, "schema[0].quality", f"规则 {identifier} 重复", "请另取一个 id")
    for position, rule in enumerate(contract.rules):
        path = f"schema[0].quality[{position}].xianjie"
        if unknown := [name for name in rule.fields if name not in names]:
            yield Fault(file, f"{path}.fields", f"没有字段 {'、'.join(unknown)}", "请填写本契约的字段名")
        if not rule.fix.strip():
            yield Fault(file, f"{path}.fix", "没有整改说明", "请写一句部门能照做的话")


def _of_field(field: Field, file: str, path: str, code_lists: Collection[str]) -> Iterator[Fault]:
    if field.code_list is not None and field.code_list not in code_lists:
        yield Fault(
            file, f"{path}.xianjie.code_list", f"没有代码表 {field.code_list}", "请在 include/codes 下补上"
        )
    if field.code_list is not None and field.type is not FieldType.STRING:
        yield Fault(file, f"{path}.logicalType", "有代码表的字段不是 string", "请改为 string")
    if field.is_multiple and field.code_list is None:
        yield Fault(file, f"{path}.xianjie.is_multiple", "多选字段没有代码表", "请写 code_list")
    if field.kind is not FieldKind.PLAIN and field.pi_level not in _PERSONAL_LEVELS:
        yield Fault(file, f"{path}.classification", f"{field.kind} 的级别低于 L3", "请改为 L3 或 L4")
    if field.kind is not FieldKind.PLAIN and field.type is not FieldType.STRING:
        yield Fault(file, f"{path}.logicalType", f"{field.kind} 的类型不是 string", "请改为 string")
