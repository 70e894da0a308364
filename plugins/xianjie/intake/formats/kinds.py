"""What a delivered file really is; and, for what cannot be read, what to tell the department."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xianjie.landing import SourceFormatError
from xianjie.workbooks import FileRefusedError, Kind, limits
from xianjie.workbooks import kinds as of_any_use

__all__ = ["Kind", "kind_of", "refusing"]


def kind_of(path: Path, title: str) -> Kind:
    """The kind of a file.

    Raises:
        SourceFormatError: empty, encrypted, an old binary workbook, a web page, a broken or abusive archive;
            `reason` says which, the message says in Chinese what to do. `title` names the dataset in it.
    """
    with refusing(title):
        return of_any_use.kind_of(path, limits("intake"))


@contextmanager
def refusing(title: str) -> Iterator[None]:
    """Tells of a refused file as the intake does: with the dataset's name, in a class that is not retried."""
    try:
        yield
    except FileRefusedError as error:
        raise SourceFormatError(f"{title}: {error.advice}", reason=error.reason) from None
