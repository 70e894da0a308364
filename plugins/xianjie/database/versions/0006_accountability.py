"""Schema of the stage: accountability."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    run_script(op.get_bind(), script("accountability", "0006_accountability.sql"))
