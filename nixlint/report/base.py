"""What all reporters share: options, totals, and the interface.

A reporter takes in one file after the other, in a stable order, and writes text.
It knows nothing of how the findings came about.
"""

from __future__ import annotations

from collections.abc import Callable

from nixlint.analysis.outcome import FileOutcome, Problem
from nixlint.diagnostics.model import ERROR, HINT, SAFE, UNSAFE, WARNING, Diagnostic, Note
from nixlint.text.source import Source


class Options:
    """How to print. `hyperlinks` makes rule names clickable in terminals that can."""

    def __init__(
        self,
        color: bool = False,
        hyperlinks: bool = False,
        unsafe_fixes: bool = False,
        quiet: bool = False,
    ) -> None:
        self.color = color
        self.hyperlinks = hyperlinks
        self.unsafe_fixes = unsafe_fixes
        self.quiet = quiet


class Totals:
    """Counts over a whole run."""

    def __init__(self) -> None:
        self.files = 0
        self.files_with_findings = 0
        self.by_severity = {ERROR: 0, WARNING: 0, HINT: 0}
        self.by_rule: dict[str, int] = {}
        self.fixable_by_rule: dict[str, int] = {}
        self.safe_fixes = 0
        self.unsafe_fixes = 0
        self.fixed = 0
        self.files_fixed = 0
        self.problems: list[Problem] = []

    def add(self, outcome: FileOutcome) -> None:
        """Count one file."""
        if outcome.checked:
            self.files += 1
        self.problems.extend(outcome.problems)
        if outcome.fixed:
            self.files_fixed += 1
            self.fixed += sum(outcome.fixed.values())
        if outcome.diagnostics:
            self.files_with_findings += 1
        for diagnostic in outcome.diagnostics:
            self.by_severity[diagnostic.severity] += 1
            self.by_rule[diagnostic.rule] = self.by_rule.get(diagnostic.rule, 0) + 1
            if diagnostic.fix is None:
                continue
            fixable = self.fixable_by_rule.get(diagnostic.rule, 0)
            self.fixable_by_rule[diagnostic.rule] = fixable + 1
            if diagnostic.fix.applicability == SAFE:
                self.safe_fixes += 1
            elif diagnostic.fix.applicability == UNSAFE:
                self.unsafe_fixes += 1

    @property
    def findings(self) -> int:
        """The number of findings."""
        return sum(self.by_severity.values())

    @property
    def failed(self) -> bool:
        """Whether something kept nixlint from doing its work."""
        return any(problem.fails for problem in self.problems)


class Reporter:
    """Turns outcomes into text. `write` takes pieces of the report, line ends included."""

    def __init__(self, options: Options, write: Callable[[str], object]) -> None:
        self.options = options
        self.write = write

    def add(self, outcome: FileOutcome) -> None:
        """Report one file."""
        raise NotImplementedError

    def finish(self, totals: Totals) -> None:
        """Write what comes after the last file."""


class Places:
    """The texts of files that notes point into, read once."""

    def __init__(self) -> None:
        self._sources: dict[str, Source | None] = {}

    def of_note(self, note: Note, own: Source) -> Source | None:
        """The text a note's span belongs to; None when it is in no file, or that is gone."""
        if note.span is None:
            return None
        return self.of_path(note.path, own)

    def of_path(self, path: str | None, own: Source) -> Source | None:
        """The text of a file, `own` where `path` says no other; None when it is gone."""
        if path is None or path == own.path:
            return own
        if path not in self._sources:
            from nixlint.analysis.reading import ReadError, read_file

            try:
                self._sources[path] = Source(path, read_file(path))
            except ReadError:
                self._sources[path] = None
        return self._sources[path]


def start_of(source: Source, diagnostic: Diagnostic) -> tuple[int, int]:
    """Line and column where a finding starts, both from 1, the column in code points."""
    line, column = source.position(diagnostic.span.start)
    return line + 1, column + 1


def counted(number: int, word: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
