"""One pull: fetch, land, and leave a receipt, also when it failed."""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from xianjie import dates
from xianjie.contract.model import Contract
from xianjie.errors import XianjieError
from xianjie.intake import receipts
from xianjie.intake.connectors import folder, http, sftp, sql
from xianjie.intake.errors import NotArrivedError, PullError
from xianjie.intake.fetched import Fetched, Request
from xianjie.intake.receipts import Outcome, Receipt
from xianjie.intake.staging import staging
from xianjie.landing import Delivery, Origin, SourceFormatError, publish
from xianjie.settings import settings

_log = logging.getLogger(__name__)
_CONNECTORS: Mapping[str, Callable[[Request], Fetched]] = {
    "sql": sql.fetch,
    "http": http.fetch,
    "sftp": sftp.fetch,
    "folder": folder.fetch,
}
_NOTHING_NEW = "没有新增或变更的数据"
_NO_ROWS = "收到的数据只有表头, 没有一行数据"


@dataclass(frozen=True)
class Pull:
    """What came of a pull. `watermark` is where the next one may start, once the night accepted this one."""

    outcome: Outcome
    receipt_id: str
    delivery_id: str | None
    watermark: str | None
    reason: str | None


def pull(
    contract: Contract,
    business_date: dt.date,
    *,
    county_code: str | None = None,
    watermark: str | None = None,
    attempt: int = 1,
    is_due: bool = True,
    now: dt.datetime | None = None,
    origin: Origin = "pull",
) -> Pull:
    """Pulls one dataset for a business date, lands it as a new delivery and writes the receipt.

    Outcome ``landed``: a delivery, even one without rows. ``empty``: an incremental query found nothing new;
    nothing is landed and the watermark stays. ``absent``: nothing had come at the contract's cutoff (before
    it, `NotArrivedError` is raised so that Airflow tries again), or when it was looked for but nothing is owed.

    Args:
        watermark: where the last accepted incremental pull ended; None pulls everything.
        is_due: whether something is owed tonight; what is not is not waited for.
        now: the moment that is held against the cutoff; default is the clock.
        origin: whose doing the delivery is; ``submission`` for a workbook that an office filled in and sent.

    Raises:
        SourceAuthError, SourceConnectionError, SourceRateLimitedError, SourceFormatError, NotArrivedError,
        SourceConfigurationError, PullError: after the receipt was written.
    """
    moment = now or dates.now()
    county = county_code or settings().county_code
    started = Receipt(
        county_code=county,
        department=contract.department,
        dataset=contract.dataset,
        business_date=business_date,
        outcome="failed",
        started_at=dates.now(),
        finished_at=dates.now(),
        attempt=attempt,
        window_from=watermark,
    )
    try:
        with staging() as scratch:
            request = Request(contract, business_date, county, watermark, scratch)
            fetched = _CONNECTORS[contract.source.connector](request)
            delivery = None if fetched.is_nothing_new else _land(request, fetched, origin)
    except NotArrivedError as error:
        is_final = not is_due or moment >= dates.at(business_date, contract.cutoff)
        return _absent(started, error, watermark, is_final=is_final)
    except XianjieError as error:
        _write(started, error_code=_code(error), reason=error.message)
        raise
    except Exception as error:
        raise _unexpected(started, contract, error) from None
    return _done(started, fetched, delivery, watermark)


def _land(request: Request, fetched: Fetched, origin: Origin) -> Delivery:
    return publish(
        request.contract,
        request.business_date,
        fetched.tables,
        mode=fetched.mode,
        county_code=request.county_code,
        window=fetched.window,
        originals=fetched.originals,
        origin=origin,
    )


def _done(started: Receipt, fetched: Fetched, delivery: Delivery | None, watermark: str | None) -> Pull:
    outcome: Outcome = "landed" if delivery else "empty"
    reason = _NOTHING_NEW if delivery is None else "；".join(fetched.remarks) or None
    if delivery is not None and not delivery.rows:
        reason = "；".join([_NO_ROWS, *fetched.remarks])
    delivery_id = delivery.delivery_id if delivery else None
    receipt_id = _write(
        started,
        outcome=outcome,
        reason=reason,
        delivery_id=delivery_id,
        rows_read=delivery.rows if delivery else 0,
        bytes_read=fetched.bytes_read,
        sha256=delivery.sha256 if delivery else None,
        window_from=fetched.window[0],
        window_to=fetched.window[1],
    )
    return Pull(outcome, receipt_id, delivery_id, fetched.watermark if delivery else watermark, reason)


def _absent(started: Receipt, error: NotArrivedError, watermark: str | None, *, is_final: bool) -> Pull:
    receipt_id = _write(started, outcome="absent", error_code=error.code, reason=error.message)
    if not is_final:
        raise error
    return Pull("absent", receipt_id, None, watermark, error.message)


def _unexpected(started: Receipt, contract: Contract, error: Exception) -> PullError:
    """Names kind and place of an error that is not ours; its text may hold a value, so it goes nowhere."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-4:]))
    _log.error("XJ-208 %s: %s at %s", contract.id, type(error).__name__, places)
    ours = PullError(f"{contract.title}: 取数程序内部错误 ({type(error).__name__})")
    _write(started, error_code=ours.code, reason=ours.message)
    return ours


def _code(error: XianjieError) -> str:
    return f"{error.code}.{error.reason}" if isinstance(error, SourceFormatError) else error.code


def _write(started: Receipt, **changes: object) -> str:
    return receipts.write(replace(started, finished_at=dates.now(), **changes))  # type: ignore[arg-type]
