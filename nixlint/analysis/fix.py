"""Applying fixes to a text until none is left, and proving each of them first.

A round takes all findings with a wanted fix, in the order of the text, leaves out those that
overlap, and applies the rest together. When the result does no harm (`verify.py`) it becomes the
text of the next round. When it does, the round is taken apart until only the guilty fix is left
out; that is a bug of nixlint, and reported as one.
"""

from __future__ import annotations

from typing import Final

from nixlint.analysis.check_file import Additional, Checked, RuleSet, check_text
from nixlint.analysis.links import HOME_PAGE
from nixlint.analysis.outcome import INTERNAL, Problem
from nixlint.analysis.verify import NO_GAIN, Change, harm
from nixlint.diagnostics.model import SAFE, UNSAFE, Diagnostic, Edit, Fix, Note
from nixlint.rules.base import FileContext
from nixlint.syntax.parser import parse
from nixlint.text.source import Source
from nixlint.text.span import Span

MAX_ROUNDS: Final = 100
MAX_FAILURES: Final = 3
"""So many bad fixes of one rule in one file, and the rule may fix no more of it."""


class Fixed:
    """The text after fixing, its own check, what was done, and what went wrong."""

    def __init__(self, text: str, checked: Checked) -> None:
        self.text = text
        self.checked = checked
        self.applied: dict[str, int] = {}
        self.problems: list[Problem] = []


class Fixer:
    """Fixes one text. `unsafe` says whether fixes that may change the meaning count too."""

    def __init__(
        self,
        path: str,
        text: str,
        rules: RuleSet,
        target_nix: tuple[int, int],
        unsafe: bool,
        additional: Additional | None = None,
        real_path: str | None = None,
    ) -> None:
        self.path = path
        self.rules = rules
        self.target_nix = target_nix
        self.wanted = (SAFE, UNSAFE) if unsafe else (SAFE,)
        self.additional = additional
        self.real_path = real_path
        self.result = Fixed(text, self._check(text))
        self._banned: list[tuple[int, str]] = []
        self._failures: dict[str, int] = {}

    def _check(self, text: str) -> Checked:
        return check_text(
            self.path, text, self.rules, self.target_nix, self.additional, self.real_path
        )

    def run(self) -> Fixed:
        """Apply fixes to a fixpoint."""
        seen = {self.result.text}
        for _round in range(MAX_ROUNDS):
            candidates = self._candidates()
            if not candidates:
                return self.result
            accepted, change = self._settle(candidates)
            if change is None:
                return self.result
            if change.text in seen:
                self._complain(accepted, "undo each other")
                return self.result
            seen.add(change.text)
            self._accept(accepted, change)
        self._complain(self._candidates(), f"find no end after {MAX_ROUNDS} rounds")
        return self.result

    def _candidates(self) -> list[Diagnostic]:
        """The findings to fix in this round: in order, and clear of each other."""
        found: list[tuple[int, int, str, Diagnostic]] = []
        for diagnostic in self.result.checked.diagnostics:
            fix = diagnostic.fix
            if fix is None or not fix.edits or fix.applicability not in self.wanted:
                continue
            if (diagnostic.span.start, diagnostic.rule) in self._banned:
                continue
            if self._given_up(diagnostic.rule):
                continue
            start = min(edit.span.start for edit in fix.edits)
            end = max(edit.span.end for edit in fix.edits)
            found.append((start, end, diagnostic.rule, diagnostic))
        found.sort(key=lambda item: item[:3])
        out: list[Diagnostic] = []
        taken = -1
        for start, end, _rule, diagnostic in found:
            # Fixes that merely touch wait for the next round too: what stands between two
            # pieces of code is then seen by one of them at a time.
            if start > taken:
                out.append(diagnostic)
                taken = end
        return out

    def _given_up(self, rule: str) -> bool:
        return self._failures.get(rule, 0) >= MAX_FAILURES

    def _settle(self, candidates: list[Diagnostic]) -> tuple[list[Diagnostic], Change | None]:
        """The largest set of the candidates found that does no harm, and its change."""
        accepted: list[Diagnostic] = []
        best: Change | None = None
        todo = [candidates]
        while todo:
            group = [each for each in todo.pop() if not self._given_up(each.rule)]
            if not group:
                continue
            change, reason = self._try(accepted + group)
            if reason is None:
                accepted = accepted + group
                best = change
            elif len(group) > 1:
                middle = len(group) // 2
                todo += [group[middle:], group[:middle]]
            elif not accepted or self._try(group)[1] is not None:
                self._reject(group[0], reason)
        return accepted, best

    def _try(self, group: list[Diagnostic]) -> tuple[Change | None, str | None]:
        """The change that a set of fixes makes, and what is wrong with it."""
        old = self.result.checked.ctx
        edits = [edit for each in group if each.fix is not None for edit in each.fix.edits]
        try:
            change = Change(old.text, edits)
            new = FileContext(self.path, parse(change.text), self.target_nix, self.real_path)
            return change, harm(old, new, change, group)
        except Exception as error:
            return None, f"raise {type(error).__name__}: {error}"

    def _accept(self, accepted: list[Diagnostic], change: Change) -> None:
        result = self.result
        for diagnostic in accepted:
            result.applied[diagnostic.rule] = result.applied.get(diagnostic.rule, 0) + 1
        result.text = change.text
        if self.additional is not None and self.additional.renew is None:
            self.additional = _moved(self.additional, change)
        result.checked = self._check(change.text)
        moved = [(change.to_new(start, start + 1), rule) for start, rule in self._banned]
        self._banned = [(start, rule) for start, rule in moved if start is not None]

    def _reject(self, diagnostic: Diagnostic, reason: str) -> None:
        """Leave a fix out, for good, and say so where it is our fault."""
        self._banned.append((diagnostic.span.start, diagnostic.rule))
        if reason == NO_GAIN:
            return
        failures = self._failures.get(diagnostic.rule, 0) + 1
        self._failures[diagnostic.rule] = failures
        source = Source(self.path, self.result.text)
        line, column = source.position(diagnostic.span.start)
        self.result.problems.append(
            Problem(
                INTERNAL,
                f"{self.path}:{line + 1}:{column + 1}",
                f"the fix of `{diagnostic.rule}` was left out, because it would {reason}",
                f"This is a bug of nixlint. Please report it: {HOME_PAGE}/issues",
            )
        )

    def _complain(self, group: list[Diagnostic], what: str) -> None:
        rules = ", ".join(sorted({f"`{diagnostic.rule}`" for diagnostic in group}))
        self.result.problems.append(
            Problem(
                INTERNAL,
                self.path,
                f"the fixes of {rules} {what}",
                f"This is a bug of nixlint. Please report it: {HOME_PAGE}/issues",
            )
        )


