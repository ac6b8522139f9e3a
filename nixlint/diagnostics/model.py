"""What a check says: diagnostics, their notes, and the fixes they offer.

Nothing here knows the Nix language. All spans are in code points (see `text/span.py`).
"""

from __future__ import annotations

from typing import Final

from nixlint.text.span import Span

ERROR: Final = "error"
WARNING: Final = "warning"
HINT: Final = "hint"
SEVERITIES: Final = (ERROR, WARNING, HINT)

SAFE: Final = "safe"
"""The fix keeps the meaning, the interface towards callers and every comment."""
UNSAFE: Final = "unsafe"
"""The fix is likely right but may change meaning; applied only when asked for."""


class Edit:
    """Replace the text of `span` by `text`; an empty span inserts."""

    __slots__ = ("span", "text")

    def __init__(self, span: Span, text: str) -> None:
        self.span = span
        self.text = text

    def __repr__(self) -> str:
        return f"Edit({self.span.start}, {self.span.end}, {self.text!r})"


class Fix:
    """A set of edits that belong together: all of them are applied, or none.

    `path` is set when they are made in another file than the one of the finding.
    """

    __slots__ = ("applicability", "edits", "path", "title")

    def __init__(
        self, title: str, edits: list[Edit], applicability: str, path: str | None = None
    ) -> None:
        self.title = title
        self.edits = edits
        self.applicability = applicability
        self.path = path


class Note:
    """A second place, or (without a span) a remark. `path` is set when it lies in another file."""

    __slots__ = ("message", "path", "span")

    def __init__(self, message: str, span: Span | None = None, path: str | None = None) -> None:
        self.message = message
        self.span = span
        self.path = path


class Diagnostic:
    """One finding: the rule's name, where, what, and perhaps how to mend it."""

    __slots__ = ("choices", "fix", "message", "notes", "rule", "severity", "span", "tag")

    def __init__(
        self,
        rule: str,
        severity: str,
        message: str,
        span: Span,
        notes: list[Note] | None = None,
        fix: Fix | None = None,
        tag: str = "",
    ) -> None:
        self.rule = rule
        self.severity = severity
        self.message = message
        self.span = span
        self.notes = notes if notes is not None else []
        self.fix = fix
        self.choices: list[Fix] = []
        """Other ways to mend it, for people to choose from; `--fix` never takes them."""
        self.tag = tag
        """`"unnecessary"`, `"deprecated"` or empty: how editors may render the span."""

    def __repr__(self) -> str:
        return f"{self.span.start}-{self.span.end} {self.rule}: {self.message}"
