"""Who gets a pack: the units of ``include/framework/organisations.yaml`` that are recipients."""

from __future__ import annotations

from xianjie.accountability.framework import accountability
from xianjie.contract.catalogue import catalogue
from xianjie.reports.model import Recipient
from xianjie.settings import settings


def titles(language: str) -> dict[str, str]:
    """Names of all units by code, in a language and in the order of the file."""
    units = accountability().organisations
    return {unit.code: (unit.name_en or unit.name) if language == "en" else unit.name for unit in units}


def recipients(language: str | None = None) -> tuple[Recipient, ...]:
    """The units that get a pack, in the order of the file: those marked so, and those whose data is pulled.

    Raises:
        DefinitionError: the framework does not read; all faults at once.
    """
    names = titles(language or settings().language)
    return tuple(
        Recipient(
            unit.code, names[unit.code], "leaders" if unit.kind == "leaders" else "department", unit.mail
        )
        for unit in accountability().recipients(catalogue().by_department())
    )
