"""What the server answers to messages in the wrong order, of the wrong form, or to nobody."""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from nixlint.analysis.config_lsp import FEATURES
from nixlint.ide.model import RefusedError
from nixlint_lsp.journal import OnceEach
from nixlint_lsp.settings import module_of, read_settings
from tests.lsp_harness import Client, run
from tests.oracles.lsp_messages import session

PARSE_ERROR, INVALID_REQUEST, NOT_FOUND, INVALID_PARAMS = -32700, -32600, -32601, -32602
NOT_INITIALIZED, CANCELLED, REQUEST_FAILED = -32002, -32800, -32803


def test_messages_that_nobody_should_send() -> None:
    logging.disable(logging.CRITICAL)
    try:
        assert asyncio.run(session(600, seed=1)) > 100
    finally:
        logging.disable(logging.NOTSET)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (None, PARSE_ERROR),
        (b"", PARSE_ERROR),
        (b"{", PARSE_ERROR),
        (b"\xff", PARSE_ERROR),
        (b"[" * 200_000, PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b"3", INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":null,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":[],"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"1.0","id":3,"method":"shutdown"}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":3,"method":7}', INVALID_REQUEST),
        (b'{"jsonrpc":"2.0","id":3,"method":"textDocument/hover","params":{}}', NOT_INITIALIZED),
        (b'{"jsonrpc":"2.0","id":3,"method":"initialize","params":[]}', INVALID_PARAMS),
        (b'{"jsonrpc":"2.0","id":3,"method":"initialize"}', INVALID_PARAMS),
    ],
)
def test_refused_before_the_session_begins(data: bytes | None, code: int) -> None:
    async def test(client: Client) -> None:
        client.server.protocol.receive(data)
        (answer,) = client.messages
        assert answer["error"]["code"] == code
        client.messages.clear()
        result = await client.start()
        assert result["serverInfo"]["name"] == "nixlint"

    run(test)


def test_order_of_a_session() -> None:
    async def test(client: Client) -> None:
        client.open("file:///early.nix", "1")
        assert client.server.documents.get("file:///early.nix") is None
        await client.start()

        async def code(method: str, params: object) -> int:
            answer = await client.request(method, params)
            return int(answer["error"]["code"])

        again: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
        assert await code("initialize", again) == INVALID_REQUEST
        assert await code("textDocument/nothing", {}) == NOT_FOUND
        assert await code("$/nothing", {}) == NOT_FOUND
        assert await code("textDocument/hover", {"position": 3}) == INVALID_PARAMS
        assert await code("workspace/executeCommand", {"command": "x"}) == INVALID_PARAMS
        assert (await client.request("shutdown"))["result"] is None
        assert await code("textDocument/hover", {}) == INVALID_REQUEST
        client.notify("exit")
        assert client.server.exit_code == 0

    run(test)


def test_exit_without_shutdown() -> None:
    async def test(client: Client) -> None:
        await client.start()
        client.notify("exit")
        assert client.server.exit_code == 1

    run(test)


def test_texts_that_are_not_open() -> None:
    async def test(client: Client) -> None:
        await client.start()
        client.change("file:///no.nix", 2, {"text": "1"})
        client.notify("textDocument/didClose", {"textDocument": {"uri": "file:///no.nix"}})
        client.notify("textDocument/didSave", {"textDocument": {"uri": "file:///no.nix"}})
        client.open("file:///no.nix", "2")
        client.open("file:///no.nix", "3", 2)
        document = client.server.documents.get("file:///no.nix")
        assert document is not None and (document.text, document.version) == ("3", 2)

    run(test)


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8", "utf-16", "utf-32"], "utf-8"),
        (["utf-32", "utf-8", "utf-16"], "utf-32"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
        (None, "utf-16"),
    ],
)
def test_the_encoding_is_negotiated(offered: list[str] | None, chosen: str) -> None:
    async def test(client: Client) -> None:
        result = await client.start(None, {"general": {"positionEncodings": offered}})
        assert result["capabilities"]["positionEncoding"] == chosen
        client.open("file:///a.nix", '"😀"')
        column = {"utf-8": 5, "utf-16": 3, "utf-32": 2}[chosen]
        here = {"line": 0, "character": column}
        client.change("file:///a.nix", 2, {"range": {"start": here, "end": here}, "text": "!"})
        document = client.server.documents.get("file:///a.nix")
        assert document is not None and document.text == '"😀!"'
        position = client.server.convert(document).position(3)
        assert (position.line, position.character) == (0, column + 1)

    run(test)


