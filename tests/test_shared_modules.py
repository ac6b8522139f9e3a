"""Modules that several configurations share, and inner configurations chosen by the outer one."""

from __future__ import annotations

import gc
from pathlib import Path
from time import process_time
from typing import Final

import pytest

from benchmarks.project import write_project
from nixlint.project.modules.configurations import Configurations
from nixlint.project.modules.model import CERTAIN
from nixlint.project.modules.option_findings import option_findings
from nixlint.project.modules.shared import configurations_of
from nixlint.project.project import Project
from tests.running import write_tree

FLAKE: Final = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  outputs = { nixpkgs, home-manager, ... }: {
    nixosConfigurations = nixpkgs.lib.genAttrs [ HOSTS ] (name: nixpkgs.lib.nixosSystem {
      specialArgs = { inherit name; };
      modules = [ ./common.nix (./hosts + "/${name}.nix") home-manager.nixosModules.default ];
    });
  };
}
"""
HEAVY: Final = """\
{ config, lib, pkgs, ... }:
let
  numbers = lib.range 1 3000;
  sum = lib.foldl' (all: one: all + one) 0 numbers;
in
{
  imports = lib.optional (sum > 0) ./more.nix;
  home-manager.users.me = import ./home/${config.networking.hostName}.nix;
}
"""


def _found(root: Path, hosts: list[str], **files: str) -> Configurations:
    names = " ".join(f'"{name}"' for name in hosts)
    tree = {"flake.nix": FLAKE.replace("HOSTS", names), "common.nix": HEAVY, "more.nix": "{ }\n"}
    for name in hosts:
        tree[f"hosts/{name}.nix"] = f'{{ networking.hostName = "{name}"; }}\n'
        tree[f"home/{name}.nix"] = "{ imports = [ ./shared.nix ]; }\n"
    tree["home/shared.nix"] = "{ programs.git.enable = true; }\n"
    tree.update({name.replace("__", "/") + ".nix": text for name, text in files.items()})
    write_tree(root, tree)
    return configurations_of(Project(str(root)))


def _files(found: Configurations, name: str, root: Path) -> list[str]:
    (one,) = [each for each in found.found if each.name == name]
    assert all(module.certainty == CERTAIN for module in one.modules)
    return sorted(str(Path(path).relative_to(root)) for path in one.files())


def test_a_plain_host_name_chooses_the_home(tmp_path: Path) -> None:
    found = _found(tmp_path, ["one", "two"])
    for name in ("one", "two"):
        outer = f"nixosConfigurations.{name}"
        assert _files(found, f"{outer}.hm:me", tmp_path) == sorted(
            [f"home/{name}.nix", "home/shared.nix"]
        )
        assert _files(found, outer, tmp_path) == ["common.nix", f"hosts/{name}.nix", "more.nix"]
    assert not [each for each in found.found if each.recursions]


@pytest.mark.parametrize(
    "text",
    [
        '{ lib, ... }: { networking.hostName = lib.mkDefault "one"; }',
        "{ config, ... }: { networking.hostName = config.my.name; }",
        '{ config, lib, ... }: { networking.hostName = lib.mkIf config.my.flag "one"; }',
        '{ imports = [ ../second.nix ]; networking.hostName = "one"; }',
    ],
)
def test_a_host_name_that_is_not_plain_leaves_all_homes(tmp_path: Path, text: str) -> None:
    second = '{ networking.hostName = "two"; }'
    found = _found(tmp_path, ["one", "two"], hosts__one=text, second=second)
    (inner,) = [each for each in found.found if each.name == "nixosConfigurations.one.hm:me"]
    files = {Path(path).name for path in inner.files()}
    assert {"one.nix", "two.nix"} <= files


def test_imports_of_the_outer_one_cannot_depend_on_it(tmp_path: Path) -> None:
    text = '{ config, ... }: { imports = [ (./. + "/${config.networking.hostName}.nix") ]; }'
    found = _found(tmp_path, ["one"], more=text)
    (outer,) = [each for each in found.found if each.name == "nixosConfigurations.one"]
    assert len(outer.recursions) == 1


def test_modules_of_many_hosts_are_called_once(tmp_path: Path) -> None:
    """What a module computes for one host is there for the others."""
    values = []
    found = _found(tmp_path, [f"h{number}" for number in range(50)])
    for each in found.found:
        if each.outer is None:
            (module,) = [one for one in each.modules if one.path.endswith("common.nix")]
            values.append(module.value)
    assert len(values) == 50 and all(value is values[0] for value in values)


@pytest.mark.timing
def test_time_grows_with_hosts_and_with_modules(tmp_path: Path) -> None:
    """Four times as many hosts, or modules, take about four times as long (sixteen if squared)."""
    sizes = {"few": (8, 120), "hosts": (32, 120), "modules": (8, 480)}
    for name, (hosts, modules) in sizes.items():
        write_project(tmp_path / name, hosts, modules)
    best = dict.fromkeys(sizes, 1e9)
    for _ in range(4):
        # In turn, so that a busy moment of the machine does not fall upon one size alone.
        for name, (hosts, _modules) in sizes.items():
            best[name] = min(best[name], _seconds(tmp_path / name, hosts))
    assert best["hosts"] < 8 * best["few"]
    assert best["modules"] < 8 * best["few"]


def _seconds(root: Path, hosts: int) -> float:
    gc.collect()
    gc.disable()  # What other tests left in memory is not to be counted.
    try:
        begin = process_time()
        found = option_findings(Project(str(root)))
        seconds = process_time() - begin
    finally:
        gc.enable()
    assert len(found.configurations.found) == hosts
    return seconds
