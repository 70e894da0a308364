"""Every check against the views that contracts really make, also those of departments not connected."""

from __future__ import annotations

import datetime as dt

from tests.sql.scratch_facts import COUNTY
from xianjie import warehouse
from xianjie.consistency import checks, evaluate
from xianjie.contract.catalogue import catalogue
from xianjie.database.engine import Role, transaction
from xianjie.warehouse.questions import scope
from xianjie.warehouse.questions.framework import framework

DAY = dt.date(2026, 9, 22)


def test_every_check_runs_on_the_views_of_the_contracts(warehouse_url: str) -> None:
    warehouse.ensure(catalogue())
    with transaction(Role.PIPELINE) as connection:
        scope.prepare(connection)
        scope.settle(connection, scope.EVERYONE, COUNTY, framework())
        evaluate.prepare(connection)
        failed = {}
        for check in checks():
            scope.use(connection, scope.EVERYONE, check.spec.population)
            params = {name: value or 1 for name, value in check.params(DAY, COUNTY, framework()).items()}
            question = evaluate.Question(check, COUNTY, DAY, params, is_full=True)
            if fault := evaluate.find(connection, question):
                failed[check.id] = fault
    assert failed == {}
