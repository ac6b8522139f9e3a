"""What each word of a file is, for coloring."""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.knowledge.library import builtin_entry
from nixlint.ide.knowledge.nearby import remember
from nixlint.semantic.builtins import is_global
from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_BUILTIN,
    DEF_FORMAL,
    REF_IMPLICIT,
    Definition,
)
from nixlint.syntax.ids import (
    T_ASSERT,
    T_BLOCK_COMMENT,
    T_COMMENT,
    T_ELSE,
    T_FLOAT,
    T_HPATH,
    T_ID,
    T_IF,
    T_IN,
    T_IND_CLOSE,
    T_IND_OPEN,
    T_IND_STR,
    T_INHERIT,
    T_INT,
    T_LET,
    T_OR,
    T_PATH,
    T_PATH_STR,
    T_REC,
    T_SPATH,
    T_STR,
    T_THEN,
    T_URI,
    T_WITH,
)
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ExprLambda,
    Node,
    unparen,
)

TYPES: Final = (
    "comment", "string", "number", "keyword", "variable", "parameter", "function", "property",
    "namespace",
)  # fmt: skip
"""The types of the protocol that are used; a token's type is an index here."""
MODIFIERS: Final = ("declaration", "defaultLibrary", "readonly", "documentation")

COMMENT: Final = 0
STRING: Final = 1
NUMBER: Final = 2
KEYWORD: Final = 3
VARIABLE: Final = 4
PARAMETER: Final = 5
FUNCTION: Final = 6
PROPERTY: Final = 7
NAMESPACE: Final = 8

DECLARATION: Final = 1
LIBRARY: Final = 2
READONLY: Final = 4
DOCUMENTATION: Final = 8

_BY_TERMINAL: Final = {
    T_COMMENT: COMMENT,
    T_BLOCK_COMMENT: COMMENT,
    T_STR: STRING,
    T_IND_STR: STRING,
    T_IND_OPEN: STRING,
    T_IND_CLOSE: STRING,
    T_PATH: STRING,
    T_HPATH: STRING,
    T_SPATH: STRING,
    T_PATH_STR: STRING,
    T_URI: STRING,
    T_INT: NUMBER,
    T_FLOAT: NUMBER,
    T_IF: KEYWORD,
    T_THEN: KEYWORD,
    T_ELSE: KEYWORD,
    T_ASSERT: KEYWORD,
    T_WITH: KEYWORD,
    T_LET: KEYWORD,
    T_IN: KEYWORD,
    T_REC: KEYWORD,
    T_INHERIT: KEYWORD,
    T_OR: KEYWORD,
}
_MEMO: Final = "tokens"


class Token:
    """A word on one line: offsets, index into `TYPES`, bits of `MODIFIERS`."""

    __slots__ = ("end", "modifiers", "start", "type")

    def __init__(self, start: int, end: int, kind: int, modifiers: int) -> None:
        self.start = start
        self.end = end
        self.type = kind
        self.modifiers = modifiers


def tokens(document: Document, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of a file, or those that touch the text from `start` to `end`, in order."""
    known: list[Token] | None = document.memo.get(_MEMO)
    if known is None:
        remember(document)
        known = _all(document)
        document.memo[_MEMO] = known
    if end is None:
        return known
    first = bisect_left(known, start, key=_end_of)
    last = bisect_left(known, end, key=_start_of)
    return known[first:last]


def _end_of(token: Token) -> int:
    return token.end - 1


def _start_of(token: Token) -> int:
    return token.start


def _all(document: Document) -> list[Token]:
    names = _names(document)
    out: list[Token] = []
    row = document.tree.tokens
    text = document.text
    for index in range(len(row)):
        kind = row.kind(index)
        if kind == T_ID:
            found = names.get(row.start(index))
            if found is not None and row.end(index) > row.start(index):
                out.append(Token(row.start(index), row.end(index), found[0], found[1]))
            continue
        found_type = _BY_TERMINAL.get(kind)
        if found_type is None:
            continue
        start, end = row.start(index), row.end(index)
        if start == end:
            continue
        modifiers = 0
        if kind == T_BLOCK_COMMENT and text.startswith("/**", start) and end - start > 4:
            modifiers = DOCUMENTATION
        if kind == T_OR and start in names:
            found_type, modifiers = names[start]
        _add_lines(out, text, start, end, found_type, modifiers)
    return out


def _add_lines(
    out: list[Token], text: str, start: int, end: int, kind: int, modifiers: int
) -> None:
    """A token must not reach over the end of a line."""
    at = start
    while at < end:
        stop = at
        while stop < end and text[stop] not in "\r\n":
            newline = text.find("\n", stop, end)
            back = text.find("\r", stop, end)
            ends = [each for each in (newline, back) if each >= 0]
            stop = min(ends) if ends else end
        if text[at:stop].strip():
            out.append(Token(at, stop, kind, modifiers))
        at = stop + 1


def _names(document: Document) -> dict[int, tuple[int, int]]:
    """Offset of a name → its type and modifiers."""
    out: dict[int, tuple[int, int]] = {}
    root = document.tree.root
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, AttrPath):
            for name in node.names():
                if name.inner is None:
                    out[name.start] = (PROPERTY, 0)
                else:
                    stack.append(name.inner)
            continue
        if isinstance(node, AttrName) and node.inner is None:
            out[node.start] = (PROPERTY, 0)
        elif isinstance(node, Binding):
            last = node.path.names()[-1]
            stack.append(node.value)
            for name in node.path.names():
                if name.inner is None:
                    out[name.start] = (PROPERTY, DECLARATION)
                else:
                    stack.append(name.inner)
            if last.inner is None and isinstance(unparen(node.value), ExprLambda):
                out[last.start] = (FUNCTION, DECLARATION)
            continue
        stack.extend(node.children())
    for definition in document.model.definitions:
        kind = _kind_of(definition)
        if definition.kind != DEF_BUILTIN:
            for node in definition.nodes():
                out[node.start] = (kind[0], kind[1] | DECLARATION)
        for reference in definition.references:
            if reference.kind != REF_IMPLICIT:
                out[reference.node.start] = kind
    for reference in document.model.references:
        if reference.definition is None and reference.kind != REF_IMPLICIT:
            out[reference.node.start] = (VARIABLE, 0)
    return out


def _kind_of(definition: Definition) -> tuple[int, int]:
    if definition.kind == DEF_BUILTIN:
        name = definition.name
        if name in ("true", "false", "null"):
            return VARIABLE, LIBRARY | READONLY
        if name == "builtins":
            return NAMESPACE, LIBRARY
        entry = builtin_entry(name) if is_global(name) else None
        is_function = entry is None or bool(entry.parameters)
        return (FUNCTION if is_function else VARIABLE), LIBRARY
    if definition.kind in (DEF_ARG, DEF_AT, DEF_FORMAL):
        return PARAMETER, 0
    owner = definition.owner
    if isinstance(owner, Binding) and owner.path.rest is None:
        if isinstance(unparen(owner.value), ExprLambda):
            return FUNCTION, 0
    return VARIABLE, 0
