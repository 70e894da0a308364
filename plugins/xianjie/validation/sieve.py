"""Sieve (筛查): labels each changed row with every rule it breaks and splits once.

Every row is typed and judged in one pass that writes the accepted rows; what that pass did not write is
quarantined and labelled by name. So a row lands in exactly one of the two files. Of few rows the judged form
is kept between the steps, since planning a hundred rules costs more than asking them; many rows stream through,
and those that are quarantined or sampled are judged once more, so that memory does not grow with the delivery.
"""

from __future__ import annotations

import datetime as dt
import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import duckdb

from xianjie.contract import derive, id_number, typing_sql
from xianjie.contract.model import Contract, Field, FieldKind, Rule, Severity
from xianjie.database.columnar import columnar, identifier, literal
from xianjie.landing import CHANGED
from xianjie.validation import lifting
from xianjie.validation.errors import SieveError
from xianjie.validation.labels import Labels
from xianjie.validation.memory import NOTHING, Known

ROW_COLUMNS = ("_row", "_file", "_line", "_key", "_hash", "_op", "_change")
UNKNOWN_CODE = "未知代码"
_FEW_ROWS = 50_000


@dataclass(frozen=True)
class Sieved:
    """Where the rows went. Counts are read back from the Parquet files.

    `sample` holds at most the asked number of changed rows without any personal value: codes as they are
    (`UNKNOWN_CODE` for one that is in no list), key fields as ``1`` or null.
    """

    accepted: Path
    quarantined: Path
    sample: Path
    accepted_rows: int
    quarantined_rows: int
    warned_rows: int
    withdrawn_rows: int
    rule_rows: dict[str, int]


