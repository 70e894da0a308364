"""Matching answers to the items they name: which are to be delivered, which have their outcome already."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, text

from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract
from xianjie.database.migrate import script
from xianjie.returns.items import SETTLED, Item, find, went_on
from xianjie.returns.model import Answer, Outcome, Result
from xianjie.returns.outcomes import outcome
from xianjie.returns.plan import Taken
from xianjie.returns.run import Run
from xianjie.validation import versions


@dataclass
class Matched:
    """`wanted` are to be delivered, by dataset and contract version; `told` were judged before and are to be
    read back; `outcomes` stand already."""

    wanted: defaultdict[tuple[str, str], list[Taken]] = field(default_factory=lambda: defaultdict(list))
    told: list[tuple[Answer, uuid.UUID]] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)


def match(connection: Connection, run: Run, answers: Sequence[Answer]) -> Matched:
    """Looks every answer's item up; of several answers to one row the last counts."""
    return _Matcher(connection, run, answers).match()


class _Matcher:
    """`match`, with what its steps share: the file's earlier answers, and the items taken so far."""

    def __init__(self, connection: Connection, run: Run, answers: Sequence[Answer]) -> None:
        self.connection, self.run, self.answers = connection, run, answers
        self.entered = _entered(connection, run)
        self.taken: set[uuid.UUID] = set()
        self.matched = Matched()

    def match(self) -> Matched:
        counted = {answer.row_id: answer for answer in self.answers}
        items = find(self.connection, self.run.county_code, counted)
        for answer in self.answers:
            item = items.get(answer.row_id)
            if item is None:
                self._tell(answer, "unknown_row")
            elif not _is_theirs(self.run, answer, item):
                self._tell(answer, "not_yours")
            elif counted[answer.row_id] is not answer:
                self._tell(answer, "superseded")
            else:
                self._place(answer, item)
        return self.matched

    def _place(self, answer: Answer, named: Item) -> None:
        earlier = self.entered.get(named.row_id)
        if earlier is not None and (self.run.is_repeated or earlier.is_judged):
            self.matched.told.append((answer, named.row_id))
            return
        item = went_on(self.connection, self.run.county_code, named)
        if self.run.is_repeated and item.row_id in self.entered:
            self.matched.told.append((answer, item.row_id))
        elif not item.is_waiting:
            self._tell(answer, "already_closed" if item.state in SETTLED else "superseded")
        elif item.row_id in self.taken:
            self._tell(answer, "superseded")
        else:
            self.taken.add(item.row_id)
            contract = catalogue().get(f"{item.department}.{item.dataset}")
            version = _version(self.connection, contract, answer.contract_version).version
            self.matched.wanted[contract.id, version].append(Taken(answer, item, named))

    def _tell(self, answer: Answer, result: Result) -> None:
        self.matched.outcomes.append(outcome(answer, result))


def _is_theirs(run: Run, answer: Answer, item: Item) -> bool:
    """A workbook answers for its own department, and names each row's dataset rightly."""
    claimed = {answer.department, run.source.department}
    return claimed == {item.department} and answer.dataset == item.dataset


def _version(connection: Connection, contract: Contract, version: str) -> Contract:
    """The version a row was returned under while its rows can be taken in; else the one in force."""
    then = versions.version_of(connection, contract, version)
    return then if then is not None and versions.has_same_fields(then, contract) else contract


def contract_of(connection: Connection, contract_id: str, version: str) -> Contract:
    """The contract an answer is judged by; `match` chose the version."""
    return _version(connection, catalogue().get(contract_id), version)


def _entered(connection: Connection, run: Run) -> dict[uuid.UUID, Row[tuple[object, ...]]]:
    """What the same file answered before, by item: whether it was judged, and by which delivery."""
    rows: Iterable[Row[tuple[object, ...]]] = connection.execute(
        text(script("quality", "answers_of_file.sql")),
        {"county": run.county_code, "sha256": run.source.file_sha256},
    )
    return {row.row_id: row for row in rows}
