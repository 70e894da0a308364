"""The scratch folder of one pull, and files brought into it with their SHA-256 taken on the way."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from xianjie.landing import Original
from xianjie.settings import settings

_CHUNK = 1 << 20


@dataclass(frozen=True)
class StagedFile:
    """A file as the department left it: its name there, our copy, SHA-256, size in bytes."""

    name: str
    path: Path
    sha256: str
    bytes: int

    @property
    def original(self) -> Original:
        """The same file, as the landing wants it."""
        return Original(self.name, self.path, self.sha256)


@contextmanager
def staging() -> Iterator[Path]:
    """A folder of its own below the work folder, so that landing may link from it; gone afterwards."""
    base = settings().work / "staging"
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def stage(source: IO[bytes], name: str, folder: Path) -> StagedFile:
    """Copies a stream into the scratch folder under the file's own name."""
    path = folder / Path(name).name
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
    return StagedFile(path.name, path, digest.hexdigest(), size)
