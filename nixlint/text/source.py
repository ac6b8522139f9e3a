"""The text of one file, and the conversion of offsets to lines and columns.

Inside nixlint an offset is a number of code points from the start of the text.
Lines and columns appear only at the edges: here they are computed for reports, and in the language
server, with the units of the protocol, for editors.
Lines end at LF, CR or CRLF, as Nix counts them, and nowhere else (not at U+2028 or form feed).
"""

from __future__ import annotations

from bisect import bisect_right


class Source:
    """One file: its name for messages, its text, and where its lines start.

    The text may hold lone surrogates: a byte that is not valid UTF-8 is decoded to one
    (the `surrogateescape` of PEP 383), so that nothing of the file is lost.
    """

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self._line_starts: list[int] | None = None

    @property
    def line_starts(self) -> list[int]:
        """Offset of the first code point of each line; the first is always 0."""
        starts = self._line_starts
        if starts is None:
            starts = line_starts(self.text)
            self._line_starts = starts
        return starts

    def line_of(self, offset: int) -> int:
        """The line, counted from 0, that holds `offset`."""
        return bisect_right(self.line_starts, offset) - 1

    def position(self, offset: int) -> tuple[int, int]:
        """`(line, column)` of `offset`, both from 0, the column in code points."""
        line = self.line_of(offset)
        return line, offset - self.line_starts[line]

    def line_text(self, line: int) -> str:
        """The text of a line counted from 0, without its line end."""
        starts = self.line_starts
        end = starts[line + 1] if line + 1 < len(starts) else len(self.text)
        return self.text[starts[line] : end].rstrip("\r\n")

    def offset_of(self, line: int, column: int) -> int:
        """The offset of a position counted from 0 in code points, clamped to the text."""
        starts = self.line_starts
        if line >= len(starts):
            return len(self.text)
        end = starts[line + 1] if line + 1 < len(starts) else len(self.text)
        return min(starts[line] + column, end)


def line_starts(text: str) -> list[int]:
    """Offsets at which the lines of `text` begin (LF, CR and CRLF end a line)."""
    starts = [0]
    if "\r" in text:
        previous_cr = False
        for index, char in enumerate(text):
            if char == "\n":
                if previous_cr:
                    starts[-1] = index + 1
                else:
                    starts.append(index + 1)
                previous_cr = False
            elif char == "\r":
                starts.append(index + 1)
                previous_cr = True
            else:
                previous_cr = False
        return starts
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts


def decode(data: bytes) -> str:
    """The text of a file's bytes; bytes that are not UTF-8 become lone surrogates."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")
