"""Every check of the project over nights that change, in its real SQL: it runs, and incremental equals full."""

from __future__ import annotations

from tests.consistency.consistency_county import D1, D2, D3, D4, a_county_that_changes, everything, run
from xianjie import consistency


def test_all_checks_run_and_a_full_night_gives_what_the_nights_gave() -> None:
    a_county_that_changes()
    summaries = run(D1, D2, D3, D4)
    assert {len(summary.checks) for summary in summaries} == {len(consistency.checks())}
    assert {summary.failed for summary in summaries} == {()}
    assert {check.status for check in summaries[0].checks} == {"ok", "skipped"}
    before = everything()
    assert before[0]
    run(D4, full=True)
    assert everything() == before
