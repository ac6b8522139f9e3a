"""Edits of texts: putting them into a text, and finding those that lead from one to another."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Final

from nixlint.diagnostics.model import Edit
from nixlint.text.span import Span

MAX_LINES: Final = 4000
"""A change of more lines is one edit: comparing them would take too long."""


def apply_edits(text: str, edits: list[Edit]) -> str:
    """The text after edits that do not overlap."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda one: (one.span.start, one.span.end)):
        pieces += [text[at : edit.span.start], edit.text]
        at = edit.span.end
    pieces.append(text[at:])
    return "".join(pieces)


def edits_between(old: str, new: str) -> list[Edit]:
    """A small set of edits that makes `new` of `old`, in order; they replace no text by itself."""
    if old == new:
        return []
    before = _lines(old)
    after = _lines(new)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    limit = min(len(before), len(after)) - head
    while tail < limit and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    start = sum(map(len, before[:head]))
    before = before[head : len(before) - tail]
    after = after[head : len(after) - tail]
    if max(len(before), len(after)) > MAX_LINES:
        return [_trimmed("".join(before), "".join(after), start)]
    starts = [start]
    for line in before:
        starts.append(starts[-1] + len(line))
    out: list[Edit] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, low, high, new_low, new_high in matcher.get_opcodes():
        if tag != "equal":
            piece = _trimmed(
                "".join(before[low:high]), "".join(after[new_low:new_high]), starts[low]
            )
            out.append(piece)
    return out


def _lines(text: str) -> list[str]:
    """The lines of a text, cut at LF only, so that no CRLF is taken apart."""
    return [line + "\n" for line in text.split("\n")[:-1]] + [text.rpartition("\n")[2]]


def _trimmed(old: str, new: str, start: int) -> Edit:
    """One edit, without what both texts have at either end."""
    limit = min(len(old), len(new))
    head = 0
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if head and old[head - 1] == "\r":
        head -= 1
    return Edit(Span(start + head, start + len(old) - tail), new[head : len(new) - tail])
