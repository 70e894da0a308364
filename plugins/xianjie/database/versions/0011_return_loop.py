"""The way back: origins of deliveries, the life of an item, answers, waivers."""

from alembic import op

from xianjie.database.migrate import run_script, script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    run_script(op.get_bind(), script("quality", "0011_return_loop.sql"))
