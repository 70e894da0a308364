"""What to deliver for a set of answers: nothing is written here.

A correction is the delivered row overlaid with the answered cells. Where it names another record than the one
it corrects, the old one is withdrawn in the same delivery, so it is delivered only if it passes. A record with
several rows (the same key twice) keeps the rows that nobody struck out.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, text

from xianjie import dates
from xianjie.contract.model import Contract
from xianjie.contract.typing_text import as_compared
from xianjie.database.columnar import columnar, identifier
from xianjie.landing import base_for, delivered_sql
from xianjie.landing.compare import standing_sql
from xianjie.returns import outcomes
from xianjie.returns.items import Item, Text, siblings, texts
from xianjie.returns.model import Answer, Outcome, Problem
from xianjie.returns.rows import Row, in_order
from xianjie.returns.run import Run
from xianjie.returns.trial import Tried, place_of, trial
from xianjie.validation import Known, known
from xianjie.validation.terms import terms

Place = tuple[str, int]


@dataclass(frozen=True)
class Taken:
    """An answer, the waiting item it is for, and the item it names: an older workbook may name an item that an
    earlier wrong answer replaced."""

    answer: Answer
    item: Item
    named: Item


@dataclass(frozen=True)
class Link:
    """An answer that is delivered: `row` is the place of its row in the plan."""

    taken: Taken
    row: int
    waived: tuple[str, ...] = ()


@dataclass
class Plan:
    """The rows of one delivery, which answers they carry, and the outcomes of those that are not delivered."""

    contract: Contract
    rows: list[Row] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    left: list[tuple[Taken, Outcome]] = field(default_factory=list)


def plan(connection: Connection, run: Run, contract: Contract, answered: Sequence[Taken]) -> Plan:
    """Plans one delivery for the answers to a dataset's items under one version of its contract."""
    return _Planner(connection, run, contract, list(answered)).plan()


