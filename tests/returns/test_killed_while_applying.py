"""A run that is killed at each of its steps, and started again with the same file, ends as an undisturbed one."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from returns_helpers import EARLY, Office, answer, assert_reconciled, county, night, open_ids, posts, query

from xianjie.contract.id_number import check_digit
from xianjie.returns import Answer
from xianjie.settings import settings

GOOD = "2027-06-30"
APPLY = "xianjie.returns.apply"
# Each step of a run in the order of the road: the module that looks its name up, and the name.
STEPS = (
    (APPLY, "begin"),
    (APPLY, "match"),
    (APPLY, "plan"),
    ("xianjie.returns.deliver", "publish"),
    ("xianjie.returns.deliver", "_link"),
    ("xianjie.validation", "check"),
    ("xianjie.warehouse", "run_night"),
    (APPLY, "note_merged"),
    (APPLY, "settled"),
    (APPLY, "finish"),
)
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["great_expectations", "returns_helpers"])

Answers = tuple[Answer, ...]


def bad_rows() -> list[dict[str, str | None]]:
    other = "639900195001010" + "019"[:2]
    wrong = other + ("0" if check_digit(other) != "0" else "1")
    return posts(
        {
            3: {"contract_end_date": EARLY},
            4: {"contract_end_date": EARLY},
            5: {"contract_end_date": EARLY},
            6: {"contract_end_date": EARLY},
            7: {"id_number": wrong},
        }
    )


def answers() -> Answers:
    mended, wrong, true, void, key = open_ids()
    right = "639900195001010" + "019"[:2]
    return (
        answer(mended, contract_end_date=GOOD, line=5),
        answer(wrong, contract_end_date="2025-09-09", line=6),
        answer(true, "waive", reason="补签合同，属实", line=7),
        answer(void, "void", line=8),
        answer(key, id_number=right + check_digit(right), line=9),
    )


def _die(
    module: str, name: str, is_done: bool, environment: dict[str, str], folder: Path, asked: Answers
) -> None:
    """Hands the workbook in, in a process that dies before or after a step."""
    os.environ.clear()
    os.environ.update(environment)
    settings.cache_clear()
    place = vars(importlib.import_module(module))
    original = place[name]

    def dying(*arguments: Any, **named: Any) -> Any:
        if is_done:
            original(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    place[name] = dying
    Office(folder).apply(1, *asked, file="same.xlsx")


def killed_at(step: tuple[str, str], folder: Path, asked: Answers, *, is_done: bool) -> bool:
    """Whether the run came to the step and was killed there."""
    # Forked from a server that has only imported: a fork of this process would inherit the locks of its threads.
    child = CHILDREN.Process(target=_die, args=(*step, is_done, dict(os.environ), folder, asked))
    child.start()
    child.join(120)
    child.kill()
    return child.exitcode == -signal.SIGKILL


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """What is the same in two counties that were treated alike."""
    queries = {
        "items": "select kind, record_key, row_hash, state, opened_on, closed_on, first_opened_on, tries,"
        " is_recurring from quality.item",
        "findings": "select rule_id, count(*) from quality.finding as f",
        "answers": "select row_hash, decision, new_op, new_key, new_hash, original_row, line, fields, is_confirmed,"
        " source_row from quality.correction",
        "waivers": "select record_key, rule_ids, valid_from, valid_until from quality.waiver",
        "ledger": "select landed, unchanged, accepted, quarantined, withdrawn, merged, origin from ops.ledger"
        " join ops.delivery using (delivery_id, county_code)",
        "deliveries": "select business_date, landed_rows, verdict, origin, merged_at is null from ops.delivery",
        "changes": "select record_key, business_date, op, row_hash from changes.employment_public_posts",
        "history": "select record_key, row_hash, valid_from, valid_to::text from history.employment_public_posts",
    }
    found = {}
    for name, sql in queries.items():
        grouped = " group by rule_id" if name == "findings" else ""
        found[name] = sorted(query(f"{sql} where county_code = :county{grouped}"), key=str)
    return found


@pytest.fixture
def two_counties(office: Office) -> Iterator[tuple[str, str]]:
    """Two counties with the same first night; the second is the one settings name at first."""
    second = county()
    yield f"6399{int(second[4:]) + 30:02d}", second
    _be_in(second)


def _be_in(code: str) -> None:
    os.environ["XIANJIE_COUNTY_CODE"] = code
    settings.cache_clear()


@pytest.mark.timeout(600)  # twenty kills, each a process of its own
def test_killed_at_every_step_ends_as_if_undisturbed(office: Office, two_counties: tuple[str, str]) -> None:
    expected: dict[str, list[tuple[Any, ...]]] = {}
    told: list[list[str]] = []
    for place, code in enumerate(two_counties):
        _be_in(code)
        night(0, bad_rows())
        asked = answers()

        def run(asked: Answers = asked) -> list[str]:
            return office.apply(1, *asked, file="same.xlsx")

        if place:
            for step in STEPS:
                for is_done in (False, True):
                    assert killed_at(step, office.folder, asked, is_done=is_done), (step[1], is_done)
        told.append(run())
        assert_reconciled(0, 1)
        if place:
            assert contents() == expected
            assert run() == ["already_closed", "still_wrong", *["already_closed"] * 3]
        expected = contents()
    # `finish` had been done when the last run was killed: what it tells is that all is settled.
    assert told[0] == ["accepted", "still_wrong", "waived", "void", "accepted"]
    assert told[1] == ["already_closed", "still_wrong", *["already_closed"] * 3]
