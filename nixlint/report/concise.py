"""One line per finding: `path:line:column: severity[rule]: message`.

Lines and columns count from 1, columns in code points.
"""

from __future__ import annotations

from nixlint.analysis.outcome import FileOutcome
from nixlint.report.base import Reporter, start_of
from nixlint.report.style import SEVERITY_COLORS, Painter, printable


class ConciseReporter(Reporter):
    """For editors' error lists, `grep`, and people in a hurry."""

    def add(self, outcome: FileOutcome) -> None:
        """Write a line for each finding of the file."""
        if outcome.source is None:
            return
        painter = Painter(self.options.color, False)
        path = printable(outcome.path)
        for diagnostic in outcome.diagnostics:
            line, column = start_of(outcome.source, diagnostic)
            label = f"{diagnostic.severity}[{diagnostic.rule}]"
            label = painter.paint(label, SEVERITY_COLORS[diagnostic.severity])
            message = printable(diagnostic.message)
            self.write(f"{path}:{line}:{column}: {label}: {message}\n")
