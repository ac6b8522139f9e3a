"""The texts that the editor has open.

Edits are applied here, in the encoding of the client, with an index of lines that moves along.
What questions are answered from is a snapshot (`nixlint.ide.document.Document`), which never
changes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final

from lsprotocol.types import (
    Position,
    TextDocumentContentChangeEvent,
    TextDocumentContentChangePartial,
    TextDocumentItem,
)

from nixlint.ide.document import Document
from nixlint.ide.facts import text_hash
from nixlint.text.source import line_starts
from nixlint_lsp.moving import Shift
from nixlint_lsp.positions import code_points, end_of_line
from nixlint_lsp.uris import Uris

_REMEMBERED: Final = 4
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class LineIndex:
    """Where the lines of a text begin, kept up to date while it is edited.

    An edit moves all lines behind it. That is remembered as one number for all lines from
    `_moved` on, so typing in one place costs the same wherever it is.
    """

    def __init__(self, text: str) -> None:
        self._starts = line_starts(text)
        self._moved = len(self._starts)
        self._delta = 0

    def __len__(self) -> int:
        return len(self._starts)

    def start(self, line: int) -> int:
        """The offset of a line from 0."""
        return self._starts[line] + (self._delta if line >= self._moved else 0)

    def line_of(self, offset: int) -> int:
        """The line from 0 that holds an offset."""
        if self._moved < len(self._starts) and offset >= self.start(self._moved):
            return bisect_right(self._starts, offset - self._delta, lo=self._moved) - 1
        return bisect_right(self._starts, offset, hi=self._moved) - 1

    def starts(self) -> list[int]:
        """The offsets of all lines."""
        self._settle(len(self._starts))
        self._delta = 0
        return self._starts.copy()

    def replaced(self, before: int, start: int, end: int, text: str) -> None:
        """Take note of an edit: `start` to `end` of a text of the length `before` was replaced,
        and `text` is the whole of the new one."""
        change = len(text) - before
        # A CR before the edit or an LF behind it may belong to it, so one more on both sides.
        first = self.line_of(max(0, start - 1))
        last = self.line_of(min(before, end + 1))
        begin = self.start(first)
        is_last = last + 1 == len(self._starts)
        stop = len(text) if is_last else self.start(last + 1) + change
        found = line_starts(text[begin:stop])
        if not is_last:
            found.pop()
        self._settle(last + 1)
        self._starts[first + 1 : last + 1] = [begin + each for each in found[1:]]
        self._moved = first + len(found)
        self._delta += change

    def _settle(self, line: int) -> None:
        """Make `line` the first of those that the common number holds for."""
        starts, delta = self._starts, self._delta
        if self._moved < line:
            starts[self._moved : line] = [each + delta for each in starts[self._moved : line]]
        elif line < self._moved:
            starts[line : self._moved] = [each - delta for each in starts[line : self._moved]]
        self._moved = line


class OpenDocument:
    """A text in the editor. `path` is absolute, or "" for a text that is no file."""

    def __init__(self, uri: str, path: str, language: str, version: int, text: str) -> None:
        self.uri = uri
        self.path = path
        self.language = language
        self.version = version
        self.text = ""
        self.index = LineIndex("")
        self._snapshot: Document | None = None
        self._known: dict[int, str] = {}
        self._base = -1
        """The hash of the text that something is known about."""
        self._shift: tuple[int, str, Shift] | None = None
        self._replace_all(text)
        self.remember()

    @property
    def snapshot(self) -> Document:
        """The text as it is now, for good."""
        if self._snapshot is None:
            self._snapshot = Document(self.path, self.text, self.version)
        return self._snapshot

    @property
    def is_nix(self) -> bool:
        """Whether the text is code of Nix."""
        return self.path.endswith(".nix") or (self.language == "nix" and not self.is_data)

    @property
    def is_data(self) -> bool:
        """Whether the text is data, such as a lock."""
        return self.path.endswith((".lock", ".json", ".toml"))

    def shows(self, snapshot: Document) -> bool:
        """Whether a snapshot is the one of the text as it is now."""
        return self._snapshot is snapshot

    def remember(self) -> None:
        """Keep the text as it is now: something will soon be known about it."""
        key = text_hash(self.text)
        self._known.pop(key, None)
        self._known[key] = self.text
        while len(self._known) > _REMEMBERED:
            del self._known[next(each for each in self._known if each != self._base)]

    def gathered(self, known: int) -> None:
        """Of the texts that were remembered, the one with this hash is the one known about."""
        if known in self._known:
            self._base = known
            now = text_hash(self.text)
            self._known = {key: self._known[key] for key in (known, now) if key in self._known}

    def shift_from(self, known: int) -> Shift | None:
        """How places in the text with a hash lie in the text as it is now; None if that text is
        not known."""
        text = self._known.get(known)
        if text is None:
            return None
        if self._shift is None or self._shift[0] != known or self._shift[1] is not self.text:
            self._shift = (known, self.text, Shift(text, self.text))
        return self._shift[2]

    def change(
        self, version: int, changes: Sequence[TextDocumentContentChangeEvent], encoding: str
    ) -> None:
        """Apply changes, one after the other, in the order they are given."""
        self._snapshot = None
        self.version = version
        for change in changes:
            if isinstance(change, TextDocumentContentChangePartial):
                start = self.offset(change.range.start, encoding)
                end = self.offset(change.range.end, encoding)
                self._replace(min(start, end), max(start, end), change.text)
            else:
                self._replace_all(change.text)

    def offset(self, position: Position, encoding: str) -> int:
        """The offset of a position in the text as it is now."""
        line = position.line
        if line >= len(self.index):
            return len(self.text)
        start = self.index.start(line)
        if line + 1 < len(self.index):
            end = end_of_line(self.text, start, self.index.start(line + 1))
        else:
            end = len(self.text)
        return start + code_points(self.text[start:end], position.character, encoding)

    def _replace(self, start: int, end: int, new: str) -> None:
        old = self.text
        self.text = old[:start] + new + old[end:]
        if self._odd or _SURROGATE.search(new) is not None:
            # Halves of characters that come together make one character.
            self._replace_all(self.text)
            return
        self.index.replaced(len(old), start, end, self.text)

    def _replace_all(self, text: str) -> None:
        self._odd = _SURROGATE.search(text) is not None
        if self._odd:
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        self.text = text
        self.index = LineIndex(text)


class Documents:
    """All open texts, by URI and by path."""

    def __init__(self, uris: Uris) -> None:
        self.uris = uris
        self._by_uri: dict[str, OpenDocument] = {}

    def __iter__(self) -> Iterator[OpenDocument]:
        return iter(list(self._by_uri.values()))

    def __len__(self) -> int:
        return len(self._by_uri)

    def open(self, item: TextDocumentItem) -> OpenDocument:
        """A text was opened; one that already was is replaced."""
        path = self.uris.path(item.uri) or ""
        found = OpenDocument(item.uri, path, item.language_id, item.version, item.text)
        self._by_uri[self._key(item.uri)] = found
        return found

    def close(self, uri: str) -> OpenDocument | None:
        """A text was closed; None when it was not open."""
        return self._by_uri.pop(self._key(uri), None)

    def opened(self, uri: str) -> OpenDocument | None:
        """The open text of a URI, or None."""
        return self._by_uri.get(self._key(uri))

    def at(self, path: str) -> OpenDocument | None:
        """The open text of the file at an absolute path, or None."""
        return self._by_uri.get(path) if path else None

    def opened_as(self, snapshot: Document) -> OpenDocument | None:
        """The open text that a snapshot shows as it is now, or None."""
        for each in self._by_uri.values():
            if each.shows(snapshot):
                return each
        return None

    def get(self, uri: str) -> Document | None:
        """A snapshot of the open text of a URI, or None when it is not open."""
        found = self.opened(uri)
        return found.snapshot if found is not None else None

    def _key(self, uri: str) -> str:
        """Clients write the same file's URI in more than one way."""
        return self.uris.path(uri) or uri
