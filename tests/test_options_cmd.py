"""`nixlint options`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import Result, nixlint, write_tree

FLAKE = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./site.nix ./box.nix ]; };
    nixosConfigurations.den = nixpkgs.lib.nixosSystem { modules = [ ./site.nix ]; };
  };
}
"""
SITE = """{ lib, config, ... }: {
  options.site = {
    port = lib.mkOption { type = lib.types.port; default = 80; description = "The port."; };
    name = lib.mkOption { type = lib.types.str; };
  };
  config.site.port = lib.mkIf config.services.nginx.enable (lib.mkDefault 81);
}
"""
BOX = """{ lib, ... }: { site = { port = 8080; name = lib.mkForce "box"; }; }
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_tree(tmp_path, {"flake.nix": FLAKE, "site.nix": SITE, "box.nix": BOX})
    return tmp_path


def run(project: Path, *arguments: str) -> Result:
    result = nixlint("options", *arguments, cwd=project)
    assert result.code == 0, result
    return result


def test_list(project: Path) -> None:
    assert run(project).out.splitlines() == [
        "site.name: string  site.nix:4:5",
        "site.port: 16 bit unsigned integer; between 0 and 65535 (both inclusive) = 80"
        "  site.nix:3:5",
    ]


def test_pattern_is_a_part_of_the_name(project: Path) -> None:
    assert "site.port" not in run(project, "NAME").out
    assert run(project, "zzz").out == "No options like `zzz`.\n"


def test_one_option(project: Path) -> None:
    out = run(project, "site.port").out.splitlines()
    assert "  description: The port." in out
    assert "  nixosConfigurations.box: 8080" in out
    at = out.index("  nixosConfigurations.box: 8080")
    assert out[at + 1] == "    box.nix:1:26: 8080 (priority 100, wins)"
    assert out[at + 2] == "    site.nix:6:61: 81 (priority 1000, if a condition holds)"
    assert any(line.startswith("  nixosConfigurations.den: unknown: ") for line in out)


def test_json(project: Path) -> None:
    found = json.loads(run(project, "site.name", "--json").out)
    assert found["version"] == 1
    (option,) = found["options"]
    assert option["declarations"] == ["site.nix:4:5"]
    box, den = option["configurations"]
    assert (box["state"], box["value"]) == ("known", '"box"')
    assert box["definitions"][0]["priority"] == 50
    assert (den["state"], den["definitions"]) == ("unset", [])


def test_no_project(tmp_path: Path) -> None:
    result = nixlint("options", cwd=tmp_path)
    assert result.code == 2
    assert "no `flake.nix` here" in result.err


@pytest.mark.parametrize("settings", ["", '[project]\nentry-points = ["me/box.nix"]\n'])
def test_without_a_flake(tmp_path: Path, settings: str) -> None:
    entry = "me/box.nix" if settings else "configuration.nix"
    files = {"site.nix": SITE, entry: "{ imports = [ @/site.nix ]; site.port = 8080; }\n"}
    files[entry] = files[entry].replace("@", ".." if settings else ".")
    if settings:
        files["nixlint.toml"] = settings
    write_tree(tmp_path, files)
    assert run(tmp_path, "site.name").out.startswith("site.name\n  type: string\n")
    assert f"{entry}:1:" in run(tmp_path, "site.port").out
