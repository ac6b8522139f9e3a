"""A language server in this process, and a client that is as simple as can be."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nixlint_lsp.litter import Litter
from nixlint_lsp.main import make_server
from nixlint_lsp.worker import Jobs

FULL: dict[str, Any] = {
    "textDocument": {
        "publishDiagnostics": {
            "relatedInformation": True,
            "versionSupport": True,
            "codeDescriptionSupport": True,
            "dataSupport": True,
            "tagSupport": {"valueSet": [1, 2]},
        }
    }
}
"""The capabilities of a client that gets diagnostics pushed and understands everything."""
PULL: dict[str, Any] = {
    "textDocument": {**FULL["textDocument"], "diagnostic": {"relatedInformation": True}},
    "workspace": {"diagnostics": {"refreshSupport": True}},
}
"""The same for one that asks for diagnostics."""


class Client:
    """Talks to a server in this process, on the event loop of the caller."""

    def __init__(self, inline: bool = True) -> None:
        self.server = make_server()
        self.server.protocol.set_writer(self)
        if inline:
            worker: Any = InlineWorker()
            self.server.worker = self.server.projects.worker = worker
        self.messages: list[dict[str, Any]] = []
        self._next = 0

    # What the server needs of a writer.

    def write(self, data: bytes) -> None:
        self.messages.append(json.loads(data))

    def close(self, _seconds: float = 0.0) -> None:
        return

    # What tests need.

    def send(self, message: object) -> None:
        """Hand any message to the server."""
        self.server.protocol.receive(json.dumps(message).encode())

    def notify(self, method: str, params: object = None) -> None:
        """Send a notification."""
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    async def request(self, method: str, params: object = None) -> Any:
        """Send a request, and wait for the whole answer."""
        self._next += 1
        number = self._next
        self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        return await self.answer_to(number)

    async def answer_to(self, number: object) -> dict[str, Any]:
        """Wait for the answer to a request."""
        found: dict[str, Any] = await self.until(
            lambda: next(
                (
                    each
                    for each in self.messages
                    if each.get("id") == number and "method" not in each
                ),
                None,
            )
        )
        return found

    async def until(self, look: Callable[[], Any], seconds: float = 30.0) -> Any:
        """Wait until `look` gives something."""
        async with asyncio.timeout(seconds):
            while not (found := look()):
                await asyncio.sleep(0.005)
        return found

    async def start(
        self, root: Path | None = None, capabilities: object = None, **params: object
    ) -> dict[str, Any]:
        """Initialize the server; gives the result."""
        params.setdefault("processId", None)
        params.setdefault("rootUri", root.as_uri() if root is not None else None)
        params["capabilities"] = FULL if capabilities is None else capabilities
        answer = await self.request("initialize", params)
        self.notify("initialized", {})
        result = answer["result"]
        assert isinstance(result, dict)
        return result

    def open(self, uri: str, text: str, version: int = 1, language: str = "nix") -> None:
        """Open a text."""
        item = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, uri: str, version: int, *changes: object) -> None:
        """Edit a text."""
        document = {"uri": uri, "version": version}
        params = {"textDocument": document, "contentChanges": list(changes)}
        self.notify("textDocument/didChange", params)

    def published(self, uri: str) -> list[dict[str, Any]]:
        """What was published about a text, oldest first."""
        return [
            each["params"]
            for each in self.messages
            if each.get("method") == "textDocument/publishDiagnostics"
            and each["params"]["uri"] == uri
        ]

    def rules(self, uri: str) -> list[str] | None:
        """The rules of the diagnostics that were published last; None when there were none."""
        found = self.published(uri)
        return [each["code"] for each in found[-1]["diagnostics"]] if found else None

    def end(self) -> None:
        """End the server without being polite."""
        self.server.stop(0)


def insertion(line: int, character: int, text: str) -> dict[str, object]:
    """A change that inserts text."""
    here = {"line": line, "character": character}
    return {"range": {"start": here, "end": here}, "text": text}


def run(test: Callable[[Client], Any], inline: bool = True) -> None:
    """Run an asynchronous test with a client; `inline` does without worker processes."""

    async def whole() -> None:
        client = Client(inline)
        try:
            await test(client)
        finally:
            client.end()
            await asyncio.sleep(0)

    asyncio.run(whole())


class InlineWorker:
    """Does the jobs of a worker in this process, and sends results through a pickle."""

    def __init__(self) -> None:
        self.ready = True
        self.jobs = Jobs(Litter())
        self.done: list[str] = []

    def start(self) -> None:
        return

    async def up(self) -> None:
        return

    def close(self) -> None:
        return

    def break_off(self, kind: str) -> None:
        return

    async def call(
        self,
        kind: str,
        arguments: dict[str, Any],
        early: Callable[[Any], None] | None = None,
        first: bool = False,
    ) -> Any:
        await asyncio.sleep(0)
        self.done.append(kind)
        loop = asyncio.get_running_loop()

        def partly(value: object) -> None:
            # Evaluation runs on a thread of its own.
            if early is not None:
                loop.call_soon_threadsafe(early, pickle.loads(pickle.dumps(value)))

        found = self.jobs.do(kind, arguments, partly, lambda: None)
        return pickle.loads(pickle.dumps(found))
