"""What a run gives back: findings per file, and problems that are not findings.

A *finding* is a `Diagnostic` about the user's Nix code.
A *problem* is something that kept nixlint from doing its work: a file that cannot be read, a
broken configuration, a bug of nixlint itself. Problems make the run exit with 2.
"""

from __future__ import annotations

from typing import Any, Final

from nixlint.analysis.check_file import Additional
from nixlint.diagnostics.model import Diagnostic, Edit, Fix, Note
from nixlint.text.source import Source
from nixlint.text.span import Span

UNREADABLE: Final = "unreadable"
CONFIGURATION: Final = "configuration"
INTERNAL: Final = "internal"
REMARK: Final = "remark"
"""Worth telling on stderr, but no reason to fail."""


class Problem:
    """One line for stderr: `path: message`, and perhaps more lines of detail."""

    def __init__(self, kind: str, path: str, message: str, detail: str = "") -> None:
        self.kind = kind
        self.path = path
        self.message = message
        self.detail = detail

    @property
    def fails(self) -> bool:
        """Whether the run must exit with 2 because of it."""
        return self.kind != REMARK

    def __repr__(self) -> str:
        return f"Problem({self.kind}, {self.path!r}, {self.message!r})"


class FileOutcome:
    """Everything a run says about one file.

    `path` is how the user sees the file, with `/` between the parts.
    `source` is the text that the spans of `diagnostics` belong to: after fixing, the fixed text.
    `checked` says whether that was possible at all, `broken` whether Nix would refuse the text
    (not known of outcomes that come from elsewhere).
    `fixed` counts the fixes applied by rule, `before` is the text they were applied to, or None
    when nothing was fixed.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.checked = False
        self.broken = False
        self.source: Source | None = None
        self.diagnostics: list[Diagnostic] = []
        self.problems: list[Problem] = []
        self.fixed: dict[str, int] = {}
        self.before: str | None = None


Packed = tuple[object, ...]
PackedAdditional = tuple[frozenset[str], list[tuple[object, ...]]]


def pack(outcome: FileOutcome) -> Packed:
    """The outcome as plain tuples, which can travel between processes.

    Compiled classes cannot be pickled. The text travels only where something needs it.
    """
    text: str | None = None
    if outcome.source is not None and (outcome.diagnostics or outcome.before is not None):
        text = outcome.source.text
    return (
        outcome.path,
        outcome.checked,
        text,
        [pack_diagnostic(diagnostic) for diagnostic in outcome.diagnostics],
        [(p.kind, p.path, p.message, p.detail) for p in outcome.problems],
        outcome.fixed,
        outcome.before,
    )


def unpack(packed: Packed) -> FileOutcome:
    """The inverse of `pack`."""
    path, checked, text, diagnostics, problems, fixed, before = packed
    assert isinstance(path, str) and isinstance(diagnostics, list)
    assert isinstance(problems, list) and isinstance(fixed, dict)
    outcome = FileOutcome(path)
    outcome.checked = bool(checked)
    if isinstance(text, str):
        outcome.source = Source(path, text)
    outcome.diagnostics = [unpack_diagnostic(item) for item in diagnostics]
    outcome.problems = [Problem(*item) for item in problems]
    outcome.fixed = fixed
    outcome.before = before if isinstance(before, str) else None
    return outcome


def pack_additional(additional: Additional | None) -> PackedAdditional | None:
    """What rules about the project found in a file, as plain tuples."""
    if additional is None:
        return None
    return additional.rules, [pack_diagnostic(each) for each in additional.diagnostics]


def unpack_additional(packed: PackedAdditional | None) -> Additional | None:
    """The inverse of `pack_additional`."""
    if packed is None:
        return None
    return Additional(packed[0], [unpack_diagnostic(each) for each in packed[1]])


def pack_diagnostic(d: Diagnostic) -> tuple[object, ...]:
    """A finding as plain tuples."""
    notes = [
        (n.message, None if n.span is None else (n.span.start, n.span.end), n.path) for n in d.notes
    ]
    fix = _pack_fix(d.fix) if d.fix is not None else None
    choices = [_pack_fix(each) for each in d.choices]
    place = (d.span.start, d.span.end)
    return (d.rule, d.severity, d.message, *place, notes, fix, d.tag, choices)


def _pack_fix(fix: Fix) -> tuple[object, ...]:
    edits = [(e.span.start, e.span.end, e.text) for e in fix.edits]
    return fix.title, edits, fix.applicability, fix.path


def unpack_diagnostic(packed: tuple[object, ...]) -> Diagnostic:
    """The inverse of `pack_diagnostic`."""
    rule, severity, message, start, end, notes, fix, tag, choices = packed
    assert isinstance(rule, str) and isinstance(severity, str) and isinstance(message, str)
    assert isinstance(start, int) and isinstance(end, int) and isinstance(tag, str)
    assert isinstance(notes, list) and isinstance(choices, list)
    unpacked_notes = [
        Note(text, None if place is None else Span(place[0], place[1]), path)
        for text, place, path in notes
    ]
    unpacked_fix = _unpack_fix(fix) if isinstance(fix, tuple) else None
    span = Span(start, end)
    out = Diagnostic(rule, severity, message, span, unpacked_notes, unpacked_fix, tag)
    out.choices = [_unpack_fix(each) for each in choices]
    return out


def _unpack_fix(packed: tuple[Any, ...]) -> Fix:
    title, edits, applicability, path = packed
    return Fix(title, [Edit(Span(s, e), t) for s, e, t in edits], applicability, path)
