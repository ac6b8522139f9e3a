"""Rules about a project that run in a process of their own, beside those that look at its options.

The process is a copy of this one (a fork), made when all configurations are known; what it finds
comes back through a pipe. Where no copy can be made, or it dies, the rules run here.
"""

from __future__ import annotations

import gc
import marshal
import os
import sys
import warnings
from itertools import islice

from nixlint.analysis.outcome import pack_diagnostic, unpack_diagnostic
from nixlint.diagnostics.model import Diagnostic
from nixlint.project.flake.value import set_cut_off, was_cut_off
from nixlint.project.project import Project
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.text import disk

Found = dict[str, list[Diagnostic]]
"""What a rule found, by absolute path."""


def can_fork() -> bool:
    """Whether this system copies processes in a way that is quick and safe."""
    return sys.platform == "linux"


class Apart:
    """Rules at work in a process of their own; `results` waits for them."""

    def __init__(self, project: Project, rules: list[ProjectRule]) -> None:
        self._project = project
        record = disk.recording()
        known = len(record.answers) if record is not None else 0
        self._reader, writer = os.pipe()
        with warnings.catch_warnings():
            # The threads that wait for other processes hold nothing that is needed here.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = os.fork()
        if self._process == 0:
            _work(project, rules, writer, known)
        os.close(writer)

    def results(self) -> dict[str, Found]:
        """What each rule found. Rules that failed, or that were not reached, are not among it."""
        with open(self._reader, "rb") as file:
            data = file.read()
        os.waitpid(self._process, 0)
        try:
            packed, cut_off, answers = marshal.loads(data)
        except (EOFError, ValueError, TypeError):
            return {}
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


def _work(project: Project, rules: list[ProjectRule], writer: int, known: int) -> None:
    """Run rules, write what they found, and end the process.

    Of what is recorded about the disk, the first `known` answers are known to whoever reads this.
    """
    # Nothing that is alive now becomes garbage.
    gc.freeze()
    try:
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
        data = marshal.dumps((packed, was_cut_off(project), answers))
        with open(writer, "wb") as file:
            file.write(data)
    finally:
        # Nobody else's clean-up is this process's business.
        os._exit(0)
