"""Code actions and formatting as clients get them."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from nixlint_lsp.features import formatting
from tests.lsp_harness import FULL, Client, run
from tests.project_harness import TODAY
from tests.rule_harness import FIXTURES
from tests.running import write_tree

TEXT = "lib: {\n  # 😀\n  /* 😀 */ a = with lib; 1;\n}\n"
LAZY: dict[str, Any] = {
    "textDocument": {
        **FULL["textDocument"],
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix"]}},
            "dataSupport": True,
            "isPreferredSupport": True,
            "resolveSupport": {"properties": ["edit"]},
        },
    },
    "workspace": {"workspaceEdit": {"documentChanges": True}},
}


def asked(uri: str, line: int, character: int, *only: str) -> dict[str, object]:
    here = {"line": line, "character": character}
    context: dict[str, object] = {"diagnostics": []}
    if only:
        context["only"] = list(only)
    return {
        "textDocument": {"uri": uri},
        "range": {"start": here, "end": here},
        "context": context,
    }


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """The text after edits whose characters are UTF-16 units."""
    lines = [line.encode("utf-16-le") for line in text.splitlines(keepends=True)] + [b""]
    starts = [sum(map(len, lines[:number])) for number in range(len(lines))]
    data = b"".join(lines)
    for edit in reversed(edits):
        begin, end = edit["range"]["start"], edit["range"]["end"]
        first = starts[begin["line"]] + 2 * begin["character"]
        last = starts[end["line"]] + 2 * end["character"]
        data = data[:first] + edit["newText"].encode("utf-16-le") + data[last:]
    return data.decode("utf-16-le")


def test_capabilities() -> None:
    async def test(client: Client) -> None:
        capabilities = (await client.start())["capabilities"]["codeActionProvider"]
        assert capabilities["resolveProvider"]
        assert capabilities["codeActionKinds"] == [
            "quickfix",
            "refactor.extract",
            "refactor.inline",
            "refactor.rewrite",
            "source.fixAll.nixlint",
        ]

    run(test)


def test_edits_come_when_an_action_is_chosen(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        await client.start(tmp_path, LAZY)
        uri = (tmp_path / "a.nix").as_uri()
        client.open(uri, TEXT, 7)
        answer = await client.request("textDocument/codeAction", asked(uri, 2, 20, "quickfix"))
        items = {item["title"]: item for item in answer["result"]}
        fix = items["Remove the `with`"]
        assert fix["kind"] == "quickfix" and fix["isPreferred"] and "edit" not in fix
        assert fix["diagnostics"][0]["code"] == "unused-with"
        assert "isPreferred" not in items["Ignore `unused-with` here"]
        resolved = (await client.request("codeAction/resolve", fix))["result"]
        (change,) = resolved["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": uri, "version": 7}
        assert applied(TEXT, change["edits"]) == TEXT.replace("with lib; ", "")

    run(test)


def test_an_edit_of_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIXLINT_TODAY", TODAY)
    root = (tmp_path / "project").resolve()
    shutil.copytree(FIXTURES / "projects" / "option-conflict" / "enable-in-two-modules", root)
    here, there = root / "a.nix", root / "b.nix"

    async def test(client: Client) -> None:
        await client.start(root, LAZY)
        uri = here.as_uri()
        client.open(uri, here.read_text())
        await client.until(lambda: "option-conflict" in (client.rules(uri) or []))
        await client.until(lambda: not client.server.projects.busy)
        found = client.published(uri)[-1]["diagnostics"]
        conflict = next(one for one in found if one["code"] == "option-conflict")
        place = conflict["range"]["start"]
        params = asked(uri, place["line"], place["character"], "quickfix")
        items = (await client.request("textDocument/codeAction", params))["result"]
        item = next(one for one in items if "b.nix" in one["title"] and "win" in one["title"])
        resolved = (await client.request("codeAction/resolve", item))["result"]
        (change,) = resolved["edit"]["documentChanges"]
        assert change["textDocument"] == {"uri": there.as_uri(), "version": None}
        assert "lib.mkForce" in applied(there.read_text(), change["edits"])

    run(test)


def test_an_outdated_action_is_refused(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        await client.start(tmp_path, LAZY)
        uri = (tmp_path / "a.nix").as_uri()
        client.open(uri, TEXT, 1)
        params = asked(uri, 2, 20, "quickfix")
        item = (await client.request("textDocument/codeAction", params))["result"][0]
        client.change(uri, 2, {"text": "lib: lib"})
        answer = await client.request("codeAction/resolve", item)
        assert "changed" in answer["error"]["message"]

    run(test)


def test_clients_that_cannot_resolve_get_edits_at_once(tmp_path: Path) -> None:
    async def test(client: Client) -> None:
        await client.start(tmp_path)
        uri = (tmp_path / "a.nix").as_uri()
        client.open(uri, TEXT)
        answer = await client.request("textDocument/codeAction", asked(uri, 2, 20, "source"))
        (item,) = answer["result"]
        assert item["kind"] == "source.fixAll.nixlint"
        assert applied(TEXT, item["edit"]["changes"][uri]) == TEXT.replace("with lib; ", "")
        answer = await client.request("textDocument/codeAction", asked(uri, 2, 11, "refactor"))
        titles = [item["title"] for item in answer["result"]]
        assert titles == ['Quote the name: `"a"`']
        assert applied(TEXT, answer["result"][0]["edit"]["changes"][uri]) == TEXT.replace(
            "a = ", '"a" = '
        )

    run(test)


def test_a_text_without_a_file() -> None:
    async def test(client: Client) -> None:
        await client.start()
        client.open("untitled:1", TEXT)
        params = asked("untitled:1", 2, 11, "refactor")
        answer = await client.request("textDocument/codeAction", params)
        assert list(answer["result"][0]["edit"]["changes"]) == ["untitled:1"]

    run(test)


def test_nothing_for_texts_that_are_not_open() -> None:
    async def test(client: Client) -> None:
        await client.start()
        answer = await client.request("textDocument/codeAction", asked("file:///x.nix", 0, 0))
        assert answer["result"] is None

    run(test)


FORMATTER = "import sys; text = sys.stdin.read(); sys.stdout.write(text.replace('  ', ' '))"


def formatted(script: str, text: str = TEXT) -> list[dict[str, Any]] | None:
    """What formatting gives when a Python script is the formatter."""
    out: list[Any] = []

    async def test(client: Client) -> None:
        command = [sys.executable, "-c", script]
        await client.start(initializationOptions={"formatter": command})
        client.open("untitled:1", text)
        params = {
            "textDocument": {"uri": "untitled:1"},
            "options": {"tabSize": 2, "insertSpaces": True},
        }
        out.append((await client.request("textDocument/formatting", params))["result"])

    run(test)
    result: list[dict[str, Any]] | None = out[0]
    return result


def test_formatting() -> None:
    edits = formatted(FORMATTER)
    assert edits is not None
    assert applied(TEXT, edits) == TEXT.replace("  ", " ")
    # Only what changes is touched.
    assert min(edit["range"]["start"]["line"] for edit in edits) == 1
    assert max(edit["range"]["end"]["line"] for edit in edits) == 2
    assert formatted("import sys; sys.stdout.write(sys.stdin.read())") == []


@pytest.mark.parametrize(
    "script",
    ["import sys; sys.exit('no')", "pass", "import sys; sys.stdout.buffer.write(b'')", "raise 1"],
)
def test_a_formatter_that_fails_changes_nothing(script: str) -> None:
    assert formatted(script) is None


def test_a_formatter_that_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formatting, "SECONDS", 0.2)
    assert formatted("import time; time.sleep(60)") is None


def test_without_a_formatter_nothing_is_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    async def test(client: Client) -> None:
        capabilities = (await client.start())["capabilities"]
        assert not capabilities.get("documentFormattingProvider")

    run(test)


def formatted_in(root: Path, files: dict[str, str]) -> list[dict[str, Any]] | None:
    """What formatting gives in a repository with these files; those in `bin` are programs."""
    write_tree(root, files)
    for program in (root / "bin").iterdir():
        program.chmod(0o755)
    out: list[Any] = []

    async def test(client: Client) -> None:
        await client.start(root)
        uri = (root / "a.nix").as_uri()
        client.open(uri, TEXT)
        params = {
            "textDocument": {"uri": uri},
            "options": {"tabSize": 2, "insertSpaces": True},
        }
        out.append((await client.request("textDocument/formatting", params)).get("result"))

    run(test)
    result: list[dict[str, Any]] | None = out[0]
    return result


def test_a_repository_chooses_among_known_formatters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"#!{sys.executable}\n{FORMATTER}\n"
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    files = {"nixlint.toml": "[lsp]\nformatter = 'alejandra'\n", "bin/alejandra": program}
    assert formatted_in(tmp_path, files)


@pytest.mark.parametrize(
    ("path", "chosen"),
    [("", "formatter = ['./bin/nixfmt']"), ("", "formatter = 'bin/nixfmt'"), ("bin", "")],
)
def test_a_program_of_the_repository_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, chosen: str
) -> None:
    mark = tmp_path / "mark"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", path)
    files = {"nixlint.toml": f"[lsp]\n{chosen}\n", "bin/nixfmt": f"#!/bin/sh\n: > {mark}\n"}
    assert formatted_in(tmp_path, files) is None
    assert not mark.exists()


def test_a_formatter_that_is_not_there() -> None:
    async def test(client: Client) -> None:
        await client.start(initializationOptions={"formatter": ["/nonexistent/nixfmt"]})
        client.open("untitled:1", TEXT)
        params = {
            "textDocument": {"uri": "untitled:1"},
            "options": {"tabSize": 2, "insertSpaces": True},
        }
        assert (await client.request("textDocument/formatting", params))["result"] is None

    run(test)


MAKES_FILES: dict[str, Any] = {
    "textDocument": {
        **LAZY["textDocument"],
        "codeAction": {**LAZY["textDocument"]["codeAction"], "disabledSupport": True},
    },
    "workspace": {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create", "rename"]}
    },
}
PARTS = "{ pkgs }:\n{\n  list = with pkgs; [ a ];\n  here = [ __curPos ];\n}\n"


def extracting(root: Path, capabilities: object, line: int, end: int) -> list[dict[str, Any]]:
    """What is offered for moving the value in a line into a file, with its edits."""
    out: list[dict[str, Any]] = []

    async def test(client: Client) -> None:
        await client.start(root, capabilities)
        uri = (root / "a.nix").as_uri()
        client.open(uri, PARTS, 3)
        params = asked(uri, line, 9, "refactor.extract")
        params["range"] = {
            "start": {"line": line, "character": 9},
            "end": {"line": line, "character": end},
        }
        for item in (await client.request("textDocument/codeAction", params))["result"]:
            if item["title"] == "Extract into a file":
                if "edit" not in item and "disabled" not in item:
                    item = (await client.request("codeAction/resolve", item))["result"]
                out.append(item)

    run(test)
    return out


def test_an_action_that_makes_a_file(tmp_path: Path) -> None:
    (item,) = extracting(tmp_path, MAKES_FILES, 2, 25)
    new, content, edit = item["edit"]["documentChanges"]
    uri = (tmp_path / "list.nix").as_uri()
    assert new["kind"] == "create" and new["uri"] == uri
    assert content["textDocument"] == {"uri": uri, "version": None}
    assert content["edits"][0]["newText"] == "{ pkgs }:\n\nwith pkgs; [ a ]\n"
    assert edit["textDocument"]["version"] == 3
    assert "list = import ./list.nix { inherit pkgs; };" in applied(PARTS, edit["edits"])


def test_an_action_that_cannot_be_done_says_why(tmp_path: Path) -> None:
    (item,) = extracting(tmp_path, MAKES_FILES, 3, 21)
    assert "__curPos" in item["disabled"]["reason"]
    assert "edit" not in item


def test_clients_that_make_no_files_are_not_asked_to(tmp_path: Path) -> None:
    assert extracting(tmp_path, LAZY, 2, 25) == []
    only_files = {**MAKES_FILES, "textDocument": LAZY["textDocument"]}
    assert extracting(tmp_path, only_files, 3, 21) == []
