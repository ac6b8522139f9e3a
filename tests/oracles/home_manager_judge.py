"""Home-manager's modules in the real Nix: its options, and whether it takes configurations.

Nix gets packages without content (`stub_packages.py`), and of nixpkgs only `lib`.
"""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

from nixlint.project.options.types import OptionType, parse_type
from tests.oracles.stub_packages import stub_packages

BATCH: Final = 10
BASE: Final = """\
{
  home.username = "u";
  home.homeDirectory = "/home/u";
  home.stateVersion = "25.05";
}
"""
ASSERTIONS: Final = """\
{ lib, ... }: {
  options.assertions = lib.mkOption {
    type = lib.types.listOf lib.types.unspecified;
    internal = true;
    default = [ ];
  };
  options.warnings = lib.mkOption {
    type = lib.types.listOf lib.types.str;
    internal = true;
    default = [ ];
  };
}
"""
META: Final = """\
{ lib, ... }: {
  options.meta.maintainers = lib.mkOption {
    type = lib.types.listOf lib.types.raw;
    internal = true;
    default = [ ];
  };
}
"""
PORTABLE: Final = """\
{ lib }: {
  configure = _: { serviceSubmodule = lib.types.submodule { }; };
  getAssertions = _: _: [ ];
  getWarnings = _: _: [ ];
}
"""
_COMMON: Final = """\
let
  plain = import @LIB@;
  lib = import @HM@/modules/lib/stdlib-extended.nix plain;
  pkgs = import @PACKAGES@ { lib = plain; };
  base = import @HM@/modules/modules.nix { inherit lib pkgs; };
  evaluated = modules: lib.evalModules {
    modules = modules ++ base;
    class = "homeManager";
    specialArgs.modulesPath = "@HM@/modules";
  };
"""
_LIST: Final = """
  text = value: if value ? text then value.text else value;
  walk = option:
    let
      inside = option.type.getSubOptions option.loc;
      visible = option.visible or true;
      deep = option.loc != [ "specialisation" ] && option.loc != [ "home" "services" ];
    in
    [
      {
        name = lib.showOption option.loc;
        inherit (option) loc;
        inherit visible;
        type = option.type.description or "";
        internal = option.internal or false;
        readOnly = option.readOnly or false;
        hasDefault = option ? default;
        description = text (option.description or "");
        declarations = map toString option.declarations;
      }
    ]
    ++ lib.optionals (visible == true && deep) (
      lib.concatMap walk (lib.collect lib.isOption inside)
    );
in
lib.concatMap walk (lib.collect lib.isOption (evaluated [ @BASE@ ]).options)
"""
_JUDGE: Final = """
  say = text: builtins.trace "[whole] ${text}";
  unchecked = { _module.check = lib.mkForce false; };
  isDeclared = options: path:
    if lib.isOption options then true
    else path == [ ] || builtins.isAttrs options && options ? ${builtins.head path}
      && isDeclared options.${builtins.head path} (builtins.tail path);
  tasks = builtins.concatLists (
    map (
      system:
      let
        loose = evaluated (system.modules ++ [ unchecked ]);
        whole = evaluated system.modules;
      in
      lib.optional system.check {
        name = "${toString system.number} check";
        value = builtins.seq whole.config true;
      }
      ++ map (path: {
        name = "${toString system.number} ${builtins.toJSON path}";
        value =
          if isDeclared loose.options path then
            builtins.deepSeq (lib.attrByPath path (throw "no value") loose.config) true
          else
            throw "undeclared";
      }) system.paths
    ) systems
  );
  step =
    index:
    let
      task = builtins.elemAt tasks index;
      tried = builtins.tryEval task.value;
    in
    say "start ${toString index} ${task.name}" (
      builtins.seq tried.success (say (if tried.success then "accepted" else "refused") null)
    );
in
builtins.foldl' (_: index: builtins.seq (step (@FROM@ + index)) null) null (
  builtins.genList (n: n) (builtins.length tasks - @FROM@)
)
"""
_TRACE: Final = re.compile(r"^trace: \[whole\] (start|accepted|refused) ?(\d*) ?(.*)$")


