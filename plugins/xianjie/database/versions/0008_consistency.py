"""Schema of the stage: consistency."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_script(op.get_bind(), script("consistency", "0008_consistency.sql"))
