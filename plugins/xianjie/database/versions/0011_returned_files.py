"""Files that came back from the offices."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    run_script(op.get_bind(), script("ops", "0011_returned_files.sql"))
