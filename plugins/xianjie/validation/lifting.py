"""What is known of single rows, in the sieve's SQL; where nothing is known the SQL is as it was."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from xianjie.validation.labels import Labels
from xianjie.validation.memory import Known

RECURRING = "_recurring"


def tell(duck: duckdb.DuckDBPyConnection, known: Known, labels: Sequence[Labels]) -> None:
    """The tables ``settled`` (contents not to come again) and ``lifted`` (by record, words of rules to drop)."""
    if known.settled:
        duck.execute("create or replace temp table settled (_key uuid, _hash uuid)")
        duck.executemany("insert into settled values (?, ?)", known.settled)
    if known.lifted:
        columns = ", ".join(f"{column} ubigint" for each in labels for column in each.columns)
        duck.execute(f"create or replace temp table lifted (_key uuid, {columns})")
        words = {
            key: [word for each in labels for word in each.words(names)]
            for key, names in known.lifted.items()
        }
        marks = ", ?" * sum(len(each.columns) for each in labels)
        duck.executemany(f"insert into lifted values (?{marks})", [(key, *each) for key, each in words.items()])


def marked(source: str, known: Known) -> str:
    """`source` with the mark of a row that was corrected or struck out before, where any was."""
    if not known.settled:
        return source
    came_again = "_op <> 'D' and exists (from settled as s where s._key = r._key and s._hash = r._hash)"
    return f"(select *, {came_again} as {RECURRING} from {source} as r)"


def without_lifted(labelled: str, known: Known, labels: Sequence[Labels]) -> str:
    """The query `labelled` with the rules lifted that a waiver of the row's record names."""
    if not known.lifted:
        return labelled
    words = ", ".join(
        f"l.{column} - (l.{column} & coalesce(lifted.{column}, 0::ubigint)) as {column}"
        for each in labels
        for column in each.columns
    )
    return f"select l.* replace ({words}) from ({labelled}) as l left join lifted on l._key = lifted._key"
