"""Whom a night looks at, and what it can know: shared by checks, rules and indicators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Connection

from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.arrivals import Arrival, arrivals, missing, never_came
from xianjie.warehouse.questions.framework import Framework
from xianjie.warehouse.questions.params import Param

_UNDEFINED_TABLE = "42P01"
Refresh = Literal["never", "day", "month", "school_year"]
_SCHOOL_YEAR_MONTH = 9


def not_run(fault: str, said: str) -> tuple[str, str]:
    """Status and reason of a question whose SQL ended with the SQLSTATE `fault`; `said` has its place in braces."""
    if fault == _UNDEFINED_TABLE:
        return "blocked", "所需的数据表尚未建立，相关数据从未报送"
    return "failed", said.format(f"SQL 未能执行(SQLSTATE {fault})")


@dataclass
class Night:
    """One business date under evaluation.

    Those in `full_ones` look at everyone, and stay so on later dates; `previous` is the date evaluated before,
    `believed` the fingerprints of what it left in a state that can be carried on.
    """

    connection: Connection
    county_code: str
    business_date: dt.date
    frame: Framework
    is_full: bool
    full_ones: set[str] = field(default_factory=set)
    previous: dt.date | None = None
    arrivals: dict[str, Arrival] = field(default_factory=dict)
    believed: Mapping[str, str] = field(default_factory=dict)
    has_everyone: bool = False
    used: tuple[str, tuple[str, ...]] | None = None
    copies: dict[str, scope.Scope] = field(default_factory=dict)

    @property
    def keys(self) -> dict[str, Any]:
        """The binds that name this night."""
        return {"county_code": self.county_code, "business_date": self.business_date}

    def look_back(self, previous: dt.date | None) -> None:
        """Notes the date evaluated before, and what came tonight; without one before, everyone is looked at.

        What an earlier night of this transaction settled is forgotten.
        """
        self.previous = previous
        scope.clear(self.connection)
        self.arrivals = arrivals(self.connection, self.county_code, self.business_date)
        self.is_full = self.is_full or previous is None

    def gather(self) -> int:
        """Fills the scope; households of an earlier date run in this transaction stay in it."""
        if self.is_full:
            return self.gather_everyone()
        scope.changed(self.connection, {**self.keys, "previous": self.previous})
        return self.settle()

    def settle(self) -> int:
        """Takes in the households gathered since; returns how many there are now."""
        self.copies.pop(scope.TONIGHT, None)
        return scope.settle(self.connection, scope.TONIGHT, self.county_code, self.frame)

    def gather_everyone(self) -> int:
        """Fills the scope of full evaluations."""
        self.has_everyone = True
        return scope.settle(self.connection, scope.EVERYONE, self.county_code, self.frame)

    def is_full_for(self, name: str, fingerprint: str, refresh: Refresh = "never") -> bool:
        """Whether a question looks at everyone tonight: asked so, changed, or time alone changed its answer."""
        if self.is_full or self.believed.get(name) != fingerprint or self._is_refreshed(refresh):
            self.full_ones.add(name)
        return name in self.full_ones

    def use(self, population: Sequence[str], *, is_full: bool) -> str:
        """Points the views ``scope`` and ``evaluated`` at a population; returns their base table."""
        base = self._base(is_full=is_full)
        if self.used != (base, tuple(population)):  # a view made anew costs every plan over it
            scope.use(self.connection, base, population)
            self.used = base, tuple(population)
        return base

    def scope(self, *, is_full: bool) -> scope.Scope:
        """The households to look at, to give to a reader."""
        base = self._base(is_full=is_full)
        if base not in self.copies:
            self.copies[base] = scope.copy(self.connection, base)
        return self.copies[base]

    def readiness(
        self, params: Mapping[str, Param], values: Mapping[str, Any], datasets: Sequence[str]
    ) -> tuple[str, str | None]:
        """The status before any SQL: blocked by an unknown parameter or data that never came, or partial."""
        unknown = [params[name].title for name, value in values.items() if value is None]
        if unknown:
            return "blocked", f"参数未定: {'、'.join(unknown)}；待县级确认后启用"
        if absent := never_came(self.arrivals, datasets):
            return "blocked", "；".join(arrival.sentence for arrival in absent)
        if late := missing(self.arrivals, datasets):
            return "partial", "；".join(arrival.sentence for arrival in late)
        return "ok", None

    def _base(self, *, is_full: bool) -> str:
        if is_full and not self.has_everyone:
            self.gather_everyone()
        return scope.EVERYONE if is_full else scope.TONIGHT

    def _is_refreshed(self, refresh: Refresh) -> bool:
        """Whether time alone changed the answer since the date evaluated before."""
        if refresh == "never" or self.previous is None:
            return False
        if refresh == "day":
            return True
        months = [day.year * 12 + day.month for day in (self.previous, self.business_date)]
        if refresh == "school_year":
            months = [(month - _SCHOOL_YEAR_MONTH) // 12 for month in months]
        return months[0] != months[1]