class Sieve:
    """The sieve of one contract on one business date, for one county (default: the settings').

    Args:
        known: what people said of single rows; it lifts rules, and makes settled contents break one more.
        is_own: whether the department itself delivered the rows; what we withdraw for it is not asked anything.
    """

    def __init__(
        self,
        contract: Contract,
        on: dt.date,
        county_code: str | None = None,
        *,
        known: Known = NOTHING,
        is_own: bool = True,
    ) -> None:
        self.contract = contract
        self.on = on
        self.known = known
        self.rules: tuple[Rule, ...] = derive.rules(contract, on, county_code=county_code)
        if known.settled:
            self.rules += (derive.recurring(contract),)
        key = frozenset(contract.key if is_own else ())
        self.fix = Labels("_fix", tuple(r for r in self.rules if r.severity is Severity.FIX), key)
        self.warn = Labels("_warn", tuple(r for r in self.rules if r.severity is Severity.WARN), key)

    def run(self, folder: Path, *, sample_rows: int, source: str | None = None) -> Sieved:
        """Splits changed rows into ``accepted.parquet`` and ``quarantined.parquet`` of a work folder.

        Each file replaces an older one in one step. ``sample.parquet`` holds at most `sample_rows` rows.

        Args:
            source: the rows, a FROM item of DuckDB; by default the folder's ``changed.parquet``.

        Raises:
            SieveError: a rule does not run; the message names it.
        """
        accepted, quarantined, sample = (
            folder / f"{name}.parquet" for name in ("accepted", "quarantined", "sample")
        )
        source = source or f"read_parquet({literal(str(folder / CHANGED))})"
        rest = f"_row not in (select _row from read_parquet({literal(str(accepted))}))"
        few = f"_op <> 'D' order by _hash limit {sample_rows}"  # keyed hashes: the choice is fair and repeats
        rows = rows_in(folder / CHANGED)
        with columnar() as duck:
            lifting.tell(duck, self.known, (self.fix, self.warn))
            try:
                if rows > _FEW_ROWS:
                    _write(duck, self.accepted_sql(f"({self._labelled(source, are_few=False)})"), accepted)
                    wanted = f"{rest} or _row in (select _row from {source} where {few})"
                    left = rows - rows_in(accepted) + sample_rows
                    self._judge(duck, f"(from {source} where {wanted})", left)
                else:
                    self._judge(duck, source, rows)
                    _write(duck, self.accepted_sql(), accepted)
                _write(duck, self.quarantined_sql(rest), quarantined)
                _write(duck, self.sample_sql(few), sample)
            except duckdb.Error:
                raise SieveError(
                    f"筛查规则未能执行：{self._faulty(duck, source)}",
                    data="本次交付已落地，未筛查、未入库",
                    next_command="xianjie contract lint",
                ) from None
            return self._counted(duck, accepted, quarantined, sample)

    def _judge(self, duck: duckdb.DuckDBPyConnection, source: str, rows: int) -> None:
        """The relation ``labelled`` over the `rows` of `source`; of few it is worked out once, here."""
        if rows > _FEW_ROWS:
            duck.execute(f"create temp view labelled as {self._labelled(source, are_few=False)}")
            return
        duck.execute(f"create temp table few as from {source}")
        duck.execute("pragma disable_optimizer")  # it takes longer than asking few rows a hundred rules
        duck.execute(f"create temp table labelled as {self._labelled('few', are_few=True)}")
        duck.execute("pragma enable_optimizer")

    def _labelled(self, source: str, *, are_few: bool) -> str:
        labelled = self.labelled_sql(source, are_few=are_few)
        return lifting.without_lifted(labelled, self.known, (self.fix, self.warn))

    def typed_sql(self, source: str, *, are_few: bool = False) -> str:
        """The steps ``delivered`` (the text, as the struct ``raw``) and ``typed`` (each field typed once).

        Of few rows, planning an expression costs more than asking it: fields typed alike then share one.
        """
        kept = ", ".join((*ROW_COLUMNS, "_duplicate", "_extra", *self._marks()))
        columns, lists = self._typed_together() if are_few else ({}, [])
        typed = ", ".join(
            f"{columns.get(field.name) or self._typed(field)} as {identifier(field.name)}"
            for field in self.contract.fields
        )
        delivered = ", ".join(f"{name} := {name}" for name in self._fields())
        digits = "".join(
            f", {id_number.digits_sql(identifier(field.name))} as {identifier(f'_digits_{field.name}')}"
            for field in self.contract.fields
            if field.kind is FieldKind.ID_NUMBER
        )
        marked = lifting.marked(source, self.known)
        return (
            f"with delivered as (select {', '.join((kept, *lists))}, struct_pack({delivered}) as raw{digits} "
            f"from {marked}),\n"
            f"typed as (select {kept}, raw, {typed} from delivered)"
        )

    def _typed_together(self) -> tuple[dict[str, str], list[str]]:
        """What names a typed field, and the lists it is taken from, for fields that one expression types."""
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for field in self.contract.fields:
            if field.kind is not FieldKind.ID_NUMBER:
                alike[typing_sql.typed(field, "delivered_value", self.on)].append(field.name)
        columns: dict[str, str] = {}
        lists: list[str] = []
        for expression, names in alike.items():
            if len(names) > 1:
                together, texts = f"_together_{len(lists)}", ", ".join(map(identifier, names))
                lists.append(f"list_transform([{texts}], lambda delivered_value: {expression}) as {together}")
                columns |= {name: f"{together}[{place}]" for place, name in enumerate(names, 1)}
        return columns, lists

    def _typed(self, field: Field) -> str:
        column = f"raw.{identifier(field.name)}"
        if field.kind is FieldKind.ID_NUMBER:
            return id_number.valid_sql(column, self.on, digits=identifier(f"_digits_{field.name}"))
        return typing_sql.typed(field, column, self.on)

    def labelled_sql(self, source: str, *, are_few: bool = False) -> str:
        """Each row of `source`, typed and as delivered, with the words of its broken rules."""
        kept = (*ROW_COLUMNS, "_duplicate", "_extra", *self._marks(), "raw", *self._fields())
        words = ", ".join((*kept, *self.fix.select(), *self.warn.select()))
        # What is wrong with an ID number is asked by a rule for each reason, and worked out once.
        faults = {
            id_number.fault_sql(f"raw.{name}", self.on): (
                f"_fault_{n}",
                f"{name} is null and raw.{name} is not null",
            )
            for n, name in enumerate(f.name for f in self.contract.fields if f.kind is FieldKind.ID_NUMBER)
        }
        for expression, (column, _) in faults.items():
            words = words.replace(expression, column)
        found = (f"case when {doubt} then {text} end as {column}" for text, (column, doubt) in faults.items())
        return (
            f"{self.typed_sql(source, are_few=are_few)},\n"
            f"doubted as (select {', '.join((*kept, *found))} from typed)\n"
            f"select {words} from doubted"
        )

    def accepted_sql(self, labelled: str = "labelled") -> str:
        """Rows that break no rule to be fixed, typed, with the names of their warnings."""
        columns = ", ".join((*ROW_COLUMNS, *self._fields(), f"{self.warn.names()} as _warnings"))
        return f"select {columns} from {labelled} where not {self.fix.broken()}"

    def quarantined_sql(self, rest: str) -> str:
        """The rows that were not accepted, as delivered, with the names of all rules they break."""
        raw = (f"raw.{name} as {name}" for name in self._fields())
        rules = f"{self.fix.names()} || {self.warn.names()} as _rules"
        columns = ", ".join((*ROW_COLUMNS, "_duplicate", *raw, "_extra", rules))
        return f"select {columns} from labelled where {rest}"

    def sample_sql(self, few: str) -> str:
        """The `few` rows for the gate."""
        items = [
            f"case when {identifier(name)} is not null then 1 end as {identifier(name)}"
            for name in self.contract.key
        ]
        items += [
            f"coalesce({identifier(f.name)}, case when {typing_sql.clean(f'raw.{identifier(f.name)}')} <> '' "
            f"then {literal(UNKNOWN_CODE)} end) as {identifier(f.name)}"
            for f in self.contract.fields
            if f.code_list and f.name not in self.contract.key
        ]
        return f"select {', '.join(items)} from (from labelled where {few})"

    def _marks(self) -> tuple[str, ...]:
        return (lifting.RECURRING,) if self.known.settled else ()

    def _fields(self) -> tuple[str, ...]:
        return tuple(identifier(field.name) for field in self.contract.fields)

    def _faulty(self, duck: duckdb.DuckDBPyConnection, source: str) -> str:
        """The ids of the rules that do not run alone; asked only after a failure."""
        faulty = []
        for rule in self.rules:
            try:
                duck.execute(
                    f"{self.typed_sql(source)} select count(*) from typed where {rule.breaks_when}"
                ).fetchone()
            except duckdb.Error:
                faulty.append(rule.id)
        return "、".join(faulty) or f"{self.contract.id} 的字段转换"

    def _counted(
        self, duck: duckdb.DuckDBPyConnection, accepted: Path, quarantined: Path, sample: Path
    ) -> Sieved:
        good, bad = (f"read_parquet({literal(str(path))})" for path in (accepted, quarantined))
        warned, withdrawn = duck.execute(
            f"select count(*) filter (len(_warnings) > 0), count(*) filter (_op = 'D') from {good}"
        ).fetchone() or (0, 0)
        rule_rows = duck.execute(
            f"select rule, count(*) from (select unnest(_rules) as rule from {bad} "
            f"union all select unnest(_warnings) from {good}) group by rule"
        ).fetchall()
        return Sieved(
            accepted,
            quarantined,
            sample,
            rows_in(accepted),
            rows_in(quarantined),
            warned,
            withdrawn,
            dict(rule_rows),
        )


def rows_in(parquet: Path | str) -> int:
    """The number of rows in a Parquet file, from its footer."""
    from pyarrow.parquet import read_metadata

    return int(read_metadata(parquet).num_rows)


def _write(duck: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    duck.execute(f"copy ({query}) to {literal(str(aside))} (format parquet)")
    aside.replace(path)
