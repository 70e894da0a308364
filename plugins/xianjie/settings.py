"""All settings, from the environment (``XIANJIE_*``), typed, in one place.

``xianjie settings`` prints each value with where it came from; secrets are shown as set or not set.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from xianjie.errors import SettingsError

REPOSITORY = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """Settings of one county's installation."""

    model_config = SettingsConfigDict(env_prefix="XIANJIE_", env_file=None, extra="forbid", frozen=True)

    county_code: str = Field("630121", pattern=r"^\d{6}$", description="six-digit GB/T 2260 code of the county")
    home: Path = Field(REPOSITORY / ".xianjie", description="state of this machine: work files, keys, logs")
    include_dir: Path = Field(REPOSITORY / "include", description="contracts, rules, indicators, codes, templates")
    datasets_on: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="departments and datasets to switch on beside the active ones: water,agriculture.land"
    )
    out_dir: Path = Field(REPOSITORY / "out", description="report packs, one folder a business date")
    warehouse_url: SecretStr | None = Field(None, description="PostgreSQL 15 or later, as a SQLAlchemy URL")
    landing_url: str | None = Field(None, description="any fsspec URL; default is the folder landing below home")
    token_key: SecretStr | None = Field(None, description="64 hex digits: key of the ID tokens (HMAC-SHA256)")
    vault_key: SecretStr | None = Field(None, description="64 hex digits: key of the vault (AES-256-GCM)")
    allow_fixture_ids: bool = Field(False, description="accept the unassigned ID prefix 639900; never in production")
    language: Literal["zh", "en"] = Field("zh", description="language of reports, pages and mails")
    duckdb_threads: int = Field(2, ge=1, description="threads of the in-memory engine of one task")
    duckdb_memory: str = Field("2GB", description="memory limit of the in-memory engine of one task")
    smtp_connection: str = Field("xianjie_smtp", description="Airflow connection that sends the mails")
    mail_from: str = Field("xianjie@localhost", description="sender of the mails")
    intake_cron: str = Field("0 20 * * *", description="when the intake starts, Asia/Shanghai; empty: only by hand")
    returns_cron: str = Field(
        "*/10 8-18 * * 1-6", description="when what offices sent back is taken in, Asia/Shanghai; empty: only by hand"
    )
    approval_hours: float = Field(
        168, gt=0, description="how long a held delivery waits for a person's answer in Airflow; then it stays held"
    )
    airflow_url: str | None = Field(None, description="address of the Airflow API server that runs the nights")
    airflow_user: str = Field("admin", description="user that `xianjie night` starts runs as")
    airflow_password: SecretStr | None = Field(None, description="password of that user")
    board_url: str = Field("http://127.0.0.1:8080/xianjie/", description="address of the board, printed in mails")

    @field_validator("datasets_on", mode="before")
    @classmethod
    def _names(cls, given: object) -> object:
        """The names in one text, separated by commas (also full-width ones) or blanks."""
        return tuple(filter(None, re.split(r"[,，、\s]+", given))) if isinstance(given, str) else given

    @property
    def landing(self) -> str:
        """The landing's fsspec URL."""
        return self.landing_url or (self.home / "landing").as_uri()

    @property
    def work(self) -> Path:
        """Local scratch of validation and identity; safe to delete between nights."""
        return self.home / "work"

    def require_warehouse_url(self) -> str:
        """The warehouse's URL, or a `SettingsError` that says how to set it."""
        if self.warehouse_url is None:
            raise SettingsError(
                "未设置数据仓库地址 XIANJIE_WAREHOUSE_URL", next_command="xianjie settings"
            )
        return self.warehouse_url.get_secret_value()

    def require_key(self, name: Literal["token_key", "vault_key"]) -> bytes:
        """A 32-byte key, or a `SettingsError` that says how to set it."""
        secret: SecretStr | None = getattr(self, name)
        try:
            key = bytes.fromhex(secret.get_secret_value()) if secret else b""
        except ValueError:
            key = b""
        if len(key) != 32:
            raise SettingsError(
                f"XIANJIE_{name.upper()} 应为 64 位十六进制数", next_command="xianjie settings"
            )
        return key


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process (read once; tests call ``settings.cache_clear()``)."""
    return Settings()
