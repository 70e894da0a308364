"""Open leads, with their evidence put into words and every person masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Literal

from sqlalchemy import Connection, text

from xianjie.contract.catalogue import catalogue
from xianjie.contract.codes import code_list, divisions
from xianjie.contract.model import Contract, FieldType
from xianjie.database.migrate import script
from xianjie.monitoring.rules import rules as definitions
from xianjie.reports.model import Lead, RuleNight, Severity
from xianjie.reports.protect import scrub
from xianjie.reports.words import Words
from xianjie.warehouse.as_of import as_of

_GRADES: dict[str, Severity] = {"红": "red", "橙": "orange", "黄": "yellow"}
_MOST_HITS = 3  # hits put into words; a lead that rests on more says how many


def leads(connection: Connection, business_date: dt.date, county: str, w: Words) -> tuple[Lead, ...]:
    """All open leads of a county as of `business_date`."""
    values = {"county": county, "business_date": business_date}
    rows = connection.execute(text(script("reports", "leads.sql")), values).all()
    names = Names(connection, business_date, county, rows)
    rules = {rule.id: rule.spec for rule in definitions()}
    return tuple(
        _lead(list(hits), rules, names, business_date, w)
        for _, hits in groupby(rows, key=lambda row: row.lead_id)
    )


def rule_nights(connection: Connection, business_date: dt.date, county: str) -> tuple[RuleNight, ...]:
    """Every rule with what it did that night; one without a run is blocked."""
    statement = text(script("reports", "rule_nights.sql"))
    runs = {
        row.rule_id: row
        for row in connection.execute(statement, {"county": county, "business_date": business_date})
    }
    found = []
    for rule in sorted(definitions(), key=lambda rule: rule.id):
        run, spec = runs.get(rule.id), rule.spec
        status: Literal["ok", "partial", "blocked"] = (
            "blocked" if run is None or run.status == "failed" else run.status
        )
        found.append(
            RuleNight(
                rule_id=rule.id,
                title=spec.title,
                status=status,
                reason=None if run is None else run.reason,
                definition=f"{spec.expected_action}（{spec.source}）",
                departments=spec.departments,
                severity=_GRADES[spec.severity],
            )
        )
    return tuple(found)


class Names:
    """Masked names and places of the households and persons leads are about."""

    def __init__(
        self, connection: Connection, business_date: dt.date, county: str, rows: Sequence[Any]
    ) -> None:
        self._places = {division.code: division.name for division in divisions(county)}
        self._households: dict[str, Any] = {}
        self._persons: dict[Any, Any] = {}
        if rows and connection.execute(text("select to_regclass('facts.household')")).scalar() is not None:
            self._read(connection, business_date, county, rows)

    def _read(self, connection: Connection, business_date: dt.date, county: str, rows: Sequence[Any]) -> None:
        as_of(connection, business_date)
        wanted = {
            "county": county,
            "households": sorted({row.household_id for row in rows}),
            "persons": sorted({row.person_id for row in rows if row.person_id}),
        }
        for row in connection.execute(text(script("reports", "household_names.sql")), wanted):
            self._households[row.household_id] = row
        for row in connection.execute(text(script("reports", "person_names.sql")), wanted):
            self._persons[row.person_id] = row

    def place(self, code: str | None) -> str:
        """A division's name, or its code."""
        return self._places.get(code or "", code or "")

    def number(self, household_id: str) -> str:
        """The household's number, or our handle of a provisional one."""
        row = self._households.get(household_id)
        return str((row.household_no if row else None) or household_id)

    def id_end(self, person_id: Any) -> str:
        """The end of a person's ID number, which tells two members of one masked name apart; or nothing."""
        person = self._persons.get(person_id)
        return str((person.id_masked if person else None) or "")

    def subject(self, household_id: str, person_ids: Sequence[Any]) -> str:
        """The masked name of the person concerned, else of the household's head."""
        for person_id in person_ids:
            if (person := self._persons.get(person_id)) and person.name_masked:
                return str(person.name_masked)
        row = self._households.get(household_id)
        return str((row.head_name_masked if row else None) or "")


