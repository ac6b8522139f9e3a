"""Navigation over the wire: what clients of different abilities get."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from nixlint.ide.document import Document
from nixlint.ide.navigation import workspace
from nixlint.ide.navigation.index import FileSummary, summarize
from nixlint.ide.navigation.workspace import LARGE
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


def test_large_files_are_summed_up_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """References see what is typed in a large file, and nobody waits for it to be summed up."""
    root = project(tmp_path)
    filler = "".join(f"  services.s{n}.enable = {n};\n" for n in range(4000))
    large = f"{{ config, ... }}:\n{{\n{filler}}}\n"
    assert len(large) > LARGE
    (root / "large.nix").write_text(large)
    (root / "other.nix").write_text(large)
    here: list[str] = []

    def counted(document: Document) -> FileSummary:
        here.append(document.path)
        return summarize(document)

    monkeypatch.setattr(workspace, "summarize", counted)

    async def test(client: Client) -> None:
        await client.start(root, VSCODE)
        client.server.file_worker = client.server.worker
        session = Session(client, root)
        session.open("module.nix")
        session.open("large.nix")
        more = {"context": {"includeDeclaration": False}}
        before = await session.ask("textDocument/references", "module.nix", 2, 14, **more)
        typed = insertion(2, 0, "  my.port = 3;\n")
        client.change(session.uri("large.nix"), 2, typed)
        after = await session.ask("textDocument/references", "module.nix", 2, 14, **more)
        found = [each for each in after["result"] if each not in before["result"]]
        assert found == [{"uri": session.uri("large.nix"), "range": span(2, 5, 9)}]
        names = {Path(path).name for path in here}
        assert "module.nix" in names
        assert names.isdisjoint(("large.nix", "other.nix"))

    run(test)


def test_who_sets_an_option_and_what_its_type_is(tmp_path: Path) -> None:
    root = project(tmp_path)
    write_tree(
        root,
        {
            "module.nix": "{ lib, ... }:\n"
            "{ options.my.port = lib.mkOption { type = lib.types.port; }; }\n",
            "flake.nix": '{ inputs.nixpkgs.url = "github:NixOS/nixpkgs";\n'
            "outputs = { self, nixpkgs }: { nixosConfigurations.h =\n"
            "nixpkgs.lib.nixosSystem { modules = [ ./host.nix ]; }; }; }\n",
        },
    )

    async def test(client: Client) -> None:
        result = await client.start(root, VSCODE)
        assert result["capabilities"]["implementationProvider"]
        assert result["capabilities"]["typeDefinitionProvider"]
        session = Session(client, root)
        session.open("module.nix")

        def known() -> bool:
            facts = client.server.facts_for(str(root / "module.nix"))
            return facts is not None and "my.port" in facts.options

        await client.until(known)
        answer = await session.ask("textDocument/implementation", "module.nix", 1, 13)
        assert [each["uri"] for each in answer["result"]] == [session.uri("host.nix")]
        answer = await session.ask("textDocument/typeDefinition", "module.nix", 1, 13)
        assert [each["uri"] for each in answer["result"]] == [session.uri("module.nix")]
        assert answer["result"][0]["range"]["start"]["character"] == 42
        answer = await session.ask("textDocument/typeDefinition", "module.nix", 0, 2)
        assert answer["result"] is None

    run(test)


def test_an_input_gets_another_name_in_the_lock_too(tmp_path: Path) -> None:
    root = project(tmp_path)
    lock = {
        "nodes": {
            "root": {"inputs": {"u": "u"}},
            "u": {
                "locked": {
                    "type": "github",
                    "owner": "numtide",
                    "repo": "flake-utils",
                    "rev": "0" * 40,
                },
                "original": {"type": "github", "owner": "numtide", "repo": "flake-utils"},
            },
        },
        "root": "root",
        "version": 7,
    }
    flake = (
        '{ inputs.u.url = "github:numtide/flake-utils"; outputs = { self, u }: { x = u.lib; }; }\n'
    )
    write_tree(root, {"flake.lock": json.dumps(lock), "flake.nix": flake})

    async def test(client: Client) -> None:
        await client.start(root, VSCODE)
        session = Session(client, root)
        session.open("flake.nix")
        answer = await session.ask("textDocument/rename", "flake.nix", 0, 9, newName="utils")
        changes = {
            each["textDocument"]["uri"]: each["edits"]
            for each in answer["result"]["documentChanges"]
        }
        assert [each["newText"] for each in changes[session.uri("flake.lock")]] == ['"utils"']
        assert [each["newText"] for each in changes[session.uri("flake.nix")]] == ["utils"] * 3

    run(test)
