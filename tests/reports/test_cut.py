"""Each recipient's part of a night, and when two nights say the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import report_samples as samples

from xianjie.reports.cover import missing_names
from xianjie.reports.cut import counts, cut, fingerprint, needs_action
from xianjie.reports.words import words


def test_a_department_gets_its_own_rows_only() -> None:
    content = cut(samples.night(), samples.EDUCATION)
    assert {row.department for row in content.own} == {"education"}
    assert {lead.departments for lead in content.leads} == {("education",)}
    assert content.returned == ()
    assert {problem.department for problem in content.problems} == {"education"}


def test_a_lead_is_seen_by_whom_it_is_routed_to_and_by_whose_data_it_rests_on() -> None:
    lead = samples.lead(routed_to=("rural_revitalisation",), departments=("housing",))
    night = samples.night(leads=(lead,))
    seen = {
        r.code: len(cut(night, r).leads)
        for r in (samples.HOUSING, samples.RURAL, samples.EDUCATION, samples.LEADERS)
    }
    assert seen == {"housing": 1, "rural_revitalisation": 1, "education": 0, "county_leaders": 1}


def test_leaders_see_no_returned_row_but_count_them_all() -> None:
    content = cut(samples.night(), samples.LEADERS)
    assert content.returned == ()
    assert counts(content)["returned_rows"] == sum(row.open_returned for row in samples.night().datasets)


def test_what_is_not_due_is_neither_missing_nor_to_do() -> None:
    night = samples.night()
    before = cut(night, samples.HOUSING)
    quarterly = replace(night.datasets[0], department="housing", dataset="relocation", outcome="not_due")
    after = cut(replace(night, datasets=(*night.datasets, quarterly)), samples.HOUSING)
    names = ("datasets_due", "datasets_arrived")
    assert [counts(after)[name] for name in names] == [counts(before)[name] for name in names]
    assert needs_action(after) == needs_action(before)
    only = tuple(replace(row, outcome="not_due") for row in night.datasets)
    assert replace(night, datasets=only).missing == ()
    assert missing_names(only, words("zh")) == []


def test_a_department_without_one_dataset_is_missing() -> None:
    assert samples.night().missing == ("civil_affairs", "housing", "rural_revitalisation")
    assert cut(samples.night(), samples.HOUSING).is_missing_itself


def test_the_clock_time_of_an_arrival_is_not_content() -> None:
    night = samples.night()
    later = replace(
        night, datasets=tuple(replace(d, arrived_at=dt.datetime(2026, 9, 22, 21, 3)) for d in night.datasets)
    )
    assert fingerprint(cut(night, samples.HOUSING)) == fingerprint(cut(later, samples.HOUSING))


def test_another_departments_rows_do_not_make_a_new_edition_of_mine() -> None:
    night = samples.night()
    other = replace(
        night,
        returned=(samples.returned_sheet(3),),
        leads=tuple(lead for lead in night.leads if lead.departments != ("housing",)),
    )
    assert fingerprint(cut(night, samples.EDUCATION)) == fingerprint(cut(other, samples.EDUCATION))
    assert fingerprint(cut(night, samples.HOUSING)) != fingerprint(cut(other, samples.HOUSING))


def test_somebody_elses_late_arrival_does() -> None:
    night = samples.night()
    came = replace(
        night,
        datasets=tuple(replace(d, outcome="accepted") if d.code == "CIV-04" else d for d in night.datasets),
    )
    assert fingerprint(cut(night, samples.EDUCATION)) != fingerprint(cut(came, samples.EDUCATION))
