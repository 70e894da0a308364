"""An item that goes on from none began when it was opened."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    run_script(op.get_bind(), script("quality", "0013_first_opened.sql"))
