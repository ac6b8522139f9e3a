"""A JSON reader that remembers where everything stands.

It accepts exactly the language of RFC 8259, perhaps after a byte order mark. What breaks in files
that people or merges edited (conflict markers, a comma too many or too few) is reported in a user's
words and read over where the meaning is plain; other mistakes end the reading, and what was read
until there is returned.
Time is linear in the size of the text, and there is no recursion. Offsets are code points.
"""

from __future__ import annotations

import gc
import re
from typing import Final

from nixlint.text.span import Span

OBJECT: Final = "object"
ARRAY: Final = "array"
STRING: Final = "string"
NUMBER: Final = "number"
BOOLEAN: Final = "boolean"
NULL: Final = "null"

MAX_DEPTH: Final = 1000
"""How deep objects and arrays may be nested."""
MAX_ERRORS: Final = 20
"""Reading ends after that many mistakes."""
_LONGEST_NUMBER: Final = 1000

Scalar = str | int | float | bool | None

_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
    (?P<string>"[^"\\\x00-\x1f]*+(?:\\["\\/bfnrtu][^"\\\x00-\x1f]*+)*+")
    |(?P<mark>[{}\[\],:])
    |(?P<number>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?![0-9.\w])
    |(?P<word>true|false|null)(?!\w)
    |(?P<end>\Z)
    )""",
    re.VERBOSE,
)
_BLANK = re.compile(r"[ \t\n\r]*")
_CONFLICT = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?=[ \r\n]|\Z)", re.MULTILINE)
_BAD_ESCAPE = re.compile(r"\\u(?![0-9a-fA-F]{4})")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_JUNK = re.compile(r"""'[^'\n]*'?|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/)?|\#[^\n]*|[\w$.+-]+|.""",
                   re.VERBOSE | re.DOTALL)  # fmt: skip
_WORDS: Final = {"true": True, "false": False, "null": None}


class JsonError:
    """A mistake: its kind (`conflict`, `comma`, `duplicate`, `syntax`), and where it is.

    `first` is the place that a duplicate repeats.
    """

    __slots__ = ("kind", "message", "span", "first")

    def __init__(self, kind: str, message: str, span: Span, first: Span | None = None) -> None:
        self.kind = kind
        self.message = message
        self.span = span
        self.first = first

    def __repr__(self) -> str:
        return f"JsonError({self.kind!r}, {self.message!r}, {self.span!r})"


class JsonValue:
    """A value and its place. `kind` is one of `OBJECT` … `NULL`.

    `scalar` is the Python value of a string, number, boolean or null; `items` the elements of an
    array; `members` the attributes of an object in the order of the text (of two with one key
    the last counts, and stands at its own place).
    """

    __slots__ = ("kind", "start", "end", "scalar", "items", "members")

    def __init__(self, kind: str, start: int, end: int, scalar: Scalar = None) -> None:
        self.kind = kind
        self.start = start
        self.end = end
        self.scalar = scalar
        self.items: list[JsonValue] = [] if kind == ARRAY else _NO_ITEMS
        self.members: dict[str, JsonMember] = {} if kind == OBJECT else _NO_MEMBERS

    @property
    def span(self) -> Span:
        return Span(self.start, self.end)

    @property
    def text(self) -> str | None:
        """The value of a string; None for anything else."""
        return self.scalar if isinstance(self.scalar, str) else None

    def get(self, key: str) -> JsonValue | None:
        """The value of an object's attribute; None when there is none, or no object."""
        member = self.members.get(key)
        return member.value if member is not None else None

    def text_at(self, key: str) -> str | None:
        """The value of an object's attribute when that is a string."""
        value = self.get(key)
        return value.text if value is not None else None

    def member_at(self, path: tuple[str, ...]) -> JsonMember | None:
        """The attribute that a path of keys leads to."""
        at: JsonValue = self
        member: JsonMember | None = None
        for key in path:
            member = at.members.get(key)
            if member is None:
                return None
            at = member.value
        return member


class JsonMember:
    """One attribute of an object; `key_start` and `key_end` include the quotes."""

    __slots__ = ("key", "key_start", "key_end", "value")

    def __init__(self, key: str, key_start: int, key_end: int, value: JsonValue) -> None:
        self.key = key
        self.key_start = key_start
        self.key_end = key_end
        self.value = value

    @property
    def key_span(self) -> Span:
        return Span(self.key_start, self.key_end)


