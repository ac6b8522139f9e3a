"""The command that lists findings of whole projects, to be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.oracles import project_findings
from tests.running import write_tree

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.hm.url = "github:nix-community/home-manager/release-26.05";
  inputs.darwin.url = "github:LnL7/nix-darwin";
  inputs.other.url = "github:someone/infra";
  outputs = { nixpkgs, ... }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ./b.nix ]; };
  };
}
"""


def test_checkouts_of_inputs(tmp_path: Path) -> None:
    names = ("nix-community+home-manager", "nix-darwin+nix-darwin", "a+infra", "b+infra")
    for name in names:
        (tmp_path / "all" / name).mkdir(parents=True)
    root = tmp_path / "all" / "me+config"
    root.mkdir()
    write_tree(root, {"flake.nix": FLAKE})
    text = project_findings.configuration(root, tmp_path / "all")
    assert text.splitlines() == [
        "[sources]",
        f'"darwin" = "{tmp_path}/all/nix-darwin+nix-darwin"',
        f'"hm" = "{tmp_path}/all/nix-community+home-manager"',
    ]


def test_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "me+config"
    root.mkdir()
    files = {
        "flake.nix": FLAKE,
        "a.nix": "{ services.openssh.enable = true; }\n",
        "b.nix": "{ services.openssh.enable = false; }\n",
    }
    write_tree(root, files)
    rules = "option-conflict,undeclared-option"
    assert project_findings.run([str(root)], None, rules, [], False) == 0
    assert capsys.readouterr().out.splitlines() == [
        "option-conflict me+config/a.nix:1: option `services.openssh.enable` has conflicting "
        "definitions",
        "    b.nix:1: the other definition",
        "    in nixosConfigurations.box",
        "1 projects",
        "option-conflict: 1 (me+config 1)",
        "undeclared-option: 0",
    ]


def test_recorded_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "me+config"
    root.mkdir()
    site = "{ lib, ... }: { options.site.port = lib.mkOption { type = lib.types.port; }; }\n"
    files = {"flake.nix": FLAKE, "a.nix": site, "b.nix": "{ site.prot = 80; }\n"}
    write_tree(root, files)
    recorded = tmp_path / "options.json"
    for name, code in (("site.prot.deep", 1), ("site.port", 0)):
        recorded.write_text(json.dumps([{"name": name}]))
        rules = "undeclared-option"
        assert project_findings.run([str(root)], None, rules, [], True, str(recorded)) == code
        assert f"{code} options called undeclared are in" in capsys.readouterr().out
