"""Diagnostics in the editor: the same findings as on the command line, and when they come."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from nixlint_lsp.roots import is_project
from tests.lsp_harness import FULL, PULL, Client, insertion, run
from tests.project_harness import TODAY, ProjectCase, cases
from tests.running import nixlint, write_tree

CASES = cases()
FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.05";
  inputs.other.url = "github:owner/repo";
  outputs = { self, nixpkgs, ... }: { x = nixpkgs.lib.id 1; };
}
"""


def capabilities(of: dict[str, Any]) -> dict[str, Any]:
    return {**of, "general": {"positionEncodings": ["utf-32"]}}


def plain(path: str, each: dict[str, Any]) -> tuple[object, ...]:
    start, end = each["range"]["start"], each["range"]["end"]
    return (
        path,
        each["code"],
        start["line"] + 1,
        start["character"] + 1,
        end["line"] + 1,
        end["character"] + 1,
        each["severity"],
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_same_as_the_command_line(
    case: ProjectCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIXLINT_TODAY", TODAY)
    root = case.copy_to(tmp_path).resolve()
    result = json.loads(case.run(root, "--format", "json").out)
    severities = {"error": 1, "warning": 2, "hint": 4}
    expected = set()
    for each in result["diagnostics"]:
        start, end = each["range"]["start"], each["range"]["end"]
        places = (start["line"], start["column"], end["line"], end["column"])
        expected.add((each["path"], each["rule"], *places, severities[each["severity"]]))

    async def test(client: Client) -> None:
        options = {"select": [case.rule]}
        await client.start(root, capabilities(PULL), initializationOptions=options)
        flake = root / "flake.nix"
        if flake.is_file():
            client.open(flake.as_uri(), flake.read_text("utf-8"))
        if flake.is_file() or is_project(str(root)):
            await client.until(lambda: client.server.projects.facts)
        await client.until(lambda: not client.server.projects.busy)
        answer = await client.request("workspace/diagnostic", {"previousResultIds": []})
        found = {report["uri"]: report["items"] for report in answer["result"]["items"]}
        for message in client.messages:
            if message.get("method") == "textDocument/publishDiagnostics":
                found[message["params"]["uri"]] = message["params"]["diagnostics"]
        got = set()
        for uri, items in found.items():
            path = client.server.path_of(uri)
            assert path is not None
            for item in items:
                related = item.get("relatedInformation") or [{"message": ""}]
                if related[0]["message"] != "here in flake.lock":
                    got.add(plain(Path(path).relative_to(root).as_posix(), item))
        assert got == expected

    run(test)


def test_pushed_with_the_version(tmp_path: Path) -> None:
    uri = (tmp_path / "a.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(tmp_path)
        client.open(uri, "let a = 1; in 2\n", 7)
        await client.until(lambda: client.rules(uri) == ["unused-let-binding"])
        assert client.published(uri)[-1]["version"] == 7
        client.change(uri, 8, insertion(0, 15, " + a"))
        await client.until(lambda: client.rules(uri) == [])
        assert client.published(uri)[-1]["version"] == 8
        client.change(uri, 9, {"text": "{"})
        await client.until(lambda: client.rules(uri))
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        assert client.published(uri)[-1]["diagnostics"] == []

    run(test)


def test_a_burst_of_edits_is_checked_a_few_times(tmp_path: Path) -> None:
    uri = (tmp_path / "a.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(tmp_path)
        client.open(uri, "let a = 1; in [ ]\n")
        for version in range(2, 202):
            client.change(uri, version, insertion(0, 15, "1 "))
            await asyncio.sleep(0)
        await client.until(lambda: client.published(uri)[-1]["version"] == 201)
        assert len(client.published(uri)) < 30

    run(test)


def test_everything_a_client_can_show(tmp_path: Path) -> None:
    files = {"flake.nix": FLAKE, "a.nix": "{ ... }: let a = 1; in { }\n"}
    root = write_tree(tmp_path.resolve(), files)
    uri = (root / "a.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(root)
        client.open(uri, files["a.nix"])
        await client.until(lambda: client.rules(uri))
        (item,) = [
            each
            for each in client.published(uri)[-1]["diagnostics"]
            if each["code"] == "unused-let-binding"
        ]
        assert item["source"] == "nixlint"
        assert item["codeDescription"]["href"].endswith("/unused-let-binding.md")
        assert item["tags"] == [1]
        assert item["data"] == {"rule": "unused-let-binding"}
        flake = (root / "flake.nix").as_uri()
        await client.until(lambda: "unused-flake-input" in (client.rules(flake) or []))

    run(test)


def test_a_client_that_can_show_little(tmp_path: Path) -> None:
    uri = (tmp_path / "a.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(tmp_path, {})
        client.open(uri, "{ a = 1; a = 2; }\n", 3)
        await client.until(lambda: client.rules(uri))
        published = client.published(uri)[-1]
        (item,) = published["diagnostics"]
        assert "version" not in published
        assert not {"codeDescription", "tags", "relatedInformation", "data"} & item.keys()
        assert "\n" in item["message"], "the note is in the message"

    run(test)


def test_findings_of_the_project_move_along(tmp_path: Path) -> None:
    root = write_tree(tmp_path.resolve(), {"flake.nix": FLAKE})
    uri = (root / "flake.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(root)
        client.open(uri, FLAKE)
        await client.until(lambda: "unused-flake-input" in (client.rules(uri) or []))
        client.server.projects.close()
        client.change(uri, 2, insertion(0, 0, "# one\n# two\n"))
        await client.until(lambda: client.published(uri)[-1]["version"] == 2)
        found = {
            each["code"]: each["range"]["start"]["line"]
            for each in client.published(uri)[-1]["diagnostics"]
        }
        assert found["unused-flake-input"] == 4

    run(test)


def test_the_project_follows_the_editor(tmp_path: Path) -> None:
    root = write_tree(tmp_path.resolve(), {"flake.nix": FLAKE})
    uri = (root / "flake.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(root)
        client.open(uri, FLAKE)
        await client.until(lambda: "unused-flake-input" in (client.rules(uri) or []))
        client.change(
            uri,
            2,
            {"text": FLAKE.replace("self, nixpkgs", "nixpkgs, other").replace("id 1", "id other")},
        )
        await client.until(lambda: "unused-flake-input" not in (client.rules(uri) or []))

    run(test)


def test_comments_silence_findings_of_the_project(tmp_path: Path) -> None:
    text = FLAKE.replace('owner/repo";', 'owner/repo"; # nixlint: ignore[unused-flake-input] why')
    root = write_tree(tmp_path.resolve(), {"flake.nix": text})
    uri = (root / "flake.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(root)
        client.open(uri, text)
        await client.until(lambda: client.server.projects.facts)
        await client.until(lambda: not client.server.projects.busy)
        (facts,) = client.server.projects.facts.values()
        assert [each.rule for each in facts.diagnostics[facts.root + "/flake.nix"]]
        # It silences something, and stays useful while the project is looked at anew.
        client.change(uri, 2, insertion(0, 0, "\n"))
        await client.until(lambda: client.published(uri)[-1].get("version") == 2)
        assert not {"unused-flake-input", "unused-suppression"} & set(client.rules(uri) or [])

    run(test)


def test_findings_in_the_lock_are_also_at_the_input(tmp_path: Path) -> None:
    (case,) = [each for each in CASES if each.id == "flake-unlocked-input/unlocked"]
    root = case.copy_to(tmp_path).resolve()
    flake, lock = ((root / name).as_uri() for name in ("flake.nix", "flake.lock"))

    async def test(client: Client) -> None:
        await client.start(root, PULL, initializationOptions={"select": [case.rule]})
        client.open(flake, (root / "flake.nix").read_text("utf-8"))
        await client.until(lambda: client.published(lock))
        in_lock = client.published(lock)[-1]["diagnostics"]
        params = {"textDocument": {"uri": flake}}
        answer = await client.request("textDocument/diagnostic", params)
        in_flake = answer["result"]["items"]
        assert in_flake
        for each in in_flake:
            related = each["relatedInformation"][0]["location"]
            assert related["uri"] == lock
            twin = [one for one in in_lock if one["range"] == related["range"]]
            assert [one["message"] for one in twin] == [each["message"]]

    run(test)


def test_pull_unchanged_and_workspace(tmp_path: Path) -> None:
    files = {"flake.nix": FLAKE, "b.nix": "let b = 1; in 2\n", "ok.nix": "{ }\n"}
    root = write_tree(tmp_path.resolve(), files)
    uri = (root / "a.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(root, PULL)
        client.open(uri, "let a = 1; in 2\n")
        params = {"textDocument": {"uri": uri}}
        first = (await client.request("textDocument/diagnostic", params))["result"]
        assert first["kind"] == "full"
        assert [each["code"] for each in first["items"]] == ["unused-let-binding"]
        again = {**params, "previousResultId": first["resultId"]}
        second = (await client.request("textDocument/diagnostic", again))["result"]
        assert second == {"kind": "unchanged", "resultId": first["resultId"]}
        client.change(uri, 2, insertion(0, 0, " "))
        third = (await client.request("textDocument/diagnostic", again))["result"]
        assert third["kind"] == "full" and third["resultId"] != first["resultId"]
        await client.until(lambda: not client.server.projects.busy)
        refresh = "workspace/diagnostic/refresh"
        assert any(each.get("method") == refresh for each in client.messages)
        token = "partial-1"
        streamed = {"previousResultIds": [], "partialResultToken": token}
        whole = (await client.request("workspace/diagnostic", streamed))["result"]
        assert whole == {"items": []}
        parts = [
            item
            for each in client.messages
            if each.get("method") == "$/progress" and each["params"]["token"] == token
            for item in each["params"]["value"]["items"]
        ]
        found = {part["uri"]: part for part in parts}
        b = found[(root / "b.nix").as_uri()]
        assert "unused-let-binding" in [each["code"] for each in b["items"]]
        assert (root / "ok.nix").as_uri() not in found or found[(root / "ok.nix").as_uri()]["items"]
        previous = [{"uri": part["uri"], "value": part["resultId"]} for part in parts]
        asking = asyncio.create_task(
            client.request("workspace/diagnostic", {"previousResultIds": previous})
        )
        await asyncio.sleep(0.1)
        assert not asking.done(), "who asks again waits until something changes"
        client.open((root / "new.nix").as_uri(), "{ }\n")
        more = await asking
        assert {each["kind"] for each in more["result"]["items"]} == {"unchanged"}
        assert client.published(uri) == [], "what is pulled is not pushed, too"

    run(test)


def test_excluded_files_are_silent(tmp_path: Path) -> None:
    files = {
        "nixlint.toml": 'exclude = ["vendor/"]\n[per-file-ignores]\n"b.nix" = ["names"]\n',
        ".git/HEAD": "",
        ".gitignore": "ignored.nix\n",
    }
    root = write_tree(tmp_path.resolve(), files)

    async def test(client: Client) -> None:
        await client.start(root)
        for name in ("vendor/a.nix", "ignored.nix", "b.nix", "c.nix"):
            client.open((root / name).as_uri(), "let a = 1; in 2\n")
        await client.until(lambda: client.rules((root / "c.nix").as_uri()))
        for name in ("vendor/a.nix", "ignored.nix", "b.nix"):
            uri = (root / name).as_uri()
            await client.until(partial(client.published, uri))
            assert client.rules(uri) == []

    run(test)


def test_configuration_files_are_watched(tmp_path: Path) -> None:
    root = write_tree(tmp_path.resolve(), {})
    uri = (root / "a.nix").as_uri()
    toml = root / "nixlint.toml"

    async def test(client: Client) -> None:
        await client.start(root)
        client.open(uri, "let a = 1; in 2\n")
        await client.until(lambda: client.rules(uri) == ["unused-let-binding"])
        changed = {"changes": [{"uri": toml.as_uri(), "type": 1}]}
        toml.write_text('ignore = ["unused-let-binding"]\n')
        client.notify("workspace/didChangeWatchedFiles", changed)
        await client.until(lambda: client.rules(uri) == [])
        toml.write_text('ignroe = ["unused-let-binding"]\n')
        client.notify("workspace/didChangeWatchedFiles", changed)
        await client.until(lambda: client.rules(toml.as_uri()) == ["configuration"])
        (item,) = client.published(toml.as_uri())[-1]["diagnostics"]
        assert "did you mean `ignore`" in item["message"]
        toml.unlink()
        client.notify("workspace/didChangeWatchedFiles", changed)
        await client.until(lambda: client.rules(uri) == ["unused-let-binding"])
        await client.until(lambda: client.rules(toml.as_uri()) == [])

    run(test)


def test_a_missing_file_that_comes(tmp_path: Path) -> None:
    root = write_tree(tmp_path.resolve(), {"a.nix": "import ./b.nix\n"})
    uri = (root / "a.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(root)
        client.open(uri, "import ./b.nix\n")
        await client.until(lambda: client.rules(uri) == ["missing-path"])
        (root / "b.nix").write_text("{ }\n")
        created = {"changes": [{"uri": (root / "b.nix").as_uri(), "type": 1}]}
        client.notify("workspace/didChangeWatchedFiles", created)
        await client.until(lambda: client.rules(uri) == [])

    run(test)


def test_settings_of_the_editor(tmp_path: Path) -> None:
    uri = (tmp_path / "a.nix").as_uri()

    async def test(client: Client) -> None:
        options = {"nixlint": {"ignore": ["unused-let-binding"]}}
        await client.start(tmp_path, initializationOptions=options)
        client.open(uri, "let a = 1; in 2\n")
        await client.until(lambda: client.rules(uri) == [])
        settings: dict[str, Any] = {"settings": {"nixlint": {"ignore": []}}}
        client.notify("workspace/didChangeConfiguration", settings)
        await client.until(lambda: client.rules(uri) == ["unused-let-binding"])
        settings = {"settings": {"nixlint": {"features": {"diagnostics": False}}}}
        client.notify("workspace/didChangeConfiguration", settings)
        await client.until(lambda: client.rules(uri) == [])

    run(test)


def test_features_are_switched_off_by_the_project(tmp_path: Path) -> None:
    write_tree(tmp_path, {"nixlint.toml": "[lsp.features]\ndiagnostics = false\n"})
    uri = (tmp_path / "a.nix").as_uri()

    async def test(client: Client) -> None:
        result = await client.start(tmp_path, PULL)
        assert "diagnosticProvider" not in result["capabilities"]
        client.open(uri, "let a = 1; in 2\n")
        await asyncio.sleep(0.1)
        assert client.published(uri) == []

    run(test)


def test_several_folders_and_a_file_of_none(tmp_path: Path) -> None:
    one = write_tree(tmp_path / "one", {"flake.nix": FLAKE})
    two = write_tree(tmp_path / "two", {"flake.nix": FLAKE})
    outside = (tmp_path / "outside.nix").as_uri()

    async def test(client: Client) -> None:
        folders = [{"uri": one.as_uri(), "name": "one"}]
        await client.start(None, workspaceFolders=folders)
        first, second = ((each / "flake.nix").as_uri() for each in (one, two))
        await client.until(lambda: "unused-flake-input" in (client.rules(first) or []))
        event = {"added": [{"uri": two.as_uri(), "name": "two"}], "removed": folders}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        await client.until(lambda: "unused-flake-input" in (client.rules(second) or []))
        client.open(outside, "let a = 1; in 2\n")
        await client.until(lambda: client.rules(outside) == ["unused-let-binding"])
        client.open("untitled:Untitled-1", "let a = 1; in 2\n")
        await client.until(lambda: client.rules("untitled:Untitled-1") == ["unused-let-binding"])

    run(test)


def test_a_folder_behind_a_link(tmp_path: Path) -> None:
    real = write_tree(tmp_path / "real", {"flake.nix": FLAKE})
    link = tmp_path / "link"
    link.symlink_to(real)
    uri = (link / "flake.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(link)
        await client.until(lambda: "unused-flake-input" in (client.rules(uri) or []))
        assert client.published((real / "flake.nix").as_uri()) == []

    run(test)


def test_command_line_agrees_on_a_project(tmp_path: Path) -> None:
    root = write_tree(tmp_path.resolve(), {"flake.nix": FLAKE, "x.nix": "let x = 1; in 2\n"})
    lines = nixlint("check", "--format", "concise", ".", cwd=root).out.splitlines()
    rules = sorted(line.split("[")[1].split("]")[0] for line in lines if "[" in line)

    async def test(client: Client) -> None:
        await client.start(root, {**FULL, **PULL})
        await client.until(lambda: client.server.projects.facts)
        await client.until(lambda: not client.server.projects.busy)
        answer = await client.request("workspace/diagnostic", {"previousResultIds": []})
        found = [item["code"] for each in answer["result"]["items"] for item in each["items"]]
        assert sorted(found) == rules

    run(test)
