"""Checking many files with several processes.

Outcomes come back in the order of the files. A worker that dies (out of memory, a crash of the
interpreter) costs the file it died on, and nothing else.
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

from nixlint.analysis.config import ConfigError, Overrides
from nixlint.analysis.discover import Target
from nixlint.analysis.outcome import (
    INTERNAL,
    FileOutcome,
    Packed,
    PackedAdditional,
    Problem,
    pack,
    pack_additional,
    unpack,
    unpack_additional,
)
from nixlint.analysis.resolver import Resolver
from nixlint.analysis.run import Task, process_file

CHUNK: Final = 16
Place = tuple[str, str, str, PackedAdditional | None]
"""A target, fit to travel."""


def process_in_parallel(
    targets: list[Target], task: Task, overrides: Overrides, jobs: int
) -> Iterator[FileOutcome]:
    """The outcomes of all files, in order. No target may have findings to renew."""
    places = [
        (target.shown, target.path, target.root, pack_additional(target.additional))
        for target in targets
    ]
    chunks = [places[at : at + CHUNK] for at in range(0, len(places), CHUNK)]
    executor = _executor(overrides, task, min(jobs, len(chunks)))
    try:
        pending = deque((chunk, executor.submit(_process, chunk)) for chunk in chunks)
        while pending:
            # Taken off the row, results do not pile up in memory.
            yield from _results(*pending.popleft(), overrides, task)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _executor(overrides: Overrides, task: Task, jobs: int) -> ProcessPoolExecutor:
    # A fork has everything loaded already; where it is not safe, processes start afresh.
    method = "fork" if sys.platform == "linux" else "spawn"
    return ProcessPoolExecutor(jobs, get_context(method), _start, (overrides, task))


def _results(
    chunk: list[Place], future: Future[list[Packed]], overrides: Overrides, task: Task
) -> Iterator[FileOutcome]:
    try:
        packed = future.result()
    except BrokenProcessPool:
        for place in chunk:
            yield _alone(place, overrides, task)
        return
    for item in packed:
        yield unpack(item)


def _alone(place: Place, overrides: Overrides, task: Task) -> FileOutcome:
    """Check one file in a process of its own, after the pool broke down."""
    with _executor(overrides, task, 1) as executor:
        try:
            return unpack(executor.submit(_process, [place]).result()[0])
        except BrokenProcessPool:
            outcome = FileOutcome(place[0])
            message = "the process that checked this file died (a crash, or out of memory)"
            outcome.problems.append(Problem(INTERNAL, place[0], message))
            return outcome


_task: Task
_resolver: Resolver


def _start(overrides: Overrides, task: Task) -> None:
    """Prepare a worker. Interrupts are the main process's business."""
    global _task, _resolver
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _task = task
    _resolver = Resolver(overrides)


def _process(chunk: list[Place]) -> list[Packed]:
    out: list[Packed] = []
    for shown, path, root, packed in chunk:
        try:
            config = _resolver.for_directory(os.path.dirname(path))
        except ConfigError as error:
            outcome = FileOutcome(shown)
            outcome.problems.append(Problem(INTERNAL, shown, error.messages()[0]))
        else:
            target = Target(shown, path, root, config)
            target.additional = unpack_additional(packed)
            outcome = process_file(target, _task)
        out.append(pack(outcome))
    return out
