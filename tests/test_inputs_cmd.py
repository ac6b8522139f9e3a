"""`nixlint inputs`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.project_harness import FIXTURES, TODAY
from tests.running import Result, nixlint, write_tree

FLAKE = """{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    pkgs.follows = "home-manager/nixpkgs";
    idle.url = "github:me/idle";
    late.url = "github:me/late";
  };
  outputs = { self, nixpkgs, late, ... }@inputs: {
    x = import ./x.nix inputs;
    y = [ nixpkgs late ];
  };
}
"""
REV = "52e3e80afff4b16ccb7c52e9f0f5220552f03d04"
HASH = "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM="


def node(owner: str, repo: str, ref: str = "", **rest: Any) -> dict[str, Any]:
    locked = {"owner": owner, "repo": repo, "type": "github"}
    original = {**locked, "ref": ref} if ref else dict(locked)
    version = {"lastModified": 1790000000, "narHash": HASH, "rev": REV}
    return {"locked": {**locked, **version}, "original": original, **rest}


def lock() -> str:
    nodes = {
        "home-manager": node("nix-community", "home-manager", inputs={"nixpkgs": ["nixpkgs"]}),
        "idle": node("me", "idle", inputs={"utils": "utils"}),
        "nixpkgs": node("NixOS", "nixpkgs", "nixos-unstable"),
        "old": node("me", "old"),
        "utils": node("numtide", "flake-utils"),
        "root": {
            "inputs": {
                "home-manager": "home-manager",
                "idle": "idle",
                "nixpkgs": "nixpkgs",
                "old": "old",
                "pkgs": ["home-manager", "nixpkgs"],
            }
        },
    }
    return json.dumps({"nodes": nodes, "root": "root", "version": 7})


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {
        "flake.nix": FLAKE,
        "flake.lock": lock(),
        "x.nix": "{ home-manager, ... }: home-manager.lib\n",
        "sub/file.nix": "1\n",
        ".git/": "",
    }
    return write_tree(tmp_path, files)


def run(*arguments: str, cwd: Path) -> Result:
    return nixlint("inputs", *arguments, cwd=cwd, environment={"NIXLINT_TODAY": TODAY})


def test_table(project: Path) -> None:
    result = run(cwd=project)
    assert result.code == 0 and result.err == ""
    rows = [[cell.strip() for cell in line.split("  ") if cell] for line in result.out.splitlines()]
    assert rows[0] == ["input", "reference", "locked", "age", "follows", "used", "verdict"]
    assert rows[1] == [
        "nixpkgs",
        "github:NixOS/nixpkgs/nixos-unstable",
        "52e3e80a 2026-09-21",
        "63 d",
        "-",
        "flake.nix:6 +1",
        "ok",
    ]
    by_name = {row[0]: row for row in rows[1:]}
    assert by_name["home-manager"][4:] == ["nixpkgs", "flake.nix:8 +1", "ok"]
    assert by_name["pkgs"][1] == "follows home-manager/nixpkgs"
    assert by_name["idle"][-2:] == ["unused", "unused-flake-input"]
    assert by_name["late"][2:4] == ["-", "-"]
    assert by_name["late"][-1] == "flake-lock-out-of-sync"
    assert by_name["old"][1] == "github:me/old (only in flake.lock)"
    assert by_name["old"][-2:] == ["-", "flake-lock-out-of-sync"]


def test_from_below_and_by_file(project: Path) -> None:
    expected = run("--why", "nixpkgs", cwd=project).out
    assert "flake.nix:6:32: is followed" in expected
    assert run("..", "--why", "nixpkgs", cwd=project / "sub").out.count("is followed") == 1
    assert run("flake.nix", "--why", "nixpkgs", cwd=project).out == expected
    assert run("sub/file.nix", "--why", "nixpkgs", cwd=project).out == expected


def test_tree(project: Path) -> None:
    result = run("--tree", cwd=project)
    assert result.out.splitlines() == [
        "home-manager  github:nix-community/home-manager  52e3e80a  2026-09-21",
        "└─ nixpkgs → nixpkgs",
        "idle  github:me/idle  52e3e80a  2026-09-21",
        "└─ utils  github:numtide/flake-utils  52e3e80a  2026-09-21",
        "nixpkgs  github:NixOS/nixpkgs/nixos-unstable  52e3e80a  2026-09-21",
        "old  github:me/old  52e3e80a  2026-09-21",
        "pkgs → home-manager/nixpkgs",
    ]


def test_json(project: Path) -> None:
    found = json.loads(run("--json", cwd=project).out)
    assert (found["version"], found["root"], found["remarks"]) == (1, ".", [])
    by_name = {each["name"]: each for each in found["inputs"]}
    assert list(by_name) == ["nixpkgs", "home-manager", "pkgs", "idle", "late", "old"]
    assert by_name["nixpkgs"]["locked"] == {
        "node": "nixpkgs",
        "rev": REV,
        "narHash": HASH,
        "lastModified": 1790000000,
        "date": "2026-09-21",
        "age_days": 63,
    }
    assert by_name["home-manager"]["overrides"] == {"nixpkgs": "nixpkgs"}
    assert by_name["pkgs"]["follows"] == "home-manager/nixpkgs"
    assert by_name["idle"]["use"] == {
        "state": "unused", "reason": None, "only_followed": False, "places": []
    }  # fmt: skip
    assert by_name["late"]["locked"] is None
    assert by_name["old"]["declared"] is False
    assert by_name["old"]["findings"] == ["flake-lock-out-of-sync"]


def test_the_documented_object_has_the_fields(project: Path) -> None:
    text = (FIXTURES.parent.parent / "docs" / "json.md").read_text("utf-8")
    documented = json.loads(
        text.split("`nixlint inputs --json`")[1].split("```json\n")[1].split("```")[0]
    )
    found = json.loads(run("--json", cwd=project).out)
    assert keys(documented) == keys(found)


def keys(value: Any) -> Any:
    """The names of all fields, those of the first element for lists."""
    if isinstance(value, dict):
        return {key: None if key == "overrides" else keys(item) for key, item in value.items()}
    return [keys(value[0])] if isinstance(value, list) and value else None


def test_why(project: Path) -> None:
    assert run("--why", "home-manager", cwd=project).out.splitlines() == [
        "home-manager is used:",
        "  flake.nix:8:20: is followed",
        "  x.nix:1:3: as an argument of a function",
    ]
    assert run("--why", "idle", cwd=project).out == "idle is not used anywhere\n"
    result = run("--why", "nixpgks", cwd=project)
    assert result.code == 2
    assert "no input `nixpgks`: did you mean `nixpkgs`?" in result.err


@pytest.mark.parametrize(
    ("files", "remark"),
    [
        ({"flake.nix": FLAKE[:300]}, "`flake.nix` has syntax errors"),
        ({"flake.nix": ""}, "`flake.nix` has syntax errors"),
        ({"flake.nix": "1"}, "there is no `flake.lock`"),
        ({"flake.nix": FLAKE, "flake.lock": lock()[:400]}, "`flake.lock` is broken"),
        ({"flake.nix": FLAKE, "flake.lock": "[]"}, "`flake.lock` is broken"),
        ({"flake.nix": FLAKE, "flake.lock": "{}"}, "`flake.lock` is broken"),
        ({"flake.nix": FLAKE, "flake.lock": lock().replace("7}", "99}")}, "is broken"),
        ({"flake.nix": FLAKE, "flake.lock": b"\xff\xfe"}, "`flake.lock` is broken"),
        ({"flake.nix": "{ inputs = import ./x.nix; outputs = _: { }; }"}, "inputs are computed"),
    ],
)
def test_broken_input(tmp_path: Path, files: dict[str, str | bytes], remark: str) -> None:
    write_tree(tmp_path, {**files, ".git/": ""})
    for options in ([], ["--tree"], ["--json"]):
        result = run(*options, cwd=tmp_path)
        assert result.code == 0
        assert remark in result.err + result.out
        assert "Traceback" not in result.err


def test_no_flake(tmp_path: Path) -> None:
    write_tree(tmp_path, {".git/": "", "a.nix": "1"})
    result = run(cwd=tmp_path)
    assert result.code == 2 and "no `flake.nix` here" in result.err
    assert run("nowhere", cwd=tmp_path).code == 2
    assert run("--tree", "--json", cwd=tmp_path).code == 2


def test_broken_configuration(project: Path) -> None:
    (project / "nixlint.toml").write_text("[flake]\nmax-age-day = 3\n")
    result = run(cwd=project)
    assert result.code == 2
    assert "nixlint.toml:2: `max-age-day` is no key of [flake]: did you mean" in result.err
