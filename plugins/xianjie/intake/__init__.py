"""Intake (取数): what a department holds, brought from where it really keeps it.

In: a contract's source (``sql``, ``http``, ``sftp``, ``folder``) with the Airflow connection it names.
Out: a delivery in the landing, and a receipt in ``ops.receipt`` whatever happened.
Wrong: by what helps. `SourceAuthError`, `SourceConfigurationError`, `SourceFormatError` need a person;
`SourceConnectionError` and `SourceRateLimitedError` are tried again; `NotArrivedError` is waited for until
the contract's cutoff, when it becomes the outcome ``absent``.
"""

from xianjie.intake.errors import (
    NotArrivedError,
    PullError,
    SourceAuthError,
    SourceConfigurationError,
    SourceConnectionError,
    SourceFormatError,
    SourceRateLimitedError,
)
from xianjie.intake.pull import Pull, pull
from xianjie.intake.retries import retry_policy

__all__ = [
    "NotArrivedError",
    "Pull",
    "PullError",
    "SourceAuthError",
    "SourceConfigurationError",
    "SourceConnectionError",
    "SourceFormatError",
    "SourceRateLimitedError",
    "pull",
    "retry_policy",
]
