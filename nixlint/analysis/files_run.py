"""Working on many files: one after the other or in several processes, with or without a cache.

What rules about a project find in a file is just added to what else is found there, unless the
file is broken or holds comments for linters. So files can be checked while the project is looked
at, and only few of them have to be checked once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

from nixlint.analysis.beside import Beside, can_fork
from nixlint.analysis.cache import (
    CheckCache,
    PackedResult,
    Processed,
    pack_recorded,
    recorded,
    unpack_recorded,
)
from nixlint.analysis.check_file import with_findings
from nixlint.analysis.config import Overrides
from nixlint.analysis.discover import Target
from nixlint.analysis.outcome import FileOutcome
from nixlint.analysis.reading import ReadError, read_file
from nixlint.analysis.run import CHECK, Task, process_file
from nixlint.text.source import Source

if TYPE_CHECKING:
    from nixlint.analysis.parallel import Pool


class Run:
    """One run over files. `jobs` is how many processes work on them."""

    def __init__(self, task: Task, overrides: Overrides, jobs: int) -> None:
        self.task = task
        self.overrides = overrides
        self.jobs = jobs
        self.cache: CheckCache | None = None
        self._pool: Pool | None = None
        self._early: list[Target] = []
        """The targets that are worked on since `start`, in order."""
        self._beside: list[Beside] = []
        """Who works on them: each on every n-th, where this process can be copied."""
        self._died = False
        """Whether one of them died, so that the files left may be dangerous."""

    def start(self, targets: list[Target]) -> None:
        """Start checking files for which nothing is known about their projects yet.

        A processor is left to this process, which looks at the projects meanwhile.
        """
        if self.jobs < 2 or self.task.mode != CHECK:
            return
        cache = self.cache
        if cache is not None:
            targets = [target for target in targets if not cache.knows(target)]
        if len(targets) < self.jobs:
            return
        self._early = targets
        others = self.jobs - 1
        if can_fork():
            self._beside = [
                Beside(partial(_check_all, targets[at::others], self.task)) for at in range(others)
            ]
        else:
            self._open(others).submit(targets)

    def outcomes(self, targets: list[Target], task: Task) -> Iterator[FileOutcome]:
        """The outcomes of files, in their order."""
        known: dict[str, FileOutcome] = {}
        if self.cache is not None:
            for target in targets:
                found = self.cache.outcome_of(target)
                if found is not None:
                    known[target.path] = found
        known.update(self._early_outcomes(targets, known))
        fresh = self._fresh([target for target in targets if target.path not in known], task)
        for target in targets:
            found = known.get(target.path)
            yield found if found is not None else next(fresh)

    def _early_outcomes(
        self, targets: list[Target], known: dict[str, FileOutcome]
    ) -> dict[str, FileOutcome]:
        """What is known of the targets since `start`, but for those that are `known` already."""
        if not self._early:
            return {}
        early = self._early_results()
        out: dict[str, FileOutcome] = {}
        for target in targets:
            before = early.get(target.path)
            if before is not None and target.path not in known and _join(before, target):
                self._keep(target, before)
                out[target.path] = before.found.outcome
        return out

    def finish(self) -> None:
        """Write down what is kept for the next run."""
        if self.cache is not None:
            self.cache.save()

    def close(self) -> None:
        """End the processes."""
        for each in self._beside:
            each.stop()
        if self._pool is not None:
            self._pool.__exit__(None, None, None)
            self._pool = None

    def _fresh(self, targets: list[Target], task: Task) -> Iterator[FileOutcome]:
        # Starting processes for a few files costs more than it saves.
        few = self.cache is not None and len(targets) < FEW and not self._died
        if self.jobs < 2 or few:
            for target in targets:
                if self.cache is not None:
                    yield self.cache.processed(target, task)
                else:
                    yield process_file(target, task)
            return
        pool = self._open(self.jobs)
        pool.submit(targets)
        for target, processed in zip(targets, pool.results(), strict=True):
            self._keep(target, processed)
            yield processed.found.outcome

    def _early_results(self) -> dict[str, Processed]:
        """What is known of files since `start`, by path."""
        targets, self._early = self._early, []
        if not self._beside:
            pool = self._open(self.jobs)
            return {
                target.path: processed
                for target, processed in zip(targets, pool.results(), strict=True)
            }
        out: dict[str, Processed] = {}
        for at, each in enumerate(self._beside):
            results = cast("list[PackedResult] | None", each.result())
            # Of a process that died nothing is known: its files are checked once more.
            if results is None:
                self._died = True
                continue
            for target, result in zip(targets[at :: len(self._beside)], results, strict=True):
                out[target.path] = unpack_recorded(result)
        self._beside = []
        return out

    def _keep(self, target: Target, processed: Processed) -> None:
        if self.cache is not None:
            self.cache.keep_outcome(target, processed.found, processed.speaks)

    def _open(self, processes: int) -> Pool:
        """The pool, which has that many processes unless it is open already."""
        if self._pool is None:
            from nixlint.analysis.parallel import Pool

            self._pool = Pool(self.task, self.overrides, processes)
        return self._pool


FEW = 64
"""So many files are checked in one process, where a cache knows the others."""


def _check_all(targets: list[Target], task: Task) -> list[PackedResult]:
    return [pack_recorded(recorded(target, task)) for target in targets]


def _join(processed: Processed, target: Target) -> bool:
    """Adds what rules about the project found in a file to the outcome of a check without them.

    False when the file has to be checked once more, with them.
    """
    additional = target.additional
    if additional is None:
        return True
    outcome = processed.found.outcome
    if processed.speaks or not outcome.checked:
        return False
    if not additional.diagnostics:
        return True
    if outcome.source is None:
        try:
            outcome.source = Source(target.shown, read_file(target.path))
        except ReadError:
            return False
    size = len(outcome.source.text)
    if any(each.span.end > size for each in additional.diagnostics):
        return False
    settings = target.config.settings_for(target.path)
    outcome.diagnostics = with_findings(
        outcome.diagnostics,
        additional.diagnostics,
        settings.selection.enabled,
        settings.severities,
    )
    return True
