"""Rules about a project that run in a process of their own, beside those that look at its options.

The process is a copy of this one, made when all configurations are known.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import Any, cast

from nixlint.analysis.beside import Beside
from nixlint.analysis.outcome import pack_diagnostic, unpack_diagnostic
from nixlint.diagnostics.model import Diagnostic
from nixlint.project.flake.value import set_cut_off, was_cut_off
from nixlint.project.project import Project
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.text import disk

Found = dict[str, list[Diagnostic]]
"""What a rule found, by absolute path."""


class Apart:
    """Rules at work in a process of their own; `results` waits for them."""

    def __init__(self, project: Project, rules: list[ProjectRule]) -> None:
        self._project = project
        record = disk.recording()
        known = len(record.answers) if record is not None else 0
        self._beside = Beside(partial(_work, project, rules, known))

    def results(self) -> dict[str, Found]:
        """What each rule found. Rules that failed, or that were not reached, are not among it."""
        result = self._beside.result()
        if result is None:
            return {}
        packed, cut_off, answers = cast("tuple[Any, bool, Any]", result)
        if cut_off:
            set_cut_off(self._project)
        record = disk.recording()
        if record is not None:
            for question, path, answer, stamp in answers:
                record.add(question, path, answer, stamp)
        return {
            name: {path: [unpack_diagnostic(each) for each in found] for path, found in all_found}
            for name, all_found in packed
        }


def _work(project: Project, rules: list[ProjectRule], known: int) -> object:
    """Run rules. What they found; whether time was short; what they asked the disk.

    Of what is recorded about the disk, the first `known` answers are known to whoever reads this.
    """
    packed = []
    for rule in rules:
        ctx = ProjectContext(project)
        try:
            rule.check_project(ctx)
        except Exception:
            # It will fail once more where that can be told.
            continue
        found = [
            (path, [pack_diagnostic(each) for each in all_found])
            for path, all_found in ctx.findings.items()
        ]
        packed.append((rule.name, found))
    record = disk.recording() or disk.Record()
    answers = [
        (*key, answer, record.stamps.get(key, disk.NO_STAMP))
        for key, answer in islice(record.answers.items(), known, None)
    ]
    return packed, was_cut_off(project), answers
