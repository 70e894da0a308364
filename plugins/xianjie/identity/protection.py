"""From typed values to what the warehouse may hold: tokens and masks, as DuckDB expressions.

The columns are those of `contract.derive.table_columns`, in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass

from xianjie.contract.model import WITHHELD, Contract, Field, FieldKind
from xianjie.database.columnar import identifier, literal
from xianjie.privacy import mask_sql, token_sql

_WITH_TOKEN = (FieldKind.ID_NUMBER, FieldKind.PHONE, FieldKind.REGISTER_NO)
_PROVISIONAL = "provisional"
# The token of the ID number a row is about, computed once: it is the person and a column of its own.
EXACT = "_exact"


@dataclass(frozen=True)
class Protected:
    """A warehouse column and the DuckDB expression that yields it from a field's typed value."""

    name: str
    expression: str


def protected(contract: Contract, key: bytes) -> tuple[Protected, ...]:
    """The warehouse columns of a contract's fields, over typed rows with `EXACT`; addresses yield none."""
    return tuple(column for field in contract.fields for column in _columns(contract, field, key))


def exact_token(contract: Contract, key: bytes) -> str:
    """The token of the subject's ID number, null without a usable one."""
    return token_sql(key, identifier(contract.subject)) if contract.subject else "null::uuid"


def person_token(contract: Contract, key: bytes, linked: str) -> str:
    """The person a row is about: its ID number's token, else whom `linked` names, else a provisional one.

    A row that names its household needs no person to be placed, so none is made up for it. Null for withdrawn
    rows and for datasets without persons.
    """
    if contract.subject is None:
        return "null::uuid"
    made_up = token_sql(
        key, f"concat({literal(_PROVISIONAL)}, '|', {literal(contract.id)}, '|', _key::varchar)"
    )
    if is_placed_by_either(contract):
        made_up = f"case when {identifier(str(contract.household))} is null then {made_up} end"
    return f"case when _op <> 'D' then coalesce({EXACT}, {linked}, {made_up}) end"


def is_household_certain(contract: Contract) -> bool:
    """Whether every row of the dataset names its household."""
    return contract.household is not None and contract.field(contract.household).required


def is_placed_by_either(contract: Contract) -> bool:
    """Whether a row of the dataset belongs to the household it names, or else to that of its person."""
    return contract.household is not None and not is_household_certain(contract)


def placed_by(contract: Contract, subject: str) -> str:
    """What finds a row's household where it may or may not name it; null where that is certain."""
    if not is_placed_by_either(contract):
        return "null::uuid"
    return f"coalesce({household_anchor_sql(identifier(str(contract.household)))}, {subject})"


def household_anchor_sql(number: str) -> str:
    """What stands for a household number, alike in DuckDB and PostgreSQL."""
    return f"md5({number})::uuid"


def _token(contract: Contract, field: Field, key: bytes) -> str:
    return EXACT if field.name == contract.subject else token_sql(key, identifier(field.name))


def _columns(contract: Contract, field: Field, key: bytes) -> list[Protected]:
    column = identifier(field.name)
    if field.kind is FieldKind.PLAIN:
        return [Protected(field.name, column)]
    if field.kind in WITHHELD:
        return []
    mask = Protected(f"{field.name}_masked", mask_sql(field.kind, column))
    if field.kind in _WITH_TOKEN:
        return [Protected(f"{field.name}_token", _token(contract, field, key)), mask]
    return [mask]
