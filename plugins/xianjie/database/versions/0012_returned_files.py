"""Files that came back from the offices."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    run_script(op.get_bind(), script("ops", "0012_returned_files.sql"))
