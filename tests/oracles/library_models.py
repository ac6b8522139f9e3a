"""The models of libraries against the libraries: the same flakes, evaluated by Nix and by us.

The fixtures are flakes (`fixtures/evaluate/models/NAME/flake.nix`) whose output `cases` uses a
library. Nix evaluates them with the real library; what it says is recorded in `expected.json`
beside (`{"value": …}`, or `{"fails": true}`), so that tests need neither Nix nor the library.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests.oracles import judge

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "evaluate" / "models"
NAMES = sorted(path.parent.name for path in FIXTURES.glob("*/flake.nix"))

Json = object

# How Nix gets a flake's inputs: `source "owner" "name"` is a checkout.
_PROGRAM = """\
{ folders, fixture }:
let
  source =
    repository:
    let
      found = builtins.filter builtins.pathExists (map (folder: folder + "/${repository}") folders);
    in
    if found == [ ] then throw "no checkout of ${repository}" else builtins.head found;
  lib = import (source "nix-community+nixpkgs.lib" + "/lib");
  mark = class: args: { _type = "nixlint-configuration"; inherit class args; };
  call =
    place: inputs:
    let
      outputs = (import (place + "/flake.nix")).outputs (inputs // { self = result; });
      result = outputs // {
        inherit inputs outputs;
        outPath = toString place;
        sourceInfo = { };
        _type = "flake";
      };
    in
    result;
  # Old versions of Nix have no `readFileType`.
  readFileType = path: (builtins.readDir (dirOf path)).${baseNameOf path};
  withFileType = builtins.scopedImport { builtins = { inherit readFileType; } // builtins; };
  flake = repository: call (source repository);
  inputs = rec {
    nixpkgs = {
      _type = "flake";
      outPath = "/nixpkgs";
      lib = lib // { nixosSystem = mark "nixos"; };
      legacyPackages = lib.genAttrs (import systems) (
        system:
        let
          hostPlatform = {
            inherit system;
            isLinux = lib.hasSuffix "-linux" system;
            isDarwin = lib.hasSuffix "-darwin" system;
          };
        in
        {
          inherit lib system;
          stdenv = hostPlatform // { inherit hostPlatform; };
        }
      );
    };
    home-manager = {
      _type = "flake";
      outPath = "/home-manager";
      lib.homeManagerConfiguration = mark "homeManager";
      nixosModules = { home-manager = { }; default = { }; };
      darwinModules = { home-manager = { }; default = { }; };
    };
    nix-darwin = {
      _type = "flake";
      outPath = "/nix-darwin";
      lib.darwinSystem = mark "darwin";
    };
    systems = { outPath = source "nix-systems+default"; };
    flake-utils = flake "numtide+flake-utils" { inherit systems; };
    flake-parts = flake "hercules-ci+flake-parts" { nixpkgs-lib = nixpkgs; };
    import-tree = withFileType (source "vic+import-tree" + "/default.nix");
    haumea = flake "nix-community+haumea" { inherit nixpkgs; };
    blueprint = flake "numtide+blueprint" { inherit nixpkgs systems; };
    nixos-unified = flake "srid+nixos-unified" { };
    easy-hosts = flake "tgirlcloud+easy-hosts" { };
    lite-config = flake "yelite+lite-config" { };
    ez-configs.flakeModule = withFileType (source "ehllie+ez-configs" + "/flake-module.nix");
  };
  wanted = removeAttrs (builtins.functionArgs (import (fixture + "/flake.nix")).outputs) [ "self" ];
in
call fixture (builtins.intersectAttrs wanted inputs)
"""


def real(name: str, folders: list[str]) -> dict[str, Json]:
    """What Nix says of every case of a fixture, with the libraries among the checkouts."""
    fixture = FIXTURES / name
    out: dict[str, Json] = {}
    for case in _evaluated(_names(fixture, folders)):
        out[case] = _answer(fixture, folders, case)
    return out


def _answer(fixture: Path, folders: list[str], case: str) -> Json:
    text = _program(fixture, folders) + f'.cases."{case}"'
    done = _run(text)
    if done.returncode != 0:
        return {"fails": True}
    return {"value": _without_place(json.loads(done.stdout), str(fixture))}


def _names(fixture: Path, folders: list[str]) -> str:
    done = _run(f"builtins.attrNames {_program(fixture, folders)}.cases")
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


def _evaluated(text: str) -> list[str]:
    names = json.loads(text)
    assert isinstance(names, list)
    return [str(name) for name in names]


def _program(fixture: Path, folders: list[str]) -> str:
    places = " ".join(f"({folder})" for folder in folders)
    return f"(({_PROGRAM}) {{ folders = [ {places} ]; fixture = {fixture}; }})"


def _run(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["nix-instantiate", "--eval", "--strict", "--json", "--expr", text],
        capture_output=True,
        text=True,
        env=judge.environment(),
        timeout=120,
    )


def _without_place(value: Json, place: str) -> Json:
    """JSON with `$FLAKE` for the place of the flake."""
    if isinstance(value, str):
        return value.replace(place, "$FLAKE")
    if isinstance(value, list):
        return [_without_place(one, place) for one in value]
    if isinstance(value, dict):
        return {
            key.replace(place, "$FLAKE"): _without_place(one, place) for key, one in value.items()
        }
    return value


def run(folders: list[str]) -> int:
    """Asks Nix about every fixture, and writes `expected.json`."""
    for name in NAMES:
        answers = real(name, folders)
        text = json.dumps(answers, indent=1, sort_keys=True, ensure_ascii=False)
        (FIXTURES / name / "expected.json").write_text(text + "\n", encoding="utf-8")
        failing = [case for case, answer in answers.items() if answer == {"fails": True}]
        print(f"{name}: {len(answers)} cases, {len(failing)} fail: {' '.join(failing)}")
    return 0
