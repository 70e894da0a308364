"""How large a file may be, from ``include/validation/files.yaml``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from xianjie.settings import settings

Use = Literal["intake", "returns"]


class Limits(BaseModel):
    """Upper bounds for one use; sizes in MB (2^20 bytes), rows and cells of one sheet."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_unpacked_mb: int = Field(gt=0)
    ratio_from_mb: int = Field(ge=0)
    max_ratio: int = Field(gt=1)
    max_rows: int = Field(gt=0)
    max_cells: int = Field(gt=0)
    max_shared_text_mb: int = Field(gt=0)


def limits(use: Use, include_dir: Path | None = None) -> Limits:
    """The limits of one use, of an include folder (default: the settings'), read once a process."""
    return _read(include_dir or settings().include_dir)[use]


@lru_cache(maxsize=4)
def _read(include_dir: Path) -> dict[str, Limits]:
    text = (include_dir / "validation" / "files.yaml").read_text(encoding="utf-8")
    return {use: Limits.model_validate(values) for use, values in yaml.safe_load(text).items()}
