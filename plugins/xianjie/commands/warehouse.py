"""``xianjie migrate``: the warehouse's schema, up to date."""

from __future__ import annotations

from xianjie.commands import at_hand
from xianjie.commands.output import AsJson, say


def migrate(as_json: AsJson = False) -> None:
    """Bring the warehouse's schema and views up to date; safe at any time."""
    from xianjie.database.migrate import upgrade

    with at_hand.warehouse():
        upgrade()
    say("数据仓库结构已是最新", {"migrated": True}, as_json)
