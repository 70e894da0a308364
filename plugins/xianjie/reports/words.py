"""The words of workbooks, pages and mails, by language: ``include/templates/words/<language>.yaml``."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from xianjie.reports.errors import ReportError
from xianjie.settings import settings


class Words:
    """Looks words up by dotted key; a missing one is a `ReportError` that names it."""

    def __init__(self, language: str, tree: dict[str, Any]) -> None:
        self.language = language
        self._tree = tree

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with ``{placeholders}`` filled in (values are never parsed again)."""
        return str(self.get(key)).format(**values)

    def get(self, key: str) -> Any:
        """Whatever stands at `key`: a text, a list or a mapping."""
        here: Any = self._tree
        for part in key.split("."):
            if not isinstance(here, dict) or part not in here:
                raise ReportError(
                    f"用语表 {self.language}.yaml 缺少 {key}", next_command="git diff include/templates"
                )
            here = here[part]
        return here

    def labels(self, key: str) -> dict[str, str]:
        """The mapping at `key`, as it stands (no placeholders)."""
        return {str(name): str(text) for name, text in self.get(key).items()}

    def either(self, key: str, fallback: str) -> str:
        """The text of `key`, or `fallback` for codes nobody has translated."""
        try:
            return str(self.get(key))
        except ReportError:
            return fallback

    def date(self, day: dt.date) -> str:
        """A date as people of the language write it, e.g. ``2026年9月22日``."""
        return str(self.get("date")).format(day)

    def weekday(self, day: dt.date) -> str:
        """The day of the week."""
        return str(self.get("weekdays")[day.weekday()])

    def names(self, names: tuple[str, ...] | list[str]) -> str:
        """Several names in one line."""
        return ("、" if self.language == "zh" else ", ").join(names) or self("none")


@lru_cache(maxsize=8)
def _load(path: Path, language: str) -> Words:
    return Words(language, yaml.safe_load(path.read_text(encoding="utf-8")))


def words(language: str | None = None) -> Words:
    """The words of a language (default: the one in the settings)."""
    conf = settings()
    chosen = language or conf.language
    return _load(conf.include_dir / "templates" / "words" / f"{chosen}.yaml", chosen)
