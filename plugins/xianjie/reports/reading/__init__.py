"""Reads one county's business date from what the stages before wrote, into the classes of `reports.model`.

In: ``ops``, ``quality``, ``consistency``, ``monitoring``, ``accountability``, ``facts``, the landing, the definitions.
Out: a `Night`. Nothing else in reports and board knows a table.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

from xianjie.contract.codes import divisions
from xianjie.database.engine import Role, transaction
from xianjie.reports.model import DatasetNight, Night, ReturnedSheet
from xianjie.reports.reading import arrivals, figures, issues, leads, mending, returned
from xianjie.reports.recipients import titles
from xianjie.reports.words import Words


def read_night(business_date: dt.date, county: str, w: Words) -> Night:
    """Everything known of a county's business date, masked."""
    units = titles(w.language)
    with transaction(Role.READER) as connection:
        datasets = arrivals.datasets(connection, business_date, county, units)
        sheets = returned.sheets(connection, business_date, county, w)
        values, tree = figures.figures(connection, business_date, county, w)
        rules = leads.rule_nights(connection, business_date, county)
        found = leads.leads(connection, business_date, county, w)
        mended = mending.mending(connection, business_date, county, units)
        compared = issues.issues(connection, business_date, county, w)
        idle = issues.idle_checks(connection, business_date, county)
    return Night(
        county_code=county,
        county=county_name(county),
        business_date=business_date,
        datasets=_with_returned(datasets, sheets, business_date),
        leads=found,
        rules=rules,
        returned=sheets,
        problems=returned.problem_counts(sheets, units),
        indicators=values,
        tree=tree,
        slogans=figures.slogans(w),
        issues=compared,
        idle_checks=idle,
        organisations=units,
        mending=mended,
    )


def county_name(county: str) -> str:
    """The county's Chinese name, or its code when the code list does not hold it."""
    return next((division.name for division in divisions(county) if division.code == county), county)


def _with_returned(
    datasets: tuple[DatasetNight, ...], sheets: tuple[ReturnedSheet, ...], business_date: dt.date
) -> tuple[DatasetNight, ...]:
    open_rows = Counter({(s.department, s.dataset): len(s.rows) for s in sheets})
    new_rows = Counter(
        {(s.department, s.dataset): sum(row.opened_on == business_date for row in s.rows) for s in sheets}
    )
    return tuple(
        replace(
            d,
            open_returned=open_rows[d.department, d.dataset],
            returned_new=new_rows[d.department, d.dataset],
        )
        for d in datasets
    )
