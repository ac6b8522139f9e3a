"""Navigation over the wire: what clients of different abilities get."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from tests.lsp_harness import FULL, Client, insertion, run
from tests.running import write_tree

FILES = {
    "module.nix": "{ lib, config, ... }:\n{\n  options.my.port = lib.mkOption { };\n"
    "  config.x = config.my.port; # 😀\n}\n",
    "host.nix": '{\n  /* 😀 */ imports = [ ./module.nix ]; s = "😀"; my.port = 80;\n}\n',
    "lib.nix": "let\n  twice = x: once (once x);\n  once = x: x;\nin\ntwice 1\n",
    "flake.nix": '{ inputs.u.url = "github:numtide/flake-utils"; outputs = _: ./host.nix; }\n',
}
VSCODE: dict[str, Any] = {
    "textDocument": {
        **FULL["textDocument"],
        "definition": {"linkSupport": True},
        "rename": {"prepareSupport": True},
    },
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["rename"]},
        "fileOperations": {"willRename": True},
    },
}


def at(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


def span(line: int, start: int, end: int) -> dict[str, Any]:
    return {"start": at(line, start), "end": at(line, end)}


def project(folder: Path) -> Path:
    write_tree(folder, FILES)
    return folder.resolve()


class Session:
    """A client with the project open at one file."""

    def __init__(self, client: Client, root: Path) -> None:
        self.client = client
        self.root = root

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str) -> None:
        self.client.open(self.uri(name), (self.root / name).read_text("utf-8"))

    async def ask(self, method: str, name: str, line: int, character: int, **more: Any) -> Any:
        params = {"textDocument": {"uri": self.uri(name)}, "position": at(line, character), **more}
        return await self.client.request(method, params)


def test_definition(tmp_path: Path) -> None:
    root = project(tmp_path)

    async def test(client: Client) -> None:
        result = await client.start(root, VSCODE)
        assert result["capabilities"]["definitionProvider"]
        assert result["capabilities"]["declarationProvider"]
        session = Session(client, root)
        session.open("host.nix")
        answer = await session.ask("textDocument/definition", "host.nix", 1, 54)
        (link,) = answer["result"]
        assert link["targetUri"] == session.uri("module.nix")
        assert link["targetSelectionRange"] == span(2, 13, 17)
        # Characters beyond the first plane count twice in UTF-16.
        assert link["originSelectionRange"] == span(1, 52, 56)
        answer = await session.ask("textDocument/definition", "host.nix", 1, 30)
        assert answer["result"][0]["targetUri"] == session.uri("module.nix")
        answer = await session.ask("textDocument/definition", "host.nix", 0, 0)
        assert answer["result"] is None

    run(test)


def test_definition_for_a_client_without_links(tmp_path: Path) -> None:
    root = project(tmp_path)

    async def test(client: Client) -> None:
        capabilities = {"general": {"positionEncodings": ["utf-32"]}}
        await client.start(root, capabilities)
        session = Session(client, root)
        session.open("host.nix")
        answer = await session.ask("textDocument/declaration", "host.nix", 1, 51)
        assert answer["result"] == [{"uri": session.uri("module.nix"), "range": span(2, 13, 17)}]

    run(test)


def test_references_see_what_is_typed(tmp_path: Path) -> None:
    root = project(tmp_path)

    async def test(client: Client) -> None:
        await client.start(root, VSCODE)
        session = Session(client, root)
        session.open("module.nix")
        more = {"context": {"includeDeclaration": False}}
        answer = await session.ask("textDocument/references", "module.nix", 2, 14, **more)
        expected = [
            {"uri": session.uri("host.nix"), "range": span(1, 52, 56)},
            {"uri": session.uri("module.nix"), "range": span(3, 23, 27)},
        ]
        assert answer["result"] == expected
        client.change(
            session.uri("module.nix"), 2, insertion(3, 0, "  config.y = config.my.port;\n")
        )
        answer = await session.ask("textDocument/references", "module.nix", 2, 14, **more)
        assert [each["range"]["start"]["line"] for each in answer["result"]] == [1, 3, 4]

    run(test)


def test_rename(tmp_path: Path) -> None:
    root = project(tmp_path)

    async def test(client: Client) -> None:
        result = await client.start(root, VSCODE)
        assert result["capabilities"]["renameProvider"] == {"prepareProvider": True}
        session = Session(client, root)
        session.open("host.nix")
        answer = await session.ask("textDocument/prepareRename", "host.nix", 1, 53)
        assert answer["result"] == {"range": span(1, 52, 56), "placeholder": "port"}
        answer = await session.ask("textDocument/rename", "host.nix", 1, 53, newName="door")
        first, second = answer["result"]["documentChanges"]
        assert first["textDocument"] == {"uri": session.uri("host.nix"), "version": 1}
        assert first["edits"] == [{"range": span(1, 52, 56), "newText": "door"}]
        assert second["textDocument"] == {"uri": session.uri("module.nix"), "version": None}
        assert len(second["edits"]) == 2
        answer = await session.ask("textDocument/rename", "host.nix", 1, 53, newName="my\0")
        assert "name" in answer["error"]["message"]
        answer = await session.ask("textDocument/prepareRename", "host.nix", 1, 31)
        assert "paths to it are corrected" in answer["error"]["message"]

    run(test)


def test_links_symbols_calls_and_lenses(tmp_path: Path) -> None:
    root = project(tmp_path)

    async def test(client: Client) -> None:
        capabilities = copy.deepcopy(VSCODE)
        result = await client.start(root, capabilities)
        assert result["capabilities"]["codeLensProvider"] == {"resolveProvider": True}
        assert result["capabilities"]["callHierarchyProvider"]
        assert result["capabilities"]["workspaceSymbolProvider"]
        session = Session(client, root)
        for name in FILES:
            session.open(name)
        document = {"textDocument": {"uri": session.uri("flake.nix")}}
        answer = await client.request("textDocument/documentLink", document)
        assert [each["target"] for each in answer["result"]] == [
            "https://github.com/numtide/flake-utils",
            session.uri("host.nix"),
        ]
        answer = await client.request("workspace/symbol", {"query": "myport"})
        assert [each["name"] for each in answer["result"]] == ["my.port"]
        answer = await session.ask("textDocument/prepareCallHierarchy", "lib.nix", 1, 3)
        (item,) = answer["result"]
        assert item["name"] == "twice"
        answer = await client.request("callHierarchy/outgoingCalls", {"item": item})
        (call,) = answer["result"]
        assert call["to"]["name"] == "once"
        assert len(call["fromRanges"]) == 2
        answer = await client.request("callHierarchy/incomingCalls", {"item": call["to"]})
        assert [each["from"]["name"] for each in answer["result"]] == ["twice"]
        answer = await session.ask("textDocument/prepareCallHierarchy", "module.nix", 1, 0)
        (item,) = answer["result"]
        assert item["detail"] == "module.nix"
        answer = await client.request("callHierarchy/incomingCalls", {"item": item})
        assert [each["from"]["detail"] for each in answer["result"]] == ["host.nix"]
        document = {"textDocument": {"uri": session.uri("module.nix")}}
        answer = await client.request("textDocument/codeLens", document)
        about_file, about_option = answer["result"]
        assert about_file["command"]["title"] == "imported by 1 file"
        assert about_file["command"]["command"] == "editor.action.showReferences"
        answer = await client.request("codeLens/resolve", about_option)
        command = answer["result"]["command"]
        assert command["title"] == "2 references"
        assert command["arguments"][0] == session.uri("module.nix")
        assert len(command["arguments"][2]) == 2

    run(test)


def test_moving_files(tmp_path: Path) -> None:
    root = project(tmp_path)

    async def test(client: Client) -> None:
        result = await client.start(root, VSCODE)
        operations = result["capabilities"]["workspace"]["fileOperations"]["willRename"]
        assert {each["pattern"]["matches"] for each in operations["filters"]} == {"file", "folder"}
        session = Session(client, root)
        session.open("host.nix")
        files = [{"oldUri": session.uri("module.nix"), "newUri": session.uri("m/x/default.nix")}]
        answer = await client.request("workspace/willRenameFiles", {"files": files})
        (change,) = answer["result"]["documentChanges"]
        assert change["textDocument"]["uri"] == session.uri("host.nix")
        assert [each["newText"] for each in change["edits"]] == ["./m/x"]
        files = [{"oldUri": session.uri("nothing.nix"), "newUri": session.uri("else.nix")}]
        answer = await client.request("workspace/willRenameFiles", {"files": files})
        assert answer["result"] is None

    run(test)


def test_features_that_are_switched_off_answer_nothing(tmp_path: Path) -> None:
    root = project(tmp_path)

    async def test(client: Client) -> None:
        names = ("definition", "references", "rename", "codeLens", "callHierarchy")
        options = {"features": dict.fromkeys(names, False)}
        result = await client.start(root, VSCODE, initializationOptions=options)
        for name in ("definition", "references", "rename", "codeLens", "callHierarchy"):
            assert f"{name}Provider" not in result["capabilities"]
        assert result["capabilities"]["documentLinkProvider"]

    run(test)


def test_a_text_without_a_file(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        await client.start(tmp_path.resolve(), VSCODE)
        uri = "untitled:Untitled-1"
        client.open(uri, "let x = 1; in x\n")
        here = {"textDocument": {"uri": uri}, "position": at(0, 14)}
        answer = await client.request("textDocument/definition", here)
        assert [link["targetUri"] for link in answer["result"]] == [uri]
        asked = {**here, "context": {"includeDeclaration": True}}
        answer = await client.request("textDocument/references", asked)
        assert [each["range"] for each in answer["result"]] == [span(0, 4, 5), span(0, 14, 15)]
        answer = await client.request("textDocument/rename", {**here, "newName": "y"})
        assert [each["newText"] for each in answer["result"]["changes"][uri]] == ["y", "y"]

    run(test)