class _Planner:
    """The steps of `plan`, with what they share."""

    def __init__(self, connection: Connection, run: Run, contract: Contract, answered: list[Taken]) -> None:
        self.connection, self.run, self.contract = connection, run, contract
        self.answered = answered
        self.result = Plan(contract)
        self.waiting = siblings(connection, run.county_code, [taken.item for taken in answered])
        places = {(item.delivery_id, item.source_row) for item in self.waiting.values()}
        places |= {_place(item) for taken in answered for item in (taken.item, taken.named)}
        self.texts = texts(contract, places)
        self.delivered: list[tuple[Taken, Tried, int]] = []
        moment = replace(
            place_of(contract, run.business_date, run.county_code, dates.now()), origin="returns"
        )
        self.known = known(connection, moment)

    def plan(self) -> Plan:
        waives = [each for each in self.answered if each.answer.decision == "waive" and self._may_waive(each)]
        corrects = [each for each in self.answered if each.answer.decision == "correct"]
        moved = self._deliver([*corrects, *waives], waives)
        struck = [each for each in self.answered if each.answer.decision == "void"]
        self._strike(struck, moved)
        self._release()
        return self.result

    def _may_waive(self, taken: Taken) -> bool:
        """Whether every rule the item breaks may be waived and a reason is given; else the answer is left."""
        policy, item = terms(), taken.named
        refused = [
            name
            for name, severity in item.rules.items()
            if not policy.is_waivable(self.contract, name, severity) or policy.is_of_delivery(name)
        ]
        if not refused and len(taken.answer.reason.strip()) >= policy.min_reason_length:
            return True
        found = outcomes.findings(self.connection, self.run.county_code, item.row_id)
        problems = (
            outcomes.not_waivable(self.contract, [found[name][:2] for name in refused if name in found])
            if refused
            else outcomes.no_reason()
        )
        self.result.left.append((taken, outcomes.outcome(taken.answer, "still_wrong", problems)))
        return False

    def _deliver(self, wanted: Sequence[Taken], waives: Collection[Taken]) -> list[Taken]:
        """Puts corrected and waived rows into the plan; returns those that became another record."""
        rows = [self._overlaid(taken) for taken in wanted]
        lifted = dict(self.known.lifted)
        for taken in waives:
            key = taken.named.record_key
            lifted[key] = lifted.get(key, frozenset()) | frozenset(taken.named.rules)
        said = Known(lifted, (), self.known.held)
        tried = trial(self.contract, rows, self.run.business_date, self.run.county_code, said)
        standing = self._standing({each.key for each in tried.rows})
        moved = []
        for taken, row, each in zip(wanted, rows, tried.rows, strict=True):
            is_moved = each.key != taken.item.record_key
            problems: tuple[Problem, ...] = ()
            if is_moved and not each.is_good:
                rules = [tried.rules[name] for name in each.rules if name in tried.rules]
                problems = outcomes.problems_of(self.contract, rules)
            elif (
                is_moved
                and each.key in standing.keys() - self._held_for(taken.item)
                and not self._is_change_of(row, standing[each.key])
            ):
                problems = outcomes.same_key(self.contract)
            if problems:
                self.result.left.append((taken, outcomes.outcome(taken.answer, "still_wrong", problems)))
                continue
            place = self._add_row(row)
            waived = tuple(sorted(taken.named.rules)) if taken in waives else ()
            self.result.links.append(Link(taken, place, waived))
            self.delivered.append((taken, each, place))
            moved += [taken] if is_moved else []
        return moved

    def _overlaid(self, taken: Taken) -> Row:
        known_names = {each.name for each in self.contract.fields}
        answered = taken.answer.values if taken.answer.decision == "correct" else {}
        values = dict(self._text(taken.named).values) | {
            name: value for name, value in answered.items() if name in known_names
        }
        if self.run.source.path is None:  # nobody's file: the row stays where it stood
            return replace(self._row(taken.named), values=values)
        return Row(values, self.run.source.file_name, taken.answer.line)

    def _strike(self, struck: Sequence[Taken], moved: Sequence[Taken]) -> None:
        """Withdraws records that were struck out or became another; rows of the same key that are left stay."""
        leaving = {taken.item.row_id for taken in (*struck, *moved)}
        staying = {
            each.key: place for taken, each, place in self.delivered if each.key == taken.item.record_key
        }
        answered = {taken.item.row_id for taken, _, _ in self.delivered} | leaving
        for key, items in _by_record([*struck, *moved]).items():
            place = self._row_that_stays(key, staying, answered)
            if place is None:
                place = self._add_row(replace(self._row(items[0].item), op="D"))
            for taken in items:
                if taken in struck:
                    self.result.links.append(Link(taken, place))

    def _row_that_stays(
        self, key: uuid.UUID, staying: dict[uuid.UUID, int], answered: Collection[uuid.UUID]
    ) -> int | None:
        """The place of a row of `key` that remains, put into the plan if nobody answered it; None without any."""
        if key in staying:
            return staying[key]
        others = [each for each in self.waiting.values() if each.record_key == key]
        rest = [each for each in others if each.row_id not in answered]
        once = [each for each in others if each.rules and all(n.endswith(".repeated") for n in each.rules)]
        places = [self._add_row(self._row(each)) for each in in_order(rest or once)[: None if rest else 1]]
        return places[0] if places else None

    def _release(self) -> None:
        """Withdraws what an earlier correction made of the same content, when it is now something else."""
        new = {link.taken.item.row_id: self._new_key(link) for link in self.result.links}
        for link in list(self.result.links):
            item = link.taken.item
            for key in self._held_for(item) - {new[item.row_id]}:
                source = self._corrected(key)
                if source is not None:
                    self._add_row(Row.of(source, "D"))

    def _new_key(self, link: Link) -> uuid.UUID | None:
        found = [each.key for taken, each, _ in self.delivered if taken is link.taken]
        return found[0] if found else None

    def _held_for(self, item: Item) -> set[uuid.UUID]:
        return {
            each.new_key
            for each in self.known.held
            if (each.old_key, each.old_hash) == (item.record_key, item.row_hash)
        }

    def _corrected(self, key: uuid.UUID) -> Text | None:
        row = self.connection.execute(
            text(
                "select delivery_id, source_row from quality.correction where county_code = :county"
                " and department = :department and dataset = :dataset and new_key = :key and is_confirmed"
                " order by landed_at desc limit 1"
            ),
            {
                "county": self.run.county_code,
                "department": self.contract.department,
                "dataset": self.contract.dataset,
                "key": key,
            },
        ).one_or_none()
        if row is None:
            return None
        return texts(self.contract, [(row.delivery_id, row.source_row)]).get(
            (row.delivery_id, row.source_row)
        )

    def _is_change_of(self, row: Row, standing_name: str | None) -> bool:
        """Whether a row whose key was mended is news of the record that has this key, not a second one.

        Of a delivery of changes, that is what the row was sent as; the person's name must bear it out. In a full
        delivery the record would have stood beside the row.
        """
        name = self.contract.subject_name
        is_change = self.contract.delivery_mode == "delta"
        return is_change and (name is None or _is_same_name(row.values.get(name), standing_name))

    def _standing(self, keys: set[uuid.UUID]) -> dict[uuid.UUID, str | None]:
        """Which of these records the dataset holds now, with the person's name as it was delivered last."""
        chain = base_for(self.contract, self.run.business_date, self.run.county_code)
        if not keys or not chain:
            return {}
        name = self.contract.subject_name or "_name"
        named = " union all ".join(
            f"select _key, {identifier(name)} as name, {place} as _place from {delivered_sql(each, [name])}"
            for place, each in enumerate(chain)
        )
        with columnar() as duck:
            found = duck.execute(
                f"select _key, arg_max(name, _place) from ({named})"
                " where _key in (select unnest(?::uuid[]))"
                f" and _key in (select _key from ({standing_sql(chain)})) group by _key",
                [list(keys)],
            ).fetchall()
        return dict(found)

    def _text(self, item: Item) -> Text:
        return self.texts[_place(item)]

    def _row(self, item: Item) -> Row:
        return Row.of(self._text(item))

    def _add_row(self, row: Row) -> int:
        self.result.rows.append(row)
        return len(self.result.rows) - 1


def _is_same_name(one: str | None, other: str | None) -> bool:
    return bool(as_compared(one)) and as_compared(one) == as_compared(other)


def _place(item: Item) -> Place:
    return item.delivery_id, item.source_row


def _by_record(answered: Iterable[Taken]) -> dict[uuid.UUID, list[Taken]]:
    found: defaultdict[uuid.UUID, list[Taken]] = defaultdict(list)
    for taken in answered:
        found[taken.item.record_key].append(taken)
    return dict(found)
