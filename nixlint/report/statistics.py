"""`--statistics`: how often each rule found something, instead of the findings."""

from __future__ import annotations

from nixlint.analysis.outcome import FileOutcome
from nixlint.report.base import Reporter, Totals
from nixlint.report.full import summary
from nixlint.report.style import BOLD, Painter


class StatisticsReporter(Reporter):
    """A table of rules, the most frequent first."""

    def add(self, outcome: FileOutcome) -> None:
        """Nothing to write before the end."""

    def finish(self, totals: Totals) -> None:
        """Write the table."""
        painter = Painter(self.options.color, False)
        rows = sorted(totals.by_rule.items(), key=lambda row: (-row[1], row[0]))
        digits = max((len(str(count)) for _rule, count in rows), default=1)
        for rule, count in rows:
            fixable = totals.fixable_by_rule.get(rule, 0)
            remark = f"  ({fixable} with a fix)" if fixable else ""
            self.write(f"{painter.paint(f'{count:>{digits}}', BOLD)}  {rule}{remark}\n")
        if not self.options.quiet:
            for line in summary(totals, self.options.unsafe_fixes):
                self.write(line + "\n")


class StatisticsJsonReporter(Reporter):
    """The same numbers for programs."""

    def add(self, outcome: FileOutcome) -> None:
        """Nothing to write before the end."""

    def finish(self, totals: Totals) -> None:
        """Write one object."""
        import json

        rows = sorted(totals.by_rule.items(), key=lambda row: (-row[1], row[0]))
        rules = [
            {"rule": rule, "count": count, "fixable": totals.fixable_by_rule.get(rule, 0)}
            for rule, count in rows
        ]
        self.write(json.dumps({"version": 1, "files": totals.files, "rules": rules}) + "\n")
