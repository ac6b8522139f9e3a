"""The process that looks at whole projects, beside the one that talks to the editor.

It reads jobs from its standard input and writes results to its standard output: pickles, each
behind its length in eight bytes. It ends when its input does. The protocol is not loaded here.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from nixlint_lsp.litter import Litter

DONE: Final = "done"
EARLY: Final = "early"
FAILED: Final = "failed"
BROKEN_OFF: Final = "broken off"

HELLO: Final = "hello"
"""A job without work: its answer says that the process is up."""
GATHER: Final = "gather"
CHECK: Final = "check"
FILES: Final = "files"
SUMMARIZE: Final = "summarize"
BREAK_OFF: Final = "break off"
"""Not a job, but that the one of this number is to be broken off, if it can be."""

_PR_SET_PDEATHSIG: Final = 1
_KEPT_PROJECTS: Final = 4
_QUIET: Final = 0.2
"""Seconds without work after which the remains of what was looked at are swept up."""
_LONG: Final = 0.5
"""The same where it takes long."""


def write_frame(stream: BinaryIO, value: object) -> None:
    """Write one value."""
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(len(data).to_bytes(8, "big") + data)
    stream.flush()


def read_frame(stream: BinaryIO) -> Any:
    """Read one value; raises `EOFError` at the end of the stream."""
    head = stream.read(8)
    if len(head) < 8:
        raise EOFError
    size = int.from_bytes(head, "big")
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


class Jobs:
    """Does the jobs, and remembers what makes the next ones quick."""

    def __init__(self, litter: Litter) -> None:
        from nixlint_lsp.checks import Checker

        self.checker = Checker()
        self.litter = litter
        self._gatherers: dict[str, Any] = {}

    def do(
        self,
        kind: str,
        arguments: dict[str, Any],
        early: Callable[[Any], None],
        pause: Callable[[], None],
    ) -> Any:
        """The result of a job. Raises whatever goes wrong, and what `pause` raises, which long
        jobs call often."""
        if kind == HELLO:
            return None
        if kind == SUMMARIZE:
            return self._summarize(arguments["path"], arguments["text"])
        self.checker.configure(arguments["overrides"], arguments["generation"])
        self.checker.look_again(arguments.get("looks", 0))
        if kind == GATHER:
            return self._gather(arguments, early, pause)
        if kind == CHECK:
            return [self._check(*item) for item in arguments["items"]]
        if kind == FILES:
            return self.checker.files_below(arguments["folders"])
        raise ValueError(f"unknown job {kind!r}")

    def _gather(
        self, arguments: dict[str, Any], early: Callable[[Any], None], pause: Callable[[], None]
    ) -> Any:
        from nixlint.ide.gathering.gather import Gatherer

        root = arguments["root"]
        gatherer = self._gatherers.pop(root, None)
        if gatherer is None:
            gatherer = Gatherer(root)
        # The last one used is the last one to be forgotten.
        self._gatherers[root] = gatherer
        while len(self._gatherers) > _KEPT_PROJECTS:
            del self._gatherers[next(iter(self._gatherers))]
        gatherer.config = self.checker.config_for_directory(root)
        if arguments["anew"]:
            # Nobody waits for that, so there need not be two evaluations at once.
            gatherer.forget()
            self.litter.settle()
        evaluations = gatherer.evaluations

        def told(value: Any) -> None:
            if gatherer.evaluations != evaluations:
                self.litter.is_stale = True
            early(value)

        return gatherer.update(arguments["texts"], told, pause)

    def _check(self, path: str, text: str | None, additional: Any) -> Any:
        """Check a file; its text comes from the disk when it is None."""
        from nixlint.analysis.check_file import Additional
        from nixlint.analysis.outcome import pack_additional, unpack_additional
        from nixlint.analysis.reading import ReadError, read_file
        from nixlint.ide.document import Document
        from nixlint.ide.facts import text_hash

        if text is None:
            try:
                text = read_file(path)
            except ReadError:
                return path, 0, None
        found = self.checker.check(Document(path, text), unpack_additional(additional))
        return path, text_hash(text), pack_additional(Additional(frozenset(), found))

    def _summarize(self, path: str, text: str | None) -> Any:
        """What a file holds, for navigation; its text comes from the disk when it is None."""
        from nixlint.analysis.reading import ReadError, read_file
        from nixlint.ide.document import Document
        from nixlint.ide.navigation.index import summarize

        try:
            return summarize(Document(path, read_file(path) if text is None else text))
        except ReadError:
            return None


def main(niceness: int) -> None:
    """Work until the standard input ends, as far behind other processes as `niceness` says."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    # Whatever is printed by mistake must not get between the results.
    os.dup2(2, 1)
    _die_with_parent()
    with contextlib.suppress(OSError):
        os.nice(niceness)
    gc.set_threshold(0)
    inbox = Inbox(incoming)
    litter = Litter()
    jobs = Jobs(litter)
    while True:
        ask_in = jobs.checker.disk.ask_in()
        tidy_in = (_LONG if litter.is_stale else _QUIET) if litter.some else None
        waits = [seconds for seconds in (ask_in, tidy_in) if seconds is not None]
        try:
            number, kind, arguments = inbox.jobs.get(timeout=min(waits, default=None))
        except queue.Empty:
            if ask_in is not None and ask_in == min(waits):
                jobs.checker.disk.ask_again(lambda: not inbox.jobs.empty())
            else:
                litter.tidy()
            continue
        if litter.too_much:
            litter.tidy()

        def early(value: object, number: int = number) -> None:
            write_frame(outgoing, (number, EARLY, value))
            if litter.much and not litter.is_stale:
                # For what comes next nobody waits as eagerly.
                litter.sweep()

        def pause(number: int = number) -> None:
            # The thread that reads has its turn.
            time.sleep(0)
            if number in inbox.broken_off:
                raise BrokenOff

        try:
            result = (number, DONE, jobs.do(kind, arguments, early, pause))
        except BrokenOff:
            result = (number, BROKEN_OFF, None)
        except Exception:
            result = (number, FAILED, traceback.format_exc())
        inbox.broken_off.clear()
        try:
            write_frame(outgoing, result)
        except OSError:
            os._exit(0)


class BrokenOff(BaseException):
    """The result of a job is not wanted any more. No bug, so that nobody on the way takes it for
    one of a rule."""


class Inbox:
    """Reads jobs on a thread of its own, and ends the process with the stream, whatever it is
    doing."""

    def __init__(self, stream: BinaryIO) -> None:
        self.jobs: queue.SimpleQueue[tuple[int, str, dict[str, Any]]] = queue.SimpleQueue()
        self.broken_off: set[int] = set()
        """The numbers of jobs that are to be broken off."""
        self._stream = stream
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while True:
                job = read_frame(self._stream)
                if job[1] == BREAK_OFF:
                    self.broken_off.add(job[0])
                else:
                    self.jobs.put(job)
        except (EOFError, OSError, ValueError, pickle.UnpicklingError):
            os._exit(0)


def _die_with_parent() -> None:
    """Compiled code may keep the thread that reads from noticing the end; the kernel does not."""
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        pass
