"""Ageing, fix rate and recurrence are those of the script."""

from __future__ import annotations

import json

from returns_helpers import DAYS, EARLY, Office, answer, county, night, open_ids, posts, query
from typer.testing import CliRunner

from xianjie import returns
from xianjie.cli import app
from xianjie.returns import reading
from xianjie.validation.ageing import AgeBand, DepartmentRates

GOOD = "2027-06-30"
BAD = {n: {"contract_end_date": EARLY} for n in range(1, 11)}


def scripted(office: Office) -> None:
    """Ten rows go back; the clerk mends eight, leaves one, breaks one again; one comes again at night."""
    night(0, posts(BAD))
    mended, broken, _left = open_ids()[:8], open_ids()[8], open_ids()[9]
    for row in mended[:6]:
        office.apply(2, answer(row, contract_end_date=GOOD))
    for row in mended[6:]:
        office.apply(5, answer(row, contract_end_date=GOOD))
    office.apply(5, answer(broken, contract_end_date="2025-02-02"))
    later = {n: {"contract_end_date": GOOD} for n in range(2, 9)}
    night(10, posts(BAD | later))  # only the first of the mended comes again as it was


def test_rates_are_those_of_the_script(office: Office) -> None:
    scripted(office)
    (rates,) = reading.statistics(county(), DAYS[10]).departments
    assert rates == DepartmentRates(
        "employment", open=3, median_open_days=10.0, oldest_open_days=10, returned=9, fixed=8,
        fix_rate_pct=rates.fix_rate_pct, median_days_to_fix=2.0, recurring=1,
    )  # fmt: skip
    assert abs((rates.fix_rate_pct or 0) - 100 * 8 / 9) < 1e-9


def test_ages_fall_into_their_bands(office: Office) -> None:
    scripted(office)
    assert reading.statistics(county(), DAYS[10]).ages == [
        AgeBand("employment", "public_posts", 0, 7, 1, 1, 0),
        AgeBand("employment", "public_posts", 8, 30, 2, 0, 10),
    ]


def test_weeks_are_counted_by_rule_and_over_all(office: Office) -> None:
    scripted(office)
    weeks = reading.statistics(county(), DAYS[10]).weeks
    first = [each for each in weeks if each.week == DAYS[0]]
    assert [each.rule_id for each in first] == [None, "EMP-02.contract_before_start"]
    for each in first:
        assert (each.items, each.fixed, each.still_open, each.median_days_to_fix) == (10, 8, 2, 2.0)
    (recurring,) = [each for each in weeks if each.rule_id == "EMP-02.row.recurring"]
    assert (recurring.week, recurring.recurring, recurring.still_open) == (DAYS[7], 1, 1)


def test_the_past_can_be_asked_again(office: Office) -> None:
    scripted(office)
    items = reading.open_items(county(), DAYS[2])
    assert {(each.age_days, each.tries) for each in items} == {(2, 0)}
    assert len(items) == 4
    (broken,) = [each for each in reading.open_items(county(), DAYS[5]) if each.tries]
    assert (broken.age_days, broken.tries) == (5, 1)


def test_the_commands_tell_the_same(office: Office) -> None:
    scripted(office)
    run = CliRunner().invoke
    listed = json.loads(run(app, ["quarantine", "list", "--date", str(DAYS[10]), "--json"]).stdout)
    assert [each["age_days"] for each in listed["items"]] == [10, 10, 0]
    again = json.loads(
        run(app, ["quarantine", "list", "--date", str(DAYS[10]), "--recurring", "--json"]).stdout
    )
    assert [each["rules"] for each in again["items"]] == [["EMP-02.contract_before_start", "EMP-02.row.recurring"]]
    stats = json.loads(run(app, ["quarantine", "stats", "--date", str(DAYS[10]), "--json"]).stdout)
    assert stats["departments"][0]["fixed"] == 8
    row_id = again["items"][0]["row_id"]
    story = json.loads(run(app, ["quarantine", "show", row_id, "--json"]).stdout)
    assert [each["state"] for each in story["lineage"]] == ["accepted", "open"]
    assert [(each["department"], each["file_name"], each["line"]) for each in story["answers"]] == [
        ("employment", "退回数据-1.xlsx", 5)
    ]
    replayed = run(app, ["quarantine", "replay", "--date", str(DAYS[10]), "--json"])
    assert json.loads(replayed.stdout)["datasets"][0]["delivery_id"] is None
    ledger = json.loads(run(app, ["ledger", "--date", str(DAYS[5]), "--json"]).stdout)
    assert ledger["datasets"] == []
    assert [(each["landed"], each["accepted"], each["origin"]) for each in ledger["returns"]] == [
        (1, 1, "returns"), (1, 1, "returns"), (1, 0, "returns"),
    ]  # fmt: skip


def test_waiving_by_command_needs_a_reason(office: Office) -> None:
    night(0, posts({7: {"contract_end_date": EARLY}}))
    (row,) = open_ids()
    run = CliRunner().invoke
    asked = ["quarantine", "waive", str(row), "--date", str(DAYS[0]), "--json"]
    assert run(app, asked).exit_code == 1
    done = run(app, [*asked, "--why", "补签合同，属实", "--until", str(DAYS[30]), "--by", "steward"])
    assert (done.exit_code, json.loads(done.stdout)["result"]) == (0, "waived")
    assert query("select valid_until, waived_by from quality.waiver where county_code = :county") == [
        (DAYS[30], "steward")
    ]
    ended = run(app, ["quarantine", "waive", str(row), "--date", str(DAYS[1]), "--end", "--json"])
    assert json.loads(ended.stdout) == {"items": 0, "waivers": 1, "reopened": 1}
    expired = run(app, ["quarantine", "expire", "--date", str(DAYS[1]), "--json"])
    assert json.loads(expired.stdout) == {"items": 0, "waivers": 0, "reopened": 0}
    assert returns.expire(DAYS[1]).items == 0
