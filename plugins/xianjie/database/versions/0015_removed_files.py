"""Files that came back are not kept for ever."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    run_script(op.get_bind(), script("ops", "0015_removed_files.sql"))