def _moved(additional: Additional, change: Change) -> Additional:
    """The findings that a change did not touch, where they are now."""
    out: list[Diagnostic] = []
    for each in additional.diagnostics:
        start = change.to_new(each.span.start, each.span.end)
        if start is None:
            continue
        span = Span(start, start + each.span.end - each.span.start)
        notes: list[Note] = []
        for note in each.notes:
            if note.path is None and note.span is not None:
                at = change.to_new(note.span.start, note.span.end)
                if at is None:
                    continue
                notes.append(Note(note.message, Span(at, at + note.span.end - note.span.start)))
            else:
                notes.append(note)
        fix = _moved_fix(each.fix, change) if each.fix is not None else None
        out.append(Diagnostic(each.rule, each.severity, each.message, span, notes, fix, each.tag))
    return Additional(additional.rules, out)


def _moved_fix(fix: Fix, change: Change) -> Fix | None:
    """A fix where its code is now; None when the change touched that."""
    edits: list[Edit] = []
    for edit in fix.edits:
        start = change.to_new(edit.span.start, edit.span.end)
        if start is None:
            return None
        size = edit.span.end - edit.span.start
        edits.append(Edit(Span(start, start + size), edit.text))
    return Fix(fix.title, edits, fix.applicability)


def fix_text(
    path: str,
    text: str,
    rules: RuleSet,
    target_nix: tuple[int, int],
    unsafe: bool,
    additional: Additional | None = None,
    real_path: str | None = None,
) -> Fixed:
    """Fix a text until nothing more can be fixed; the parameters are those of `check_text`."""
    return Fixer(path, text, rules, target_nix, unsafe, additional, real_path).run()
