"""What can go wrong between us and the scheduler."""

from __future__ import annotations

from xianjie.errors import XianjieError


class SchedulerError(XianjieError):
    """Airflow's API server is not there, or refused."""

    code = "XJ-021"


class NightFailedError(XianjieError):
    """A run of the night did not succeed."""

    code = "XJ-022"
