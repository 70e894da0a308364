"""Waivers (情况属实) entered or ended by a person at the command line; the same road as in a workbook."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import text

from xianjie import dates
from xianjie.database.engine import transaction
from xianjie.privacy import redact
from xianjie.returns.apply import take
from xianjie.returns.errors import NoSuchItemError, WaiverError
from xianjie.returns.expiry import Expired, expire
from xianjie.returns.items import find
from xianjie.returns.model import Answer, Outcome
from xianjie.returns.rows import cause
from xianjie.returns.run import Source
from xianjie.settings import settings
from xianjie.validation.terms import terms

_LIST = "xianjie quarantine list"


def waive(row_id: uuid.UUID, *, why: str, until: dt.date | None, by: str, business_date: dt.date) -> Outcome:
    """Takes a returned row in as true as it is, until a day; the row is delivered, judged and merged at once.

    Raises:
        NoSuchItemError: there is no such row.
        WaiverError: the waiver would last too long, or be over before it began.
    """
    days = terms().waiver_max_days
    if until is not None and not business_date <= until <= business_date + dt.timedelta(days=days):
        raise WaiverError(f"有效期应在业务日期之后 {days} 天之内", next_command=_LIST)
    with transaction() as connection:
        item = find(connection, settings().county_code, [row_id]).get(row_id)
    if item is None:
        raise NoSuchItemError("没有这条退回数据", next_command=_LIST)
    answer = Answer(
        row_id, item.department, item.dataset, item.contract_version, "waive", {}, why, sheet="-", line=0
    )
    source = Source(
        file_sha256=cause("waive", row_id, business_date, until, by, why),
        file_name="-",
        path=None,
        channel="cli",
        by=by,
        department=item.department,
        workbook_id=uuid.uuid5(uuid.NAMESPACE_OID, f"waive {row_id}"),
        until=until,
    )
    return take(source, [answer], business_date)[0]


def end_waivers(row_id: uuid.UUID, *, by: str, business_date: dt.date) -> Expired:
    """Ends what was waived for a row before its time; the row is judged again.

    Raises:
        NoSuchItemError: nothing is waived for this row.
    """
    with transaction() as connection:
        ended = connection.execute(
            text(
                "update quality.waiver set ended_at = :moment, ended_by = :by"
                " where county_code = :county and row_id = :row and ended_at is null and ended_on is null"
            ),
            {"county": settings().county_code, "row": row_id, "moment": dates.now(), "by": redact(by)},
        ).rowcount
    if not ended:
        raise NoSuchItemError("这条数据没有有效的“情况属实”", next_command=_LIST)
    return expire(business_date)
