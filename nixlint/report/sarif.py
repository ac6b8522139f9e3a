"""SARIF 2.1.0, the format of GitHub code scanning and many other tools.

The file is one object and is written at the end of the run.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from nixlint import __version__
from nixlint.analysis import explain, selection
from nixlint.analysis.links import HOME_PAGE, rule_url
from nixlint.analysis.outcome import FileOutcome, Problem
from nixlint.diagnostics.model import ERROR, HINT, WARNING, Diagnostic, Fix
from nixlint.report.base import Options, Places, Reporter, Totals
from nixlint.report.json import clean
from nixlint.text.source import Source
from nixlint.text.span import Span

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LEVELS: Final = {ERROR: "error", WARNING: "warning", HINT: "note"}
SOURCE_ROOT: Final = "%SRCROOT%"
MAX_TEXT: Final = 1024
"""Readers cut longer descriptions."""


class SarifReporter(Reporter):
    """Collects the run, and writes it as one log file."""

    def __init__(self, options: Options, write: Callable[[str], object]) -> None:
        super().__init__(options, write)
        self.places = Places()
        self.results: list[dict[str, Any]] = []
        self.rule_index: dict[str, int] = {}
        self.seen: dict[str, int] = {}

    def add(self, outcome: FileOutcome) -> None:
        """Take in the findings of one file."""
        if outcome.source is None:
            return
        for diagnostic in outcome.diagnostics:
            self.results.append(self._result(diagnostic, outcome.source))

    def finish(self, totals: Totals) -> None:
        """Write the log."""
        run = {
            "tool": {
                "driver": {
                    "name": "nixlint",
                    "semanticVersion": __version__,
                    "informationUri": HOME_PAGE,
                    "rules": [_rule(name) for name in self.rule_index],
                }
            },
            "automationDetails": {"id": "nixlint/"},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {
                SOURCE_ROOT: {"description": {"text": "The directory nixlint was started in."}}
            },
            "invocations": [
                {
                    "executionSuccessful": not totals.failed,
                    "toolExecutionNotifications": [_notification(p) for p in totals.problems],
                }
            ],
            "results": self.results,
        }
        log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
        self.write(json.dumps(log, indent=1) + "\n")

    def _result(self, diagnostic: Diagnostic, source: Source) -> dict[str, Any]:
        rule = diagnostic.rule
        index = self.rule_index.setdefault(rule, len(self.rule_index))
        result: dict[str, Any] = {
            "ruleId": rule,
            "ruleIndex": index,
            "level": LEVELS[diagnostic.severity],
            "message": {"text": clean(diagnostic.message)},
            "locations": [_location(source, diagnostic.span)],
            "partialFingerprints": {
                "primaryLocationLineHash": self._fingerprint(diagnostic, source)
            },
        }
        related: list[dict[str, Any]] = []
        for note in diagnostic.notes:
            place = self.places.of_note(note, source)
            if place is not None and note.span is not None:
                location = _location(place, note.span)
                location["id"] = len(related)
                location["message"] = {"text": clean(note.message)}
                related.append(location)
            else:
                result["message"]["text"] += f"\n{clean(note.message)}"
        if related:
            result["relatedLocations"] = related
        fixes: list[dict[str, Any]] = []
        for each in [diagnostic.fix, *diagnostic.choices]:
            edited = self.places.of_path(each.path, source) if each is not None else None
            fix = _fix(each, edited) if each is not None and edited is not None else None
            if fix is not None:
                fixes.append(fix)
        if fixes:
            result["fixes"] = fixes
        return result

    def _fingerprint(self, diagnostic: Diagnostic, source: Source) -> str:
        """The same for the same line of code, wherever it moves to in its file."""
        line = source.line_text(source.line_of(diagnostic.span.start)).strip()
        key = f"{source.path}\0{diagnostic.rule}\0{line}".encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(key, digest_size=8).hexdigest()
        ordinal = self.seen.get(digest, 0) + 1
        self.seen[digest] = ordinal
        return f"{digest}:{ordinal}"


def _rule(name: str) -> dict[str, Any]:
    rule = selection.rule_of(name)
    doc = explain.rule_doc(name)
    what = doc.sections.get("What it does", doc.summary)
    return {
        "id": name,
        "name": "".join(part.capitalize() for part in name.split("-")),
        "shortDescription": {"text": doc.summary[:MAX_TEXT]},
        "fullDescription": {"text": what[:MAX_TEXT]},
        "help": {"text": doc.text, "markdown": doc.text},
        "helpUri": rule_url(name),
        "defaultConfiguration": {"level": LEVELS[rule.severity], "enabled": rule.enabled},
        "properties": {
            "tags": ["nix", selection.theme_of(name)],
            "precision": "very-high" if rule.severity == ERROR else "high",
            "problem.severity": {ERROR: "error", WARNING: "warning"}.get(
                rule.severity, "recommendation"
            ),
        },
    }


def _artifact(path: str) -> dict[str, Any]:
    """Where a file is: below the directory nixlint was started in, or anywhere."""
    relative = path
    if os.path.isabs(path) or path.startswith(".."):
        relative = os.path.relpath(os.path.abspath(path))
    if relative.startswith(".."):
        return {"uri": "file://" + quote(os.fsencode(os.path.abspath(path)))}
    return {"uri": quote(os.fsencode(relative.replace(os.sep, "/"))), "uriBaseId": SOURCE_ROOT}


def _region(source: Source, span: Span) -> dict[str, int]:
    line, column = source.position(span.start)
    end_line, end_column = source.position(span.end)
    return {
        "startLine": line + 1,
        "startColumn": column + 1,
        "endLine": end_line + 1,
        "endColumn": end_column + 1,
    }


def _location(source: Source, span: Span) -> dict[str, Any]:
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(source.path),
            "region": _region(source, span),
        }
    }


def _fix(fix: Fix, source: Source) -> dict[str, Any] | None:
    if any(clean(edit.text) != edit.text for edit in fix.edits):
        return None
    return {
        "description": {"text": f"{clean(fix.title)} ({fix.applicability})"},
        "artifactChanges": [
            {
                "artifactLocation": _artifact(source.path),
                "replacements": [
                    {
                        "deletedRegion": _region(source, edit.span),
                        "insertedContent": {"text": edit.text},
                    }
                    for edit in fix.edits
                ],
            }
        ],
    }


def _notification(problem: Problem) -> dict[str, Any]:
    text = f"{problem.path}: {problem.message}" if problem.path else problem.message
    return {"level": "error" if problem.fails else "note", "message": {"text": clean(text)}}
