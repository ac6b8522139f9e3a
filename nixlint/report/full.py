"""The default report: each finding with the code it is about, like rustc or ruff."""

from __future__ import annotations

from collections.abc import Callable

from nixlint.analysis.links import rule_url
from nixlint.analysis.outcome import FileOutcome
from nixlint.diagnostics.model import SAFE, SEVERITIES, UNSAFE, Diagnostic, Fix
from nixlint.report.base import Options, Places, Reporter, Totals, counted, start_of
from nixlint.report.frame import Frame
from nixlint.report.style import BLUE, BOLD, CYAN, GREEN, SEVERITY_COLORS, Painter, printable
from nixlint.text.source import Source


class FullReporter(Reporter):
    """Frames, notes and help, and one line of summary."""

    def __init__(self, options: Options, write: Callable[[str], object]) -> None:
        super().__init__(options, write)
        self.painter = Painter(options.color, options.hyperlinks)
        self.places = Places()

    def add(self, outcome: FileOutcome) -> None:
        """Write the findings of one file."""
        if outcome.source is None:
            return
        for diagnostic in outcome.diagnostics:
            lines = self.render(diagnostic, outcome.source)
            self.write("\n".join(lines) + "\n\n")

    def render(self, diagnostic: Diagnostic, source: Source) -> list[str]:
        """The lines about one finding."""
        paint = self.painter.paint
        color = SEVERITY_COLORS[diagnostic.severity]
        rule = self.painter.link(diagnostic.rule, rule_url(diagnostic.rule))
        head = paint(f"{diagnostic.severity}[{rule}]", color)
        out = [head + paint(f": {printable(diagnostic.message)}", BOLD)]
        frame = Frame(source, diagnostic.span.start, diagnostic.span.end)
        notes = [(note, self.places.of_note(note, source)) for note in diagnostic.notes]
        frames = [
            Frame(place, note.span.start, note.span.end)
            for note, place in notes
            if place is not None and note.span is not None
        ]
        digits = max([frame.digits] + [other.digits for other in frames])
        line, column = start_of(source, diagnostic)
        out.append(self._arrow(source.path, line, column, digits))
        out += frame.render(self.painter, digits, "^", color)
        for note, place in notes:
            if place is None:
                out.append(self._remark("note", note.message, digits))
        if diagnostic.fix is not None:
            title = diagnostic.fix.title
            help_text = title[:1].lower() + title[1:] + self._how(diagnostic.fix)
            out.append(self._remark("help", help_text, digits))
        for choice in diagnostic.choices:
            title = choice.title
            out.append(self._remark("or", title[:1].lower() + title[1:], digits))
        shown = iter(frames)
        for note, place in notes:
            if place is None:
                continue
            other = next(shown)
            out.append(paint("note", CYAN) + paint(f": {printable(note.message)}", BOLD))
            out.append(self._arrow(place.path, other.first + 1, other.start_column + 1, digits))
            out += other.render(self.painter, digits, "-", BLUE)
        if out[-1] == self.painter.paint(" " * digits + " |", BLUE):
            out.pop()
        return out

    def finish(self, totals: Totals) -> None:
        """Write the summary."""
        if self.options.quiet:
            return
        for line in summary(totals, self.options.unsafe_fixes):
            self.write(self.painter.paint(line, BOLD) + "\n")

    def _arrow(self, path: str, line: int, column: int, digits: int) -> str:
        arrow = self.painter.paint(" " * digits + "-->", BLUE)
        return f"{arrow} {printable(path)}:{line}:{column}"

    def _remark(self, label: str, message: str, digits: int) -> str:
        sign = self.painter.paint(" " * digits + " =", BLUE)
        painted = self.painter.paint(label, BOLD if label == "note" else GREEN)
        return f"{sign} {painted}: {printable(message)}"

    def _how(self, fix: Fix) -> str:
        if fix.applicability == SAFE:
            return " (--fix)"
        if fix.applicability == UNSAFE:
            return " (unsafe: --fix --unsafe-fixes)"
        return ""


def summary(totals: Totals, unsafe: bool) -> list[str]:
    """The last lines of a report for people."""
    lines = []
    if totals.fixed:
        fixed = counted(totals.fixed, "problem")
        lines.append(f"Fixed {fixed} in {counted(totals.files_fixed, 'file')}")
    if totals.findings == 0:
        if totals.files and not lines:
            lines.append(f"No problems in {counted(totals.files, 'file')}")
        return lines
    parts = [
        counted(totals.by_severity[severity], severity)
        for severity in SEVERITIES
        if totals.by_severity[severity]
    ]
    found = counted(totals.findings, "problem")
    line = f"Found {found} ({', '.join(parts)}) in {counted(totals.files_with_findings, 'file')}"
    safe = totals.safe_fixes + (totals.unsafe_fixes if unsafe else 0)
    more = 0 if unsafe else totals.unsafe_fixes
    if safe:
        line += f"; {safe} can be fixed with --fix{' --unsafe-fixes' if unsafe else ''}"
    if more:
        line += f", {more} more" if safe else f"; {more} can be fixed"
        line += " with --fix --unsafe-fixes"
    lines.append(line)
    return lines
