"""Annotations for GitHub Actions: workflow commands that the runner reads from the log."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from nixlint.analysis.outcome import FileOutcome
from nixlint.diagnostics.model import ERROR, HINT, WARNING, Note
from nixlint.report.base import Options, Places, Reporter, Totals
from nixlint.report.full import summary
from nixlint.report.style import printable
from nixlint.text.source import Source

LEVELS: Final = {ERROR: "error", WARNING: "warning", HINT: "notice"}


class GithubReporter(Reporter):
    """One command per finding, and the summary as plain text.

    An annotation has one place; those of the notes are lines of its message.
    """

    def __init__(self, options: Options, write: Callable[[str], object]) -> None:
        super().__init__(options, write)
        self.places = Places()

    def add(self, outcome: FileOutcome) -> None:
        """Write the annotations of one file."""
        source = outcome.source
        if source is None:
            return
        path = in_workspace(outcome.path)
        for diagnostic in outcome.diagnostics:
            line, column = source.position(diagnostic.span.start)
            end_line, end_column = source.position(diagnostic.span.end)
            properties = [
                f"title={escape_property(f'nixlint ({diagnostic.rule})')}",
                f"file={escape_property(printable(path))}",
                f"line={line + 1}",
            ]
            if line == end_line:
                # GitHub refuses columns on annotations of several lines.
                properties += [f"col={column + 1}", f"endLine={line + 1}"]
                properties += [f"endColumn={max(end_column, column) + 1}"]
            else:
                properties.append(f"endLine={end_line + 1}")
            place = f"{printable(outcome.path)}:{line + 1}:{column + 1}"
            message = f"{place}: {diagnostic.rule}: {printable(diagnostic.message)}"
            for note in diagnostic.notes:
                message += "\n" + self._note(note, source)
            level = LEVELS[diagnostic.severity]
            self.write(f"::{level} {','.join(properties)}::{escape_data(message)}\n")

    def _note(self, note: Note, own: Source) -> str:
        """A note as one line, with its place in front."""
        source = self.places.of_note(note, own)
        text = printable(note.message)
        if source is None or note.span is None:
            return f"{printable(note.path)}: {text}" if note.path is not None else f"note: {text}"
        line, column = source.position(note.span.start)
        return f"{printable(source.path)}:{line + 1}:{column + 1}: {text}"

    def finish(self, totals: Totals) -> None:
        """Write the summary, which the log shows as it is."""
        if not self.options.quiet:
            for line in summary(totals, self.options.unsafe_fixes):
                self.write(line + "\n")


def in_workspace(path: str) -> str:
    """The path relative to the checkout, which is what the annotation must name."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if not workspace:
        return path
    relative = os.path.relpath(os.path.abspath(path), os.path.realpath(workspace))
    return path if relative.startswith("..") else relative.replace(os.sep, "/")


def escape_data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape the value of a property of a workflow command."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")
