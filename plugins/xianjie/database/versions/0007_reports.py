"""Schema of the stage: reports."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_script(op.get_bind(), script("reports", "0007_reports.sql"))
