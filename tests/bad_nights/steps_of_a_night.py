"""A night's tasks one by one, each noted when it begins and when it is done: what the scheduler would know.

``python steps_of_a_night.py NOTES DATE``. Tasks that NOTES calls done are not run again, as a scheduler would
not; the one that was killed is. Settings come from the environment.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from xianjie.contract.catalogue import catalogue
from xianjie.night import steps


def tasks(day: dt.date) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every task of a night but the mail, in the order of the road."""
    for department, contracts in catalogue().by_department().items():
        for contract in contracts:
            yield f"pull {contract.id}", partial(steps.pull, contract.id, day, None)
        yield f"check {department}", partial(steps.check, department, day)
        yield f"conclude {department}", partial(steps.conclude, department, day, is_together=True)
    for step in (steps.merge, steps.reconcile, steps.compare, steps.watch, steps.measure, steps.pack):
        yield step.__name__, partial(step, day)


def main(notes: Path, day: dt.date) -> None:
    """Runs what is not done yet."""
    done = set(notes.read_text(encoding="utf-8").splitlines()) if notes.exists() else set()
    left = [(name, task) for name, task in tasks(day) if f"done {day} {name}" not in done]
    if any(name.startswith("check") for name, _ in left):
        import great_expectations  # noqa: F401 - seconds in which there is nothing to kill
    with notes.open("a", encoding="utf-8") as book:
        for name, task in left:
            book.write(f"begun {day} {name}\n")
            book.flush()
            task()
            book.write(f"done {day} {name}\n")
            book.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]), dt.date.fromisoformat(sys.argv[2]))
