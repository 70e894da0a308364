"""Reports (报告): one pack per recipient, by morning, and a short mail that brings it.

In: what the stages before recorded about a business date (receipts, ledger, returned rows, leads, figures).
Out: ``out/<date>/<recipient>/`` with a workbook and a page, ``out/<date>/manifest.json``, the editions in
``reports.pack``, the mails and their fate in ``reports.outbox``.
What can go wrong: a definition or a word is missing (`ReportError`, nothing is replaced); the mail server is
away (the notice is ``failed`` and tried again). A missing department never suppresses a report: every report
says who is missing, and the department itself gets one that says so first.
"""

from xianjie.reports.errors import MailError, ReportError, UncertainError
from xianjie.reports.model import Pack, PackFile
from xianjie.reports.outbox import Delivered, deliver, requeue
from xianjie.reports.packs import build

__all__ = [
    "Delivered",
    "MailError",
    "Pack",
    "PackFile",
    "ReportError",
    "UncertainError",
    "build",
    "deliver",
    "requeue",
]