# Shared by all values that hold nothing; never changed.
_NO_ITEMS: Final[list[JsonValue]] = []
_NO_MEMBERS: Final[dict[str, JsonMember]] = {}


class JsonDocument:
    """What a text holds: the outermost value (None if there is none at all) and the mistakes."""

    __slots__ = ("value", "errors")

    def __init__(self, value: JsonValue | None, errors: list[JsonError]) -> None:
        self.value = value
        self.errors = errors


def read_json(text: str) -> JsonDocument:
    """Read a text. Never raises."""
    # Nothing made here is garbage before the end, so the collector may rest.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(text)
    finally:
        if collecting:
            gc.enable()


def _read(text: str) -> JsonDocument:
    errors: list[JsonError] = []
    if _CONFLICT.search(text) is not None:
        text = without_conflicts(text, errors)
    reader = _Reader(text, errors)
    reader.read()
    if not errors:
        bad = _SURROGATE.search(text)
        if bad is not None:
            message = "a byte that is not UTF-8"
            errors.append(JsonError("syntax", message, Span(bad.start(), bad.end())))
    errors.sort(key=_start_of)
    return JsonDocument(reader.root, errors)


def _start_of(error: JsonError) -> int:
    return error.span.start


def without_conflicts(text: str, errors: list[JsonError]) -> str:
    """`text` with the first side of every merge conflict, everything else of it blanked out.

    Offsets stay the same. One error is added for each conflict.
    """
    pieces: list[str] = []
    at = 0
    opened = -1
    keeping = True
    for found in _CONFLICT.finditer(text):
        line_end = text.find("\n", found.start())
        line_end = len(text) if line_end < 0 else line_end
        piece = text[at : found.start()]
        pieces.append(piece if keeping else " " * len(piece))
        pieces.append(" " * (line_end - found.start()))
        at = line_end
        mark = text[found.start()]
        if mark == "<":
            if opened >= 0:
                _add_conflict(text, opened, found.start(), errors)
            opened, keeping = found.start(), True
        elif mark == ">":
            _add_conflict(text, opened if opened >= 0 else found.start(), line_end, errors)
            opened, keeping = -1, True
        elif opened >= 0:
            keeping = False
        else:
            _add_conflict(text, found.start(), line_end, errors)
    if opened >= 0:
        _add_conflict(text, opened, len(text), errors)
    piece = text[at:]
    pieces.append(piece if keeping else " " * len(piece))
    return "".join(pieces)


def _add_conflict(text: str, start: int, end: int, errors: list[JsonError]) -> None:
    if len(errors) >= MAX_ERRORS:
        return
    marker = text[start : start + 7]
    if marker == "<<<<<<<":
        complete = ">>>>>>>" in text[start:end]
        message = "an unresolved merge conflict"
        if not complete:
            message += ", without its end ('>>>>>>>')"
        first_line = text.find("\n", start)
        end = first_line if 0 <= first_line < end else end
    else:
        message = f"a marker of a merge conflict ('{marker}') without its beginning ('<<<<<<<')"
    errors.append(JsonError("conflict", message, Span(start, end)))


