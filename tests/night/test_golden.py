"""What two nights came to, against what really happened in the demo county.

The truth is computed by the demo from its clean county, in another engine and from other sources than the
pipeline's own SQL.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter, defaultdict

import pytest
from sqlalchemy import text

from tests.night.conftest import DAYS, KILLED, Nights, rows
from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import Role, transaction
from xianjie.privacy import token
from xianjie.settings import settings

pytestmark = [pytest.mark.night, pytest.mark.timeout(1200)]

LAST = DAYS[-1]


def ask(query: str, **values: object) -> list[tuple[object, ...]]:
    """Rows of the warehouse, as the reader role sees it."""
    with transaction(Role.READER) as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def counts(nights: Nights, day: dt.date) -> dict[str, dict[str, object]]:
    """The truth's outcomes and ledger numbers of a night, by dataset."""
    return dict(json.loads((nights.truth(day) / "counts.json").read_text(encoding="utf-8")))


def test_both_nights_succeeded(nights: Nights) -> None:
    assert nights.exit_code == 0, nights.printed[-6000:]
    assert "全部成功" in nights.printed


def test_tasks_were_killed_in_the_middle_and_cleared(nights: Nights) -> None:
    """Everything else in this file says that nothing came of it."""
    assert sorted(nights.killed) == sorted(KILLED)


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_dataset_concluded_as_scripted(nights: Nights, day: dt.date) -> None:
    found = {
        str(dataset): (outcome, is_late)
        for dataset, outcome, is_late in ask(
            """
            select department || '.' || dataset, outcome, is_late
            from ops.conclusion where business_date = :day
            """,
            day=day,
        )
    }
    expected = {
        dataset: (truth.get("after_late", truth["outcome"]), "after_late" in truth)
        for dataset, truth in counts(nights, day).items()
    }
    assert found == expected
    assert len(found) == len(catalogue().active())


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_ledger_holds_the_numbers_of_the_truth(nights: Nights, day: dt.date) -> None:
    columns = ("landed", "accepted", "quarantined", "absent", "withdrawn")
    found = {
        str(row[0]): dict(zip(columns, row[1:], strict=True))
        for row in ask(
            f"""
            select l.department || '.' || l.dataset, {", ".join(f"l.{column}" for column in columns)}
            from ops.ledger as l inner join ops.delivery as d on l.delivery_id = d.delivery_id
            where l.business_date = :day and l.is_current and d.verdict = 'accept'
            """,
            day=day,
        )
    }
    expected = {
        dataset: {column: truth[column] for column in columns if truth[column] is not None}
        for dataset, truth in counts(nights, day).items()
        if truth.get("after_late", truth["outcome"]) == "accepted"
    }
    assert expected
    assert {name: {c: found[name][c] for c in numbers} for name, numbers in expected.items()} == expected


def test_rows_delivered_in_files_are_returned_one_by_one(nights: Nights) -> None:
    """First night: exactly the damaged rows, each with at least the rules that its damage breaks."""
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    for dataset, source_row, rule_id in ask(
        """
        select q.department || '.' || q.dataset, q.source_row, f.rule_id
        from quality.quarantined_row as q inner join quality.finding as f using (county_code, row_id)
        where q.business_date = :day
        """,
        day=DAYS[0],
    ):
        found[(str(dataset), int(str(source_row)))].add(str(rule_id))
    truth = rows(f"select dataset, source_row, rule_ids from '{nights.truth(DAYS[0])}/quarantined.parquet'")
    expected = {(str(dataset), int(str(row))): set(rules) for dataset, row, rules in truth if row is not None}  # type: ignore[call-overload]
    assert len(expected) > 50
    located = {dataset for dataset, _ in expected}
    assert {where for where in found if where[0] in located} == set(expected)
    assert {where: rules - found[where] for where, rules in expected.items() if rules - found[where]} == {}


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_open_returned_rows_number_as_in_the_truth(nights: Nights, day: dt.date) -> None:
    found = dict(
        ask(
            """
            select department || '.' || dataset, sum(copies) from quality.quarantined_row
            where opened_on <= :day and (closed_on is null or closed_on > :day) group by 1
            """,
            day=day,
        )
    )
    expected = dict(
        rows(f"select dataset, count(*) from '{nights.truth(day)}/quarantined.parquet' group by 1")
    )
    assert {name: int(str(count)) for name, count in found.items()} == expected


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_warehouse_holds_the_rows_it_should(nights: Nights, day: dt.date) -> None:
    for contract in catalogue().active():
        with transaction(Role.PIPELINE) as connection:
            connection.execute(
                text("select set_config('xianjie.business_date', :day, true)"), {"day": day.isoformat()}
            )
            held = connection.execute(text(f"select count(*) from facts.{contract.table}")).scalar_one()
        believed = rows(f"select count(*) from '{nights.truth(day)}/believed/{contract.id}.parquet'")[0][0]
        assert (contract.id, held) == (contract.id, believed)


def expected_hits(nights: Nights, day: dt.date) -> set[tuple[str, str]]:
    """Rule and place of every hit of the truth; the place is the household, else the person's token."""
    folder = nights.truth(day)
    name = "hits_after_late" if (folder / "hits_after_late.parquet").exists() else "hits"
    key = settings().require_key("token_key")
    found = set()
    for rule, household, home in rows(f"select rule_id, household_no, home from '{folder}/{name}.parquet'"):
        place = str(household or str(home).removeprefix("P-"))
        is_number = household is None and place.startswith("639900")
        found.add((str(rule), str(token(key, place)) if is_number else place))
    return found


