"""Text that is fit to print: colors, links, and characters a terminal must not interpret."""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import ERROR, HINT, WARNING

RED: Final = "1;31"
YELLOW: Final = "1;33"
CYAN: Final = "1;36"
BLUE: Final = "1;34"
GREEN: Final = "1;32"
BOLD: Final = "1"
SEVERITY_COLORS: Final = {ERROR: RED, WARNING: YELLOW, HINT: CYAN}

REPLACEMENT: Final = "\ufffd"
_DELETE: Final = "\u2421"
_INVISIBLE: Final = frozenset("\u061c\u200e\u200f\u2028\u2029\ufeff")
"""Marks that turn the direction of text or break lines, beside the ranges in `visible`."""


def visible(char: str) -> str:
    """What stands for `char` on a terminal: itself, unless it would do something there."""
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code < 0x7F:
        return char
    if code == 0x7F:
        return _DELETE
    if code < 0xA0 or 0xD800 <= code < 0xE000 or 0x202A <= code < 0x202F:
        return REPLACEMENT
    if 0x2066 <= code < 0x206A or char in _INVISIBLE:
        return REPLACEMENT
    return char


def printable(text: str) -> str:
    """`text` with everything replaced that a terminal would obey instead of show."""
    if text.isascii() and text.isprintable():
        return text
    return "".join([visible(char) for char in text])


def width(char: str) -> int:
    """How many columns of a terminal a character takes."""
    if ord(char) < 0x300:
        return 1
    import unicodedata

    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


class Painter:
    """Adds escape codes for colors and links, or nothing."""

    def __init__(self, color: bool, hyperlinks: bool) -> None:
        self.color = color
        self.hyperlinks = hyperlinks

    def paint(self, text: str, style: str) -> str:
        """`text` in a style such as `RED`."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.color and text else text

    def link(self, text: str, url: str) -> str:
        """`text` as a link to `url`."""
        return f"\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\" if self.hyperlinks else text
