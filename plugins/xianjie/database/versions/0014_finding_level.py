"""A finding says how serious it is."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    run_script(op.get_bind(), script("quality", "0014_finding_level.sql"))
