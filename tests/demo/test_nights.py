"""Nights: events are visible in what departments hold, and the truth has all of them."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from demo_scene import NIGHTS, Scene

from demo import nights
from demo.book import contract, contracts
from demo.chronicle import make_night
from demo.population import County, build
from xianjie.contract import derive
from xianjie.contract.model import Severity

FIRST, SECOND, THIRD = NIGHTS
KINDS = {
    "drop_out",
    "dibao_stopped",
    "dibao_started",
    "house_graded_d",
    "job_lost",
    "overlapping_risks",
    "relief_repeated",
    "relief_withdrawn",
    "new_disability",
    "death_while_paid",
    "move",
    "birth",
    "marriage",
    "post_ending",
    "income_fell",
}
AT_FIRST = {"relief_committed_late", "second_head", "death_overlooked"}
DAMAGE = {"id_typo", "id_missing", "unknown_code", "broken_date", "not_a_number", "name_missing", "repeated"}
HARMLESS = {"id_15_digits", "id_full_width", "name_spaces"}


def _events(scene: Scene, day: dt.date) -> list[dict[str, str]]:
    lines = (scene.truth(day) / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _held(scene: Scene, day: dt.date, dataset: str) -> str:
    return f"'{scene.place.root}/county/nights/{day}/held/{dataset}.parquet'"


def test_every_kind_of_event_happens_on_the_second_night(scene: Scene) -> None:
    assert {event["kind"] for event in _events(scene, SECOND)} == KINDS
    assert {event["kind"] for event in _events(scene, FIRST)} == AT_FIRST


def test_every_kind_of_damage_is_delivered(scene: Scene, ask: duckdb.DuckDBPyConnection) -> None:
    quarantined = ask.execute(
        f"select distinct damage from '{scene.truth(FIRST)}/quarantined.parquet'"
    ).fetchall()
    assert {row[0] for row in quarantined} == DAMAGE
    held = " union ".join(f"select _damage from {_held(scene, FIRST, found.id)}" for found in contracts())
    assert {row[0] for row in ask.execute(held).fetchall()} >= HARMLESS


def test_an_event_with_a_rule_is_among_the_expected_hits_once_its_department_came(
    scene: Scene, ask: duckdb.DuckDBPyConnection
) -> None:
    for event in (event for event in _events(scene, SECOND) if event["rule_id"]):
        for day, name in ((SECOND, "hits_after_late"), (THIRD, "hits")):
            found = ask.execute(
                f"select count(*) from '{scene.truth(day)}/{name}.parquet' "
                "where rule_id = ? and household_no = ?",
                [event["rule_id"], event["household_no"]],
            ).fetchall()
            came = event["kind"] not in ("post_ending", "income_fell")
            assert found[0][0] >= (came or day == THIRD), event["kind"]


def test_all_eight_rules_are_expected_to_hit(scene: Scene, ask: duckdb.DuckDBPyConnection) -> None:
    rules = ask.execute(
        f"select distinct rule_id from '{scene.truth(THIRD)}/hits.parquet' order by 1"
    ).fetchall()
    assert [row[0] for row in rules] == [
        "R-CIV-01",
        "R-CIV-06",
        "R-EDU-01",
        "R-EMP-01",
        "R-EMP-02",
        "R-HOU-01",
        "R-INC-01",
        "R-SPX-01",
    ]


def test_conclusions_follow_the_script(scene: Scene) -> None:
    counts = json.loads((scene.truth(SECOND) / "counts.json").read_text(encoding="utf-8"))
    assert counts["housing.house_safety"]["outcome"] == "absent"
    assert counts["housing.house_safety"]["after_late"] == "accepted"
    assert counts["rural_revitalisation.persons"] == {"outcome": "absent"}
    assert counts["employment.public_posts"] == {"outcome": "refused"}
    assert counts["housing.renovation"]["accepted"] == 0
    assert counts["education.enrolment"]["outcome"] == "accepted"


def test_a_housing_delivery_that_is_late_is_not_there_before_it_is_brought(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = scene.place.drop_box("housing") / "20260925"
    assert nights.prepare_night(dt.date(2026, 9, 25), late=("housing",)) == [
        "civil_affairs",
        "education",
        "employment",
        "rural_revitalisation",
    ]
    assert not box.exists()
    nights.deliver_late(dt.date(2026, 9, 25), "housing")
    assert len(list(box.iterdir())) == 2
    shutil.rmtree(scene.truth(dt.date(2026, 9, 25)))


def test_truncated_posts_are_sixty_percent_fewer(scene: Scene) -> None:
    box = scene.place.drop_box("employment")
    whole, cut = (
        len((box / day / "公益性岗位.csv").read_bytes().splitlines()) - 1 for day in ("20260921", "20260922")
    )
    assert cut == int(whole * 0.4)


def test_the_renovation_workbook_of_the_second_night_is_the_first_ones(scene: Scene) -> None:
    box = scene.place.drop_box("housing")
    first, second = (box / day / f"危房改造项目{day}.xlsx" for day in ("20260921", "20260922"))
    assert first.read_bytes() == second.read_bytes()


def test_births_marriages_and_moves_reach_the_register_on_the_third_night(
    scene: Scene, ask: duckdb.DuckDBPyConnection
) -> None:
    persons = _held(scene, THIRD, "rural_revitalisation.persons")
    for event in _events(scene, SECOND):
        if event["kind"] in ("birth", "marriage"):
            rows = ask.execute(
                f"select household_no from {persons} where person_no = ?", [event["key"]]
            ).fetchall()
            expected = (
                event["detail"].get("to", event["household_no"])
                if event["kind"] == "marriage"
                else event["household_no"]
            )
            assert rows == [(expected,)]
        if event["kind"] == "death_while_paid":
            assert ask.execute(
                f"select count(*) from {persons} where person_no = ?", [event["key"]]
            ).fetchall() == [(0,)]
            dibao = _held(scene, THIRD, "civil_affairs.dibao")
            paid = ask.execute(
                f"select count(*) from {dibao} where id_number = ? and end_month is null",
                [event["id_number"]],
            )
            assert paid.fetchall() == [(1,)]


def test_an_ordinary_day_changes_about_one_percent(scene: Scene, ask: duckdb.DuckDBPyConnection) -> None:
    changed = ask.execute(
        f"""
        select avg((a._content <> b._content)::int)
        from {_held(scene, FIRST, "rural_revitalisation.persons")} as a
        inner join {_held(scene, SECOND, "rural_revitalisation.persons")} as b using (_key, _copy)
        """
    ).fetchall()[0][0]
    assert 0.005 < changed < 0.02


def test_a_damaged_row_stays_as_it_is_until_it_is_repaired(
    scene: Scene, ask: duckdb.DuckDBPyConnection
) -> None:
    left, right = (_held(scene, day, "rural_revitalisation.persons") for day in (FIRST, SECOND))
    same, moved = ask.execute(
        f"""select count(*) filter (a._content = b._content), count(*) filter (a._content <> b._content)
        from {left} as a inner join {right} as b using (_key, _copy) where len(a._row_faults) > 0 and
        a._damage = b._damage"""
    ).fetchall()[0]
    assert same > 0
    assert moved == 0


def test_a_further_date_is_the_same_whichever_nights_were_asked_for(county: County, tmp_path: Path) -> None:
    shutil.copytree(county.folder, tmp_path / "other")
    other = build(tmp_path / "other", county.people, county.seed)
    day = dt.date(2026, 9, 24)
    make_night(county, dt.date(2026, 9, 22))
    one, two = make_night(county, day), make_night(other, day)
    for name in ("held/employment.work_monthly.parquet", "clean/rural_revitalisation.persons.parquet"):
        with duckdb.connect() as connection:
            rows = [connection.execute(f"from '{folder / name}'").fetchall() for folder in (one, two)]
        assert rows[0] == rows[1]


def test_a_new_month_brings_new_monthly_rows(county: County) -> None:
    folder = make_night(county, dt.date(2026, 10, 1))
    for dataset in ("civil_affairs.dibao", "employment.work_monthly"):
        with duckdb.connect() as connection:
            months = connection.execute(
                f"select distinct month from '{folder}/clean/{dataset}.parquet'"
            ).fetchall()
        assert ("202610",) in months


def test_no_night_before_the_first(county: County) -> None:
    with pytest.raises(ValueError, match="2026-09-21"):
        make_night(county, dt.date(2026, 9, 20))


def test_the_script_names_late_and_absent_departments() -> None:
    assert nights.late(SECOND) == ["housing"]
    assert nights.absent(SECOND) == ["rural_revitalisation"]
    assert contract("housing.house_safety").delivery_mode == "full"


def test_the_rules_that_damaged_rows_must_break_exist(scene: Scene, ask: duckdb.DuckDBPyConnection) -> None:
    known = {
        rule.id for found in contracts() for rule in derive.rules(found) if rule.severity is Severity.FIX
    }
    named = ask.execute(
        f"select distinct unnest(rule_ids) from '{scene.truth(FIRST)}/quarantined.parquet'"
    ).fetchall()
    assert {name for (name,) in named} <= known
