"""Proving that a fix did no harm: the check behind every edit nixlint makes.

A changed text is accepted when it has no new syntax error, every name in code that was not edited
still means the same binder, and no comment is lost.
Offsets are code points; *old* and *new* are the texts before and after.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import Final

from nixlint.diagnostics.model import UNSAFE, Diagnostic, Edit
from nixlint.rules.base import FileContext
from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_BUILTIN,
    DEF_FORMAL,
    DEF_INHERIT,
    REF_IMPLICIT,
    Reference,
    SemanticModel,
)
from nixlint.syntax.checks import check_tree
from nixlint.syntax.errors import ParseError
from nixlint.syntax.tree import Tree
from nixlint.text.span import Span

UNDEFINED: Final = "undefined"
BUILTIN: Final = "builtin"
WITH: Final = "with"
DEFINED: Final = "defined"

NO_GAIN: Final = "leave as many syntax errors as there were"
"""The one reason that is no bug: how to repair broken text is a guess, and this one was wrong."""

Binder = tuple[str, str, tuple[int, ...]]
"""What a name means: how it is bound, a builtin's name, and where its binders start."""


class Change:
    """Edits that go together, with the map from old to new offsets. They must not overlap."""

    def __init__(self, text: str, edits: list[Edit]) -> None:
        if any(edit.span.end > len(text) or edit.span.start < 0 for edit in edits):
            raise ValueError("an edit lies outside of the text")
        trimmed = [_trim(text, edit) for edit in edits]
        trimmed.sort(key=lambda edit: (edit.span.start, edit.span.end))
        self.lenient = False
        """Whether names may lose one of several `with`s that might supply them."""
        self.edits = trimmed
        self.starts = [edit.span.start for edit in trimmed]
        self.deltas: list[int] = []
        self.inserted: list[Span] = []
        pieces: list[str] = []
        at = 0
        delta = 0
        for edit in trimmed:
            if edit.span.start < at:
                raise ValueError("edits overlap")
            start = edit.span.start + delta
            self.inserted.append(Span(start, start + len(edit.text)))
            delta += len(edit.text) - (edit.span.end - edit.span.start)
            self.deltas.append(delta)
            pieces += [text[at : edit.span.start], edit.text]
            at = edit.span.end
        pieces.append(text[at:])
        self.text = "".join(pieces)
        self._inserted_starts = [span.start for span in self.inserted]

    def to_new(self, start: int, end: int) -> int | None:
        """Where the old range `start..end` starts now; None when an edit touched it.

        Text put right before or right after it touches it, for the two may grow together. Text
        removed there does not.
        """
        index = bisect_right(self.starts, start) - 1
        if index >= 0:
            edit = self.edits[index]
            if edit.span.end > start or (edit.span.end == start and edit.text):
                return None
        if index + 1 < len(self.edits):
            edit = self.edits[index + 1]
            if edit.span.start < end or (edit.span.start == end and edit.text):
                return None
        return start + (self.deltas[index] if index >= 0 else 0)

    def is_new(self, start: int, end: int) -> bool:
        """Whether the new range `start..end` holds or touches text that an edit put there."""
        index = bisect_right(self._inserted_starts, start) - 1
        if index >= 0 and self.inserted[index].end >= start and self.edits[index].text:
            return True
        index += 1
        if index == len(self.edits):
            return False
        return self.inserted[index].start <= end and bool(self.edits[index].text)


