"""Schema of the stage: warehouse."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_script(op.get_bind(), script("warehouse", "0004_warehouse.sql"))
