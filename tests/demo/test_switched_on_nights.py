"""Every waiting dataset through a night on real engines, and what switching on and off shows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest
from demo_scene import serve
from sqlalchemy import text

from demo import nights
from demo.calendar import FIRST_NIGHT, SECOND_NIGHT
from demo.links import connections
from demo.state import Servers, servers
from xianjie import validation
from xianjie.contract import Contract, catalogue
from xianjie.contract.dictionary import write as write_dictionary
from xianjie.database import embedded
from xianjie.database.engine import Role, transaction
from xianjie.night import inline, steps
from xianjie.settings import REPOSITORY, settings
from xianjie.warehouse.as_of import as_of

PEOPLE = 2000
WAITING = [contract for contract in catalogue() if not contract.is_active]
DEPARTMENTS = sorted({contract.department for contract in WAITING})


def by_id(contract: Contract) -> str:
    return contract.id


def count(query: str, **values: object) -> int:
    with transaction() as connection:
        return int(connection.execute(text(query), values).scalar_one())


def facts(contract: Contract) -> list[Any]:
    """A dataset's rows as people who read the warehouse see them after the second night."""
    with transaction(Role.READER) as connection:
        as_of(connection, SECOND_NIGHT)
        return list(connection.execute(text(f"select * from facts.{contract.table}")))


