"""File formats: CSV, XLSX, JSON and ZIP archives of those, told apart by content and not by name."""

from xianjie.intake.formats.reading import open_files

__all__ = ["open_files"]
