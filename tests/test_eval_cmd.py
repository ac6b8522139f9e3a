"""`nixlint eval`, and flakes as values."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.running import Result, nixlint, write_tree

REV = "52e3e80afff4b16ccb7c52e9f0f5220552f03d04"
HASH = "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM="

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.tool.url = "github:me/tool";
  outputs = { self, nixpkgs, tool }: {
    lib = import ./lib { inherit (nixpkgs) lib; };
    hosts = builtins.attrNames (builtins.readDir ./hosts);
    version = nixpkgs.shortRev;
    mine = self.lib.greet "you";
    where = self.outPath;
    theirs = tool.lib.answer + 1;
    both = [ 1 tool.packages ];
  };
}
"""
FILES = {
    "flake.nix": FLAKE,
    "lib/default.nix": "{ lib }: { greet = who: lib.concatStringsSep \" \" [ \"hello\" who ]; }",
    "hosts/a.nix": "{ }",
    "hosts/b.nix": "{ }",
    "flake.lock": json.dumps(
        {
            "nodes": {
                "nixpkgs": {
                    "locked": {
                        "lastModified": 1790000000, "narHash": HASH, "owner": "NixOS",
                        "repo": "nixpkgs", "rev": REV, "type": "github",
                    },
                    "original": {
                        "owner": "NixOS", "repo": "nixpkgs", "ref": "nixos-26.05",
                        "type": "github",
                    },
                },
                "tool": {
                    "locked": {
                        "lastModified": 1790000000, "narHash": HASH, "owner": "me",
                        "repo": "tool", "rev": REV, "type": "github",
                    },
                    "original": {"owner": "me", "repo": "tool", "type": "github"},
                },
                "root": {"inputs": {"nixpkgs": "nixpkgs", "tool": "tool"}},
            },
            "root": "root",
            "version": 7,
        }
    ),
}  # fmt: skip


@pytest.fixture
def flake(tmp_path: Path) -> Path:
    write_tree(tmp_path, FILES)
    return tmp_path


def check(result: Result, text: str, code: int = 0) -> None:
    assert (result.out.rstrip("\n"), result.code) == (text, code), result


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("mine", '"hello you"'),
        ("hosts", '[ "a.nix" "b.nix" ]'),
        ("version", '"52e3e80"'),
        ("inputs.nixpkgs.lastModifiedDate", '"20260921141320"'),
        ("outputs.mine", '"hello you"'),
        ('"mine"', '"hello you"'),
    ],
)
def test_attributes_of_flakes(flake: Path, attribute: str, text: str) -> None:
    check(nixlint("eval", f".#{attribute}", cwd=flake), text)
    check(nixlint("eval", f"flake.nix#{attribute}", cwd=flake), text)


def test_unknown_parts_say_why(flake: Path) -> None:
    reason = "the sources of the input `tool` are not on this machine"
    check(nixlint("eval", ".#theirs", cwd=flake), f"«unknown: {reason}»", 1)
    result = nixlint("eval", ".#both", "--explain", cwd=flake)
    check(result, f"[ 1 «unknown: {reason}» ]\n  [1]: {reason}")
    reason = "the store path of a source is known only to Nix"
    check(nixlint("eval", ".#where", cwd=flake), f"«unknown: {reason}»", 1)


def test_sources_of_inputs_can_be_given(flake: Path, tmp_path: Path) -> None:
    write_tree(
        tmp_path / "checkout",
        {"flake.nix": "{ outputs = { self }: { lib.answer = 41; packages = { }; }; }"},
    )
    source = ("--source", "tool", str(tmp_path / "checkout"))
    check(nixlint("eval", ".#theirs", *source, cwd=flake), "42")


def test_whole_flakes_are_printed_two_levels_deep(flake: Path) -> None:
    result = nixlint("eval", ".", cwd=flake)
    assert result.code == 0
    assert 'lib = { greet = <LAMBDA>; }; mine = "hello you";' in result.out


def test_failures_point_to_their_place(tmp_path: Path) -> None:
    write_tree(tmp_path, {"x.nix": '{\n  a = throw "no way";\n  b = { }.c;\n}\n'})
    result = nixlint("eval", "x.nix", "--explain", cwd=tmp_path)
    assert result.out.splitlines() == [
        "{ a = «error: no way»; b = «error: attribute 'c' missing»; }",
        "  a: error: no way (x.nix:2:7)",
        "  b: error: attribute 'c' missing (x.nix:3:11)",
    ]
    check(nixlint("eval", "x.nix#a", cwd=tmp_path), "«error: no way»", 1)


def test_json(flake: Path) -> None:
    document = json.loads(nixlint("eval", ".#both", "--json", cwd=flake).out)
    reason = "the sources of the input `tool` are not on this machine"
    assert document["value"] == [1, {"unknown": reason}]
    assert [(one["path"], one["kind"], one["reason"]) for one in document["unknown"]] == [
        ("[1]", "unknown", reason)
    ]


def test_expressions_and_arguments(tmp_path: Path) -> None:
    check(nixlint("eval", "--expr", "1 + 1", cwd=tmp_path), "2")
    write_tree(tmp_path, {"f.nix": "{ a, b ? 2 }: [ a b ]"})
    check(nixlint("eval", "f.nix", "--arg", "a", "1 + 2", cwd=tmp_path), "[ 3 2 ]")
    check(nixlint("eval", "f.nix", "--argstr", "a", 'x"y', cwd=tmp_path), '[ "x\\"y" 2 ]')
    check(nixlint("eval", "f.nix", cwd=tmp_path), "<LAMBDA>")


def test_wrong_calls(tmp_path: Path) -> None:
    result = nixlint("eval", "nowhere.nix", cwd=tmp_path)
    assert result.code == 2 and "no such file or directory" in result.err
    result = nixlint("eval", ".#a..b", cwd=tmp_path)
    assert result.code == 2 and "is no attribute path" in result.err


ENDLESS = {
    "itself": "{ outputs = { self }: self.x; }",
    "growing": "{ outputs = { self }: let f = x: f (x ++ x); in f [ 1 ]; }",
    "loop": "{ outputs = { self }: let f = x: f (x + 1); in f 0; }",
    "deep": "{ outputs = { self }: let f = x: { a = f (x + 1); }; in builtins.deepSeq (f 0) 1; }",
    "text": '{ outputs = { self }: let f = x: f (x + x); in f "abc"; }',
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_evaluation_always_ends(tmp_path: Path, kind: str) -> None:
    write_tree(tmp_path, {"flake.nix": ENDLESS[kind]})
    begin = time.process_time()
    result = nixlint("eval", ".#x", cwd=tmp_path)
    assert time.process_time() - begin < 60
    assert result.code == 1, result
    assert result.out.startswith(("«unknown: ", "«error: ")), result


def test_only_what_git_tracks_is_seen(flake: Path) -> None:
    import subprocess

    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(flake), *words], check=True, capture_output=True)

    git("init", "-q")
    git("add", "flake.nix", "flake.lock", "lib", "hosts/a.nix")
    check(nixlint("eval", ".#hosts", cwd=flake), '[ "a.nix" ]')
