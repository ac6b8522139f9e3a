"""What an editor wants to complete: where in the language an offset is, in whole or broken text."""

from __future__ import annotations

import re
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.knowledge.nodes_at import is_unclosed, path_to
from nixlint.syntax.ids import (
    T_BLOCK_COMMENT,
    T_COMMENT,
    T_HPATH,
    T_IND_STR,
    T_LBRACE,
    T_PATH,
    T_PATH_STR,
    T_SEMICOLON,
    T_SPATH,
    T_STR,
)
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ErrorNode,
    ExprAttrs,
    ExprLambda,
    ExprLet,
    ExprOpHasAttr,
    ExprSelect,
    Formals,
    Inherit,
    Node,
)

COMMENT: Final = "comment"
STRING: Final = "string"
PATH: Final = "path"
SELECT: Final = "select"
INHERIT: Final = "inherit"
KEY: Final = "key"
FORMAL: Final = "formal"
EXPRESSION: Final = "expression"
NOTHING: Final = "nothing"

_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*\Z")
_PATH: Final = re.compile(r"(?:^|(?<=[\s=(\[{;,:]))(?:\.{1,2}|~)?/[\w./+-]*\Z|(?<![\w.])\.{1,2}/\Z")
_SEARCH: Final = 400


class Context:
    """Where an offset is.

    `kind` is one of the constants above. `start` is where the word begins that is being written,
    `prefix` its text up to the offset. `path` are the nodes around the word.
    """

    def __init__(self, kind: str, document: Document, start: int, offset: int) -> None:
        self.kind = kind
        self.document = document
        self.start = start
        self.offset = offset
        self.path: list[Node] = []
        self.owner: Node | None = None
        """Of `SELECT` the selection, of `KEY` the set or `let`, of `INHERIT` the `inherit`, of
        `FORMAL` the function."""
        self.attrs: AttrPath | None = None
        """The attribute path that the word is part of, for `SELECT` and `KEY`."""

    @property
    def prefix(self) -> str:
        """What is written of the word."""
        return self.document.text[self.start : self.offset]

    def before(self) -> list[AttrName]:
        """The components of the attribute path before the word."""
        if self.attrs is None:
            return []
        return [name for name in self.attrs.names() if name.end < self.start]

    def followed_by(self, marks: str) -> bool:
        """Whether one of the characters comes next, after the word and blanks."""
        text = self.document.text
        at = self.offset
        while at < len(text) and (text[at].isalnum() or text[at] in "_'-"):
            at += 1
        while at < len(text) and text[at] in " \t":
            at += 1
        return at < len(text) and text[at] in marks


def context_at(document: Document, offset: int) -> Context:
    """Where an offset is."""
    text = document.text
    found = _WORD.search(text, max(0, offset - _SEARCH), offset)
    start = found.start() if found is not None else offset
    tokens = document.tree.tokens
    index = tokens.index_at(max(0, offset - 1))
    kind = tokens.kind(index)
    inside = tokens.start(index) < offset
    if inside and kind == T_COMMENT and offset <= tokens.end(index):
        return Context(COMMENT, document, start, offset)
    if inside and kind == T_BLOCK_COMMENT and offset < tokens.end(index):
        return Context(COMMENT, document, start, offset)
    if inside and kind in (T_STR, T_IND_STR) and offset <= tokens.end(index):
        return _with_path(Context(STRING, document, start, offset))
    if offset and text[offset - 1] == '"' and _opens_string(document, offset - 1):
        return _with_path(Context(STRING, document, offset, offset))
    if inside and kind in (T_PATH, T_HPATH, T_PATH_STR, T_SPATH) and offset <= tokens.end(index):
        if kind != T_SPATH:
            return Context(PATH, document, tokens.start(index), offset)
        return Context(NOTHING, document, start, offset)
    if offset and text[offset - 1] == "/":
        written = _PATH.search(text, max(0, offset - _SEARCH), offset)
        if written is not None and written[0] != "/":
            return Context(PATH, document, written.start(), offset)
    context = _in_code(document, start, offset)
    if context.kind == EXPRESSION and document.tree.errors and _begins_binding(document, start):
        # Recovery may have taken the first word of a binding for something else.
        patched = Document(document.path, f"{text[:offset]} = null;{text[offset:]}")
        again = _in_code(patched, start, offset)
        if again.kind == KEY:
            return again
    return context


def _begins_binding(document: Document, start: int) -> bool:
    """Whether a word follows right behind `;` or `{`."""
    tokens = document.tree.tokens
    index = tokens.previous_solid(tokens.index_at(start) - 1)
    while index > 0 and tokens.start(index) == tokens.end(index):
        index = tokens.previous_solid(index - 1)
    return index >= 0 and tokens.kind(index) in (T_SEMICOLON, T_LBRACE)


