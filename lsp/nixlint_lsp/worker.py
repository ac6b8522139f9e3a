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
import traceback
from collections.abc import Callable
from typing import Any, BinaryIO, Final

DONE: Final = "done"
EARLY: Final = "early"
FAILED: Final = "failed"

HELLO: Final = "hello"
"""A job without work: its answer says that the process is up."""
GATHER: Final = "gather"
CHECK: Final = "check"
FILES: Final = "files"

MUCH_LITTER: Final = 4_000_000
"""Code points of texts that were looked at after which their remains are swept up, even while
there is work. Names of a text go in circles and hold its tree, so only the collector frees them;
it takes long enough to be felt, and therefore runs when nothing else does."""
_PR_SET_PDEATHSIG: Final = 1
_KEPT_PROJECTS: Final = 4
_QUIET: Final = 0.15
"""Seconds without work after which the remains of what was looked at are swept up."""


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

    def __init__(self) -> None:
        from nixlint_lsp.checks import Checker

        self.checker = Checker()
        self._gatherers: dict[str, Any] = {}

    def do(self, kind: str, arguments: dict[str, Any], early: Callable[[Any], None]) -> Any:
        """The result of a job. Raises whatever goes wrong."""
        if kind == HELLO:
            return None
        self.checker.configure(arguments["overrides"], arguments["generation"])
        self.checker.look_again(arguments.get("looks", 0))
        if kind == GATHER:
            return self._gather(arguments["root"], arguments["texts"], early)
        if kind == CHECK:
            return [self._check(*item) for item in arguments["items"]]
        if kind == FILES:
            return self.checker.files_below(arguments["folders"])
        raise ValueError(f"unknown job {kind!r}")

    def _gather(self, root: str, texts: dict[str, str], early: Callable[[Any], None]) -> Any:
        from nixlint.ide.gathering.gather import Gatherer

        gatherer = self._gatherers.pop(root, None)
        if gatherer is None:
            gatherer = Gatherer(root)
        # The last one used is the last one to be forgotten.
        self._gatherers[root] = gatherer
        while len(self._gatherers) > _KEPT_PROJECTS:
            del self._gatherers[next(iter(self._gatherers))]
        gatherer.config = self.checker.config_for_directory(root)
        return gatherer.update(texts, early)

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


def main() -> None:
    """Work until the standard input ends."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    # Whatever is printed by mistake must not get between the results.
    os.dup2(2, 1)
    _die_with_parent()
    with contextlib.suppress(OSError):
        os.nice(5)
    gc.set_threshold(0)
    jobs_in: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(incoming, jobs_in), daemon=True).start()
    jobs = Jobs()
    litter = 0
    while True:
        try:
            number, kind, arguments = jobs_in.get(timeout=_QUIET if litter else None)
        except queue.Empty:
            gc.collect()
            litter = 0
            continue
        if litter >= MUCH_LITTER:
            gc.collect()
            litter = 0
        litter += _litter_of(kind, arguments)

        def early(value: object, number: int = number) -> None:
            write_frame(outgoing, (number, EARLY, value))

        try:
            result = (number, DONE, jobs.do(kind, arguments, early))
        except Exception:
            result = (number, FAILED, traceback.format_exc())
        try:
            write_frame(outgoing, result)
        except OSError:
            os._exit(0)


def _litter_of(kind: str, arguments: dict[str, Any]) -> int:
    """How much a job leaves behind, in code points of texts."""
    if kind == CHECK:
        return sum(len(text) if text is not None else 5000 for _, text, _ in arguments["items"])
    return MUCH_LITTER // 2 if kind == GATHER else 1


def _read(stream: BinaryIO, jobs: queue.SimpleQueue[Any]) -> None:
    """Read jobs, and end the process with the stream, whatever it is doing."""
    try:
        while True:
            jobs.put(read_frame(stream))
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
