"""Who a row is about when its ID number does not say so: the place of fuzzy linkage."""

from __future__ import annotations

from typing import Protocol

import duckdb

from xianjie.contract.model import Contract


class Resolver(Protocol):
    """Links rows without a usable ID number to persons already known."""

    def resolve(self, duck: duckdb.DuckDBPyConnection, contract: Contract, unresolved: str) -> str | None:
        """Persons for rows that have no usable ID number.

        Args:
            unresolved: a DuckDB relation of accepted rows: ``_key`` and the contract's typed fields.

        Returns:
            A DuckDB relation ``(_key uuid, person_id uuid)``, at most one row a key, or null when nothing can
            be linked. Rows it leaves out become provisional persons.
        """


class ExactResolver:
    """Believes ID numbers only: whoever comes without one stays a provisional person."""

    def resolve(self, duck: duckdb.DuckDBPyConnection, contract: Contract, unresolved: str) -> str | None:
        """Links nobody."""
        return None