def _lead(hits: list[Any], rules: Mapping[str, Any], names: Names, business_date: dt.date, w: Words) -> Lead:
    row = hits[0]
    spec = rules.get(row.rule_id)
    senders = {hit.dataset.split(".")[0] for hit in hits if hit.dataset}
    return Lead(
        lead_id=str(row.lead_id),
        rule_id=row.rule_id,
        rule_title=spec.title if spec else row.rule_id,
        severity=_GRADES[row.severity],
        town=names.place(row.town_code),
        village=names.place(row.village_code),
        household_no=names.number(row.household_id),
        name_masked=names.subject(row.household_id, [hit.person_id for hit in hits if hit.person_id]),
        evidence=_evidence(hits, business_date, w),
        first_seen=row.first_seen,
        due_on=row.due_on,
        state=row.state,
        routed_to=tuple(sorted({*row.departments, *row.copy_to})),
        departments=tuple(sorted(senders)),
        business_date=business_date,
    )


def _evidence(hits: list[Any], on: dt.date, w: Words) -> str:
    told = [
        text for hit in hits if hit.evidence and (text := evidence_text(hit.dataset, hit.evidence, on, w))
    ]
    lines = list(dict.fromkeys(told))[:_MOST_HITS]
    if len(told) > _MOST_HITS:
        lines.append(w("leads.more_hits", count=len(told) - _MOST_HITS))
    if hits[0].is_signal_gone:
        lines.insert(0, w("leads.signal_gone"))
    return "\n".join(lines)


def evidence_text(dataset: str | None, evidence: Mapping[str, Any], on: dt.date, w: Words) -> str:
    """A hit's evidence in words: ``鉴定等级：D级；建造年份：1986``.

    A column ``ev_grade`` takes its label and code list from the field ``grade`` of the dataset's contract;
    other columns are named in ``words/<language>.yaml`` under ``evidence``.
    """
    contract = next((c for c in catalogue().active() if c.id == dataset), None)
    parts = []
    for key, value in evidence.items():
        if value is None or value == []:
            continue
        name = key.removeprefix("ev_")
        label, shown = _labelled(contract, name, value, on, w)
        parts.append(f"{label}{w('leads.is')}{shown}")
    return w("leads.and").join(parts)


def _labelled(contract: Contract | None, name: str, value: Any, on: dt.date, w: Words) -> tuple[str, str]:
    if name == "birth_date":  # the age is what a rule is about; the date would tell more than is needed
        born = dt.date.fromisoformat(str(value))
        return w("evidence.age"), str(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))
    field = next((f for f in contract.fields if f.name == name), None) if contract else None
    label = w.either(f"evidence.{name}", field.label if field else name)
    lists = [field.code_list] if field is not None and field.code_list else []
    lists += w.either(f"evidence_lists.{name}", "").split()
    if lists and isinstance(value, str):
        known = {code: title for each in reversed(lists) for code, title in code_list(each, on).items()}
        return label, w.names([_coded(code, known, w) for code in value.split(",")])
    if field is not None and field.type is FieldType.MONTH and isinstance(value, str):
        return label, value[:7]
    return label, _value(value, w)


def _coded(code: str, known: Mapping[str, str], w: Words) -> str:
    return known.get(code) or w.either(f"evidence_codes.{code}", scrub(code))


def _value(value: Any, w: Words) -> str:
    if isinstance(value, bool):
        return w("yes_word") if value else w("no_word")
    if isinstance(value, list):
        titles = {rule.id: rule.spec.title for rule in definitions()}
        return w.names([titles.get(str(item), scrub(str(item))) for item in value])
    if isinstance(value, int | float):
        return f"{value:,.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return scrub(str(value))
