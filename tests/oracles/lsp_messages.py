"""Messages that no client should send, to a language server in this process.

They are cut off, of the wrong types, out of order, for texts that are not open, or no JSON at all.
Between them a well-behaved client edits one text. Whatever happens: every request is answered
once, no handler fails, and the well-behaved client's text stays the same as its model.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

from nixlint_lsp.protocol import parse_json
from tests.lsp_harness import PULL, Client

CONTROL: Final = "a.nix"
_CHECK_EVERY: Final = 40

_NOTIFICATIONS: Final = (
    "initialized", "$/cancelRequest", "$/setTrace", "$/progress", "$/unknown", "unknown/thing",
    "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
    "textDocument/didSave", "textDocument/willSave", "workspace/didChangeConfiguration",
    "workspace/didChangeWatchedFiles", "workspace/didChangeWorkspaceFolders",
    "window/workDoneProgress/cancel", "notebookDocument/didOpen", "workspace/didRenameFiles",
)  # fmt: skip
_REQUESTS: Final = (
    "initialize", "textDocument/hover", "textDocument/completion", "completionItem/resolve",
    "textDocument/signatureHelp", "textDocument/definition", "textDocument/references",
    "textDocument/documentHighlight", "textDocument/documentSymbol", "textDocument/codeAction",
    "codeAction/resolve", "textDocument/codeLens", "codeLens/resolve", "textDocument/documentLink",
    "documentLink/resolve", "textDocument/formatting", "textDocument/rename",
    "textDocument/prepareRename", "textDocument/foldingRange", "textDocument/selectionRange",
    "textDocument/prepareCallHierarchy", "callHierarchy/incomingCalls",
    "callHierarchy/outgoingCalls", "textDocument/semanticTokens/full",
    "textDocument/semanticTokens/full/delta", "textDocument/semanticTokens/range",
    "textDocument/inlayHint", "inlayHint/resolve", "textDocument/diagnostic",
    "workspace/diagnostic", "workspace/symbol", "workspace/executeCommand",
    "workspace/willRenameFiles", "textDocument/unknown", "$/unknown",
)  # fmt: skip
_SCRAPS: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 2**31 - 1, 2**31, -(2**63), 10**30, 1.5, "", "x", "\ud800",
    "file:///", "file://%", "file://[", "untitled:x", "file:///a\0b", [], {}, [[]], {"": None},
)  # fmt: skip
_TEXTS: Final = ("", "{", "let a = 1; in a\n", "{ a.b = 1; }\r\n", "\u2028😀\f\r", "''${", "x: x.")


class MessagesError(Exception):
    """What went wrong, and the message it went wrong with."""


class Maker:
    """Makes messages."""

    def __init__(self, seed: int, root: Path) -> None:
        self.random = random.Random(seed)
        self.root = root
        self.number = 1000

    def uri(self) -> str:
        names = ("b.nix", "c.nix", "missing.nix", "flake.lock", "d e.nix")
        return (self.root / self.random.choice(names)).as_uri()

    def position(self) -> dict[str, Any]:
        return {"line": self.random.randrange(4), "character": self.random.randrange(30)}

    def range(self) -> dict[str, Any]:
        return {"start": self.position(), "end": self.position()}

    def params(self) -> dict[str, Any]:
        """Parameters that fit most methods, more or less."""
        choose = self.random.choice
        uri, text = self.uri(), choose(_TEXTS)
        item = {"uri": uri, "languageId": "nix", "version": self.random.randrange(9), "text": text}
        folder = {"uri": self.root.as_uri(), "name": "x"}
        return {
            "textDocument": item,
            "position": self.position(),
            "range": self.range(),
            "positions": [self.position()],
            "contentChanges": [choose(({"range": self.range(), "text": text}, {"text": text}))],
            "context": {"diagnostics": [], "triggerKind": 1, "includeDeclaration": True},
            "options": {"tabSize": 2, "insertSpaces": True},
            "query": choose(("", "a", "?" * 99)),
            "newName": choose(("b", "", "a b", "if", "😀")),
            "previousResultIds": [{"uri": uri, "value": "x"}],
            "previousResultId": "x",
            "changes": [{"uri": uri, "type": self.random.randrange(1, 4)}],
            "files": [{"oldUri": uri, "newUri": self.uri()}],
            "event": {"added": [folder], "removed": []},
            "item": {"name": "x", "kind": 1, "uri": uri, "range": self.range(),
                     "selectionRange": self.range()},
            "label": "x", "title": "x", "settings": {"nixlint": {}}, "command": "x",
            "arguments": [], "id": self.random.randrange(1000, self.number + 1), "value": "off",
            "token": "x", "processId": None, "rootUri": None, "capabilities": {}, "uri": uri,
        }  # fmt: skip

    def spoiled(self, value: Any, chance: float) -> Any:
        """A copy of a value in which parts are missing or replaced."""
        if self.random.random() < chance:
            return self.random.choice(_SCRAPS)
        if isinstance(value, dict):
            return {
                key: self.spoiled(each, chance)
                for key, each in value.items()
                if self.random.random() >= chance
            }
        if isinstance(value, list):
            return [self.spoiled(each, chance) for each in value]
        return value

    def message(self) -> bytes | None:
        """One message, good or bad; None stands for a header that cannot be read."""
        kind = self.random.random()
        if kind < 0.03:
            return None
        if kind < 0.08:
            return self.random.randbytes(self.random.randrange(40))
        if kind < 0.10:
            return b"[" * 100_000
        self.number += 1
        chance = self.random.choice((0.0, 0.0, 0.02, 0.1, 0.4))
        message: Any = {"jsonrpc": "2.0", "params": self.spoiled(self.params(), chance)}
        if self.random.random() < 0.5:
            message["method"] = self.random.choice(_NOTIFICATIONS)
        elif self.random.random() < 0.9:
            message["method"] = self.random.choice(_REQUESTS)
            message["id"] = self.random.choice((self.number, str(self.number)))
        else:
            message["id"] = self.number
            message[self.random.choice(("result", "error"))] = message.pop("params")
        if self.random.random() < 0.1:
            message = self.spoiled(message, 0.2)
        data = json.dumps(message).encode()
        if self.random.random() < 0.03:
            data = data[: self.random.randrange(len(data))]
        return data


def expects_answer(data: bytes | None) -> object:
    """The id of the answer that a message must get; None when it must get none."""
    try:
        message = parse_json(data or b"")
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return None
    found = message.get("id")
    if not isinstance(message.get("method"), str) or isinstance(found, bool):
        return None
    return found if isinstance(found, int | str) else None


async def session(count: int, seed: int) -> int:
    """Send `count` messages; gives the number of answers. Raises `MessagesError`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        for name in ("b.nix", "c.nix"):
            (root / name).write_text("let a = 1; in a\n")
        client = Client()
        try:
            return await _session(client, Maker(seed, root), count)
        finally:
            client.end()


