"""Readers: sessions that ask questions side by side, for one transaction that alone writes.

A reader sees what the transaction saw when it began, not what it has written since, and has the same households
in ``scope``. A question fills temporary tables of the reader; the transaction takes them over in the order it
asked. So an evaluation uses as many cores as there are readers, and still happens in one transaction.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import IO, Generic, TypeVar

from sqlalchemy import Connection, text

from xianjie.database.engine import transaction
from xianjie.database.transfer import driver_cursor
from xianjie.settings import settings
from xianjie.warehouse.as_of import as_of
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.scope import Scope

T = TypeVar("T")
READERS = 2
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Asked(Generic[T]):
    """A question to be asked as of `on`; `about` is handed back with the answer.

    `find` fills the temporary tables `found` and returns None, or the SQLSTATE of a query that does not run.
    Without a `scope` it looks at the whole county.
    """

    about: T
    on: dt.date
    scope: Scope | None
    population: Sequence[str]
    find: Callable[[Connection], str | None]
    found: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """What a question found, until `take` hands it over; `fault` is the SQLSTATE of a query that did not run."""

    fault: str | None
    seconds: float
    tables: Mapping[str, IO[bytes]] = field(default_factory=dict)

    def take(self, connection: Connection, table: str, into: str | None = None) -> None:
        """Moves the rows of the reader's `table` into that of `connection`, or into the empty table `into`."""
        if into is None:
            connection.execute(text(f"truncate {table}"))
        with self.tables[table] as rows:
            _fill(connection, into or table, iter(lambda: rows.read(_BLOCK), b""))


class Readers:
    """The readers of one transaction; made by `readers`."""

    def __init__(self, pool: ThreadPoolExecutor, sessions: Iterable[Connection]) -> None:
        self._pool = pool
        self._free: SimpleQueue[_Session] = SimpleQueue()
        for session in sessions:
            self._free.put(_Session(session))

    def ask(self, questions: Iterable[Asked[T]]) -> Iterator[tuple[T, Answer]]:
        """Asks questions side by side; the answers come in the order of the questions."""
        asked = [(each.about, self._pool.submit(self._answer, each)) for each in questions]
        for about, answer in asked:
            yield about, answer.result()

    def _answer(self, question: Asked[T]) -> Answer:
        session = self._free.get()
        try:
            return session.answer(question)
        finally:
            self._free.put(session)


@contextmanager
def readers(connection: Connection, *prepare: Callable[[Connection], None]) -> Iterator[Readers]:
    """Readers of what `connection` sees now; each begins with `prepare`."""
    snapshot = connection.scalar(text("select pg_export_snapshot()"))
    with ExitStack() as stack:
        sessions = [stack.enter_context(transaction(snapshot=snapshot)) for _ in range(READERS)]
        for session in sessions:
            for step in (scope.prepare, *prepare):
                step(session)
        pool = stack.enter_context(ThreadPoolExecutor(READERS, thread_name_prefix="reader"))
        stack.callback(pool.shutdown, cancel_futures=True)
        yield Readers(pool, sessions)


class _Session:
    """One reader: its connection, the households it was given, and what its views point at."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.given: dict[str, Scope] = {}
        self.used: tuple[str, tuple[str, ...]] | None = None

    def answer(self, question: Asked[T]) -> Answer:
        begun = time.perf_counter()
        as_of(self.connection, question.on)
        if question.scope is not None:
            self._look_at(question.scope, tuple(question.population))
        fault = question.find(self.connection)
        tables = {} if fault else {table: _spooled(self.connection, table) for table in question.found}
        return Answer(fault, time.perf_counter() - begun, tables)

    def _look_at(self, wanted: Scope, population: tuple[str, ...]) -> None:
        if self.given.get(wanted.base) is not wanted:
            self.connection.execute(text(f"truncate {wanted.base}"))
            _fill(self.connection, wanted.base, [wanted.rows])
            self.connection.execute(text(f"analyze {wanted.base}"))
            self.given[wanted.base] = wanted
        if self.used != (wanted.base, population):
            scope.use(self.connection, wanted.base, population)
            self.used = wanted.base, population


def _spooled(connection: Connection, table: str) -> IO[bytes]:
    """The rows of a table in a file without a name, as COPY writes them."""
    settings().work.mkdir(parents=True, exist_ok=True)
    spool: IO[bytes] = tempfile.TemporaryFile(dir=settings().work)  # noqa: SIM115 - closed by who takes it
    with driver_cursor(connection).copy(f"copy {table} to stdout (format binary)") as copy:
        for row in copy:
            spool.write(row)
    spool.seek(0)
    return spool


def _fill(connection: Connection, table: str, blocks: Iterable[bytes]) -> None:
    with driver_cursor(connection).copy(f"copy {table} from stdin (format binary)") as copy:
        for block in blocks:
            copy.write(block)
