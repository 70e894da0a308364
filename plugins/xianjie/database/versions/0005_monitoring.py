"""Schema of the stage: monitoring."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    run_script(op.get_bind(), script("monitoring", "0005_monitoring.sql"))
