"""The JSON report, a stable contract: `docs/json.md` describes it.

Lines and columns count from 1, in code points; ends are exclusive.
The output is ASCII: other characters are escaped. A byte that is not UTF-8 appears as U+FFFD.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from nixlint.analysis.links import rule_url
from nixlint.analysis.outcome import FileOutcome
from nixlint.diagnostics.model import Diagnostic, Fix, Note
from nixlint.report.base import Options, Places, Reporter, Totals
from nixlint.text.source import Source
from nixlint.text.span import Span

CONTRACT_VERSION: Final = 1
"""Goes up when the meaning of a field changes, not when one is added."""


class JsonReporter(Reporter):
    """One object for the run, one line for each finding."""

    def __init__(self, options: Options, write: Callable[[str], object]) -> None:
        super().__init__(options, write)
        self.places = Places()
        self.count = 0

    def add(self, outcome: FileOutcome) -> None:
        """Write the findings of one file."""
        if outcome.source is None:
            return
        for diagnostic in outcome.diagnostics:
            self._open()
            self.write(dump(as_json(diagnostic, outcome.source, self.places)))

    def finish(self, totals: Totals) -> None:
        """Close the object."""
        if self.count == 0:
            self.write(f'{{"version": {CONTRACT_VERSION}, "diagnostics": []}}\n')
        else:
            self.write("\n]}\n")

    def _open(self) -> None:
        if self.count == 0:
            self.write(f'{{"version": {CONTRACT_VERSION}, "diagnostics": [\n')
        else:
            self.write(",\n")
        self.count += 1


def dump(value: object) -> str:
    """JSON on one line, with nothing in it that a strict reader would refuse."""
    return json.dumps(value)


def as_json(diagnostic: Diagnostic, source: Source, places: Places) -> dict[str, Any]:
    """A finding in the shape of the contract."""
    out = {
        "rule": diagnostic.rule,
        "severity": diagnostic.severity,
        "message": clean(diagnostic.message),
        "path": clean(source.path),
        "range": range_json(source, diagnostic.span),
        "notes": [_note(note, source, places) for note in diagnostic.notes],
        "fix": _fix(diagnostic.fix, source),
        "url": rule_url(diagnostic.rule),
    }
    if diagnostic.choices:
        out["choices"] = [
            choice
            for choice in (_choice(fix, source, places) for fix in diagnostic.choices)
            if choice is not None
        ]
    return out


def range_json(source: Source, span: Span) -> dict[str, dict[str, int]]:
    """Start and end of a span, from 1."""
    return {"start": _position(source, span.start), "end": _position(source, span.end)}


def clean(text: str) -> str:
    """`text` without the lone surrogates that stand for bytes that are not UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _position(source: Source, offset: int) -> dict[str, int]:
    line, column = source.position(offset)
    return {"line": line + 1, "column": column + 1}


def _note(note: Note, source: Source, places: Places) -> dict[str, Any]:
    place = places.of_note(note, source)
    path = note.path if note.path is not None else source.path if place is not None else None
    spot = range_json(place, note.span) if place is not None and note.span is not None else None
    return {
        "message": clean(note.message),
        "path": clean(path) if path is not None else None,
        "range": spot,
    }


def _choice(fix: Fix, source: Source, places: Places) -> dict[str, Any] | None:
    """A fix that people may choose; it says which file it edits."""
    edited = places.of_path(fix.path, source)
    choice = _fix(fix, edited) if edited is not None else None
    if edited is None or choice is None:
        return None
    return {**choice, "path": clean(edited.path)}


def _fix(fix: Fix | None, source: Source) -> dict[str, Any] | None:
    if fix is None or any(clean(edit.text) != edit.text for edit in fix.edits):
        # JSON cannot carry bytes that are not UTF-8, and a changed fix would do damage.
        return None
    return {
        "title": clean(fix.title),
        "applicability": fix.applicability,
        "edits": [
            {"range": range_json(source, edit.span), "text": edit.text} for edit in fix.edits
        ],
    }
