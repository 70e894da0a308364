"""Which rules a row breaks, as bits: the fastest form DuckDB evaluates (3 ns a rule and row).

Every rule owns one bit of a word; a word holds `WORD` rules. Names are spelled out only for rows with a bit
set. A null condition counts as not broken. A withdrawn row (``_op = 'D'``) is asked for its key only, so the
words of its other rules are masked out.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from xianjie.contract.model import Rule
from xianjie.database.columnar import literal

WORD = 60


@dataclass(frozen=True)
class Labels:
    """The rules of one severity as columns ``<prefix>0``, ``<prefix>1`` … of a labelled row."""

    prefix: str
    rules: tuple[Rule, ...]
    key: frozenset[str]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the word columns."""
        return tuple(f"{self.prefix}{n}" for n in range(-(-len(self.rules) // WORD)))

    def select(self) -> tuple[str, ...]:
        """One select item a word, over a row's typed columns, ``raw`` and ``_op``."""
        return tuple(
            f"{self._word(self.rules[n * WORD : (n + 1) * WORD])} as {column}"
            for n, column in enumerate(self.columns)
        )

    def broken(self) -> str:
        """True when any rule is broken."""
        return "(" + (" or ".join(f"{column} <> 0" for column in self.columns) or "false") + ")"

    def words(self, names: Collection[str]) -> tuple[int, ...]:
        """The words that have the bits of the rules called `names` set; what is none of ours is passed over."""
        return tuple(
            sum(1 << n for n, rule in enumerate(self.rules[start : start + WORD]) if rule.id in names)
            for start in range(0, len(self.rules), WORD)
        )

    def names(self) -> str:
        """The ids of the broken rules as a list, in the contract's order; empty when none is."""
        if not self.rules:
            return "[]::varchar[]"
        flags = (
            f"case when {self.columns[n // WORD]} & {1 << n % WORD}::ubigint <> 0 then {literal(rule.id)} end"
            for n, rule in enumerate(self.rules)
        )
        spelled = f"list_filter([{', '.join(flags)}], lambda id: id is not null)"
        return f"case when {self.broken()} then {spelled} else []::varchar[] end"

    def _word(self, rules: Sequence[Rule]) -> str:
        bits = " | ".join(
            f"(case when {rule.breaks_when} then {1 << n}::ubigint else 0::ubigint end)"
            for n, rule in enumerate(rules)
        )
        of_key = sum(
            1 << n for n, rule in enumerate(rules) if rule.fields and self.key.issuperset(rule.fields)
        )
        return f"(({bits}) & case when _op = 'D' then {of_key}::ubigint else {(1 << WORD) - 1}::ubigint end)"