def _opens_string(document: Document, at: int) -> bool:
    """Whether the quote at an offset opens a string that is empty so far."""
    return any(node.start == at for node in path_to(document, at + 1))


def _with_path(context: Context) -> Context:
    context.path = path_to(context.document, context.offset)
    return context


def _in_code(document: Document, start: int, offset: int) -> Context:
    text = document.text
    dot = start - 1
    while dot >= 0 and text[dot] in " \t\r\n":
        dot -= 1
    after_dot = dot >= 0 and text[dot] == "." and not text.endswith("..", 0, dot + 1)
    probe = start if start < offset else (dot + 1 if after_dot else offset)
    path = path_to(document, probe)
    context = Context(EXPRESSION, document, start, offset)
    context.path = path
    if after_dot:
        if dot and text[dot - 1].isdigit() and _is_number(text, dot):
            context.kind = NOTHING
            return context
        return _after_dot(context)
    for index in range(len(path) - 1, -1, -1):
        node = path[index]
        if isinstance(node, (ExprSelect, ExprOpHasAttr)):
            if any(each is node.path for each in path) and probe >= node.path.start:
                context.kind, context.owner, context.attrs = SELECT, node, node.path
                return context
            return context
        if isinstance(node, Inherit):
            context.owner = node
            context.kind = INHERIT
            return context
        if isinstance(node, Formals):
            context.kind = FORMAL
            if index >= 2:
                context.owner = path[index - 2]
            return context
        if isinstance(node, (ExprAttrs, ExprLet)):
            return _between(context, node, probe)
        if isinstance(node, Binding):
            if probe <= node.path.end:
                context.kind, context.attrs = KEY, node.path
                context.owner = path[index - 1]
            elif _is_done(node, text, probe):
                continue
            return context
        if isinstance(node, ExprLambda) and probe <= node.arg.end:
            context.kind = NOTHING
            return context
        if not isinstance(node, (AttrName, AttrPath, ErrorNode)) and probe > node.start:
            if node.kind not in _OPEN:
                return context
    return context


_OPEN: Final = frozenset((0,))


def _is_number(text: str, dot: int) -> bool:
    at = dot - 1
    while at >= 0 and text[at].isdigit():
        at -= 1
    return at < 0 or not (text[at].isalnum() or text[at] in "_'-")


def _is_done(bind: Binding, text: str, probe: int) -> bool:
    """Whether an offset is behind the semicolon of a binding."""
    closed = text[bind.end - 1 : bind.end] == ";" and bind.value.end < bind.end
    return probe >= bind.end and closed


def _between(context: Context, node: ExprAttrs | ExprLet, probe: int) -> Context:
    """In a set or `let`, in none of its bindings."""
    before = [bind for bind in node.binds[-3:] if bind.start < probe]
    if not before or before[-1] is node.binds[-1]:
        last = next((bind for bind in reversed(before) if bind.end <= probe), None)
        if isinstance(last, Inherit) and context.document.text[last.end - 1] != ";":
            context.kind = INHERIT
            context.owner = last
            return context
    if isinstance(node, ExprLet):
        if probe > node.body.start or (probe == node.body.start and node.body.end > probe):
            return context
        if _behind_in(context.document, node, probe):
            return context
    elif probe <= node.start or (
        probe >= node.end and not is_unclosed(context.document.text, node)
    ):
        return context
    context.kind = KEY
    context.owner = node
    return context


def _behind_in(document: Document, node: ExprLet, probe: int) -> bool:
    """Whether `in` stands between the last binding of a `let` and an offset."""
    begin = node.binds[-1].end if node.binds else node.start + 3
    return re.search(r"(?<![\w'-])in(?![\w'-])", document.text[begin:probe]) is not None


def _after_dot(context: Context) -> Context:
    """Behind a dot: in a selection, or in the key of a binding."""
    path = context.path
    probe = context.start if context.prefix else None
    for index in range(len(path) - 1, -1, -1):
        node = path[index]
        if isinstance(node, (ExprSelect, ExprOpHasAttr)):
            context.kind, context.owner, context.attrs = SELECT, node, node.path
            return context
        if isinstance(node, Binding):
            context.attrs = node.path
            context.kind = KEY
            context.owner = path[index - 1]
            if (probe if probe is not None else context.start) > node.value.start:
                if node.value.end > node.value.start:
                    context.kind = NOTHING
            return context
    context.kind = NOTHING
    return context
