"""Messages over streams of bytes: one thread reads, one writes, and nothing waits for them.

A client that does not read cannot hold up the server, and the end of the input is noticed while
the server works.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import BinaryIO, Final

MAX_MESSAGE: Final = 512 * 1024 * 1024
"""A longer message is skipped."""
_MAX_HEADER: Final = 64 * 1024


class Reader:
    """Reads messages from a stream on a thread of its own.

    `take` gets the bytes of each message, or None for one that cannot be read; `ended` is called
    once, when there is nothing more to come. Both are called on that thread.
    """

    def __init__(
        self,
        stream: BinaryIO,
        take: Callable[[bytes | None], None],
        ended: Callable[[], None],
    ) -> None:
        self._stream = stream
        self._take = take
        self._ended = ended
        self._thread = threading.Thread(target=self._run, name="nixlint-reader", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def _run(self) -> None:
        try:
            while self._read():
                pass
        except (OSError, ValueError):
            # The stream was closed, here or there.
            pass
        finally:
            self._ended()

    def _read(self) -> bool:
        """Read one message; False at the end of the stream."""
        length: int | None = None
        wrong = False
        while True:
            line = self._stream.readline(_MAX_HEADER)
            if not line:
                return False
            line = line.strip()
            if not line:
                if length is None and not wrong:
                    continue
                break
            name, _colon, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                digits = value.strip()
                if digits.isdigit() and len(digits) < 16:
                    length = int(digits)
                else:
                    wrong = True
            elif not _colon:
                wrong = True
        if length is None:
            self._take(None)
            return True
        if length > MAX_MESSAGE:
            return self._skip(length)
        data = self._stream.read(length)
        if len(data) < length:
            return False
        self._take(data)
        return True

    def _skip(self, length: int) -> bool:
        while length > 0:
            data = self._stream.read(min(length, 1 << 20))
            if not data:
                return False
            length -= len(data)
        self._take(None)
        return True


class Writer:
    """Writes messages to a stream on a thread of its own. `failed` is called there, once."""

    def __init__(self, stream: BinaryIO, failed: Callable[[], None]) -> None:
        self._stream = stream
        self._failed = failed
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="nixlint-writer", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        """Write a message, soon."""
        self._queue.put(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def close(self, seconds: float = 0.0) -> None:
        """Write what is left, but wait no longer than that."""
        self._queue.put(None)
        if seconds > 0:
            self._thread.join(seconds)

    def _run(self) -> None:
        try:
            while (data := self._queue.get()) is not None:
                self._stream.write(data)
                if self._queue.empty():
                    self._stream.flush()
        except (OSError, ValueError):
            self._failed()
