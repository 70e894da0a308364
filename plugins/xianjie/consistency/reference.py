"""The reference page of checks, written from their definitions.

``python -m xianjie.consistency.reference`` writes ``docs/reference/checks.md``.
"""

from __future__ import annotations

from pathlib import Path

from xianjie.consistency.checks import Check, checks
from xianjie.settings import REPOSITORY

PAGE = REPOSITORY / "docs" / "reference" / "checks.md"
_HEAD = """# Checks

Written by `python -m xianjie.consistency.reference` from `include/checks`. How to write one: [add a
check](../cookbook/add-a-check.md).

A check asks the merged warehouse about several rows: members of a household, households, departments. `X-` are
conflicts between departments; `C-<module>-<number>` carry the numbers of the [official-style list](quality-rules.md),
`C-91-` compare villages and have none. Level 1 must be fixed and counts in [I-DQ-01](indicators.md#i-dq-01); 5 is to be
explained.

A **finding** (`consistency.finding`) is open once for a check and person, household or village. It holds keys, codes
and numbers, both source rows (`dataset`/`record_key` and `other_*`), who corrects it and by when. It closes by itself
(`put_right`) when the data is right. A decision is kept by [`xianjie conflict settle`](cli.md): 改源 and 改库 leave it
open until the data agrees, 无需修改 closes it (`no_change`) until its evidence, the `ev_` columns of the query,
changes. `consistency.findings(county, date)` shows them as of a date.

Each night only households that changed, or woke (`wakes.sql`), are looked at; all of them by a check with `reach:
county`, one whose query, parameters or level changed, and one whose `refresh` is due. What a check did stands in
`consistency.check_run`:

| status | means |
|---|---|
| `ok`, `partial` | asked; partial when a department did not come tonight and its last data was used |
| `skipped` | a department it needs is not connected (数据未接入) |
| `blocked` | a parameter is not known, or data never came; findings stay as they were |
| `failed` | its SQL did not run; the task `sound` of the DAG `monitoring` turns red, findings stay as they were |

A row that was returned to its department is not in the warehouse until it is right. Checks that rest on somebody's
absence therefore judge only households whose members are all there.

| check | level | title | corrects | entity | numbers | data |
|---|---|---|---|---|---|---|
"""


def page(definitions: tuple[Check, ...]) -> str:
    """The page as Markdown."""
    return _HEAD + "".join(map(_row, definitions))


def write(path: Path = PAGE) -> Path:
    """Writes the page from the definitions in force."""
    path.write_text(page(checks()), encoding="utf-8")
    return path


def _row(check: Check) -> str:
    spec = check.spec
    data = ", ".join(f"`{name}`" for name in spec.datasets)
    any_of = " or ".join(f"`{name}`" for name in spec.any_of)
    cells = (
        f"[{spec.id}](../../include/checks/{spec.id}/README.md)",
        str(spec.level),
        spec.title,
        spec.owner,
        spec.entity,
        ", ".join(spec.external),
        "; any of ".join(filter(None, (data, any_of))) if data or not any_of else f"any of {any_of}",
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    print(write())
