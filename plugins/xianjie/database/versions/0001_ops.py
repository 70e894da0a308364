"""Schema of the stage: ops."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_script(op.get_bind(), script("ops", "0001_ops.sql"))