def found_hits(day: dt.date, places: set[str]) -> set[tuple[str, str]]:
    """Rule and place of every hit in force; the place is the household, or one of its persons in `places`."""
    members = defaultdict(set)
    for household, person in ask(
        "select household_id, person_id::text from core.membership where household_id like 'P-%'"
    ):
        members[str(household)].add(str(person))
    found = set()
    for rule, household in ask(
        """
        select distinct rule_id, household_id from monitoring.hit where valid_from <= :day and valid_to > :day
        """,
        day=day,
    ):
        known = members[str(household)] & places
        found.add((str(rule), known.pop() if known else str(household)))
    return found


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_rules_hit_whom_they_should_and_nobody_else(nights: Nights, day: dt.date) -> None:
    expected = expected_hits(nights, day)
    found = found_hits(day, {place for _, place in expected})
    assert expected
    assert {"missing": sorted(expected - found), "extra": sorted(found - expected)} == {
        "missing": [],
        "extra": [],
    }


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_the_checks_find_what_contradicts_itself_and_nothing_else(nights: Nights, day: dt.date) -> None:
    found = Counter(
        ask(
            """
            select check_id, case when household_id ~ '^[0-9]+$' then household_id end
            from consistency.findings(:county, :day)
            where is_open and check_id in ('C-02-011', 'C-02-012', 'X-07', 'X-08')
            """,
            county=settings().county_code,
            day=day,
        )
    )
    expected = Counter(rows(f"select check_id, household_no from '{nights.truth(day)}/findings.parquet'"))
    assert {check for check, _ in expected} >= {"C-02-011", "X-07", "X-08"}
    assert {"missing": expected - found, "extra": found - expected} == {"missing": {}, "extra": {}}


def test_every_rule_hit_somebody(nights: Nights) -> None:
    assert len({rule for rule, _ in expected_hits(nights, LAST)}) == 8


def test_every_scripted_event_with_a_rule_became_a_lead(nights: Nights) -> None:
    events = [
        json.loads(line)
        for line in (nights.truth(LAST) / "events.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    seen = {
        (event["rule_id"], event["household_no"])
        for event in events
        if event["rule_id"] and event["household_no"]
    }
    leads = set(ask("select rule_id, household_id from monitoring.lead"))
    arrived = {pair for pair in seen if pair in expected_hits(nights, LAST)}
    assert arrived
    assert arrived - leads == set()


def published(indicator: str, day: dt.date) -> tuple[float, str]:
    """The county's figure and light as last published."""
    found = ask(
        """
        select v.value, v.light from accountability.value as v
        inner join accountability.publication as p using (county_code, business_date, revision)
        where v.indicator = :indicator and v.business_date = :day
            and p.is_current and length(v.division_code) = 6
        """,
        indicator=indicator,
        day=day,
    )
    assert len(found) == 1
    return float(str(found[0][0])), str(found[0][1])


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_figures_and_lights_follow_from_the_truth(nights: Nights, day: dt.date) -> None:
    believed = nights.truth(day) / "believed"
    income = rows(
        f"""
        select sum(coalesce(wage_income_yuan::double, 0) + coalesce(business_income_yuan::double, 0)
            + coalesce(property_income_yuan::double, 0) + coalesce(transfer_income_yuan::double, 0)
            - coalesce(business_cost_yuan::double, 0)) / sum(size_now::int)
        from '{believed}/rural_revitalisation.households.parquet'
        where (hh_type = '脱贫户' or mo_type = '脱贫不稳定户') and size_now::int > 0
        """
    )[0][0]
    value, light = published("I-INC-01", day)
    assert (value, light) == (pytest.approx(float(str(income)), rel=1e-4), "grey")

    dangerous = rows(
        f"""
        select count(*) from '{believed}/housing.house_safety.parquet'
        where grade in ('C', 'D') and is_lived_in = '是'
        """
    )[0][0]
    value, light = published("I-3B-03", day)
    assert int(str(dangerous)) > 0
    assert value < 100
    assert light == "red"

    on_time = [truth["outcome"] for past in DAYS if past <= day for truth in counts(nights, past).values()]
    on_time = [outcome for outcome in on_time if outcome != "not_due"]  # nothing was owed
    share = 100 * sum(outcome == "accepted" for outcome in on_time) / len(on_time)
    assert published("I-DQ-02", day)[0] == pytest.approx(share)


def test_the_warehouse_agrees_with_the_deliveries(nights: Nights) -> None:
    differing = ask(
        "select sum(missing_keys + extra_keys + differing_keys), count(*) from ops.reconciliation"
    )
    assert differing[0][0] == 0
    assert int(str(differing[0][1])) > 12


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_every_recipient_has_a_pack_that_says_who_is_missing(nights: Nights, day: dt.date) -> None:
    manifest = json.loads((nights.place.out / day.isoformat() / "manifest.json").read_text(encoding="utf-8"))
    recipients = {pack["recipient"] for pack in manifest["packs"]}
    assert {*catalogue().by_department(), "county_leaders"} <= recipients
    missing = {"rural_revitalisation"} if day == LAST else set()
    for pack in manifest["packs"]:
        assert set(pack["missing_departments"]) == missing
        assert {file["path"].rsplit(".")[-1] for file in pack["files"]} >= {"xlsx", "html"}