async def _session(client: Client, maker: Maker, count: int) -> int:
    uri = (maker.root / CONTROL).as_uri()
    for _early in range(20):
        data = maker.message()
        if b'"initialize"' not in (data or b""):
            client.server.protocol.receive(data)
    if client.server.protocol.initialize_seen:
        raise MessagesError("one of the first messages was taken for `initialize`")
    client.messages.clear()
    await client.start(maker.root, PULL)
    model = "let x = 1; in x\n"
    client.open(uri, model)
    expected: Counter[object] = Counter()
    for number in range(count):
        data = maker.message()
        wanted = expects_answer(data)
        if wanted is not None:
            expected[wanted] += 1
        client.server.protocol.receive(data)
        if number % 10 == 0:
            await asyncio.sleep(0)
        if number % _CHECK_EVERY == 0:
            at = maker.random.randrange(len(model))
            line = model.count("\n", 0, at)
            column = at - (model.rfind("\n", 0, at) + 1)
            change = {"range": {"start": {"line": line, "character": column}}, "text": "# \n"}
            change["range"]["end"] = change["range"]["start"]  # type: ignore[index]
            client.change(uri, number + 2, change)
            model = model[:at] + "# \n" + model[at:]
            await _check(client, uri, model)
    await client.until(lambda: expected.keys() <= _answered(client), 60.0)
    ids = [each["id"] for each in client.messages if _is_answer(each)]
    twice = [each for each, times in Counter(ids).items() if times > expected.get(each, 1)]
    # Only these numbers are given to one message each.
    own = {str(number) for number in range(1001, maker.number + 1)}
    twice = [each for each in twice if str(each) in own]
    if twice:
        raise MessagesError(f"answered too often: {twice}")
    if client.server.failures:
        raise MessagesError(f"handlers failed: {', '.join(sorted(client.server.failures))}")
    return len(ids)


async def _check(client: Client, uri: str, model: str) -> None:
    document = client.server.documents.get(uri)
    if document is None or document.text != model:
        raise MessagesError("the text of the well-behaved client is another one")
    params = {"textDocument": {"uri": uri}}
    answer = await client.request("textDocument/diagnostic", params)
    items = answer.get("result", {}).get("items")
    if items is None:
        raise MessagesError(f"the well-behaved client got {answer}")


def _is_answer(message: dict[str, Any]) -> bool:
    return "id" in message and "method" not in message


def _answered(client: Client) -> set[object]:
    return {each["id"] for each in client.messages if _is_answer(each)}


def run(count: int, seed: int) -> int:
    """Run sessions of up to 1,000 messages; 1 when something went wrong."""
    logging.disable(logging.WARNING)
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)
    answers = sent = 0
    while sent < count:
        size = min(1000, count - sent)
        try:
            answers += asyncio.run(session(size, seed))
        except MessagesError as error:
            print(f"seed {seed}: {error}")
            return 1
        sent += size
        seed += 1
    print(f"{sent} messages, {answers} answers; every request was answered once")
    return 0