class _Reader:
    """Reads one text. `stack` holds the open objects and arrays, `member` the key at hand."""

    def __init__(self, text: str, errors: list[JsonError]) -> None:
        self.text = text
        self.errors = errors
        self.root: JsonValue | None = None
        self.stack: list[JsonValue] = []
        self.keys: list[tuple[str, int, int] | None] = []
        """For each open container the key whose value comes next, if it is an object."""

    def read(self) -> None:
        """The main loop: `value_next` says whether a value (or key) or a comma is due."""
        text = self.text
        match = _TOKEN.match
        # Nix, too, reads over a byte order mark.
        at = 1 if text.startswith("\ufeff") else 0
        value_next = True
        after_comma = -1
        while True:
            found = match(text, at)
            if found is None:
                self.stuck(at)
                break
            kind = found.lastgroup
            at = found.end()
            start = found.start(kind or 0)
            if kind == "end":
                self.finish(start)
                break
            mark = text[start]
            if self.root is not None and not self.stack:
                self.fail("text after the end of the JSON value", start, len(text.rstrip()))
                break
            if kind == "mark" and mark in "}]":
                if not self.close(mark, start, at, after_comma):
                    break
                value_next, after_comma = False, -1
                continue
            if kind == "mark" and mark == ",":
                if value_next:
                    self.fail("a value is missing before this ','", start, at)
                    break
                value_next, after_comma = True, start
                continue
            if kind == "mark" and mark == ":":
                self.fail("':' can only follow a key", start, at)
                break
            if not value_next:
                if not self.comma_missing(start):
                    break
            after_comma = -1
            if self.stack and self.stack[-1].kind == OBJECT:
                found = self.read_key(start, at, kind)
                if found is None:
                    break
                kind = found.lastgroup
                at = found.end()
                start = found.start(kind or 0)
                mark = text[start : start + 1]
                if kind == "end" or (kind == "mark" and mark not in "{["):
                    if kind == "end":
                        self.finish(start)
                    else:
                        self.fail("the value is missing", start, at)
                    break
            value = self.value(kind or "", start, at)
            self.add(value)
            value_next = False
            if value.kind == OBJECT or value.kind == ARRAY:
                if len(self.stack) >= MAX_DEPTH:
                    self.fail(f"nested more than {MAX_DEPTH} deep", start, at)
                    break
                self.stack.append(value)
                self.keys.append(None)
                value_next = True
            if len(self.errors) >= MAX_ERRORS:
                break
        for value in self.stack:
            value.end = len(text.rstrip(" \t\r\n"))

    def read_key(self, start: int, end: int, kind: str | None) -> re.Match[str] | None:
        """Read `"key":`; the token after it. None after a mistake that ends the reading."""
        if kind != "string":
            found = "a key must be a string in double quotes"
            self.fail(found, start, end)
            return None
        key = self.string(start, end)
        members = self.stack[-1].members
        old = members.get(key)
        if old is not None and len(self.errors) < MAX_ERRORS:
            message = f"the key '{key}' appears twice; the last one counts"
            self.errors.append(JsonError("duplicate", message, Span(start, end), old.key_span))
        self.keys[-1] = (key, start, end)
        colon = _TOKEN.match(self.text, end)
        if colon is None:
            self.stuck(end)
            return None
        at = colon.start(colon.lastgroup or 0)
        if colon.lastgroup == "end":
            self.finish(at)
            return None
        if self.text[at] != ":":
            self.fail(f"':' is missing after the key '{key}'", start, end)
            return None
        value = _TOKEN.match(self.text, colon.end())
        if value is None:
            self.stuck(colon.end())
        return value

    def value(self, kind: str, start: int, end: int) -> JsonValue:
        """The value that a token begins."""
        text = self.text
        if kind == "string":
            return JsonValue(STRING, start, end, self.string(start, end))
        if kind == "number":
            return JsonValue(NUMBER, start, end, _number(text[start:end]))
        if kind == "word":
            word = text[start:end]
            return JsonValue(NULL if word == "null" else BOOLEAN, start, end, _WORDS[word])
        return JsonValue(OBJECT if text[start] == "{" else ARRAY, start, end)

    def string(self, start: int, end: int) -> str:
        """What the string between two offsets says."""
        inner = self.text[start + 1 : end - 1]
        if "\\" not in inner:
            return inner
        bad = _BAD_ESCAPE.search(inner)
        if bad is not None:
            at = start + 1 + bad.start()
            self.fail("'\\u' must be followed by four hexadecimal digits", at, at + 2)
            return inner
        import json

        out = json.loads(self.text[start:end])
        assert isinstance(out, str)
        if _SURROGATE.search(out) is not None and _SURROGATE.search(inner) is None:
            self.fail("half of a surrogate pair", start, end)
        return out

    def add(self, value: JsonValue) -> None:
        """Put a value where it belongs."""
        if not self.stack:
            self.root = value
            return
        owner = self.stack[-1]
        key = self.keys[-1]
        if key is None:
            owner.items.append(value)
            return
        # The order is that of the last of several with one key.
        owner.members.pop(key[0], None)
        owner.members[key[0]] = JsonMember(key[0], key[1], key[2], value)
        self.keys[-1] = None

    def close(self, mark: str, start: int, end: int, after_comma: int) -> bool:
        """Close the innermost object or array; False when that ends the reading."""
        if not self.stack:
            self.fail(f"'{mark}' closes nothing", start, end)
            return False
        owner = self.stack[-1]
        opener = "{" if owner.kind == OBJECT else "["
        if (mark == "}") != (owner.kind == OBJECT):
            self.fail(f"'{mark}' cannot close the '{opener}' before it", start, end)
            return False
        if after_comma >= 0:
            message = f"a comma before '{mark}', which JSON does not allow"
            self.errors.append(JsonError("comma", message, Span(after_comma, after_comma + 1)))
        owner.end = end
        self.stack.pop()
        self.keys.pop()
        return True

    def comma_missing(self, start: int) -> bool:
        """Report a missing comma before `start`; False when that ends the reading."""
        end = start
        while end > 0 and self.text[end - 1] in " \t\r\n":
            end -= 1
        self.errors.append(JsonError("comma", "a comma is missing here", Span(end, end)))
        return len(self.errors) < MAX_ERRORS

    def finish(self, at: int) -> None:
        """The text ends at `at`: complain if something is still open."""
        if self.root is None:
            self.fail("there is no JSON value: the file is empty", 0, 0)
        elif self.stack:
            owner = self.stack[-1]
            opener = "{" if owner.kind == OBJECT else "["
            last = len(self.text[: at + 1].rstrip(" \t\r\n"))
            message = f"the file is cut off: '{opener}' is never closed"
            self.errors.append(
                JsonError("syntax", message, Span(last, last), Span(owner.start, owner.start + 1))
            )

    def stuck(self, at: int) -> None:
        """No token begins here: say why."""
        text = self.text
        blank = _BLANK.match(text, at)
        start = blank.end() if blank is not None else at
        char = text[start]
        if char == '"':
            self.bad_string(start)
            return
        junk = _JUNK.match(text, start)
        end = junk.end() if junk is not None else start + 1
        word = text[start : min(end, start + 40)]
        if char == "'":
            message = "strings are written in double quotes"
        elif char == "#" or word.startswith(("//", "/*")):
            message = "JSON has no comments"
            end = min(end, start + 2)
        elif word[0].isdigit() or word[0] in "-+.":
            message = f"'{word}' is not a number"
        elif "true".startswith(word) or "false".startswith(word) or "null".startswith(word):
            if end == len(text.rstrip()):
                message = f"the file is cut off after '{word}'"
            else:
                message = f"'{word}' is not a JSON value"
        else:
            message = f"'{word}' is not a JSON value"
        self.fail(message, start, end)

    def bad_string(self, start: int) -> None:
        """A string that is no string: never closed, or with something forbidden in it."""
        text = self.text
        at = start + 1
        stop = re.compile(r'["\x00-\x1f]|\\(?:["\\/bfnrtu])?').search
        while True:
            found = stop(text, at)
            if found is None:
                self.fail("the file is cut off inside a string", start, len(text))
                return
            piece = found.group()
            if piece == "\\":
                if found.end() >= len(text):
                    self.fail("the file is cut off inside a string", start, len(text))
                else:
                    what = text[found.start() : found.start() + 2]
                    self.fail(
                        f"'{what}' is not an escape of JSON", found.start(), found.start() + 2
                    )
                return
            if len(piece) == 1 and piece != '"':
                if piece in "\r\n":
                    self.fail("the string is not closed before the end of the line",
                              start, found.start())  # fmt: skip
                else:
                    self.fail("a control character must be written as an escape in a string",
                              found.start(), found.end())  # fmt: skip
                return
            at = found.end()

    def fail(self, message: str, start: int, end: int) -> None:
        self.errors.append(JsonError("syntax", message, Span(start, end)))


def _number(text: str) -> int | float:
    if text.lstrip("-").isdigit() and len(text) < _LONGEST_NUMBER:
        return int(text)
    try:
        return float(text)
    except (OverflowError, ValueError):
        return float("inf")
