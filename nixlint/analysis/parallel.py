"""Checking many files with several processes.

Outcomes come back in the order of the files, with what they depend on. A worker that dies (out of
memory, a crash of the interpreter) costs the file it died on, and nothing else.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Final

from nixlint.analysis.cache import (
    PackedResult,
    Processed,
    Recorded,
    pack_recorded,
    recorded,
    unpack_recorded,
)
from nixlint.analysis.config import ConfigError, Overrides
from nixlint.analysis.discover import Target
from nixlint.analysis.outcome import (
    INTERNAL,
    FileOutcome,
    PackedAdditional,
    Problem,
    pack_additional,
    unpack_additional,
)
from nixlint.analysis.resolver import Resolver
from nixlint.analysis.run import Task

CHUNK: Final = 16
Place = tuple[str, str, str, PackedAdditional | None]
"""A target, fit to travel."""


class Pool:
    """Processes that work on files; `submit` starts them, `results` waits.

    Use it with `with`: leaving it ends the processes.
    """

    def __init__(self, task: Task, overrides: Overrides, jobs: int) -> None:
        self.task = task
        self.overrides = overrides
        self._executor = _executor(overrides, task, jobs)
        self._pending: deque[tuple[list[Place], Future[list[PackedResult]]]] = deque()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_error: object) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def submit(self, targets: list[Target]) -> None:
        """Start working on files. No target may have findings to renew."""
        places = [
            (target.shown, target.path, target.root, pack_additional(target.additional))
            for target in targets
        ]
        for at in range(0, len(places), CHUNK):
            chunk = places[at : at + CHUNK]
            try:
                self._pending.append((chunk, self._executor.submit(_process, chunk)))
            except BrokenProcessPool as error:
                broken: Future[list[PackedResult]] = Future()
                broken.set_exception(error)
                self._pending.append((chunk, broken))

    def results(self) -> Iterator[Processed]:
        """What all files submitted so far gave, in their order."""
        while self._pending:
            # Taken off the row, results do not pile up in memory.
            yield from self._results(*self._pending.popleft())

    def _results(
        self, chunk: list[Place], future: Future[list[PackedResult]]
    ) -> Iterator[Processed]:
        try:
            results = future.result()
        except BrokenProcessPool:
            for place in chunk:
                yield _alone(place, self.overrides, self.task)
            return
        for result in results:
            yield unpack_recorded(result)


def _executor(overrides: Overrides, task: Task, jobs: int) -> ProcessPoolExecutor:
    # A fork has everything loaded already; where it is not safe, processes start afresh.
    method = "fork" if sys.platform == "linux" else "spawn"
    return ProcessPoolExecutor(jobs, get_context(method), _start, (overrides, task))


def _alone(place: Place, overrides: Overrides, task: Task) -> Processed:
    """Check one file in a process of its own, after the pool broke down."""
    with _executor(overrides, task, 1) as executor:
        try:
            return unpack_recorded(executor.submit(_process, [place]).result()[0])
        except BrokenProcessPool:
            outcome = FileOutcome(place[0])
            message = "the process that checked this file died (a crash, or out of memory)"
            outcome.problems.append(Problem(INTERNAL, place[0], message))
            return Processed(Recorded(outcome, 0, []), False)


_task: Task
_resolver: Resolver


def _start(overrides: Overrides, task: Task) -> None:
    """Prepare a worker. Interrupts are the main process's business."""
    global _task, _resolver
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _task = task
    _resolver = Resolver(overrides)


def _process(chunk: list[Place]) -> list[PackedResult]:
    out: list[PackedResult] = []
    for shown, path, root, packed in chunk:
        try:
            config = _resolver.for_directory(os.path.dirname(path))
        except ConfigError as error:
            outcome = FileOutcome(shown)
            outcome.problems.append(Problem(INTERNAL, shown, error.messages()[0]))
            found = Recorded(outcome, 0, [])
        else:
            target = Target(shown, path, root, config)
            target.additional = unpack_additional(packed)
            found = recorded(target, _task)
        out.append(pack_recorded(found))
    return out
