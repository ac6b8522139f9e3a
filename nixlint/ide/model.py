"""What the questions of an editor are answered with.

Nothing here knows the protocol: paths are absolute, offsets are code points, `end` is exclusive.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import Edit

# Kinds of symbols and completions: the words of the Nix language and its modules.
VARIABLE: Final = "variable"
FUNCTION: Final = "function"
FORMAL: Final = "formal"
ATTRIBUTE: Final = "attribute"
KEYWORD: Final = "keyword"
BUILTIN: Final = "builtin"
LIBRARY: Final = "library"
MODULE: Final = "module"
OPTION: Final = "option"
INPUT: Final = "input"
PACKAGE: Final = "package"
FILE: Final = "file"
FOLDER: Final = "folder"
RULE: Final = "rule"
STRING: Final = "string"
NUMBER: Final = "number"
BOOLEAN: Final = "boolean"
LIST: Final = "list"
SET: Final = "set"
NULL: Final = "null"
PATH: Final = "path"


class Place:
    """A piece of a file."""

    __slots__ = ("end", "path", "start")

    def __init__(self, path: str, start: int, end: int) -> None:
        self.path = path
        self.start = start
        self.end = end

    def __repr__(self) -> str:
        return f"{self.path}:{self.start}-{self.end}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def key(self) -> tuple[str, int, int]:
        """What places are compared by."""
        return (self.path, self.start, self.end)


class Link:
    """Where a piece of the asking file leads: `start` and `end` are the piece, `target` the whole
    thing there, `name` its name."""

    def __init__(self, start: int, end: int, target: Place, name: Place | None = None) -> None:
        self.start = start
        self.end = end
        self.target = target
        self.name = name if name is not None else target


class Hover:
    """What to show at a place: Markdown, and the piece of text that it is about."""

    def __init__(self, markdown: str, start: int, end: int) -> None:
        self.markdown = markdown
        self.start = start
        self.end = end


class Symbol:
    """A named part of a file, with those inside of it."""

    def __init__(
        self, name: str, kind: str, detail: str, whole: tuple[int, int], own: tuple[int, int]
    ) -> None:
        self.name = name
        self.kind = kind
        self.detail = detail
        self.whole = whole
        """Start and end of all of it."""
        self.own = own
        """Start and end of its name."""
        self.children: list[Symbol] = []


class Completion:
    """One proposal: `text` replaces what lies from `start` to `end`.

    `snippet` says whether `text` has the placeholders of the protocol (`${1:value}`).
    `order` sorts proposals, lowest first; `data` finds the documentation later.
    """

    def __init__(
        self,
        label: str,
        kind: str,
        start: int,
        end: int,
        text: str = "",
        detail: str = "",
        documentation: str = "",
        snippet: bool = False,
        order: int = 5,
        deprecated: bool = False,
        data: str = "",
    ) -> None:
        self.label = label
        self.kind = kind
        self.start = start
        self.end = end
        self.text = text or label
        self.detail = detail
        self.documentation = documentation
        self.snippet = snippet
        self.order = order
        self.deprecated = deprecated
        self.data = data


class Change:
    """Files to be made (path → text), edits in several files, and files to be moved (old path →
    new path), in this order."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.edits: dict[str, list[Edit]] = {}
        self.moves: list[tuple[str, str]] = []

    def add(self, path: str, edit: Edit) -> None:
        """Add an edit in the file at an absolute path."""
        self.edits.setdefault(path, []).append(edit)


class RefusedError(Exception):
    """What was asked for cannot be done without changing what the code means.

    The message is one sentence for the user.
    """
