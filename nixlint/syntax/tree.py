"""A parsed file."""

from __future__ import annotations

from nixlint.syntax.errors import ParseError
from nixlint.syntax.lexer import Tokens
from nixlint.syntax.nodes import (
    BINDING,
    EXPR_ATTRS,
    EXPR_CALL,
    EXPR_LEGACY_LET,
    EXPR_LET,
    EXPR_PATH,
    EXPR_SELECT,
    EXPR_STRING,
    EXPR_VAR,
    N_KINDS,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprCall,
    ExprPath,
    ExprSelect,
    ExprString,
    Node,
    Root,
)
from nixlint.text.span import Span


class Tree:
    """The tree of one text, its tokens, and what is wrong with it (in the order of the text)."""

    def __init__(self, text: str, root: Root, tokens: Tokens, errors: list[ParseError]) -> None:
        self.text = text
        self.root = root
        self.tokens = tokens
        self.errors = errors
        self.may_have_nul = True
        """Whether a NUL may be in the text: the lexer knows more cheaply than a search."""
        self._index: NodeIndex | None = None

    @property
    def has_nul(self) -> bool:
        """Whether there is a NUL in the text, which Nix does not read on from."""
        return self.may_have_nul and "\0" in self.text

    def text_of(self, node: Node) -> str:
        """The text of a node, blanks and comments inside it included."""
        return self.text[node.start : node.end]

    def comments(self) -> list[Span]:
        """All comments in order."""
        return self.tokens.comments()

    @property
    def is_indexed(self) -> bool:
        """Whether the nodes have been sorted out by kind."""
        return self._index is not None

    def drop_index(self) -> None:
        """Frees what `index` has made, in a tree that is kept for other things."""
        self._index = None

    @property
    def index(self) -> NodeIndex:
        """The nodes by kind, sorted out at the first question."""
        index = self._index
        if index is None:
            index = NodeIndex(self.root)
            self._index = index
        return index

    def nodes(self, kind: int) -> list[Node]:
        """All nodes of a kind, each before those inside of it; otherwise in no certain order.

        Attribute paths that belong to bindings and selections, and their names, are not here.
        """
        return self.index.by_kind[kind]


class NodeIndex:
    """The nodes of a tree by kind, so that nobody need walk through all for the few they want.

    `sets` holds sets and both sorts of `let`, each before those inside of it.
    """

    def __init__(self, root: Root) -> None:
        by_kind: list[list[Node]] = []
        for _ in range(N_KINDS):
            by_kind.append([])
        sets: list[Node] = []
        stack: list[Node] = [root]
        # The commonest nodes push their children themselves: `children()` makes a list.
        while stack:
            node = stack.pop()
            kind = node.kind
            by_kind[kind].append(node)
            if kind == EXPR_VAR:
                continue
            if kind == BINDING:
                assert isinstance(node, Binding)
                _push_path(node.path, stack)
                stack.append(node.value)
            elif kind == EXPR_CALL:
                assert isinstance(node, ExprCall)
                stack.append(node.fn)
                stack.extend(node.args)
            elif kind == EXPR_ATTRS:
                assert isinstance(node, ExprAttrs)
                sets.append(node)
                if node.binds:
                    stack.extend(node.binds)
            elif kind == EXPR_PATH:
                assert isinstance(node, ExprPath)
                if node.parts is not None:
                    stack.extend(node.parts)
            elif kind == EXPR_SELECT:
                assert isinstance(node, ExprSelect)
                stack.append(node.base)
                _push_path(node.path, stack)
                if node.default is not None:
                    stack.append(node.default)
            elif kind == EXPR_STRING:
                assert isinstance(node, ExprString)
                if node.parts is not None:
                    stack.extend(node.parts)
            else:
                if kind == EXPR_LET or kind == EXPR_LEGACY_LET:
                    sets.append(node)
                stack.extend(node.children())
        self.by_kind = by_kind
        self.sets = sets


def _push_path(path: AttrPath, stack: list[Node]) -> None:
    """Puts what is inside the keys of a path on the stack; most keys have nothing inside."""
    inner = path.first.inner
    if inner is not None:
        stack.append(inner)
    if path.rest is not None:
        for name in path.rest:
            inner = name.inner
            if inner is not None:
                stack.append(inner)
