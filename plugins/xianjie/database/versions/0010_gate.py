"""Freshness, forms and drift of a delivery."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_script(op.get_bind(), script("quality", "0010_gate.sql"))
