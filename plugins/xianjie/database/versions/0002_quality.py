"""Schema of the stage: quality."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_script(op.get_bind(), script("quality", "0002_quality.sql"))
