"""The pools a night needs: one a source, with few slots, so that an old server is not knocked over."""

from __future__ import annotations

from typing import Any

from xianjie.contract.catalogue import catalogue

SLOTS = 2


def pools() -> list[dict[str, Any]]:
    """``{"name", "slots", "description"}`` for every source connection in the contracts.

    A contract's source option ``pool_slots`` says how many pulls its server bears at once.
    """
    found: dict[str, dict[str, Any]] = {}
    for contract in catalogue().active():
        if contract.source.connection:
            name = f"source_{contract.source.connection}"
            slots = int(contract.source.options.get("pool_slots", SLOTS))
            found[name] = {
                "name": name,
                "slots": slots,
                "description": f"{contract.department_title}的数据源",
            }
    return list(found.values())
