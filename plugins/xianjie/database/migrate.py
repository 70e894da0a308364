"""Brings the warehouse's schema up to date with Alembic.

The SQL of a migration is frozen in ``include/sql/<schema>/<revision>_*.sql`` beside its Alembic revision in
``versions/``. Views and functions that may change freely live in ``include/sql/<schema>/views/*.sql`` and are
applied anew, in name order, after the migrations.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from xianjie.database.engine import engine
from xianjie.settings import settings

# In dependency order; a schema without a views folder is passed over.
SCHEMAS = (
    "ops", "quality", "core", "vault", "changes", "history", "facts", "consistency", "monitoring",
    "accountability", "reports",
)
_LOCK = 7_305_121


def script(schema: str, name: str) -> str:
    """The text of a frozen migration script."""
    return (settings().include_dir / "sql" / schema / name).read_text(encoding="utf-8")


def run_script(connection: Connection, sql: str) -> None:
    """Executes a script of several statements; nothing in it is taken for a parameter."""
    driver = connection.connection.driver_connection
    driver.cursor().execute(sql)  # type: ignore[union-attr]


def upgrade(url: str | None = None, revision: str = "head") -> None:
    """Migrates to `revision` and re-creates the views; safe to run at any time, also twice at once."""
    address = url or settings().require_warehouse_url()
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine(address).begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for schema in SCHEMAS:
            for view in sorted((settings().include_dir / "sql" / schema / "views").glob("*.sql")):
                run_script(connection, view.read_text(encoding="utf-8"))
