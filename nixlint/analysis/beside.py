"""Work done in a copy of this process (a fork), while this one goes on.

The copy has everything in memory already and starts at once; what it finds comes back through a
pipe. Where it dies, nothing comes back, and whoever asked does the work itself.
"""

from __future__ import annotations

import gc
import marshal
import os
import signal
import sys
import warnings
from collections.abc import Callable
from typing import Any


def can_fork() -> bool:
    """Whether this system copies processes in a way that is quick and safe."""
    return sys.platform == "linux"


class Beside:
    """Calls `work` in a copy of this process. What it returns must be plain data, made of what
    Python has built in."""

    def __init__(self, work: Callable[[], Any]) -> None:
        reader, writer = os.pipe()
        with warnings.catch_warnings():
            # The threads that wait for other processes hold nothing that is needed here.
            warnings.simplefilter("ignore", DeprecationWarning)
            process = os.fork()
        if process == 0:
            _run(work, writer)
        os.close(writer)
        self._reader = reader
        self._process = process

    def result(self) -> object:
        """What `work` returned, as soon as it has; None when it failed. Ask once."""
        with open(self._reader, "rb") as file:
            data = file.read()
        os.waitpid(self._process, 0)
        self._process = 0
        try:
            return marshal.loads(data)
        except (EOFError, ValueError, TypeError):
            return None

    def stop(self) -> None:
        """End the work, if nobody waits for its result any more."""
        if self._process != 0:
            os.kill(self._process, signal.SIGKILL)
            os.close(self._reader)
            os.waitpid(self._process, 0)
            self._process = 0


def _run(work: Callable[[], Any], writer: int) -> None:
    """Do the work, write what it returns, and end the process."""
    # Nothing that is alive now becomes garbage.
    gc.freeze()
    try:
        data = marshal.dumps(work())
        with open(writer, "wb") as file:
            file.write(data)
    finally:
        # Nobody else's clean-up is this process's business.
        os._exit(0)