def _trim(text: str, edit: Edit) -> Edit:
    """The same edit without the text it keeps at either end."""
    start, end, new = edit.span.start, edit.span.end, edit.text
    limit = min(end - start, len(new))
    head = 0
    while head < limit and text[start + head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and text[end - 1 - tail] == new[len(new) - 1 - tail]:
        tail += 1
    if head == 0 and tail == 0:
        return edit
    return Edit(Span(start + head, end - tail), new[head : len(new) - tail])


def harm(old: FileContext, new: FileContext, change: Change, fixed: list[Diagnostic]) -> str | None:
    """What is wrong with a change, to be read after "it would"; None when nothing is.

    `fixed` are the findings whose fixes make up the change.
    """
    before = fatal_errors(old)
    after = fatal_errors(new)
    repaired = {error.rule for error in before}
    if any(diagnostic.rule in repaired for diagnostic in fixed):
        if _badness(new, after) >= _badness(old, before):
            return NO_GAIN
    elif _badness(new, after) > _badness(old, before):
        return "make a syntax error"
    lost = _lost_comment(old.tree, new.tree, fixed)
    if lost is not None:
        return f"lose the comment {lost}"
    if before or after:
        return None
    change.lenient = any(d.fix is not None and d.fix.applicability == UNSAFE for d in fixed)
    return _changed_name(old.model, new.model, change)


def fatal_errors(ctx: FileContext) -> list[ParseError]:
    """The errors for which Nix refuses a text while parsing it.

    What Nix checks of the meaning is only looked at when the text itself is in order.
    """
    found = [error for error in ctx.tree.errors if error.fatal]
    return found or [error for error in check_tree(ctx.tree, ctx.target_nix) if error.fatal]


def _badness(ctx: FileContext, errors: list[ParseError]) -> tuple[bool, int]:
    """How bad the errors of a text are: mending the last syntax error may bring others to light."""
    return any(error.fatal for error in ctx.tree.errors), len(errors)


def _lost_comment(old: Tree, new: Tree, fixed: list[Diagnostic]) -> str | None:
    """A comment that is gone without leave, shortened."""
    comments = old.comments()
    if not comments:
        return None
    had = Counter([_words(old.text, span) for span in comments])
    had.subtract([_words(new.text, span) for span in new.comments()])
    missing = +had
    if not missing:
        return None
    for span in comments:
        words = _words(old.text, span)
        if missing[words] > 0 and _may_go(span, fixed):
            missing[words] -= 1
    for words, count in missing.items():
        if count > 0:
            return f"`{words[:40]}…`" if len(words) > 40 else f"`{words}`"
    return None


def _words(text: str, span: Span) -> str:
    return " ".join(text[span.start : span.end].split())


def _may_go(comment: Span, fixed: list[Diagnostic]) -> bool:
    """Whether a fix may take a comment with it.

    An unsafe fix may take what lies inside the code it removes. A fix about suppressions may
    rewrite the comment it is about.
    """
    for diagnostic in fixed:
        if diagnostic.fix is None:
            continue
        for edit in diagnostic.fix.edits:
            inside = edit.span.start <= comment.start and comment.end <= edit.span.end
            if inside and diagnostic.fix.applicability == UNSAFE:
                return True
            touches = edit.span.start < comment.end and comment.start < edit.span.end
            if touches and diagnostic.rule.endswith("-suppression"):
                return True
    return False


def _changed_name(old: SemanticModel, new: SemanticModel, change: Change) -> str | None:
    """A name outside the edited code that no longer means what it meant."""
    matched: set[int] = set()
    removed: dict[str, list[Binder]] = {}
    for reference in old.references:
        binder = _binder(old, reference)
        if reference.kind == REF_IMPLICIT:
            if not _still_implicit(reference, binder, new, change):
                return f"change what calls `{reference.name}`"
            continue
        at = change.to_new(reference.node.start, reference.node.end)
        if at is None:
            removed.setdefault(reference.name, []).append(binder)
            continue
        now = new.reference_at(at)
        if now is None or now.name != reference.name:
            if binder[0] == UNDEFINED:
                # What Nix refuses may be repaired: `attrNames` becomes `builtins.attrNames`.
                continue
            return f"turn the name `{reference.name}` into something else"
        if not _same(binder, _binder(new, now), change):
            return f"change what the name `{reference.name}` means"
        matched.add(at)
    for reference in new.references:
        start, end = reference.node.start, reference.node.end
        if reference.kind == REF_IMPLICIT or start in matched:
            continue
        if not change.is_new(start, end):
            return f"turn something else into the name `{reference.name}`"
        reason = _unwanted(reference, _binder(new, reference), removed, change)
        if reason is not None:
            return reason
    return _lost_parameter(old, new, change)


def _still_implicit(
    reference: Reference, binder: Binder, new: SemanticModel, change: Change
) -> bool:
    """Whether what an operator or `<path>` calls is still called, where the user defined it.

    Expressions have no place of their own to compare, so any use of that binder will do.
    """
    if binder[0] != DEFINED:
        return True
    return any(
        each.kind == REF_IMPLICIT
        and each.name == reference.name
        and _same(binder, _binder(new, each), change)
        for each in new.references
    )


def _unwanted(
    reference: Reference, binder: Binder, removed: dict[str, list[Binder]], change: Change
) -> str | None:
    """What is wrong with a name that a fix wrote itself."""
    was = removed.get(reference.name)
    if was is not None:
        if any(_same(each, binder, change) for each in was):
            return None
        return f"change what the name `{reference.name}` means"
    if binder[0] in (UNDEFINED, WITH):
        return f"use the name `{reference.name}`, which is not bound there"
    return None


def _lost_parameter(old: SemanticModel, new: SemanticModel, change: Change) -> str | None:
    """A parameter outside the edited code that is no parameter any more."""
    kinds = (DEF_ARG, DEF_FORMAL, DEF_AT)
    now = {d.node.start for d in new.definitions if d.kind in kinds}
    for definition in old.definitions:
        if definition.kind in kinds:
            at = change.to_new(definition.node.start, definition.node.end)
            if at is not None and at not in now:
                return f"turn the parameter `{definition.name}` into something else"
    return None


def _binder(model: SemanticModel, reference: Reference) -> Binder:
    """What a name means once every `inherit x;` on the way is looked through."""
    definition = reference.definition
    seen: set[int] = set()
    while definition is not None and definition.kind == DEF_INHERIT:
        start = definition.node.start
        outer = model.reference_at(start)
        if outer is None or start in seen:
            break
        seen.add(start)
        reference = outer
        definition = outer.definition
    if definition is None:
        withs = [scope.node.start for scope in reference.withs]
        return (WITH, "", tuple(withs)) if withs else (UNDEFINED, "", ())
    if definition.kind == DEF_BUILTIN:
        return (BUILTIN, definition.name, ())
    return (DEFINED, "", tuple([node.start for node in definition.nodes()]))


def _same(old: Binder, new: Binder, change: Change) -> bool:
    """Whether two meanings, one before and one after the change, are the same."""
    if old[0] != new[0] or old[1] != new[1]:
        return False
    kept = [change.to_new(start, start + 1) for start in old[2]]
    survivors = [at for at in kept if at is not None]
    if old[0] == DEFINED:
        if survivors:
            return all(at in new[2] for at in survivors)
        return any(change.is_new(start, start + 1) for start in new[2])
    if len(survivors) < len(kept) and not change.lenient:
        return False
    return survivors == [start for start in new[2] if not change.is_new(start, start + 1)]
