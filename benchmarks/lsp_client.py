"""A small client of the Language Server Protocol, which measures rather than edits.

It speaks over pipes, reads in a thread of its own, and keeps every message with its time of
arrival.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

PATIENCE = 60.0


class Arrival:
    """A message from the server, and when it came (seconds of `perf_counter`)."""

    def __init__(self, message: dict[str, Any], time: float) -> None:
        self.message = message
        self.time = time


class Client:
    """A running server. `pull` says whether the client claims to ask for diagnostics."""

    def __init__(self, command: list[str], variables: dict[str, str], folder: Path) -> None:
        self.process = subprocess.Popen(
            command,
            env=variables,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.folder = folder
        self.arrived: list[Arrival] = []
        self._news = threading.Condition()
        self._next = 0
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    # Messages.

    def _read(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while True:
                line = stream.readline()
                if not line:
                    return
                if line in (b"\r\n", b"\n"):
                    break
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            message = json.loads(stream.read(length))
            now = perf_counter()
            if "method" in message and "id" in message:
                self._answer(message)
            with self._news:
                self.arrived.append(Arrival(message, now))
                self._news.notify_all()

    def _answer(self, message: dict[str, Any]) -> None:
        """Answer what the server asks, as a client without settings does."""
        result: Any = None
        if message["method"] == "workspace/configuration":
            result = [None] * len(message["params"]["items"])
        self.send({"id": message["id"], "result": result})

    def send(self, message: dict[str, Any]) -> float:
        """Send a message; returns when."""
        body = json.dumps({"jsonrpc": "2.0"} | message).encode()
        stream = self.process.stdin
        assert stream is not None
        now = perf_counter()
        stream.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        stream.flush()
        return now

    def notify(self, method: str, params: Any) -> float:
        """Send a notification; returns when."""
        return self.send({"method": method, "params": params})

    def request(self, method: str, params: Any, patience: float = PATIENCE) -> tuple[Any, float]:
        """The answer to a request, and the seconds it took. Raises `RuntimeError` on errors."""
        self._next += 1
        number = self._next
        sent = self.send({"id": number, "method": method, "params": params})
        found = self.wait(
            lambda message: message.get("id") == number and "method" not in message, 0, patience
        )
        if found is None:
            raise RuntimeError(f"{method}: no answer in {patience} s")
        if "error" in found.message:
            raise RuntimeError(f"{method}: {found.message['error']}")
        return found.message.get("result"), found.time - sent

    def wait(self, wanted: Any, first: int, patience: float = PATIENCE) -> Arrival | None:
        """The first message from number `first` on that `wanted` accepts; None if none comes."""
        end = monotonic() + patience
        at = first
        with self._news:
            while True:
                while at < len(self.arrived):
                    if wanted(self.arrived[at].message):
                        return self.arrived[at]
                    at += 1
                left = end - monotonic()
                if left <= 0 or self.process.poll() is not None:
                    return None
                self._news.wait(min(left, 0.5))

    def published(self, uri: str, first: int, accept: Any, patience: float = PATIENCE) -> float:
        """When diagnostics of a document came that `accept` takes; infinite if they did not."""

        def wanted(message: dict[str, Any]) -> bool:
            if message.get("method") != "textDocument/publishDiagnostics":
                return False
            params = message["params"]
            return bool(params["uri"] == uri and accept(params))

        found = self.wait(wanted, first, patience)
        return found.time if found is not None else float("inf")

    # A session.

    def start(self) -> float:
        """Initialize; returns when `initialized` was sent."""
        uri = self.folder.as_uri()
        self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": uri,
                "workspaceFolders": [{"uri": uri, "name": self.folder.name}],
                "capabilities": {
                    "general": {"positionEncodings": ["utf-32", "utf-16"]},
                    "textDocument": {
                        "publishDiagnostics": {"versionSupport": True, "relatedInformation": True},
                        "hover": {"contentFormat": ["markdown"]},
                        "completion": {"completionItem": {"snippetSupport": True}},
                    },
                    "workspace": {"configuration": True, "workspaceFolders": True},
                },
            },
        )
        return self.notify("initialized", {})

    def open(self, path: Path, text: str) -> str:
        """Open a file; returns its URI."""
        uri = path.as_uri()
        self.notify(
            "textDocument/didOpen",
            {
                "textDocument": {
                    "uri": uri,
                    "languageId": "nix",
                    "version": 1,
                    "text": text,
                }
            },
        )
        return uri

    def change(
        self, uri: str, version: int, start: tuple[int, int], end: tuple[int, int], text: str
    ) -> float:
        """Replace from `start` to `end` (line and column from 0); returns when it was sent."""
        return self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": uri, "version": version},
                "contentChanges": [
                    {
                        "range": {
                            "start": {"line": start[0], "character": start[1]},
                            "end": {"line": end[0], "character": end[1]},
                        },
                        "text": text,
                    }
                ],
            },
        )

    def memory(self) -> int:
        """Resident memory of the server and its children, in bytes; shared pages count once each.

        Where the system says so (Linux), shared pages are divided among those who share them.
        """
        return sum(proportional(pid) for pid in family(self.process.pid))

    def stop(self) -> float:
        """Shut down; returns the seconds until the process was gone."""
        with contextlib.suppress(RuntimeError, OSError):
            self.request("shutdown", None, 10)
        begin = perf_counter()
        with contextlib.suppress(OSError):
            self.notify("exit", None)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        seconds = perf_counter() - begin
        sleep(0)
        return seconds


def family(pid: int) -> list[int]:
    """A process and everything it started, on Linux; elsewhere the process alone."""
    found = [pid]
    for each in found:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found.extend(int(child) for child in task.read_text().split())
    return found


def proportional(pid: int) -> int:
    """The memory of a process, its share of shared pages included; 0 when it cannot be told."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
