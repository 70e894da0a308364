"""The catalogue (契约目录): all contracts below ``include/contracts``, read once a process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

import yaml

from xianjie.contract import codes, odcs
from xianjie.contract.faults import Fault, raise_all
from xianjie.contract.meaning import faults_of_meaning
from xianjie.contract.model import Contract
from xianjie.errors import ContractError
from xianjie.settings import settings


class Catalogue:
    """The contracts of one include folder, by id."""

    def __init__(self, contracts: Iterable[Contract]) -> None:
        self._contracts = {contract.id: contract for contract in sorted(contracts, key=lambda each: each.id)}

    def __iter__(self) -> Iterator[Contract]:
        return iter(self._contracts.values())

    def __len__(self) -> int:
        return len(self._contracts)

    def get(self, contract_id: str) -> Contract:
        """The contract called ``<department>.<dataset>``; `ContractError` when there is none."""
        try:
            return self._contracts[contract_id]
        except KeyError:
            raise ContractError(f"没有数据契约 {contract_id}", next_command="xianjie contract lint") from None

    def active(self) -> tuple[Contract, ...]:
        """The contracts in force, in order of id."""
        return tuple(contract for contract in self if contract.is_active)

    def by_department(self) -> dict[str, tuple[Contract, ...]]:
        """The contracts in force, by department."""
        return _by_department(self.active())

    def every_department(self) -> dict[str, tuple[Contract, ...]]:
        """All contracts, also those not in force, by department."""
        return _by_department(self)


def _by_department(contracts: Iterable[Contract]) -> dict[str, tuple[Contract, ...]]:
    departments: defaultdict[str, list[Contract]] = defaultdict(list)
    for contract in contracts:
        departments[contract.department].append(contract)
    return {department: tuple(found) for department, found in departments.items()}


def catalogue(include_dir: Path | None = None) -> Catalogue:
    """The catalogue of an include folder (default: the settings'), with what the settings switch on.

    Raises:
        ContractError: listing all faults, or what is to be switched on and is not there.
    """
    return _catalogue(include_dir or settings().include_dir, settings().datasets_on)


def read_contracts(include_dir: Path) -> tuple[list[Contract], list[Fault]]:
    """All contracts that can be read below an include folder, and all faults of all files."""
    contracts: list[Contract] = []
    faults: list[Fault] = []
    for path in sorted((include_dir / "contracts").rglob("*.yaml")):
        contract, found = _read(path, include_dir)
        faults += found
        if contract is not None:
            contracts.append(contract)
    return contracts, faults + _faults_between(contracts)


@lru_cache(maxsize=8)
def _catalogue(include_dir: Path, switched_on: tuple[str, ...]) -> Catalogue:
    contracts, faults = read_contracts(include_dir)
    raise_all(faults)
    return Catalogue(_switched(contracts, switched_on))


def _switched(contracts: list[Contract], names: tuple[str, ...]) -> list[Contract]:
    """The contracts, those named by department or id in force; what has ended stays out of force."""
    known = {name for contract in contracts for name in (contract.department, contract.id)}
    if unknown := [name for name in names if name not in known]:
        raise ContractError(
            f"XIANJIE_DATASETS_ON 中没有这个部门或数据集: {'、'.join(unknown)}",
            data="未读取任何数据",
            next_command="xianjie contract list",
        )
    if ended := [contract.id for contract in contracts if contract.id in names and contract.has_ended]:
        raise ContractError(
            f"XIANJIE_DATASETS_ON 中的契约已停用: {'、'.join(ended)}",
            data="未读取任何数据",
            next_command="xianjie contract list",
        )
    return [
        contract.model_copy(update={"is_active": True})
        if not contract.has_ended and {contract.department, contract.id} & {*names}
        else contract
        for contract in contracts
    ]


def _read(path: Path, include_dir: Path) -> tuple[Contract | None, list[Fault]]:
    file, state = path.relative_to(include_dir).as_posix(), path.stat()
    contract, faults = _parsed(path, file, state.st_mtime_ns, state.st_size)
    if contract is None:
        return None, [*faults]
    return contract, faults_of_meaning(contract, file, codes.list_names(include_dir))


@lru_cache(maxsize=512)
def _parsed(
    path: Path, file: str, _changed_at: int, _size: int
) -> tuple[Contract | None, tuple[Fault, ...]]:
    """A contract file as it was read last, unless it changed since."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行" if mark else "-"
        return None, (Fault(file, where, "不是有效的 YAML", "请检查缩进、冒号后的空格和引号"),)
    contract, faults = odcs.parse(document, file)
    return contract, tuple(faults)


def _faults_between(contracts: Iterable[Contract]) -> list[Fault]:
    seen: dict[str, Contract] = {}
    faults = []
    for contract in contracts:
        for name in (contract.id, contract.code):
            if name in seen:
                faults.append(
                    Fault(
                        f"contracts/{contract.department}/{contract.dataset}.yaml",
                        "id" if name == contract.id else "xianjie.code",
                        f"{name} 已被 {seen[name].id} 使用",
                        "请另取一个",
                    )
                )
            seen[name] = contract
    return faults
