"""Any sequence of deliveries, answers, waivers, replays and re-runs, against a model in plain Python."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest
from county_model import BAD, GOOD, Key, Line, Model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from returns_helpers import DAYS, POSTS, Office, answer, county, id_number, land, post, query

from xianjie import returns, validation, warehouse
from xianjie.contract.catalogue import catalogue
from xianjie.landing import Delivery
from xianjie.returns.items import texts
from xianjie.settings import settings as conf
from xianjie.validation import verdict
from xianjie.validation.gate import Judgement

NUMBERS = (1, 2, 3)
LATE = 0
_counties = (f"6398{n:02d}" for n in itertools.count(10))

lines = st.dictionaries(
    st.sampled_from(NUMBERS), st.tuples(st.booleans(), st.sampled_from((*GOOD, *BAD))), min_size=1, max_size=3
).map(lambda drawn: tuple(Line((n, right), content) for n, (right, content) in drawn.items()))
deliveries = st.tuples(
    st.just("deliver"), st.sampled_from(["full", "full", "delta"]), lines, st.integers(0, 3)
)
answers = st.tuples(
    st.just("answer"),
    st.sampled_from(["correct", "correct", "correct", "waive", "void"]),
    st.integers(0, 5),
    st.tuples(st.sampled_from((*GOOD, BAD[0])), st.booleans()),
)
others = st.tuples(st.sampled_from(["expire", "replay", "again"]), st.none(), st.none(), st.none())
scripts = st.lists(deliveries | deliveries | answers | answers | others, min_size=3, max_size=8)


def wrong(n: int) -> str:
    """An ID number whose last digit is not right."""
    right = id_number(n)
    return right[:-1] + ("0" if right[-1] != "0" else "1")


def number_of(key: Key) -> str:
    return id_number(key[0]) if key[1] else wrong(key[0])


@pytest.fixture(autouse=True)
def rows_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries as a whole are not at issue here: the gate lets every one pass."""
    accepted = Judgement("accept", "GATE-OK", "", results=(), changes=(), pages={})
    monkeypatch.setattr(verdict, "judge", lambda *_: accepted)
    monkeypatch.setattr(verdict.data_docs, "publish", lambda *_: None)


class Play:
    """A script played on the real thing and in the model at once."""

    def __init__(self, office: Office) -> None:
        self.office, self.model, self.day = office, Model(), 0
        self.contract = catalogue().get(POSTS)
        self.delivered: list[Delivery] = []
        self.asked: tuple[int, returns.Answer, str] | None = None

    def play(self, step: tuple[Any, ...]) -> None:
        what, how, drawn, more = step
        if what == "deliver":
            self.deliver(how, drawn, back=more)
        elif what == "answer":
            self.answer(how, drawn, more)
        else:
            getattr(self, what)()

    def deliver(self, mode: str, rows: tuple[Line, ...], back: int) -> None:
        """On the next day; or, coming late, for a day before it that had none yet."""
        self.day += 2
        day = self.day - 3 if back == LATE and self.day > 3 else self.day
        texts = [
            post(line.key[0], id_number=number_of(line.key), contract_end_date=line.content) for line in rows
        ]
        delivery = land(self.contract, texts, DAYS[day], mode=mode)
        validation.check(self.contract, delivery.delivery_id)
        warehouse.run_night(DAYS[day], county())
        self.delivered.append(delivery)
        self.model.deliver(day, mode, rows)

    def answer(self, decision: str, pick: int, filled: tuple[str, bool]) -> None:
        waiting = self.model.world().waiting
        if not waiting:
            return
        key = sorted(waiting)[pick % len(waiting)]
        (row_id,) = [
            row_id for row_id, found in open_rows(self.model).items() if found == (key, waiting[key])
        ]
        content, is_mended = filled
        new_key = (key[0], True) if is_mended else key
        values = {"contract_end_date": content} | ({"id_number": id_number(key[0])} if is_mended else {})
        asked = answer(row_id, decision, reason="核对过，属实", **(values if decision == "correct" else {}))
        name = f"{self.office.files}-{self.day}-{len(self.model.came)}.xlsx"
        until = self.day + 180
        expected = self.model.answer(self.day, key, decision, new_key, content, until)
        assert self.office.apply(self.day, asked, file=name) == [expected]
        self.asked = (self.day, asked, name)

    def expire(self) -> None:
        """Nothing has run out: nothing may change."""
        assert returns.expire(DAYS[self.day]) == returns.Expired(0, 0, 0)

    def replay(self) -> None:
        """Only what waivers and corrections say anew of the waiting rows is delivered."""
        self.model.replay(self.day)
        returns.replay(DAYS[self.day], department="employment")

    def again(self) -> None:
        """The last file again, and the last delivery judged again."""
        if self.asked is not None:
            day, asked, name = self.asked
            self.office.apply(day, asked, file=name)
        for delivery in self.delivered[-1:]:
            validation.check(self.contract, delivery.delivery_id)


