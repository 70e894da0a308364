"""A night's conclusion may be that nothing was owed."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_script(op.get_bind(), script("ops", "0009_not_due.sql"))
