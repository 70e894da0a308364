"""Identity (身份归一): to whom a row belongs, and nobody's ID number beyond this point.

In: ``accepted.parquet`` of a judged delivery: typed rows, personal values included.
Out: a query that yields the same rows with tokens and masks only; new persons in ``core.person`` and,
encrypted, in the vault that only the role ``xianjie_identity`` can read.
Wrong: a row without a usable ID number is no error but a provisional person; names that differ under one ID
number become rows in ``core.identity_conflict``; `LinkError`, `AliasError`, `VaultError`.
"""

from xianjie.identity.aliases import merge_persons, split_person
from xianjie.identity.link import Linked, enter, link
from xianjie.identity.protection import is_household_certain, is_placed_by_either, protected
from xianjie.identity.resolver import ExactResolver, Resolver
from xianjie.identity.vault import Secret, reveal

__all__ = [
    "ExactResolver",
    "Linked",
    "Resolver",
    "Secret",
    "enter",
    "is_household_certain",
    "is_placed_by_either",
    "link",
    "merge_persons",
    "protected",
    "reveal",
    "split_person",
]
