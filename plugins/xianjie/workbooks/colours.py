"""Colours of a workbook as RRGGBB, also those given as a place in its theme with a tint."""

from __future__ import annotations

import colorsys
from typing import Any
from xml.etree import ElementTree

# Excel numbers theme colours with light and dark changed places.
_THEME_ORDER = (1, 0, 3, 2, 4, 5, 6, 7, 8, 9, 10, 11)
_OFFICE = (
    "000000", "FFFFFF", "44546A", "E7E6E6", "4472C4", "ED7D31", "A5A5A5", "FFC000", "5B9BD5", "70AD47",
    "0563C1", "954F72",
)  # fmt: skip


class Palette:
    """The theme of one workbook (its ``theme1.xml``, or Office's own)."""

    def __init__(self, theme: bytes | str | None) -> None:
        self._theme = _scheme(theme) if theme else list(_OFFICE)

    def of(self, colour: Any) -> str | None:
        """An openpyxl colour as RRGGBB; None for automatic ones."""
        if colour is None or colour.type is None:
            return None
        if colour.type == "theme":
            place = int(colour.theme)
            return _tinted(self._theme[_THEME_ORDER[place]], colour.tint) if place < len(_THEME_ORDER) else None
        if colour.type == "indexed":
            return self._indexed(int(colour.indexed))
        return _tinted(str(colour.rgb)[-6:], colour.tint)

    @staticmethod
    def _indexed(place: int) -> str | None:
        from openpyxl.styles.colors import COLOR_INDEX

        return COLOR_INDEX[place][-6:] if place < len(COLOR_INDEX) else None


def _scheme(theme: bytes | str) -> list[str]:
    root = ElementTree.fromstring(theme)  # noqa: S314 - our own template
    scheme = root.find(".//{*}clrScheme")
    found = [str(each[0].get("lastClr") or each[0].get("val")) for each in scheme] if scheme is not None else []
    return found if len(found) == len(_OFFICE) else list(_OFFICE)


def _tinted(rgb: str, tint: float) -> str:
    if not tint:
        return rgb
    hue, light, saturation = colorsys.rgb_to_hls(*(int(rgb[i : i + 2], 16) / 255 for i in (0, 2, 4)))
    light = light * (1 + tint) if tint < 0 else light * (1 - tint) + tint
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, light, saturation))