def open_rows(model: Model) -> dict[Any, tuple[Key, str]]:
    """Open items by id, told in the model's words: by the text that was delivered."""
    rows = query(
        "select row_id, delivery_id, source_row from quality.quarantined_row"
        " where county_code = :county and closed_on is null"
    )
    found = texts(catalogue().get(POSTS), [(delivery_id, row) for _, delivery_id, row in rows])
    told = {}
    for row_id, delivery_id, row in rows:
        values = found[delivery_id, row].values
        number = int(str(values["post_no"])[1:])
        told[row_id] = ((number, values["id_number"] == id_number(number)), str(values["contract_end_date"]))
    assert len(set(told.values())) == len(told), "two open items for one cause"
    return told


def warehouse_rows() -> dict[Key, str]:
    rows = query(
        "select post_no, id_number_token is not null, contract_end_date::text"
        " from facts.employment_public_posts where county_code = :county"
    )
    return {(int(number[1:]), is_right): end for number, is_right, end in rows}


def check_all(play: Play) -> None:
    world = play.model.world()
    assert warehouse_rows() == world.warehouse
    assert sorted(open_rows(play.model).values()) == sorted(world.waiting.items())
    ledger = query(
        "select l.landed, l.unchanged, l.accepted, l.quarantined, l.merged from ops.ledger as l"
        " join ops.delivery as d using (delivery_id) where l.county_code = :county"
        " order by d.business_date, d.landed_at"
    )
    assert [row[:4] for row in ledger] == world.counts
    for landed, unchanged, accepted, quarantined, merged in ledger:
        assert landed == unchanged + accepted + quarantined
        assert merged == accepted
    for (day,) in query("select distinct business_date from ops.diff_base where county_code = :county"):
        found = warehouse.reconcile(day, county())
        assert (found.datasets, found.differing) == (1, 0), day


def test_answers_and_waivers_between_nights(office: Office) -> None:
    play = Play(office)
    first = (Line((1, False), BAD[0]), Line((3, True), BAD[1]))
    script = [
        ("deliver", "full", first, 2),
        ("answer", "correct", 0, (GOOD[0], True)),
        ("deliver", "full", (*first, Line((2, True), GOOD[0])), 1),
        ("answer", "waive", 1, (BAD[0], False)),
        ("deliver", "full", (Line((1, False), BAD[0]), Line((2, False), BAD[1])), LATE),
        ("replay", None, None, None),
    ]
    for step in script:
        play.play(step)
    check_all(play)


# The same scripts each time; RETURNS_EXAMPLES plays more of them.
@pytest.mark.timeout(1800)
@settings(
    max_examples=int(os.environ.get("RETURNS_EXAMPLES", "4")),
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@given(script=scripts)
def test_any_sequence_is_as_the_model_says(
    warehouse_url: str, tmp_path_factory: Any, script: list[tuple[Any, ...]]
) -> None:
    before = os.environ["XIANJIE_COUNTY_CODE"]
    os.environ["XIANJIE_COUNTY_CODE"] = next(_counties)
    conf.cache_clear()
    try:
        folder: Path = tmp_path_factory.mktemp("office")
        play = Play(Office(folder))
        for step in script:
            play.play(step)
        check_all(play)
    finally:
        os.environ["XIANJIE_COUNTY_CODE"] = before
        conf.cache_clear()
