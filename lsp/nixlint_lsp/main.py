"""Running the server: over standard input and output, or over TCP on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Final

from nixlint_lsp import workspace
from nixlint_lsp.findings import Findings
from nixlint_lsp.litter import Litter
from nixlint_lsp.protocol import parse_json
from nixlint_lsp.server import NixlintServer
from nixlint_lsp.transport import Reader, Writer

log = logging.getLogger("nixlint.lsp")

_CANCEL: Final = b"$/cancelRequest"
LAST_RESORT: Final = 0.8
"""Seconds after which the process is gone, whatever it is doing."""
QUIET: Final = 0.4
"""Seconds without messages after which old texts are swept up."""
LAST_WORDS: Final = 0.3
"""How many seconds the client has to read what is left, at the end."""


class Session:
    """The server, between a stream to read and a stream to write."""

    def __init__(self, server: NixlintServer, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self.server = server
        self._loop = asyncio.get_running_loop()
        self._inbox: deque[bytes | None] = deque()
        self._arrived = asyncio.Event()
        self._settled = False
        self._sweeper = Sweeper(self._loop)
        self._reader = Reader(incoming, self._take, self._ended)
        self._writer = Writer(outgoing, self._ended)
        server.protocol.set_writer(self._writer)

    async def run(self) -> int:
        """Handle messages until the end; gives the exit code."""
        self._reader.start()
        handling = asyncio.create_task(self._handle())
        await self.server.stopped.wait()
        handling.cancel()
        # Whatever holds us up from here on, the kernel ends it.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, LAST_RESORT)
        self._writer.close(LAST_WORDS)
        return self.server.exit_code or 0

    async def _handle(self) -> None:
        protocol = self.server.protocol
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._inbox:
                protocol.receive(self._inbox.popleft())
                self._sweeper.handled()
                if protocol.initialize_seen and not self._settled:
                    self._settled = True
                    self._sweeper.litter.settle()
                # Timers and other tasks have their turn between two messages.
                await asyncio.sleep(0)

    def _take(self, data: bytes | None) -> None:
        """A message arrived, on the thread that reads."""
        if data is not None and len(data) < 1000 and _CANCEL in data:
            # What is taken back before its turn comes is never worked on.
            try:
                message = parse_json(data)
                if message["method"] == "$/cancelRequest":
                    self.server.protocol.cancelled.add(message["params"]["id"])
            except (ValueError, LookupError, TypeError, RecursionError):
                pass
        self._inbox.append(data)
        self._call(self._arrived.set)

    def _ended(self) -> None:
        """The client is gone, as a thread has noticed."""
        code = 0 if self.server.protocol.shutting_down else 1
        self._call(self.server.stop, code)

    def _call(self, function: Callable[..., object], *arguments: object) -> None:
        # Afterwards the loop has ended, and nobody wants to know.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)


class Sweeper:
    """Sweeps up the remains of old texts while nobody is waiting for an answer."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self.litter = Litter()

    def handled(self) -> None:
        """A message was handled."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.litter.much:
            self.litter.sweep()
        elif self.litter.some:
            self._timer = self._loop.call_later(QUIET, self._sweep)

    def _sweep(self) -> None:
        self._timer = None
        self.litter.sweep()


def make_server() -> NixlintServer:
    """A server with everything but a client. Needs an event loop as soon as messages arrive."""
    server = NixlintServer()
    server.find_now = Findings(server).now
    workspace.register(server)
    return server


async def serve(incoming: BinaryIO, outgoing: BinaryIO) -> int:
    """Serve one client; gives the exit code."""
    return await Session(make_server(), incoming, outgoing).run()


def run_stdio() -> int:
    """Serve the client at standard input and output; gives the exit code."""
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb")
    # Whatever is printed by mistake must not get between the messages.
    os.dup2(2, 1)
    return asyncio.run(serve(incoming, outgoing))


def run_tcp(host: str, port: int) -> int:
    """Wait for one client at an address of this machine, and serve it; gives the exit code.

    The address is printed to standard error; port 0 chooses a free one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listening:
        name = listening.getsockname()
        print(f"nixlint: listening on {name[0]}:{name[1]}", file=sys.stderr, flush=True)
        connection, _address = listening.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return asyncio.run(serve(connection.makefile("rb"), connection.makefile("wb")))


def end(code: int) -> None:
    """End the process now: threads that wait for the client must not hold it up."""
    logging.shutdown()
    sys.stderr.flush()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            log.debug("the thread %s is left behind", thread.name)
    os._exit(code)
