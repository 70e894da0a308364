"""The contracts the demo's departments deliver by: names, labels, keys and places are read from them."""

from __future__ import annotations

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Field
from xianjie.settings import REPOSITORY


def contracts() -> tuple[Contract, ...]:
    """The repository's contracts in force, with what the settings switch on, in the order of their ids."""
    return tuple(sorted(catalogue(REPOSITORY / "include").active(), key=lambda contract: contract.id))


def sftp_accounts() -> tuple[str, ...]:
    """The departments that have an account on the SFTP server: all that might drop files, switched on or not."""
    every = catalogue(REPOSITORY / "include")
    return tuple(sorted({contract.department for contract in every if contract.source.connector == "sftp"}))


def contract(dataset: str) -> Contract:
    """The contract with an id like ``education.enrolment``."""
    return next(found for found in contracts() if found.id == dataset)


def of_department(department: str) -> tuple[Contract, ...]:
    """A department's contracts."""
    return tuple(found for found in contracts() if found.department == department)


def initials(field: Field) -> str:
    """The key of a field in the education API: its all-capitals alias (pinyin initials)."""
    return next((alias for alias in field.aliases if alias.isascii() and alias.isupper()), field.name)
