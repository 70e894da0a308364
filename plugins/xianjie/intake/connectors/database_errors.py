"""Which of our errors a database's error is, by its code; its text may hold a value and is dropped."""

from __future__ import annotations

from xianjie.errors import XianjieError
from xianjie.intake.errors import SourceAuthError, SourceConnectionError
from xianjie.landing import SourceFormatError

# PostgreSQL: invalid authorisation, invalid password, insufficient privilege. MySQL: access denied to server,
# database, table, column; no password given.
_DENIED = frozenset({"28000", "28P01", "42501", 1045, 1044, 1142, 1143, 1698, 2059})
# Undefined table, column, schema, database.
_UNDEFINED = frozenset({"42P01", "42703", "3F000", "3D000", 1146, 1054, 1049})
_DENIED_TEXT = ("authentication failed", "no password supplied", "no pg_hba.conf entry", "认证失败")
_UNDEFINED_TEXT = ("does not exist", "不存在")


def translated(title: str, error: BaseException | None) -> XianjieError:
    """Our error for a driver's."""
    code = _code(error)
    # A refused PostgreSQL log-in carries no code, only text.
    words = str(error).lower() if code is None else ""
    if code in _DENIED or any(word in words for word in _DENIED_TEXT):
        return SourceAuthError(f"{title}: 数据库拒绝了我们的账号, 或账号没有读这张表的权限")
    if code in _UNDEFINED or any(word in words for word in _UNDEFINED_TEXT):
        return SourceFormatError(f"{title}: 数据库里没有约定的库、表或列", reason="wrong_table")
    return SourceConnectionError(f"{title}: 数据库连不上或中断 ({type(error).__name__})")


def _code(error: BaseException | None) -> object:
    """MySQL's error number (its SQLSTATE is too coarse), else the SQLSTATE."""
    arguments = getattr(error, "args", ())
    if arguments and isinstance(arguments[0], int):
        return arguments[0]
    return getattr(error, "sqlstate", None)
