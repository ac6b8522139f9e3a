"""A few lines of source with marks under the place meant.

    2 |   a = 1
      |        ^

Lines are numbered from 1. Tabs take four columns, wide characters two, and characters that a
terminal would obey are shown as pictures. Long lines are cut around the place.
"""

from __future__ import annotations

from typing import Final

from nixlint.report.style import BLUE, Painter, visible, width
from nixlint.text.source import Source

TAB: Final = "    "
CONTEXT: Final = 2
MAX_LENGTH: Final = 140
"""Longer lines, in code points, are cut to this length."""
_LEAD: Final = 60
_HEAD_LINES: Final = 4
_TAIL_LINES: Final = 2
_CUT: Final = "…"


class _Line:
    """A line ready to print; `columns[i]` is where code point `lo + i` stands."""

    def __init__(self, text: str, lo: int) -> None:
        hi = min(len(text), lo + MAX_LENGTH)
        self.lo = lo
        shown: list[str] = []
        column = 0
        if lo > 0 and text:
            shown.append(_CUT)
            column = 1
        self.columns: list[int] = []
        for char in text[lo:hi]:
            self.columns.append(column)
            piece = TAB if char == "\t" else visible(char)
            shown.append(piece)
            column += len(TAB) if char == "\t" else width(piece)
        self.columns.append(column)
        if hi < len(text):
            shown.append(_CUT)
        self.text = "".join(shown)

    def column(self, index: int) -> int:
        """The column where the code point `index` of the line stands, or the nearest shown."""
        at = min(max(index - self.lo, 0), len(self.columns) - 1)
        return self.columns[at]


class Frame:
    """The lines around a span. `digits` is the width of the column of line numbers."""

    def __init__(self, source: Source, start: int, end: int) -> None:
        self.source = source
        self.first, self.start_column = source.position(start)
        self.last, self.end_column = source.position(max(start, end))
        if self.last > self.first and self.end_column == 0:
            self.last -= 1
            self.end_column = len(source.line_text(self.last))
        count = len(source.line_starts)
        self.top = max(0, self.first - CONTEXT)
        self.bottom = min(count - 1, self.last + CONTEXT)
        while self.top < self.first and not source.line_text(self.top).strip():
            self.top += 1
        while self.bottom > self.last and not source.line_text(self.bottom).strip():
            self.bottom -= 1
        self.digits = len(str(self.bottom + 1))

    def render(self, painter: Painter, digits: int, mark: str, style: str) -> list[str]:
        """The lines of the frame, between two empty gutter lines."""
        self._painter = painter
        self._digits = digits
        self._style = style
        self._lo = self._left_edge()
        out = [self._gutter()]
        if self.first == self.last:
            self._single(out, mark)
        else:
            self._several(out, mark)
        out.append(self._gutter())
        return out

    def _left_edge(self) -> int:
        length = len(self.source.line_text(self.first))
        if length <= MAX_LENGTH or self.start_column <= MAX_LENGTH - _LEAD:
            return 0
        return min(self.start_column - _LEAD, length - MAX_LENGTH)

    def _line(self, number: int) -> _Line:
        return _Line(self.source.line_text(number), self._lo)

    def _single(self, out: list[str], mark: str) -> None:
        for number in range(self.top, self.bottom + 1):
            line = self._line(number)
            out.append(self._numbered(number, "", line.text))
            if number == self.first:
                left = line.column(self.start_column)
                right = line.column(self.end_column)
                marks = mark * max(1, right - left)
                out.append(self._gutter(" " * left, marks))

    def _several(self, out: list[str], mark: str) -> None:
        first_text = self.source.line_text(self.first)
        opens_line = not first_text[: self.start_column].strip()
        hidden = self._hidden()
        for number in range(self.top, self.bottom + 1):
            if number in hidden:
                if number == hidden[0]:
                    out.append(self._painter.paint("." * self._digits, BLUE))
                continue
            line = self._line(number)
            if number == self.first and opens_line:
                out.append(self._numbered(number, "/ ", line.text))
            elif number == self.first:
                out.append(self._numbered(number, "  ", line.text))
                dashes = "_" * (line.column(self.start_column) + 1)
                out.append(self._gutter(" ", dashes + mark))
            elif self.first < number <= self.last:
                out.append(self._numbered(number, "| ", line.text))
            else:
                out.append(self._numbered(number, "  ", line.text))
            if number == self.last:
                dashes = "_" * max(1, line.column(self.end_column))
                out.append(self._gutter("", f"|{dashes}{mark}"))

    def _hidden(self) -> range:
        """The lines in the middle of a long span that are left out."""
        if self.last - self.first < _HEAD_LINES + _TAIL_LINES + 1:
            return range(0)
        return range(self.first + _HEAD_LINES, self.last - _TAIL_LINES + 1)

    def _numbered(self, number: int, bar: str, text: str) -> str:
        gutter = self._painter.paint(f"{number + 1:>{self._digits}} |", BLUE)
        if bar.strip():
            return f"{gutter} {self._painter.paint(bar[0], self._style)} {text}".rstrip()
        return f"{gutter} {bar}{text}".rstrip()

    def _gutter(self, blank: str = "", marks: str = "") -> str:
        gutter = self._painter.paint(" " * self._digits + " |", BLUE)
        if not marks:
            return gutter
        return f"{gutter} {blank}{self._painter.paint(marks, self._style)}"
