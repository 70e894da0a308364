"""Which failures Airflow tries again: the network, a late file; never a wrong password or a broken file."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy, RetryRule

_ERRORS = "xianjie.intake.errors"
_NOT_ARRIVED = dt.timedelta(minutes=10)
_RATE_LIMITED = dt.timedelta(minutes=5)
_BROKEN_OFF = dt.timedelta(minutes=2)


def retry_policy() -> ExceptionRetryPolicy:
    """The policy of every pull task; what it does not name follows the task's own ``retries``.

    Errors are named by path, so that a DAG file imports nothing for it.
    """
    from airflow.sdk.definitions.retry_policy import ExceptionRetryPolicy

    return ExceptionRetryPolicy(
        rules=[
            _stop("SourceAuthError", "凭据或权限问题, 重试无用"),
            _stop("SourceConfigurationError", "连接或约定没有配置好, 重试无用"),
            _stop("SourceFormatError", "文件本身有问题, 等部门重报"),
            _stop("PullError", "程序内部错误, 重试无用, 不能让当晚等到天亮"),
            _again("NotArrivedError", _NOT_ARRIVED, "数据未到, 截止前继续等"),
            _again("SourceRateLimitedError", _RATE_LIMITED, "对方限流, 稍后再取"),
            _again("SourceConnectionError", _BROKEN_OFF, "连不上或中断, 稍后再取"),
        ]
    )


def _stop(name: str, reason: str) -> RetryRule:
    from airflow.sdk.definitions.retry_policy import RetryAction, RetryRule

    return RetryRule(exception=f"{_ERRORS}.{name}", action=RetryAction.FAIL, reason=reason)


def _again(name: str, delay: dt.timedelta, reason: str) -> RetryRule:
    from airflow.sdk.definitions.retry_policy import RetryAction, RetryRule

    return RetryRule(
        exception=f"{_ERRORS}.{name}", action=RetryAction.RETRY, retry_delay=delay, reason=reason
    )
