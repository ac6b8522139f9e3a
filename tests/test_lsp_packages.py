"""Packages over the wire: completion, hover, definition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.answers_harness import NIXPKGS
from tests.lsp_harness import Client, run
from tests.running import write_tree

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: { overlays.default = final: prev: { hello-mine = 1; }; };
}
"""
HOST = "{ pkgs, ... }:\n{\n  x = with pkgs; [ hello he ];\n  y = pkgs.curl;\n}\n"


def test_packages(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    settings = f'[sources]\nnixpkgs = "{NIXPKGS}"\n'
    write_tree(root, {"flake.nix": FLAKE, "host.nix": HOST, "nixlint.toml": settings})
    uri = (root / "host.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(root)
        client.open(uri, HOST)

        async def ask(method: str, line: int, character: int) -> Any:
            place = {"line": line, "character": character}
            params = {"textDocument": {"uri": uri}, "position": place}
            return (await client.request(f"textDocument/{method}", params))["result"]

        def known() -> bool:
            facts = client.server.facts_for(str(root / "host.nix"))
            return facts is not None and bool(facts.packages)

        await client.until(known)
        found = await ask("completion", 2, 27)
        items = {each["label"]: each for each in found["items"]}
        assert {"hello", "here", "hello-mine"} <= set(items)
        assert items["hello-mine"]["detail"] == "overlay of this project"
        assert items["hello-mine"]["sortText"] < items["hello"]["sortText"]
        resolved = (await client.request("completionItem/resolve", items["hello"]))["result"]
        assert "Version: `2.12.1`" in resolved["documentation"]["value"]
        shown = await ask("hover", 2, 20)
        assert "familiar greeting" in shown["contents"]["value"]
        places = await ask("definition", 3, 12)
        assert [each["uri"] for each in places] == [
            (NIXPKGS / "pkgs/tools/web/curl/default.nix").as_uri()
        ]
        assert not client.server.failures

    run(test)


def test_without_nixpkgs_what_is_used_is_proposed(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    write_tree(root, {"flake.nix": FLAKE, "host.nix": HOST})
    uri = (root / "host.nix").as_uri()

    async def test(client: Client) -> None:
        await client.start(root)
        client.open(uri, HOST)

        def known() -> bool:
            facts = client.server.facts_for(str(root / "host.nix"))
            return facts is not None and bool(facts.used_packages)

        await client.until(known)
        params = {"textDocument": {"uri": uri}, "position": {"line": 3, "character": 11}}
        answer = await client.request("textDocument/completion", params)
        items = {each["label"]: each.get("detail") for each in answer["result"]["items"]}
        assert items["curl"] == items["hello"] == "used in this project"

    run(test)
