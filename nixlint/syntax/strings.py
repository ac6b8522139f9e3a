"""What strings, paths and attribute names say.

The tree holds of a string only its span and its interpolations; this module reads the text
between them as Nix does: escapes, line ends, and the indentation that `''` strings lose.
Offsets are code points.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.syntax.nodes import (
    DYNAMIC_KEY,
    IDENT_KEY,
    AttrName,
    ExprIndString,
    ExprString,
    ExprUri,
    Interpolated,
    Interpolation,
    Node,
    unparen,
)

KEYWORDS: Final = frozenset(
    ("if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or")
)
NO_INDENTATION: Final = 1_000_000
"""The indentation of a string without a line that counts, as in Nix."""

_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*\Z")
_PLAIN_STOP = re.compile(r"[\\\r\0]")
_IND_STOP = re.compile(r"[$']")
_PATH_TEXT = re.compile(r"[^/]*(?:/[^/]+)+/?|[^/]*/|[^/]+")
_QUOTED = re.compile(r'["\\\n\r\t]|\$(?=\{)')
_QUOTES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "$": "\\$"}


class StringPart:
    """A piece of a string or path: text, or an interpolation.

    `node` is the `Interpolation`, or None for text; `text` is what the text means (escapes
    resolved, indentation removed), `start` and `end` where it stands in the file.
    """

    def __init__(self, start: int, end: int, text: str, node: Node | None) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.node = node

    def __repr__(self) -> str:
        return f"StringPart({self.start}, {self.end}, {self.text!r})"


def string_parts(node: Interpolated, text: str, modern: bool = True) -> list[StringPart]:
    """The parts of an `ExprString` or `ExprIndString`, of a file with the given text.

    An empty string has no parts. In a `''` string every escape is a part of its own, as in Nix.
    `modern=False` reads as Nix 2.8 does, which keeps empty text parts of `''` strings and cuts
    off `"` strings at a NUL. Strings that were never closed reach to the end of their span.
    """
    if isinstance(node, ExprIndString):
        return _dedent(_ind_pieces(node, text), modern)
    out: list[StringPart] = []
    at: int = node.start + 1
    if node.parts is not None:
        for part in node.parts:
            if part.start > at:
                out.append(StringPart(at, part.start, unescape(text[at : part.start]), None))
            out.append(StringPart(part.start, part.end, "", part))
            at = part.end
    end = content_end(node, text)
    if end > at:
        out.append(StringPart(at, end, unescape(text[at:end]), None))
    if not modern and "\0" in text[node.start : node.end]:
        for piece in out:
            piece.text = piece.text.partition("\0")[0]
    return out


def path_parts(node: Interpolated, text: str) -> list[StringPart]:
    """The parts of an `ExprPath` or `ExprHPath`.

    Text is verbatim, and cut before the second of two slashes, as in Nix. The first part is text.
    """
    out: list[StringPart] = []
    at: int = node.start
    if node.parts is not None:
        for part in node.parts:
            _path_text(text, at, part.start, out)
            out.append(StringPart(part.start, part.end, "", part))
            at = part.end
    _path_text(text, at, node.end, out)
    return out


def _path_text(text: str, start: int, end: int, out: list[StringPart]) -> None:
    while start < end:
        found = _PATH_TEXT.match(text, start, end)
        stop = end if found is None else found.end()
        out.append(StringPart(start, stop, text[start:stop], None))
        start = stop


def constant_text(node: Node, text: str) -> str | None:
    """What a string without interpolation, or a URI, evaluates to; parentheses do not matter.

    None for everything else.
    """
    node = unparen(node)
    if isinstance(node, ExprUri):
        return text[node.start : node.end]
    if isinstance(node, (ExprString, ExprIndString)):
        if node.parts:
            return None
        return "".join([part.text for part in string_parts(node, text)])
    return None


def static_string(node: Node, text: str, modern: bool = True) -> str | None:
    """The value of what Nix's own parser makes one plain string of, else None.

    That is narrower than `constant_text`: escapes split a `''` string, so that `${''a''$b''}` is
    no static name. And it is wider: `''${"a"}''` is the string in it.
    """
    while True:
        node = unparen(node)
        if isinstance(node, ExprUri):
            return text[node.start : node.end]
        if isinstance(node, ExprString):
            if node.parts:
                return None
            parts = string_parts(node, text, modern)
            return parts[0].text if parts else ""
        if not isinstance(node, ExprIndString):
            return None
        parts = string_parts(node, text, modern)
        if not parts:
            return ""
        if len(parts) > 1:
            return None
        inner = parts[0].node
        if inner is None:
            return parts[0].text
        if not isinstance(inner, Interpolation):
            return None
        node = inner.expr


def static_name(name: AttrName, text: str, modern: bool = True) -> str | None:
    """The attribute that a component of a path names, or None when that is known only later.

    Static are `a`, `"a"`, and `${…}` around a plain string literal; not `"${…}"`, whatever is
    in it. None also for a name that is missing in broken text.
    """
    if name.form == IDENT_KEY:
        return text[name.start : name.end] if name.end > name.start else None
    inner = name.inner
    if inner is None:
        return None
    if name.form == DYNAMIC_KEY:
        return static_string(inner.expr, text, modern) if isinstance(inner, Interpolation) else None
    return static_string(inner, text, modern)


def is_missing(name: AttrName) -> bool:
    """Whether error recovery invented the name."""
    return name.form == IDENT_KEY and name.end == name.start


# Content of the two sorts of strings.


def content_start(node: Interpolated, text: str) -> int:
    """Where the content of a string begins: after the opening quotes.

    For `''` also after the blanks and line end that belong to them.
    """
    if not isinstance(node, ExprIndString):
        return node.start + 1
    start: int = node.start + 2
    at = start
    while at < node.end and text[at] == " ":
        at += 1
    return at + 1 if at < node.end and text[at] == "\n" else start


def content_end(node: Interpolated, text: str) -> int:
    """Where the content of a string ends: before the closing quotes, if they are there."""
    last: int = node.parts[-1].end if node.parts else content_start(node, text)
    end: int = node.end
    if isinstance(node, ExprIndString):
        pieces: list[StringPart] = []
        return _scan_ind(text, last, end, pieces)
    if end <= last or text[end - 1] != '"':
        return end
    at = end - 2
    while at >= last and text[at] == "\\":
        at -= 1
    return end - 1 if (end - at) % 2 == 0 else end


def unescape(raw: str) -> str:
    """The meaning of text between `"` quotes: `\\n`, `\\r`, `\\t`, any other escaped character
    is itself; CR and CRLF, unless escaped, are LF."""
    found = _PLAIN_STOP.search(raw)
    if found is None:
        return raw
    out: list[str] = []
    at = 0
    size = len(raw)
    while found is not None:
        stop = found.start()
        out.append(raw[at:stop])
        at = stop + 1
        char = raw[stop]
        if char == "\r":
            out.append("\n")
            if at < size and raw[at] == "\n":
                at += 1
        elif char == "\0":
            out.append(char)
        elif at < size:
            out.append(_escaped(raw[at]))
            at += 1
        else:
            out.append(char)
        found = _PLAIN_STOP.search(raw, at)
    out.append(raw[at:])
    return "".join(out)


def _escaped(char: str) -> str:
    if char == "n":
        return "\n"
    if char == "r":
        return "\r"
    if char == "t":
        return "\t"
    return char


_FLAT: Final = Node(-1, 0, 0)
"""Marks a piece of text without indentation: an escape, or a lone `$` or `'`."""


def _ind_pieces(node: ExprIndString, text: str) -> list[StringPart]:
    out: list[StringPart] = []
    at = content_start(node, text)
    if node.parts is not None:
        for part in node.parts:
            if part.start > at:
                _scan_ind(text, at, part.start, out)
            out.append(StringPart(part.start, part.end, "", part))
            at = part.end
    _scan_ind(text, at, node.end, out)
    return out


def _scan_ind(text: str, start: int, end: int, out: list[StringPart]) -> int:
    """Splits text of a `''` string as Nix's lexer does; returns where the closing `''` stands,
    or else `end`. Escapes are marked with `_FLAT`."""
    begin = start
    at = start
    while True:
        found = _IND_STOP.search(text, at, end)
        if found is None:
            if end > begin:
                out.append(StringPart(begin, end, text[begin:end], None))
            return end
        stop = found.start()
        after = text[stop + 1] if stop + 1 < end else ""
        meaning = ""
        size = 1
        closes = False
        if text[stop] == "$":
            if after != "" and after != "{" and after != "'":
                at = stop + 2
                continue
            meaning = "$"
        elif after == "'":
            third = text[stop + 2] if stop + 2 < end else ""
            size = 3
            if third == "$":
                meaning = "$"
            elif third == "'":
                meaning = "''"
            elif third == "\\" and stop + 3 < end:
                meaning = _escaped(text[stop + 3])
                size = 4
            else:
                closes = True
        elif after != "" and after != "$":
            at = stop + 2
            continue
        else:
            meaning = "'"
        if stop > begin:
            out.append(StringPart(begin, stop, text[begin:stop], None))
        if closes:
            return stop
        at = begin = stop + size
        out.append(StringPart(stop, at, meaning, _FLAT))


def _indentation(pieces: list[StringPart]) -> int:
    """The smallest indentation of a line that holds more than spaces."""
    smallest = NO_INDENTATION
    current = 0
    at_start = True
    for piece in pieces:
        if piece.node is not None:
            if at_start:
                at_start = False
                smallest = min(smallest, current)
            continue
        text = piece.text
        size = len(text)
        at = 0
        while at < size:
            if not at_start:
                at = text.find("\n", at) + 1
                if at == 0:
                    break
                at_start = True
                current = 0
                continue
            begin = at
            while at < size and text[at] == " ":
                at += 1
            current += at - begin
            if at == size:
                break
            if text[at] == "\n":
                current = 0
                at += 1
            else:
                at_start = False
                smallest = min(smallest, current)
    return smallest


def _dedent(pieces: list[StringPart], modern: bool) -> list[StringPart]:
    indentation = _indentation(pieces)
    out: list[StringPart] = []
    at_start = True
    dropped = 0
    last = len(pieces) - 1
    for index, piece in enumerate(pieces):
        if piece.node is not None and piece.node is not _FLAT:
            at_start = False
            dropped = 0
            out.append(piece)
            continue
        text = piece.text
        size = len(text)
        kept: list[str] = []
        at = 0
        while at < size:
            if not at_start:
                stop = text.find("\n", at)
                if stop < 0:
                    kept.append(text[at:])
                    break
                kept.append(text[at : stop + 1])
                at = stop + 1
                at_start = True
                continue
            begin = at
            while at < size and text[at] == " ":
                at += 1
            drop = max(0, min(at - begin, indentation - dropped))
            dropped += at - begin
            kept.append(text[begin + drop : at])
            if at == size:
                break
            dropped = 0
            if text[at] == "\n":
                kept.append("\n")
                at += 1
            else:
                at_start = False
        result = "".join(kept)
        if index == last:
            line = result.rfind("\n") + 1
            if line > 0 and result[line:].strip(" ") == "":
                result = result[:line]
        if result or not modern:
            out.append(StringPart(piece.start, piece.end, result, None))
    return out


# Writing.


def is_identifier(name: str) -> bool:
    """Whether `name` can stand without quotes wherever a name is wanted (so not a keyword, and
    not `or`)."""
    return _IDENTIFIER.match(name) is not None and name not in KEYWORDS


def quote_string(value: str) -> str:
    """A `"…"` literal for `value` (which must not contain NUL: Nix has no such strings)."""
    found = _QUOTED.search(value)
    if found is None:
        return '"' + value + '"'
    out = ['"']
    at = 0
    while found is not None:
        stop = found.start()
        out.append(value[at:stop])
        out.append(_QUOTES[value[stop]])
        at = stop + 1
        found = _QUOTED.search(value, at)
    out.append(value[at:])
    out.append('"')
    return "".join(out)


def quote_name(name: str) -> str:
    """`name` as a component of an attribute path: bare if possible, else quoted."""
    return name if is_identifier(name) else quote_string(name)
