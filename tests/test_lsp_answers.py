"""Hover, completion, symbols and the like over the wire, for clients of different abilities."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.lsp_harness import FULL, Client, insertion, run
from tests.running import write_tree

MODULE = """\
{ lib, config, ... }:
{
  options.my.port = lib.mkOption {
    type = lib.types.port;
    default = 80;
    description = "Where to 😀 listen.";
  };
  config.environment.etc.a.text = toString config.my.port;
}
"""
HOST = """\
{ lib, ... }:
{
  imports = [ ./module.nix ];
  /* 😀 */ my.port = lib.mkForce 8080; # nixlint: ignore[unused-with]
}
"""
FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.host = nixpkgs.lib.nixosSystem {
      modules = [ ./host.nix ];
    };
  };
}
"""
FILES = {"module.nix": MODULE, "host.nix": HOST, "flake.nix": FLAKE}
ABLE: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-32", "utf-16"]},
    "textDocument": {
        **FULL["textDocument"],
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "completion": {
            "completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}
        },
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "signatureHelp": {
            "signatureInformation": {"parameterInformation": {"labelOffsetSupport": True}}
        },
    },
}


def at(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


def span(line: int, start: int, end: int) -> dict[str, Any]:
    return {"start": at(line, start), "end": at(line, end)}


class Session:
    """A client with the project of this file."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        write_tree(folder, FILES)
        self.root = folder.resolve()

    async def start(self, capabilities: object = None, **more: Any) -> dict[str, Any]:
        result = await self.client.start(self.root, capabilities or ABLE, **more)
        found: dict[str, Any] = result["capabilities"]
        return found

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str | None = None) -> None:
        content = text if text is not None else (self.root / name).read_text("utf-8")
        self.client.open(self.uri(name), content)

    async def ask(self, method: str, name: str, **params: Any) -> Any:
        params = {"textDocument": {"uri": self.uri(name)}, **params}
        answer = await self.client.request(f"textDocument/{method}", params)
        assert "error" not in answer, answer
        return answer["result"]

    async def known(self) -> None:
        """Waits until the options of the project are known."""
        path = str(self.root / "host.nix")

        def options() -> bool:
            facts = self.client.server.facts_for(path)
            return facts is not None and "my.port" in facts.options

        await self.client.until(options)


def test_what_is_announced(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        found = await Session(client, tmp_path).start()
        assert found["hoverProvider"]
        assert found["completionProvider"]["resolveProvider"] is True
        assert "." in found["completionProvider"]["triggerCharacters"]
        assert found["signatureHelpProvider"]["triggerCharacters"] == [" "]
        assert found["documentSymbolProvider"] and found["documentHighlightProvider"]
        assert found["foldingRangeProvider"] and found["selectionRangeProvider"]
        tokens = found["semanticTokensProvider"]
        assert tokens["full"] == {"delta": True} and tokens["range"] is True
        assert "inlayHintProvider" in found

    run(test)


def test_what_is_switched_off_is_not_announced(tmp_path: Path) -> None:
    names = ("hover", "completion", "signatureHelp", "inlayHint", "documentSymbol",
             "documentHighlight", "foldingRange", "selectionRange", "semanticTokens")  # fmt: skip

    async def test(client: Client) -> None:
        off = {"features": dict.fromkeys(names, False)}
        found = await Session(client, tmp_path).start(initializationOptions=off)
        assert not [name for name in names if found.get(f"{name}Provider")]

    run(test)


def test_hover_on_an_option(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start()
        session.open("host.nix")
        await session.known()
        # In utf-32 the emoji is one character.
        found = await session.ask("hover", "host.nix", position=at(3, 15))
        assert found["range"] == span(3, 13, 17)
        assert found["contents"]["kind"] == "markdown"
        text = found["contents"]["value"]
        assert "Where to 😀 listen." in text
        assert "Default: `80`" in text
        assert "Declared in `module.nix:3`" in text
        assert "host.nix:4" in text and "mkForce" in text

    run(test)


def test_hover_as_plain_text(tmp_path: Path) -> None:
    plain = copy.deepcopy(ABLE)
    plain["textDocument"]["hover"] = {"contentFormat": ["plaintext"]}

    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start(plain)
        session.open("host.nix")
        found = await session.ask("hover", "host.nix", position=at(3, 26))
        assert found["contents"]["kind"] == "plaintext"
        assert "```" not in found["contents"]["value"]
        assert "lib.mkForce value" in found["contents"]["value"]
        assert await session.ask("hover", "host.nix", position=at(0, 12)) is None

    run(test)


def test_hover_on_a_rule(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start()
        session.open("host.nix")
        found = await session.ask("hover", "host.nix", position=at(3, 62))
        assert "# unused-with" in found["contents"]["value"]

    run(test)


def test_other_files_have_no_answers(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start()
        uri = session.uri("flake.lock")
        client.open(uri, '{ "nodes": { } }', language="json")
        for method in ("hover", "completion", "documentHighlight", "signatureHelp"):
            assert await session.ask(method, "flake.lock", position=at(0, 4)) is None
        for method in ("documentSymbol", "foldingRange", "semanticTokens/full"):
            assert await session.ask(method, "flake.lock") is None

    run(test)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_completion_replaces_the_right_text(tmp_path: Path, encoding: str) -> None:
    able = copy.deepcopy(ABLE)
    able["general"]["positionEncodings"] = [encoding]
    width = {"utf-8": 4, "utf-16": 2, "utf-32": 1}[encoding]

    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        assert (await session.start(able))["positionEncoding"] == encoding
        text = "{ lib }:\n/* 😀 */ lib.mkOpt\n"
        session.open("new.nix", text)
        here = at(1, 7 + width + 9)
        found = await session.ask("completion", "new.nix", position=here)
        items = {item["label"]: item for item in found["items"]}
        assert found["isIncomplete"] is False
        edit = items["mkOption"]["textEdit"]
        assert edit == {"range": span(1, 7 + width + 4, 7 + width + 9), "newText": "mkOption"}
        assert "documentation" not in items["mkOption"]
        answer = await client.request("completionItem/resolve", items["mkOption"])
        shown = answer["result"]["documentation"]
        assert shown["kind"] == "markdown" and "Declares an option" in shown["value"]

    run(test)


def test_completion_of_options_while_typing(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start()
        session.open("host.nix")
        await session.known()
        client.change(session.uri("host.nix"), 2, insertion(2, 29, "\n  my."))
        found = await session.ask("completion", "host.nix", position=at(3, 5))
        (port,) = [item for item in found["items"] if item["label"] == "port"]
        # It is set already, in the line below, so that comes after all others.
        assert port["textEdit"]["range"] == span(3, 5, 5)
        assert port["insertTextFormat"] == 2
        assert port["textEdit"]["newText"].startswith("port = ")
        answer = await client.request("completionItem/resolve", port)
        assert "Where to" in answer["result"]["documentation"]["value"]

    run(test)


def test_completion_without_snippets(tmp_path: Path) -> None:
    simple = copy.deepcopy(ABLE)
    del simple["textDocument"]["completion"]

    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start(simple)
        session.open("host.nix")
        await session.known()
        client.change(session.uri("host.nix"), 2, insertion(2, 29, "\n  my."))
        found = await session.ask("completion", "host.nix", position=at(3, 5))
        (port,) = [item for item in found["items"] if item["label"] == "port"]
        assert port["textEdit"]["newText"] == "port"
        assert "insertTextFormat" not in port

    run(test)


def test_an_unknown_item_is_given_back(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        await Session(client, tmp_path).start()
        for data in (None, 7, ["a"], [1, 2], ["lib:nope", "/nowhere"]):
            item = {"label": "x", "data": data}
            answer = await client.request("completionItem/resolve", item)
            assert answer["result"]["label"] == "x"
            assert "documentation" not in answer["result"]

    run(test)


def test_signature(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start()
        session.open("new.nix", "{ lib }:\nlib.mkIf true \n")
        found = await session.ask("signatureHelp", "new.nix", position=at(1, 14))
        (shown,) = found["signatures"]
        assert found["activeParameter"] == 1
        start, end = shown["parameters"][1]["label"]
        assert shown["label"][start:end] == "content"

    run(test)


def test_symbols_nested_and_flat(tmp_path: Path) -> None:
    flat = copy.deepcopy(ABLE)
    del flat["textDocument"]["documentSymbol"]

    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start()
        session.open("flake.nix")
        found = await session.ask("documentSymbol", "flake.nix")
        assert [each["name"] for each in found] == ["inputs.nixpkgs.url", "outputs"]
        assert [each["name"] for each in found[1]["children"]] == [
            "self",
            "nixpkgs",
            "nixosConfigurations.host",
        ]
        assert found[0]["selectionRange"] == span(1, 2, 20)

    async def test_flat(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start(flat)
        session.open("flake.nix")
        found = await session.ask("documentSymbol", "flake.nix")
        names = [(each["name"], each.get("containerName")) for each in found]
        assert ("nixosConfigurations.host", "outputs") in names
        assert found[0]["location"]["uri"] == session.uri("flake.nix")

    run(test)
    run(test_flat)


def test_highlights_folds_and_selections(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start()
        session.open("module.nix")
        found = await session.ask("documentHighlight", "module.nix", position=at(0, 3))
        assert [(each["range"]["start"]["line"], each["kind"]) for each in found] == [
            (0, 3),
            (2, 2),
            (3, 2),
        ]
        folds = await session.ask("foldingRange", "module.nix")
        assert [(fold["startLine"], fold["endLine"]) for fold in folds] == [(1, 7), (2, 5)]
        places = [at(3, 12), at(4, 15)]
        first, second = await session.ask("selectionRange", "module.nix", positions=places)
        assert first["range"] == span(3, 11, 14)
        assert first["parent"]["range"] == span(3, 11, 25)
        assert second["range"] == span(4, 14, 16)

    run(test)


def decoded(data: list[int]) -> list[tuple[int, int, int, int]]:
    """Line, character, length and type of each token."""
    out: list[tuple[int, int, int, int]] = []
    line = character = 0
    for index in range(0, len(data), 5):
        lines, characters, length, kind, _ = data[index : index + 5]
        line += lines
        character = characters if lines else character + characters
        out.append((line, character, length, kind))
    return out


def test_semantic_tokens_and_their_changes(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        legend = (await session.start())["semanticTokensProvider"]["legend"]["tokenTypes"]
        session.open("host.nix")
        found = await session.ask("semanticTokens/full", "host.nix")
        tokens = decoded(found["data"])
        assert (0, 2, 3, legend.index("parameter")) in tokens
        assert (3, 13, 4, legend.index("property")) in tokens
        part = await session.ask("semanticTokens/range", "host.nix", range=span(2, 0, 10))
        assert decoded(part["data"]) == [each for each in tokens if each[0] == 2 and each[1] < 10]
        client.change(session.uri("host.nix"), 2, insertion(2, 0, "  a = 1;\n"))
        changed = await session.ask(
            "semanticTokens/full/delta", "host.nix", previousResultId=found["resultId"]
        )
        data = found["data"]
        (edit,) = changed["edits"]
        end = edit["start"] + edit["deleteCount"]
        data = [*data[: edit["start"]], *edit["data"], *data[end:]]
        whole = await session.ask("semanticTokens/full", "host.nix")
        assert whole["data"] == data
        assert len(edit["data"]) < len(data) / 2
        again = await session.ask(
            "semanticTokens/full/delta", "host.nix", previousResultId=whole["resultId"]
        )
        assert again["edits"] == []
        unknown = await session.ask("semanticTokens/full/delta", "host.nix", previousResultId="?")
        assert unknown["data"] == data

    run(test)


def test_inlay_hints(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        session = Session(client, tmp_path)
        await session.start()
        lines = "".join(f"    a{number} = {number};\n" for number in range(30))
        session.open("new.nix", f"{{\n  long.name = {{\n{lines}  }};\n}}\n")
        whole = {"start": at(0, 0), "end": at(40, 0)}
        (hint,) = await session.ask("inlayHint", "new.nix", range=whole)
        assert hint["label"] == "long.name"
        assert hint["position"] == at(32, 4)
        assert await session.ask("inlayHint", "new.nix", range=span(1, 0, 5)) == []

    run(test)
