"""Carrying places from an older text over to a newer one.

What is known of a project is a little older than what the editor shows. Between the two texts
something in the middle changed; what lies before it stays, what lies behind it moves along, and
what it touches is lost.
"""

from __future__ import annotations

from nixlint.diagnostics.model import Diagnostic, Edit, Fix, Note
from nixlint.text.span import Span


class Shift:
    """The way from one text to another."""

    def __init__(self, before: str, after: str) -> None:
        self.same = before == after
        shorter = min(len(before), len(after))
        self.prefix = shorter if self.same else _common(before, after, shorter)
        rest = shorter - self.prefix
        suffix = 0 if self.same else _common_end(before, after, rest)
        self.change = len(after) - len(before)
        self.resume = len(before) - suffix
        """Where, in the older text, the part begins that moved as a whole."""

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Where a piece of the older text is in the newer one; None when the change touches it."""
        if self.same or end <= self.prefix:
            return start, end
        if start >= self.resume:
            return start + self.change, end + self.change
        return None

    def diagnostic(self, found: Diagnostic) -> Diagnostic | None:
        """A finding in the older text as one in the newer text; None when it is lost."""
        place = self.span(found.span.start, found.span.end)
        if place is None:
            return None
        notes: list[Note] = []
        for note in found.notes:
            if note.span is None or note.path is not None:
                notes.append(note)
                continue
            moved = self.span(note.span.start, note.span.end)
            notes.append(Note(note.message, Span(*moved) if moved is not None else None))
        fix = self._fix(found.fix) if found.fix is not None else None
        out = Diagnostic(
            found.rule, found.severity, found.message, Span(*place), notes, fix, found.tag
        )
        for choice in found.choices:
            # What is to be edited in another file does not move with this one.
            moved_choice = self._fix(choice) if choice.path is None else choice
            if moved_choice is not None:
                out.choices.append(moved_choice)
        return out

    def _fix(self, fix: Fix) -> Fix | None:
        edits: list[Edit] = []
        for edit in fix.edits:
            moved = self.span(edit.span.start, edit.span.end)
            if moved is None:
                return None
            edits.append(Edit(Span(*moved), edit.text))
        return Fix(fix.title, edits, fix.applicability)


def _common(one: str, other: str, limit: int) -> int:
    """How many characters two texts begin with in common."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(one: str, other: str, limit: int) -> int:
    """How many characters two texts end with in common, no more than `limit`."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        first = one[len(one) - middle : len(one) - low]
        if first == other[len(other) - middle : len(other) - low]:
            low = middle
        else:
            high = middle - 1
    return low
