"""A parsed file."""

from __future__ import annotations

from nixlint.syntax.errors import ParseError
from nixlint.syntax.lexer import Tokens
from nixlint.syntax.nodes import Node, Root
from nixlint.text.span import Span


class Tree:
    """The tree of one text, its tokens, and what is wrong with it (in the order of the text)."""

    def __init__(self, text: str, root: Root, tokens: Tokens, errors: list[ParseError]) -> None:
        self.text = text
        self.root = root
        self.tokens = tokens
        self.errors = errors

    def text_of(self, node: Node) -> str:
        """The text of a node, blanks and comments inside it included."""
        return self.text[node.start : node.end]

    def comments(self) -> list[Span]:
        """All comments in order."""
        return self.tokens.comments()
