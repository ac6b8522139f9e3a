"""What nixlint says about a text, in the terms of Nix."""

from __future__ import annotations

from nixlint.syntax.checks import check_tree
from nixlint.syntax.errors import ParseError
from nixlint.syntax.ids import T_DQUOTE, T_ID, T_INHERIT, T_OR, T_RPAREN, T_STR
from nixlint.syntax.nodes import ExprLambda, Node
from nixlint.syntax.parser import parse
from nixlint.syntax.print_nix import print_nix
from nixlint.syntax.tree import Tree
from nixlint.text.source import Source

KINDS = {
    "duplicate-attribute": "duplicate-attr",
    "duplicate-formal": "duplicate-formal",
    "formal-duplicates-at-binding": "duplicate-formal",
}
"""Rules that Nix has a message of its own for; all others are syntax errors to it."""

POINTS_AT_START = (*KINDS, "dynamic-attr-in-let", "dynamic-attr-in-inherit")
"""Where Nix reads on before it complains about what came earlier."""

NAMES = (T_ID, T_OR, T_DQUOTE, T_STR)


class Opinion:
    """The verdict of nixlint on one text for one version of Nix.

    `error` is the mistake that Nix would stop at, or None; Nix stops at the first one that it
    notices, and a mistake that it notices when a construct is complete comes before one in the
    token behind that construct.
    """

    def __init__(self, text: str, nix_version: tuple[int, int]) -> None:
        self.tree: Tree = parse(text)
        self.nix_version = nix_version
        self.source = Source("", text)
        found = [*check_tree(self.tree, nix_version), *self.tree.errors]
        fatal = [error for error in found if error.fatal]
        self.error: ParseError | None = min(fatal, key=lambda error: error.detected, default=None)

    @property
    def kind(self) -> str:
        if self.error is None:
            return "ok"
        return KINDS.get(self.error.rule, "syntax")

    @property
    def lines(self) -> set[int]:
        """The lines, from 1, that Nix may name for the error: see `POINTS_AT_START`.

        For a dynamic name in `let` that is the `let`, which is in the notes, and for a formal
        that is also the name behind `@` the start of the function. Of a duplicate
        attribute, 2.8 sometimes names the first definition, and of an inherited name the place
        before the list of names.
        """
        error = self.error
        if error is None:
            return set()
        if error.rule not in POINTS_AT_START:
            return {self.line(error.detected)}
        if error.rule == "formal-duplicates-at-binding":
            return {self.line(self.function_at(error.start))}
        if error.rule == "dynamic-attr-in-let":
            return {self.line(start) for _, start, _ in error.notes}
        if error.rule == "duplicate-attribute" and self.nix_version < (2, 21):
            starts = [error.start, *(start for _, start, _ in error.notes)]
            before = [self.before_names(start) for start in starts]
            return {self.line(offset) for offset in (*starts, *before)}
        return {self.line(error.start)}

    def function_at(self, name_start: int) -> int:
        """Where the function begins whose `@` name stands at an offset."""
        stack: list[Node] = [self.tree.root]
        while stack:
            node = stack.pop()
            if isinstance(node, ExprLambda):
                name = node.arg.name
                if name is not None and name.start == name_start:
                    return node.start
            stack.extend(node.children())
        raise AssertionError("no function has that name")

    def before_names(self, offset: int) -> int:
        """The `inherit`, or the `)` of its source, before a name that may be inherited."""
        tokens = self.tree.tokens
        index = tokens.previous_solid(tokens.index_at(offset))
        while index > 0 and tokens.kind(index) in NAMES:
            index = tokens.previous_solid(index - 1)
        return tokens.start(index) if tokens.kind(index) in (T_INHERIT, T_RPAREN) else offset

    def line(self, offset: int) -> int:
        return self.source.line_of(offset) + 1

    def printed(self, base: str, home: str) -> str:
        return print_nix(self.tree, base, home, self.nix_version)
