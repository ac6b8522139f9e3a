"""Reports of mistakes with options: where they show, and what belongs to them."""

from __future__ import annotations

from nixlint.diagnostics.model import Fix, Note
from nixlint.project.modules.model import Place
from nixlint.project.modules.option_findings import OptionFinding
from nixlint.rules.base import Rule
from nixlint.rules.project_base import ProjectContext
from nixlint.text import disk
from nixlint.text.span import Span


def span_of(ctx: ProjectContext, place: Place) -> Span | None:
    """The token that begins at a place; None if the file is not one of the project."""
    root = disk.real(ctx.project.root)
    if not disk.real(place.path).startswith(root + "/"):
        return None
    tree = ctx.project.tree(place.path)
    if tree is None or place.start >= len(tree.text):
        return None
    if place.end > place.start + 1:
        return Span(place.start, first_line_end(tree.text, place.start, place.end))
    tokens = tree.tokens
    return Span(place.start, max(place.start + 1, tokens.end(tokens.index_at(place.start))))


def first_line_end(text: str, start: int, end: int) -> int:
    """Where the first line of an expression ends."""
    newline = text.find("\n", start, end)
    return end if newline < 0 else newline


class Mending:
    """How a finding about an option can be mended; to be derived from."""

    def at(
        self, ctx: ProjectContext, place: Place, others: list[Place]
    ) -> tuple[Fix | None, list[Fix]]:
        """The fix in the file of `place`, where the finding is shown, and what else people may
        choose; `others` are the other definitions in the project."""
        raise NotImplementedError


def report_finding(
    rule: Rule,
    ctx: ProjectContext,
    finding: OptionFinding,
    message: str,
    other: str,
    last: bool = False,
    mending: Mending | None = None,
) -> None:
    """Reports a finding at its first definition that lies in the project (at the last if `last`);
    `other` introduces the others."""
    found: list[tuple[str, Span]] = []
    places: list[Place] = []
    for place in finding.places():
        span = span_of(ctx, place)
        if span is not None and (place.path, span) not in found:
            found.append((place.path, span))
            places.append(place)
    if not found:
        return
    if last:
        found.reverse()
        places.reverse()
    path, span = found[0]
    notes: list[Note] = []
    if other:
        for where, second in found[1:4]:
            notes.append(Note(other, second, where if where != path else None))
    if finding.declared is not None:
        declared = span_of(ctx, finding.declared)
        if declared is not None and (finding.declared.path, declared) not in found:
            where = finding.declared.path
            notes.append(Note("declared here", declared, where if where != path else None))
    if finding.listed_in:
        notes.append(Note(f"declared in {finding.listed_in}"))
    names = finding.configurations
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    notes.append(Note(f"in {names[0]}{more}"))
    fix: Fix | None = None
    choices: list[Fix] = []
    if mending is not None:
        fix, choices = mending.at(ctx, places[0], places[1:])
    ctx.report(rule, path, span, message, notes, fix, "", choices)
