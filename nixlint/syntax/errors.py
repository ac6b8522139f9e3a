"""What the lexer, the parser and the checks on the tree say about broken text."""

from __future__ import annotations


class ParseError:
    """One mistake.

    `rule` names the rule that documents it; `start` and `end` are code points; `notes` are
    `(message, start, end)`; `edits` are `(start, end, replacement)` that would repair it, with
    `title` saying so. `detected` is the offset at which Nix itself would stop: Nix reports only
    the error with the lowest one. `fatal` is False for what Nix accepts in silence.
    """

    def __init__(self, rule: str, message: str, start: int, end: int, detected: int = -1) -> None:
        self.rule = rule
        self.message = message
        self.start = start
        self.end = end
        self.detected = detected if detected >= 0 else start
        self.notes: list[tuple[str, int, int]] = []
        self.edits: list[tuple[int, int, str]] = []
        self.title = ""
        self.fatal = True

    def repair(self, title: str, start: int, end: int, text: str) -> ParseError:
        """Adds an edit and returns the error itself."""
        self.title = title
        self.edits.append((start, end, text))
        return self

    def note(self, message: str, start: int, end: int) -> ParseError:
        """Adds a note and returns the error itself."""
        self.notes.append((message, start, end))
        return self

    def __repr__(self) -> str:
        return f"{self.start}-{self.end} {self.rule}: {self.message}"
