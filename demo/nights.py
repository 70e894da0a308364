"""What every department holds on an evening, put where it is pulled from; the scripted incidents included."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from demo import truth
from demo.book import contracts, of_department
from demo.calendar import FIRST_NIGHT, TRUNCATED_SHARE, arrival, content
from demo.chronicle import make_night, night_folder
from demo.departments import civil_affairs, csv_files, education, workbooks
from demo.population import County, build, existing
from demo.state import Servers, demo_folder, servers
from xianjie.contract.model import Contract

PEOPLE = 30_000


def county(people: int | None = None, home: Path | None = None) -> County:
    """The demo's county, generated if need be; without `people` the one that is there, else `PEOPLE`."""
    folder = demo_folder(home) / "county"
    found = existing(folder)
    if found and people in (None, found.people):
        return found
    return build(folder, people or PEOPLE)


def prepare_night(
    day: dt.date, people: int | None = None, *, late: tuple[str, ...] | None = None
) -> list[str]:
    """Makes the departments hold what they would on the evening of `day`; returns those that deliver in time.

    Args:
        day: the business date, not before the first night (2026-09-21).
        people: size of the county when it is not generated yet.
        late: departments that miss the cutoff (`deliver_late` brings them); default is the script.
    """
    place = servers()
    here = county(people)
    make_night(here, day)
    coming = [name for name in departments() if name not in _missing(day, late)]
    for department in coming:
        _deliver(here, place, department, day)
    proof = demo_folder() / "truth"
    truth.write(here, day, proof / day.isoformat(), late=_late(day, late), before=truth.previous(proof, day))
    return coming


def deliver_late(day: dt.date, department: str) -> None:
    """Brings what a late department holds for `day`; the same again gives the same files."""
    here = county()
    make_night(here, day)
    _deliver(here, servers(), department, day)


def late(day: dt.date) -> list[str]:
    """The departments that come after the cutoff of a scripted date."""
    return [name for name in departments() if arrival(day, name) == "late"]


def absent(day: dt.date) -> list[str]:
    """The departments that do not come at all on a scripted date."""
    return [name for name in departments() if arrival(day, name) == "absent"]


def departments() -> list[str]:
    """The departments that deliver."""
    return sorted({contract.department for contract in contracts()})


def _late(day: dt.date, given: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(late(day)) if given is None else given


def _missing(day: dt.date, given: tuple[str, ...] | None) -> set[str]:
    return {*_late(day, given), *absent(day)}


def _deliver(here: County, place: Servers, department: str, day: dt.date) -> None:
    held = night_folder(here, day) / "held"
    if department == education.DEPARTMENT:
        education.publish(held, place.education)
    elif department == civil_affairs.DEPARTMENT:
        civil_affairs.prepare(place.civil_url, place.civil_reader, place.civil_reader_password)
        civil_affairs.load(place.civil_url, held)
    else:
        proof = demo_folder() / "truth"
        for contract in of_department(department):
            if truth.is_sent(proof, contract, day):
                _drop(here, contract, held, place.drop_box(department), day)


def _drop(here: County, contract: Contract, held: Path, box: Path, day: dt.date) -> None:
    options = contract.source.options
    path = box / _file_name(options["path"], day)
    if content(day, contract.id) == "identical":
        before = day - dt.timedelta(days=1)
        earlier = box / _file_name(options["path"], before)
        if earlier.exists():
            workbooks.copy(earlier, path)
            return
    if contract.source.format == "xlsx":
        workbooks.write(contract, held, path, day)
        return
    share = TRUNCATED_SHARE if content(day, contract.id) == "truncated" else 1.0
    is_full = "full_path" in options and (day == FIRST_NIGHT or day.day == 1)
    if is_full:
        csv_files.write(contract, held, box / _file_name(options["full_path"], day), share=share)
    else:
        before = truth.previous(demo_folder() / "truth", day) or day - dt.timedelta(days=1)
        since = before + dt.timedelta(days=1) if contract.delivery_mode == "delta" else None
        csv_files.write(contract, held, path, since=since, share=share)


def _file_name(template: str, day: dt.date) -> str:
    """A contract's path for a day, below the account's root; a ``*`` becomes the day."""
    return template.format(business_date=day).replace("*", f"{day:%Y%m%d}").lstrip("/")