class Fact:
    """An option as the real Nix describes it."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.name: str = fields["name"]
        self.loc: list[str] = fields["loc"]
        self.type: str = fields["type"] or ""
        self.visible = fields["visible"] is True
        self.internal: bool = fields["internal"]
        self.read_only: bool = fields["readOnly"]
        self.has_default: bool = fields["hasDefault"]
        self.description: str = fields["description"] or ""
        self.declarations: list[str] = fields["declarations"]
        self.parsed: OptionType = parse_type(self.type)
        self.values: list[str] = []
        """Values that Nix takes."""


class Judge:
    """Asks Nix about configurations, with the modules of a checkout of home-manager."""

    def __init__(self, home_manager: Path, lib: Path, folder: Path) -> None:
        self.home_manager = home_manager.resolve()
        self.lib = lib.resolve()
        self.folder = folder
        nixpkgs = folder / "nixpkgs"
        for name, text in (
            ("nixos/modules/misc/assertions.nix", ASSERTIONS),
            ("nixos/modules/misc/meta.nix", META),
            ("lib/services/lib.nix", PORTABLE),
        ):
            path = nixpkgs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        packages = folder / "packages.nix"
        packages.write_text(stub_packages([self.home_manager / "modules"], str(nixpkgs)))
        (nixpkgs / "default.nix").write_text(
            f"_: import {packages} {{ lib = import {self.lib}; }}\n"
        )
        (folder / "base.nix").write_text(BASE)
        self.common = (
            _COMMON.replace("@LIB@", str(self.lib))
            .replace("@HM@", str(self.home_manager))
            .replace("@PACKAGES@", str(packages))
        )

    def options(self) -> list[Fact]:
        """All options of home-manager."""
        program = self.common + _LIST.replace("@BASE@", str(self.folder / "base.nix"))
        done = self._run(program, ["--strict", "--json"])
        if done.returncode != 0:
            raise RuntimeError(done.stderr[-2000:])
        found = [Fact(fields) for fields in json.loads(done.stdout)]
        return [fact for fact in found if "_module" not in fact.loc]

    def verdicts(
        self, systems: list[tuple[int, list[str], list[list[str]], bool]]
    ) -> dict[str, bool]:
        """Whether Nix takes each option: `NUMBER PATH` (JSON), and `NUMBER check` for the whole.

        A system is its number, its files, the options, and whether the whole is asked for.
        """
        out: dict[str, bool] = {}
        for start in range(0, len(systems), BATCH):
            self._batch(systems[start : start + BATCH], out)
        return out

    def _batch(
        self, systems: list[tuple[int, list[str], list[list[str]], bool]], out: dict[str, bool]
    ) -> None:
        written: list[str] = []
        total = 0
        for number, files, paths, check in systems:
            listed = " ".join("[ " + " ".join(map(string_in_nix, path)) + " ]" for path in paths)
            written.append(
                f"{{ number = {number}; modules = [ {' '.join(files)} ]; "
                f"paths = [ {listed} ]; check = {'true' if check else 'false'}; }}"
            )
            total += len(paths) + (1 if check else 0)
        common = self.common + f"  systems = [ {' '.join(written)} ];\n"
        start = 0
        while start < total:
            done = self._run(common + _JUDGE.replace("@FROM@", str(start)), [])
            last: tuple[int, str] | None = None
            for line in done.stderr.splitlines():
                found = _TRACE.match(line)
                if found is None:
                    continue
                if found.group(1) == "start":
                    last = (int(found.group(2)), found.group(3))
                elif last is not None:
                    out[last[1]] = found.group(1) == "accepted"
            if done.returncode == 0:
                break
            if last is None or "already defined at" in done.stderr:
                raise RuntimeError(done.stderr[-3000:])
            out[last[1]] = False
            start = last[0] + 1

    def _run(self, program: str, options: list[str]) -> subprocess.CompletedProcess[str]:
        path = self.folder / "judge.nix"
        path.write_text(program)
        command = ["nix-instantiate", "--eval", *options, str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)


def string_in_nix(text: str) -> str:
    return json.dumps(text).replace("${", "\\${")


def manual(facts: list[Fact]) -> str:
    """The options as the manual's `options.json` has them."""
    out: dict[str, Any] = {}
    for fact in facts:
        if not fact.visible or fact.internal or "_module" in fact.loc:
            continue
        declarations = [{"name": _declaration(place)} for place in fact.declarations]
        out[fact.name] = {
            "declarations": declarations,
            "description": fact.description,
            "loc": fact.loc,
            "readOnly": fact.read_only,
            "type": fact.type,
        }
        if fact.has_default:
            out[fact.name]["default"] = {"_type": "literalExpression", "text": "…"}
    return json.dumps(out)


def _declaration(place: str) -> str:
    _, found, inside = place.partition("/modules/")
    return f"<home-manager/modules/{inside}>" if found else place