def manifest(day: dt.date) -> dict[str, Any]:
    """The packs of a night."""
    found = settings().out_dir / day.isoformat() / "manifest.json"
    return json.loads(found.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def words_of(recipient: str, day: dt.date) -> set[str]:
    """Every text in a recipient's workbook."""
    (pack,) = (pack for pack in manifest(day)["packs"] if pack["recipient"] == recipient)
    (report,) = (file["path"] for file in pack["files"] if Path(file["path"]).name.startswith("防返贫"))
    book = openpyxl.load_workbook(settings().out_dir / day.isoformat() / report, read_only=True)
    return {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell}


@dataclass
class Town:
    """The servers, and the departments whose night is done."""

    place: Servers
    patch: pytest.MonkeyPatch
    done: dict[str, dict[str, Any]] = field(default_factory=dict)

    def switch(self, names: str) -> None:
        """Sets what is switched on."""
        self.patch.setenv("XIANJIE_DATASETS_ON", names)
        settings.cache_clear()
        for name, value in connections(self.place).items():
            self.patch.setenv(name, value)

    def truth(self, day: dt.date) -> dict[str, Any]:
        """What the night must come to, by dataset."""
        found = self.place.root / "truth" / day.isoformat() / "counts.json"
        return json.loads(found.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def town(postgres: embedded.Server, module_home: Path, warehouse_url: str) -> Iterator[Town]:
    """Two nights of the county: on the first nobody is switched on, on the second all are."""

    def forget() -> None:
        with psycopg.connect(postgres.dsn(), autocommit=True) as connection:
            connection.execute("drop database if exists switched_civil with (force)")
            connection.execute("drop role if exists civil_affairs_reader")

    forget()
    url = embedded.create_database(
        postgres, "switched_civil", "switched_civil", "test-only", create_role=True
    )
    place = servers(civil_url=url)
    with serve(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(module_home / "airflow"))
        yield Town(place, patch)
    settings.cache_clear()
    forget()


@pytest.fixture(scope="module")
def without(town: Town) -> dict[str, dict[str, Any]]:
    """A night of two departments, with nothing switched on; its steps by name."""
    town.switch("")
    nights.prepare_night(FIRST_NIGHT, PEOPLE)
    done = {step["step"]: step for step in inline.run(FIRST_NIGHT, ["employment", "rural_revitalisation"])}
    assert [step for step in done.values() if step["error"]] == []
    return done


@pytest.fixture(scope="module")
def prepared(town: Town, without: object) -> Town:
    """The next evening, all departments switched on."""
    town.switch(",".join(DEPARTMENTS))
    nights.prepare_night(SECOND_NIGHT)
    return town


def outcomes(town: Town, department: str) -> dict[str, Any]:
    """The night of one department, up to the warehouse; done once."""
    if department not in town.done:
        for contract in catalogue().by_department()[department]:
            steps.pull(contract.id, SECOND_NIGHT, None)
        steps.check(department, SECOND_NIGHT)
        town.done[department] = steps.conclude(department, SECOND_NIGHT)["outcomes"]
        steps.merge(SECOND_NIGHT)
    return town.done[department]


def test_what_is_off_is_nowhere(town: Town, without: dict[str, dict[str, Any]]) -> None:
    assert not [name for name in without if any(f" {department}" in name for department in DEPARTMENTS)]
    for schema in ("changes", "history", "facts"):
        made = count(
            "select count(*) from information_schema.tables where table_schema = :schema and table_name = any(:names)",
            schema=schema,
            names=[contract.table for contract in WAITING],
        )
        assert made == 0
    assert count("select count(*) from ops.conclusion where department = any(:d)", d=DEPARTMENTS) == 0
    assert count("select count(*) from ops.receipt where department = any(:d)", d=DEPARTMENTS) == 0
    assert not set(DEPARTMENTS) & {pack["recipient"] for pack in manifest(FIRST_NIGHT)["packs"]}
    told = " ".join(words_of("county_leaders", FIRST_NIGHT))
    assert "务工月监测" in told
    policies = (REPOSITORY / "include" / "framework" / "tree.yaml").read_text(encoding="utf-8")
    titles = [contract.title for contract in WAITING if contract.title not in policies]
    assert len(titles) > 30
    assert [title for title in titles if title in told] == []


@pytest.mark.parametrize("contract", WAITING, ids=by_id)
def test_a_switched_on_dataset_goes_through_the_night(prepared: Town, contract: Contract) -> None:
    """Its delivery is accepted, and the ledger counts what the demo's truth counts."""
    assert outcomes(prepared, contract.department)[contract.id] == "accepted"
    wanted = prepared.truth(SECOND_NIGHT)[contract.id]
    (found,) = (
        row
        for row in validation.ledger(SECOND_NIGHT, settings().county_code)
        if f"{row.department}.{row.dataset}" == contract.id
    )
    assert wanted["landed"] > 0
    assert {name: getattr(found, name) for name in ("landed", "accepted", "quarantined")} == {
        name: wanted[name] for name in ("landed", "accepted", "quarantined")
    }
    assert len(facts(contract)) == wanted["accepted"]


def test_a_department_switched_on_is_in_the_report_and_gets_its_own(prepared: Town, tmp_path: Path) -> None:
    assert set(outcomes(prepared, "water").values()) == {"accepted"}
    assert [step for step in inline.run(SECOND_NIGHT, [], start="monitoring") if step["error"]] == []
    packs = {pack["recipient"]: pack for pack in manifest(SECOND_NIGHT)["packs"]}
    assert set(DEPARTMENTS) <= set(packs)
    for recipient in ("water", "county_leaders"):
        told = " ".join(words_of(recipient, SECOND_NIGHT))
        assert [
            title for title in ("农村供水工程", "停水事件", "水质化验", "供水投诉") if title not in told
        ] == []
    pages = {path.name: path for path in write_dictionary(tmp_path)}
    assert "尚未启用" not in pages["water.html"].read_text(encoding="utf-8")


def test_switched_off_again_it_is_in_no_report(prepared: Town) -> None:
    third = SECOND_NIGHT + dt.timedelta(days=1)
    prepared.switch("")
    assert [step for step in inline.run(third, [], start="warehouse") if step["error"]] == []
    assert not set(DEPARTMENTS) & {pack["recipient"] for pack in manifest(third)["packs"]}
    assert "停水事件" not in " ".join(words_of("county_leaders", third))
