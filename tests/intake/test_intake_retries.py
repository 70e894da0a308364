from __future__ import annotations

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from xianjie import intake
from xianjie.intake.errors import SourceConfigurationError


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (intake.SourceAuthError("x"), RetryAction.FAIL),
        (SourceConfigurationError("x"), RetryAction.FAIL),
        (intake.SourceFormatError("x", reason="encrypted"), RetryAction.FAIL),
        (intake.SourceConnectionError("x"), RetryAction.RETRY),
        (intake.SourceRateLimitedError("x"), RetryAction.RETRY),
        (intake.NotArrivedError("x"), RetryAction.RETRY),
        (intake.PullError("x"), RetryAction.FAIL),
    ],
)
def test_each_kind_of_failure_has_its_own_answer(error, action):
    assert intake.retry_policy().evaluate(error, 1, 3).action is action
