"""Readers: questions asked side by side, of one snapshot, for one transaction that alone writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from xianjie.database.engine import Role, transaction
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.readers import Asked, readers
from xianjie.warehouse.questions.scope import Scope

DAY = dt.date(2026, 9, 21)


def prepare(connection: Connection) -> None:
    connection.execute(text("create temporary table told (n integer, said text) on commit drop"))


def ask(connection: Connection, query: str) -> str | None:
    connection.execute(text("truncate told"))
    try:
        with connection.begin_nested():
            connection.execute(text(f"insert into told {query}"))
    except DBAPIError as error:
        return str(error.orig.sqlstate) if error.orig else None  # type: ignore[attr-defined]
    return None


def question(name: str, query: str, households: Scope | None = None) -> Asked[str]:
    find: Callable[[Connection], str | None] = partial(ask, query=query)
    return Asked(name, DAY, households, ("ALL",), find, ("told",))


@pytest.fixture(scope="module")
def board(warehouse_url: str) -> None:
    with transaction(Role.OWNER) as connection:
        connection.execute(text("create table core.notice (n integer)"))
        connection.execute(text("grant select, insert on core.notice to xianjie_pipeline"))


@pytest.fixture
def connection(board: None) -> Iterator[Connection]:
    with transaction() as opened:
        scope.prepare(opened)
        prepare(opened)
        yield opened
        opened.rollback()


def test_answers_come_in_the_order_of_the_questions_however_long_each_takes(connection: Connection) -> None:
    naps = [0.2, 0.0, 0.1, 0.0, 0.0]
    asked = [
        question(str(n), f"select {n}, coalesce(pg_sleep({nap})::text, '') || 'é\n\\'")
        for n, nap in enumerate(naps)
    ]
    with readers(connection, prepare) as asking:
        for n, (about, answer) in enumerate(asking.ask(asked)):
            answer.take(connection, "told")
            assert (about, connection.execute(text("select * from told")).all()) == (str(n), [(n, "é\n\\")])


def test_a_question_that_does_not_run_costs_itself_only(connection: Connection) -> None:
    asked = [
        question("wrong", "select 1, no_such_column"),
        question("right", "select 2, 'x'"),
        question("nowhere", "select n, 'x' from core.no_such_table"),
        question("right", "select 3, null"),
    ]
    with readers(connection, prepare) as asking:
        answers = [answer for _, answer in asking.ask(asked)]
    assert [answer.fault for answer in answers] == ["42703", None, "42P01", None]


def test_a_reader_sees_what_the_transaction_saw_when_it_began(connection: Connection) -> None:
    count = "select count(*), 'x' from core.notice"
    with readers(connection, prepare) as asking:
        with transaction() as other:
            other.execute(text("insert into core.notice values (1)"))
        [(_, answer)] = asking.ask([question("count", count)])
        answer.take(connection, "told")
    assert connection.scalar(text("select n from told")) == 0
    assert connection.scalar(text("select count(*) from core.notice")) == 1


def test_a_reader_has_the_households_it_is_given_and_the_day_asked_about(connection: Connection) -> None:
    connection.execute(text("insert into scope_night values ('H1', '{FPH}'), ('H2', '{}')"))
    tonight = scope.copy(connection, scope.TONIGHT)
    connection.execute(text("delete from scope_night where household_id = 'H1'"))
    later = scope.copy(connection, scope.TONIGHT)
    told = "select count(*), max(household_id) || core.business_date() from scope"
    asked = [question("who", told, households) for households in (tonight, later, tonight, later)]
    found = []
    with readers(connection, prepare) as asking:
        for _, answer in asking.ask(asked):
            answer.take(connection, "told")
            found.append(tuple(connection.execute(text("select * from told")).one()))
    assert found == [(2, "H22026-09-21"), (1, "H22026-09-21")] * 2


def test_an_answer_may_go_straight_into_another_table(connection: Connection) -> None:
    connection.execute(text("create temporary table kept (n integer, said text, price numeric default 1.5)"))
    with readers(connection, prepare) as asking:
        [(_, answer)] = asking.ask([question("two", "values (1, 'a'), (2, null)")])
        answer.take(connection, "told", "kept (n, said)")
    assert connection.execute(text("select * from kept order by n")).all() == [
        (1, "a", Decimal("1.5")), (2, None, Decimal("1.5")),
    ]  # fmt: skip
