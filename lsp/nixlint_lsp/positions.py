"""Offsets in a text and positions of the protocol, in the encoding the client chose.

An offset counts code points. A position is a line from 0 and a character from 0, which counts
bytes, UTF-16 units or code points. Lines end at LF, CR or CRLF and nowhere else. What lies past
the end of a line counts as its end, and a position inside of a character as the character's start.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from lsprotocol.types import Position, PositionEncodingKind, Range

from nixlint.text.source import line_starts

UTF8: Final = PositionEncodingKind.Utf8.value
UTF16: Final = PositionEncodingKind.Utf16.value
UTF32: Final = PositionEncodingKind.Utf32.value
ENCODINGS: Final = (UTF8, UTF16, UTF32)


def units(piece: str, encoding: str) -> int:
    """The length of a piece of text in units of an encoding."""
    if encoding == UTF32 or piece.isascii():
        return len(piece)
    if encoding == UTF8:
        return len(piece.encode("utf-8", "surrogatepass"))
    return len(piece.encode("utf-16-le", "surrogatepass")) // 2


def code_points(line: str, count: int, encoding: str) -> int:
    """How many whole characters of a line fit into `count` units of an encoding."""
    if encoding == UTF32 or line.isascii():
        return min(count, len(line))
    if encoding == UTF8:
        data = line.encode("utf-8", "surrogatepass")
        if count >= len(data):
            return len(line)
        while data[count] & 0xC0 == 0x80:
            count -= 1
        return len(data[:count].decode("utf-8", "surrogatepass"))
    data = line.encode("utf-16-le", "surrogatepass")
    if 2 * count >= len(data):
        return len(line)
    length = len(data[: 2 * count].decode("utf-16-le", "surrogatepass"))
    if length and ord(line[length - 1]) > 0xFFFF:
        # The position may lie between the two halves of this character.
        if units(line[:length], UTF16) > count:
            return length - 1
    return length


class Converter:
    """Converts between offsets in one text and positions.

    `starts` are the offsets of its lines (see `Source.line_starts`).
    """

    def __init__(self, text: str, encoding: str, starts: list[int] | None = None) -> None:
        self.text = text
        self.encoding = encoding
        self.starts = starts if starts is not None else line_starts(text)

    def line_end(self, line: int) -> int:
        """The offset of the end of a line from 0, before the characters that end it."""
        if line + 1 >= len(self.starts):
            return len(self.text)
        return end_of_line(self.text, self.starts[line], self.starts[line + 1])

    def offset(self, position: Position) -> int:
        """The offset of a position."""
        line = position.line
        if line >= len(self.starts):
            return len(self.text)
        start = self.starts[line]
        content = self.text[start : self.line_end(line)]
        return start + code_points(content, position.character, self.encoding)

    def position(self, offset: int) -> Position:
        """The position of an offset; one outside of the text is moved to its nearest end."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self.starts, offset) - 1
        start = self.starts[line]
        end = min(offset, self.line_end(line))
        return Position(line, units(self.text[start:end], self.encoding))

    def range(self, start: int, end: int) -> Range:
        """The range from one offset to another."""
        return Range(self.position(start), self.position(end))

    def span(self, place: Range) -> tuple[int, int]:
        """The offsets of a range, the lower one first."""
        start, end = self.offset(place.start), self.offset(place.end)
        return (start, end) if start <= end else (end, start)


def end_of_line(text: str, start: int, next_start: int) -> int:
    """Where a line ends that is followed by another one, without CR, LF or CRLF."""
    end = next_start - 1
    if end > start and text[end] == "\n" and text[end - 1] == "\r":
        end -= 1
    return end
