"""No ID number and no full name leaves the rooms that may hold them.

Every person of the demo county is a canary: their ID numbers all begin with 639900. Allowed to hold them are
the landing, the work folder, the demo's own data, the vault (encrypted) and, in a department's own pack, the
returned-rows workbook: there the cells needed to find and mend its own open rows, and nothing else.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import psycopg
import pytest

from tests import bare_cells
from tests.night.conftest import DAYS, Nights, rows
from xianjie.contract.catalogue import catalogue

pytestmark = [pytest.mark.night, pytest.mark.timeout(1200)]

_DAY = rb"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
ID_NUMBER = re.compile(
    rb"(?<!\d)639900(?:(?:19|20)\d\d" + _DAY + rb"\d{3}[\dXx](?!\d{5})|\d\d" + _DAY + rb"\d{3}(?!\d))"
)


def names_of(nights: Nights) -> list[bytes]:
    """Full names of four characters: rare enough that no other text holds them by chance."""
    clean = nights.place.home / "demo" / "county" / "nights" / DAYS[0].isoformat() / "clean"
    people = f"'{clean}/rural_revitalisation.persons.parquet'"
    query = f"select distinct name from {people} where length(name) >= 4 limit 200"
    return [str(name).encode() for (name,) in rows(query)]


def texts_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder as bytes; workbooks and archives member by member, mails part by part."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        if zipfile.is_zipfile(path):
            yield from members_of(path)
        elif path.suffix == ".eml":
            yield from parts_of(path)
        else:
            yield str(path), path.read_bytes()


def members_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """The members of an archive; in a workbook these are its cells and properties."""
    with zipfile.ZipFile(path) as archive:
        for member in archive.namelist():
            yield f"{path}!{member}", archive.read(member)


def parts_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """The decoded parts and headers of a mail; attached workbooks are opened."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    yield f"{path}!headers", "\n".join(f"{key}: {text}" for key, text in message.items()).encode()
    for part in message.walk():
        content = part.get_payload(decode=True) or b""
        if content[:2] == b"PK":
            attached = path.with_suffix(".attached")
            attached.write_bytes(content)
            yield from members_of(attached)
            attached.unlink()
        else:
            yield f"{path}!{part.get_content_type()}", content


def leaks(texts: Iterator[tuple[str, bytes]], names: list[bytes]) -> tuple[int, list[str]]:
    """How many texts were read, and where an ID number or a name stands."""
    seen, found = 0, []
    for where, text in texts:
        seen += 1
        if ID_NUMBER.search(text) or any(name in text for name in names):
            found.append(where)
    return seen, found


@pytest.mark.parametrize("folder", ["logs", "airflow/logs", "data_docs", "demo/mail"])
def test_no_log_page_or_mail_holds_a_person(nights: Nights, folder: str) -> None:
    seen, found = leaks(texts_of(nights.place.home / folder), names_of(nights))
    assert seen > 0, f"{folder} is empty: nothing was checked"
    assert found == []


def test_no_pack_holds_a_person_but_in_the_file_for_correcting_rows(nights: Nights) -> None:
    elsewhere = ((where, text) for where, text in texts_of(nights.place.out) if bare_cells.FILE_NAME not in where)
    seen, found = leaks(elsewhere, names_of(nights))
    assert seen > len(DAYS) * 6
    assert found == []


def needed_of(nights: Nights, department: str) -> dict[str, frozenset[str]]:
    """For each row that was ever returned to a department, the fields it may see as it delivered them."""
    query = """
        select q.row_id::text, q.dataset, coalesce(string_agg(f.field, ','), '')
        from quality.quarantined_row as q left join quality.finding as f using (county_code, row_id)
        where q.department = %s group by q.row_id, q.dataset
    """
    with psycopg.connect(nights.server.dsn("warehouse")) as connection:
        items = connection.execute(query, (department,)).fetchall()
    found = {}
    for row_id, dataset, fields in items:
        contract = catalogue().get(f"{department}.{dataset}")
        found[str(row_id)] = frozenset({*contract.key, contract.subject, *str(fields).split(",")}) - {None, ""}
    return found


def test_the_file_for_correcting_rows_shows_a_department_what_it_needs_of_its_own_rows(nights: Nights) -> None:
    names = names_of(nights)
    files = sorted(nights.place.out.rglob(bare_cells.FILE_NAME))
    assert files, "no returned-rows workbook was written: nothing was checked"
    allowed = 0
    for path in files:
        department = path.parent.parent.name if path.parent.name.isdigit() else path.parent.name
        checked = bare_cells.check(
            path,
            needed_of(nights, department),
            lambda text: bool(ID_NUMBER.search(text)) or any(name in text for name in names),
        )
        assert checked.faults == []
        assert checked.rows > 0
        allowed += checked.allowed
    assert allowed > 0, "no bare value was met: the search proves nothing"


def table_texts(dsn: str) -> Iterator[tuple[str, bytes]]:
    """Every table of a database as text."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            """
            select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema')
            """
        ).fetchall()
        for schema, table in tables:
            with connection.cursor().copy(f'copy (select * from "{schema}"."{table}") to stdout') as copy:
                yield f"{schema}.{table}", b"".join(bytes(block) for block in copy)


def test_neither_the_warehouse_nor_airflows_metadata_hold_a_person(nights: Nights) -> None:
    names = names_of(nights)
    for database in ("warehouse", "airflow"):
        seen, found = leaks(table_texts(nights.server.dsn(database)), names)
        assert seen > 20
        assert found == []


def test_the_canaries_were_really_there(nights: Nights) -> None:
    """The same search finds them where they belong, so that an empty result above means something."""
    landing = nights.place.home / "landing"
    parquet = next(landing.rglob("rural_revitalisation/persons/*/*/data.parquet"))
    numbers = rows(f"select count(*) from '{parquet}' where id_number like '639900%'")
    assert int(str(numbers[0][0])) > 1000
    assert len(names_of(nights)) > 5
