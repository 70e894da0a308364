"""A submission (填报): a workbook made from a contract, filled in, and sent the way corrections are.

It becomes a delivery like any pull, only sooner: it is judged at once, so that its office is told at once. The
evening concludes it; an office that had concluded the date already is concluded anew, late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from sqlalchemy import text

from xianjie import intake, validation
from xianjie.contract.catalogue import catalogue
from xianjie.contract.model import Contract, Source
from xianjie.contract.submission import Mark, parse_mark
from xianjie.database.engine import transaction
from xianjie.errors import ContractError
from xianjie.intake.formats.submission import is_submission
from xianjie.landing import SourceFormatError
from xianjie.returns.files import ReturnedFile
from xianjie.workbooks import FileRefusedError, limits
from xianjie.workbooks.sheets import OpenWorkbook

_LOOK_AT = 60  # rows within which the row for machines is looked for
_TELLS = {
    "accept": "{title}：收到 {landed} 行，采用 {accepted} 行，与上次相同 {unchanged} 行，退回 {quarantined} 行{more}。",
    "hold": "{title}：收到 {landed} 行，与以往差别较大，等县数据局确认后入库：{reason}。",
    "refuse": "{title}：整批未采用：{reason}。请改正后重新报送。",
}
_RETURNED = "（见今晚的退回数据工作簿）"


@dataclass(frozen=True)
class Submitted:
    """What a submission came to: whether it was taken as a delivery, in Chinese sentences, and rows by fate."""

    is_taken: bool
    code: str
    sentences: tuple[str, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


def contract_in(path: Path) -> Contract | None:
    """The contract a submission workbook was made from; None when it is no such workbook."""
    if not is_submission(path):
        return None
    try:
        mark = next(_marks(path), None)
        return catalogue().get(mark.contract_id) if mark else None
    except (FileRefusedError, ContractError):
        return None


def submit(contract: Contract, file: ReturnedFile, business_date: dt.date, county_code: str) -> Submitted:
    """Lands and judges a submission; the same file again finds its delivery.

    Raises:
        XianjieError: a mistake of ours; nothing of the file is lost.
    """
    delivery_id = _landed_before(contract, file, business_date, county_code)
    if delivery_id is None:
        source = Source(connector="folder", format="xlsx", options={"path": file.path.as_uri()})
        try:
            delivery_id = intake.pull(
                contract.model_copy(update={"source": source}),
                business_date,
                county_code=county_code,
                origin="submission",
            ).delivery_id
        except SourceFormatError as refused:
            return Submitted(False, refused.code, (refused.message,))
    if delivery_id is None:
        return Submitted(False, "RET-EMPTY", (f"{contract.title}：没有填写任何行。",))
    verdict = validation.check(contract, delivery_id)
    concluded = validation.concluded_departments(business_date, county_code)
    if contract.department in concluded:
        is_late = set(catalogue().by_department()) <= concluded
        validation.conclude(contract.department, business_date, county_code, is_late)
    return _told(contract, verdict)


def _told(contract: Contract, verdict: validation.Verdict) -> Submitted:
    row = verdict.ledger
    counts = {name: getattr(row, name) for name in ("landed", "accepted", "unchanged", "quarantined")}
    sentence = _TELLS[verdict.decision].format(
        title=contract.title,
        reason=verdict.reason.rstrip("。"),
        more=_RETURNED if row.quarantined else "",
        **counts,
    )
    return Submitted(verdict.decision != "refuse", verdict.code, (sentence,), counts)


def _landed_before(
    contract: Contract, file: ReturnedFile, business_date: dt.date, county_code: str
) -> str | None:
    statement = text(
        "select delivery_id from ops.delivery where county_code = :county and department = :department"
        " and dataset = :dataset and business_date = :day and origin = 'submission' and sha256 = :sha256"
        " order by landed_at desc limit 1"
    )
    values = {
        "county": county_code,
        "department": contract.department,
        "dataset": contract.dataset,
        "day": business_date,
        "sha256": file.sha256,
    }
    with transaction() as connection:
        found: str | None = connection.execute(statement, values).scalar()
    return found


def _marks(path: Path) -> Iterator[Mark]:
    with OpenWorkbook(path, limits("returns")) as book:
        for sheet in book.sheets:
            for row in islice(book.rows(sheet), _LOOK_AT):
                for cell in row.cells.values():
                    if (mark := parse_mark(cell.text)) is not None:
                        yield mark
