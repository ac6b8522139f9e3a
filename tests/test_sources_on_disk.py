"""What nixlint says of a project does not get worse when the sources of its inputs are here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.running import nixlint, write_tree

NIXPKGS = {
    # As the real one does, it asks for what only Nix computes.
    "flake.nix": """{
      outputs = { self }: {
        lib = import ./lib // {
          nixosSystem = args: import ./nixos/lib/eval-config.nix ({ lib = self.lib; } // args);
        };
        legacyPackages.x86_64-linux = import ./. { system = "x86_64-linux"; };
      };
    }""",
    "lib/default.nix": """
      let
        type = description: {
          _type = "option-type";
          name = description;
          inherit description;
          check = _: true;
          merge = _: defs: (builtins.head defs).value;
          getSubOptions = _: { };
          getSubModules = null;
        };
      in {
        version = builtins.readFile ../.version;
        mkOption = fields: fields // { _type = "option"; };
        types = { str = type "string"; int = type "signed integer"; };
      }
    """,
    "nixos/lib/eval-config.nix": "{ lib, modules, ... }: { config = derivation { }; }",
    "nixos/modules/module-list.nix": "[ ./net.nix ]",
    "nixos/modules/net.nix": """{ lib, ... }: {
      options.networking.hostName = lib.mkOption { type = lib.types.str; };
      options.networking.mtu = lib.mkOption { type = lib.types.int; };
    }""",
    "nixos/modules/profiles/small.nix": "{ networking.mtu = 1500; }",
}
FLAKE_PARTS = {
    "flake.nix": "{ outputs = inputs: { lib = import ./lib.nix inputs.nixpkgs-lib.lib; }; }",
    "lib.nix": """lib:
      if builtins.compareVersions lib.version "23.05" < 0 then
        abort "lib is too old: ${lib.version}"
      else {
        mkFlake = args: module: (lib.evalModules { modules = [ module ]; }).config.flake;
        another = 1;
      }
    """,
}
TOOL = {
    "flake.nix": """{
      inputs.nixpkgs.url = "nixpkgs";
      outputs = { self, nixpkgs }: { nixosModules.default = ./tool.nix; };
    }""",
    "tool.nix": "{ networking.mtu = 9000; }",
}
CONFLICT = {
    "a.nix": '{ networking.hostName = "a"; }\n',
    "b.nix": '{ networking.hostName = "b"; }\n',
    "mtu.nix": '{ networking.mtu = "1500"; }\n',
}
SYSTEM = """nixpkgs.lib.nixosSystem {
  modules = [ ./a.nix ./b.nix ./mtu.nix "${nixpkgs}/nixos/modules/profiles/small.nix" ];
}"""


def locked(name: str, inputs: dict[str, str]) -> dict[str, object]:
    where = {"type": "github", "owner": "someone", "repo": name}
    owners = {"nixpkgs": "NixOS", "flake-parts": "hercules-ci"}
    where["owner"] = owners.get(name, "someone")
    return {"locked": {**where, "rev": "0" * 40}, "original": where, "inputs": inputs}


def project(tmp_path: Path, flake: str, sources: dict[str, dict[str, str]]) -> Path:
    """A project with these sources of inputs beside it, and all inputs locked."""
    nodes: dict[str, object] = {
        "root": {"inputs": {name: name for name in ("nixpkgs", "flake-parts", "tool")}},
        "nixpkgs": locked("nixpkgs", {}),
        "flake-parts": locked("flake-parts", {"nixpkgs-lib": "nixpkgs"}),
        # The lock is about another version, which had one more input, and not that one.
        "tool": locked("tool", {"nixpkgs-stable": "nixpkgs"}),
    }
    root = tmp_path / "project"
    root.mkdir()
    lock = {"version": 7, "root": "root", "nodes": nodes}
    lines = ["[sources]", *(f'{name} = "../{name}"' for name in sources)]
    write_tree(
        root,
        {
            **CONFLICT,
            "flake.nix": flake,
            "flake.lock": json.dumps(lock),
            "nixlint.toml": "\n".join(lines) + "\n",
        },
    )
    for name, files in sources.items():
        (tmp_path / name).mkdir()
        write_tree(tmp_path / name, files)
    return root


def flake(inputs: str, outputs: str) -> str:
    return f"{{ inputs = {{ {inputs} }}; outputs = {outputs}; }}\n"


INPUTS = (
    'nixpkgs.url = "github:NixOS/nixpkgs"; flake-parts.url = "github:hercules-ci/flake-parts"; '
    'tool.url = "github:someone/tool";'
)


def findings(root: Path) -> list[str]:
    rules = "option-conflict,option-type-mismatch,undeclared-option"
    done = nixlint("check", "-q", "--format", "concise", "--select", rules, cwd=root)
    assert done.code in (0, 1), done
    return [line.split(": ")[1] for line in done.out.splitlines()]


def test_nixpkgs(tmp_path: Path) -> None:
    text = flake(INPUTS, f"{{ nixpkgs, ... }}: {{ nixosConfigurations.box = {SYSTEM}; }}")
    root = project(tmp_path, text, {"nixpkgs": NIXPKGS})
    assert findings(root) == ["error[option-conflict]", "error[option-type-mismatch]"]
    graph = nixlint("graph", cwd=root).out
    assert "profiles/small.nix" in graph


@pytest.mark.parametrize("sources", [{}, {"nixpkgs": NIXPKGS}])
def test_nixpkgs_as_a_directory(tmp_path: Path, sources: dict[str, dict[str, str]]) -> None:
    system = 'import "${nixpkgs}/nixos/lib/eval-config.nix" { modules = [ ./a.nix ./b.nix ]; }'
    text = flake(
        INPUTS + " nixpkgs.flake = false;",
        f"{{ nixpkgs, ... }}: {{ nixosConfigurations.box = {system}; }}",
    )
    root = project(tmp_path, text, sources)
    lock = json.loads((root / "flake.lock").read_text())
    lock["nodes"]["nixpkgs"]["flake"] = False
    (root / "flake.lock").write_text(json.dumps(lock))
    assert "b.nix" in nixlint("graph", cwd=root).out
    assert findings(root) == (["error[option-conflict]"] if sources else [])


@pytest.mark.parametrize("sources", [{}, {"flake-parts": FLAKE_PARTS, "nixpkgs": NIXPKGS}])
def test_flake_parts(tmp_path: Path, sources: dict[str, dict[str, str]]) -> None:
    outputs = (
        "inputs@{ nixpkgs, flake-parts, ... }: flake-parts.lib.mkFlake { inherit inputs; } "
        f"{{ systems = [ ]; flake.nixosConfigurations.box = {SYSTEM}; }}"
    )
    root = project(tmp_path, flake(INPUTS, outputs), sources)
    found = nixlint("graph", cwd=root).out
    assert "a.nix" in found and "b.nix" in found
    assert len(findings(root)) == (2 if sources else 0)


def test_options_that_cannot_be_read_are_not_absent(tmp_path: Path) -> None:
    text = flake(INPUTS, f"{{ nixpkgs, ... }}: {{ nixosConfigurations.box = {SYSTEM}; }}")
    broken = {**NIXPKGS, "lib/default.nix": "{ mkOption = fields: fields; }"}
    assert findings(project(tmp_path, text, {"nixpkgs": broken})) == []


def test_a_checkout_of_another_version_than_the_lock_says(tmp_path: Path) -> None:
    system = "nixpkgs.lib.nixosSystem { modules = [ ./mtu.nix tool.nixosModules.default ]; }"
    text = flake(INPUTS, f"{{ nixpkgs, tool, ... }}: {{ nixosConfigurations.box = {system}; }}")
    root = project(tmp_path, text, {"tool": TOOL})
    assert "tool.nix" in nixlint("graph", cwd=root).out
