"""Worker processes, as the server sees them.

A worker does one job at a time. One that dies, or takes too long, is replaced. The job that it
died on is tried once more; the one that took too long fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import subprocess
import sys
from asyncio.subprocess import Process
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from nixlint_lsp.worker import BREAK_OFF, BROKEN_OFF, DONE, EARLY, HELLO

log = logging.getLogger("nixlint.lsp")

TIME_LIMIT: Final = 30.0
"""Seconds after which a worker that does not answer is replaced."""
BACKGROUND: Final = 5
_START: Final = (
    "import sys; sys.path[:] = sys.argv[2:]; from nixlint_lsp.worker import main; "
    "main(int(sys.argv[1]))"
)


class WorkerError(Exception):
    """A job that was not done: the worker died, hung, or raised; the message says which."""


class BrokenOffError(WorkerError):
    """A job that was broken off, as somebody had wished."""


class _Job:
    """One job, and what its result is put into."""

    def __init__(
        self,
        kind: str,
        arguments: dict[str, Any],
        future: asyncio.Future[Any],
        early: Callable[[Any], None] | None,
    ) -> None:
        self.kind = kind
        self.arguments = arguments
        self.future = future
        self.early = early
        self.tries = 0


class Worker:
    """A process that does jobs, started when there is one."""

    def __init__(self, time_limit: float = TIME_LIMIT, niceness: int = BACKGROUND) -> None:
        self.time_limit = time_limit
        self.niceness = niceness
        """How far it stands behind other processes; 0 if somebody waits for every result."""
        self.process: Process | None = None
        self.ready = False
        """Whether the process has answered already, so that it will do so quickly."""
        self._jobs: deque[_Job] = deque()
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._number = 0
        self._doing: _Job | None = None
        self._closed = False

    async def call(
        self,
        kind: str,
        arguments: dict[str, Any],
        early: Callable[[Any], None] | None = None,
        first: bool = False,
    ) -> Any:
        """Have a job done; `early` is called with results on the way. `first` passes jobs that
        wait. Raises `WorkerError`."""
        if self._closed:
            raise WorkerError("the server is ending")
        job = _Job(kind, arguments, asyncio.get_running_loop().create_future(), early)
        if first:
            self._jobs.appendleft(job)
        else:
            self._jobs.append(job)
        self._arrived.set()
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return await job.future

    def break_off(self, kind: str) -> None:
        """Have the job under way broken off if it is of a kind; whoever waits for it gets a
        `BrokenOffError`, or its result if it comes first."""
        process = self.process
        if self._doing is None or self._doing.kind != kind or process is None:
            return
        if process.stdin is not None and not process.stdin.is_closing():
            process.stdin.write(_frame((self._number, BREAK_OFF, {})))

    def start(self) -> None:
        """Start the process now, so that the first job need not wait for it; see `ready`."""
        if self._task is None and not self._closed:
            future = asyncio.get_running_loop().create_future()
            # Nobody waits for this answer, whatever it is.
            future.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._jobs.append(_Job(HELLO, {}, future, None))
            self._arrived.set()
            self._task = asyncio.create_task(self._work())

    async def up(self) -> None:
        """Wait until the process answers, or cannot be made to."""
        if not self.ready:
            with contextlib.suppress(WorkerError):
                await self.call(HELLO, {}, first=True)

    def close(self) -> None:
        """End the process at once."""
        self._closed = True
        self._kill()
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        await self._ensure()
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._jobs:
                job = self._jobs.popleft()
                if not job.future.done():
                    await self._do(job)

    async def _ensure(self) -> Process | None:
        if self.process is not None and self.process.returncode is not None:
            log.warning("the worker has died (%s); it is replaced", self.process.returncode)
            self.process, self.ready = None, False
        if self.process is None and not self._closed:
            try:
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-c",
                    _START,
                    str(self.niceness),
                    *sys.path,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    limit=1 << 22,
                )
            except OSError as error:
                log.error("cannot start a worker: %s", error)
        return self.process

    async def _do(self, job: _Job) -> None:
        process = await self._ensure()
        if process is None:
            job.future.set_exception(WorkerError("no process could be started"))
            return
        self._doing = job
        try:
            async with asyncio.timeout(self.time_limit):
                result = await self._exchange(process, job)
        except TimeoutError:
            self._fail(job, f"took more than {self.time_limit:.0f} seconds")
        except (OSError, EOFError, asyncio.IncompleteReadError, pickle.UnpicklingError):
            job.tries += 1
            if job.tries == 1 and not self._closed:
                log.warning("the worker died; it is replaced")
                self._kill()
                await self._do(job)
            else:
                self._fail(job, "died")
        except asyncio.CancelledError:
            job.future.cancel()
            raise
        else:
            self._doing = None
            if job.future.done():
                return
            if result[1] == DONE:
                job.future.set_result(result[2])
            elif result[1] == BROKEN_OFF:
                job.future.set_exception(BrokenOffError("broke it off"))
            else:
                job.future.set_exception(WorkerError(f"failed:\n{result[2]}"))

    async def _exchange(self, process: Process, job: _Job) -> Any:
        assert process.stdin is not None and process.stdout is not None
        self._number += 1
        process.stdin.write(_frame((self._number, job.kind, job.arguments)))
        await process.stdin.drain()
        while True:
            size = int.from_bytes(await process.stdout.readexactly(8), "big")
            result = pickle.loads(await process.stdout.readexactly(size))
            self.ready = True
            if result[0] != self._number:
                continue
            if result[1] != EARLY:
                return result
            if job.early is not None:
                job.early(result[2])

    def _fail(self, job: _Job, why: str) -> None:
        log.warning("the worker %s during a job of the kind %s; it is replaced", why, job.kind)
        self._kill()
        if not job.future.done():
            job.future.set_exception(WorkerError(why))

    def _kill(self) -> None:
        process, self.process, self.ready = self.process, None, False
        if process is not None:
            with contextlib.suppress(ProcessLookupError, OSError):
                process.kill()


def _frame(value: object) -> bytes:
    data = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    return len(data).to_bytes(8, "big") + data
