"""Validation (校验): what of a delivery is good, and whether the delivery as a whole can be trusted.

In: a landed delivery, its contract, and the base the warehouse holds.
Out: ``accepted.parquet`` and ``quarantined.parquet`` in the delivery's work folder; a verdict (accept, hold,
refuse) with Chinese reasons in ``ops.delivery``; a balanced row in ``ops.ledger``; returned rows in
``quality``; a Data Docs page; and each dataset's conclusion of the night in ``ops.conclusion``.
Wrong: `LedgerError` when rows do not add up, `SieveError` or `GateError` when a rule or an expectation of
ours does not run, `DecisionError`, `CheckError`. Bad data is never an error here: it is a row, or a verdict.
"""

from xianjie.validation.approval import Question, held, question
from xianjie.validation.balance import LedgerRow, ledger, returns_ledger
from xianjie.validation.conclusion import (
    Conclusion,
    Decided,
    Decision,
    conclude,
    concluded_departments,
    decide,
    decided,
    is_due,
)
from xianjie.validation.errors import AlreadyDecidedError, CheckError, DecisionError, GateError, SieveError
from xianjie.validation.memory import Known, known
from xianjie.validation.sieve import Sieve, Sieved
from xianjie.validation.verdict import Verdict, check, check_department

__all__ = [
    "AlreadyDecidedError",
    "CheckError",
    "Conclusion",
    "Decided",
    "Decision",
    "DecisionError",
    "GateError",
    "Known",
    "LedgerRow",
    "Question",
    "Sieve",
    "SieveError",
    "Sieved",
    "Verdict",
    "check",
    "check_department",
    "conclude",
    "concluded_departments",
    "decide",
    "decided",
    "held",
    "is_due",
    "known",
    "ledger",
    "question",
    "returns_ledger",
]
