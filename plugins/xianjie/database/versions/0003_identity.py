"""Schema of the stage: identity."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_script(op.get_bind(), script("identity", "0003_identity.sql"))