def test_handlers_that_fail(caplog: pytest.LogCaptureFixture) -> None:
    async def test(client: Client) -> None:
        server = client.server

        @server.feature(types.TEXT_DOCUMENT_MONIKER)
        def fails(_params: object) -> None:
            raise ValueError("a bug")

        @server.feature(types.TEXT_DOCUMENT_LINKED_EDITING_RANGE)
        async def fails_later(_params: object) -> None:
            raise ValueError("another bug")

        @server.feature(types.TEXT_DOCUMENT_TYPE_DEFINITION)
        def refuses(_params: object) -> None:
            raise RefusedError("`a` is taken here")

        await client.start()
        here = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
        for _time in range(2):
            answer = await client.request(types.TEXT_DOCUMENT_MONIKER, here)
            assert answer["result"] is None
            answer = await client.request(types.TEXT_DOCUMENT_LINKED_EDITING_RANGE, here)
            assert answer["result"] is None
        assert caplog.text.count("ValueError: a bug") == 1
        assert caplog.text.count("ValueError: another bug") == 1
        answer = await client.request(types.TEXT_DOCUMENT_TYPE_DEFINITION, here)
        expected = {"code": REQUEST_FAILED, "message": "`a` is taken here"}
        assert answer["error"] == expected
        assert not [each for each in client.messages if "showMessage" in each.get("method", "")]

    run(test)


def test_cancelled_before_it_is_looked_at() -> None:
    async def test(client: Client) -> None:
        await client.start()
        client.server.protocol.cancelled.add(77)
        params = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
        client.send({"jsonrpc": "2.0", "id": 77, "method": "textDocument/hover", "params": params})
        answer = await client.answer_to(77)
        assert answer["error"]["code"] == CANCELLED
        client.notify("$/cancelRequest", {"id": 77})
        client.notify("$/cancelRequest", {"id": []})
        assert client.server.protocol.cancelled == set()

    run(test)


def test_what_cannot_be_sent_is_an_error() -> None:
    async def test(client: Client) -> None:
        @client.server.feature(types.TEXT_DOCUMENT_MONIKER)
        def handler(_params: object) -> object:
            return {1, 2}

        await client.start()
        here = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
        answer = await client.request(types.TEXT_DOCUMENT_MONIKER, here)
        assert answer["error"]["code"] == -32603

    run(test)


def test_features_are_switched_off(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        off = {"features": {"hover": False, "completion": False}}
        result = await client.start(tmp_path, initializationOptions=off)
        assert "hoverProvider" not in result["capabilities"]
        assert "completionProvider" not in result["capabilities"]

    run(test)


def test_reading_settings() -> None:
    said: list[str] = []
    raw: dict[str, Any] = {
        "nixlint": {
            "features": {"hover": False, "hoover": True, "rename": 1},
            "formatter": "nixfmt",
            "extendSelect": ["names", "nmaes"],
            "select": [],
            "configuration": "conf/nixlint.toml",
            "trace": {"server": "off"},
            "ignroe": [],
        }
    }
    settings = read_settings(raw, said.append)
    assert settings.features == {"hover": False}
    assert not settings.enabled("hover") and settings.enabled("completion")
    assert settings.formatter == ["nixfmt"]
    assert settings.overrides.layer.extend_select == ["names"]
    assert settings.overrides.layer.select is None
    assert settings.overrides.config_path == "conf/nixlint.toml"
    assert [each.split("`")[1] for each in said] == ["hoover", "rename", "extend-select", "ignroe"]
    wrong = {"features": 3, "formatter": 3, "select": 3, "ignore": [3]}
    nonsense: object
    for nonsense in (None, 3, [], "x", wrong):
        read_settings(nonsense, said.append)
    assert settings.same_as(read_settings(raw, said.append))
    assert not settings.same_as(read_settings({}, said.append))


def test_modules_of_features() -> None:
    assert module_of("willRenameFiles") == "will_rename_files"

    async def test(client: Client) -> None:
        await client.start()
        assert client.server.failures == set()
        for name in FEATURES:
            assert callable(import_module(f"nixlint_lsp.features.{module_of(name)}").register)

    run(test)


def test_the_log_says_each_thing_once() -> None:
    once = OnceEach()

    def record(level: int, message: str) -> bool:
        return once.filter(logging.LogRecord("x", level, "x", 1, message, None, None))

    assert record(logging.ERROR, "a") and not record(logging.ERROR, "a")
    assert record(logging.ERROR, "b")
    assert record(logging.INFO, "a") and record(logging.INFO, "a")
    for number in range(2000):
        record(logging.ERROR, str(number))
    assert not record(logging.ERROR, "new")
