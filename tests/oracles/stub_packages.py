"""Packages for judging modules without nixpkgs: every package that modules name, without content.

`pkgs` is a set of empty derivations, the functions that make types or files, and the two modules
that home-manager takes from NixOS.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_NAME: Final = re.compile(r"\bpkgs\.([A-Za-z_][\w'-]*(?:\.[A-Za-z_][\w'-]*)*)")
_STATIC: Final = re.compile(r"(formats|lib|path|stdenv|writers|config|system|callPackage)\b")

COMPUTED: Final = ("equibop", "vesktop")
"""Packages that modules name by other means."""

_HELPERS: Final = r"""
{ lib, system ? "x86_64-linux" }:
let
  store = "/nix/store/00000000000000000000000000000000";
  derivation' =
    name: more:
    {
      type = "derivation";
      inherit name system;
      pname = name;
      version = "1";
      outPath = "${store}-${lib.strings.sanitizeDerivationName name}";
      drvPath = "${store}-${lib.strings.sanitizeDerivationName name}.drv";
      outputName = "out";
      outputs = [ "out" ];
      meta = { mainProgram = name; description = name; homepage = name; };
      passthru = { };
      override = _: derivation' name more;
      overrideAttrs = _: derivation' name more;
      withPlugins = _: derivation' name more;
      withPackages = _: derivation' name more;
    }
    // more;
  named = name: derivation' (if builtins.isString name then name else "made") { };
  one = _: named "made";
  two = name: _: named name;
  three = name: _: _: named name;


  nested =
    description:
    let
      choices = with lib.types; oneOf [ bool int float str path (attrsOf own) (listOf own) ];
      own = lib.types.nullOr choices // { inherit description; };
    in
    own;
  format = type: _: { inherit type; generate = two; };
  iniAtom = (with lib.types; nullOr (oneOf [ bool int float str ])) // {
    description = "INI atom (null, bool, int, float or string)";
  };
  iniType =
    arguments:
    let
      atom =
        if arguments.listsAsDuplicateKeys or false || arguments.listToValue or null != null then
          lib.types.either iniAtom (lib.types.listOf iniAtom)
        else
          iniAtom;
    in
    lib.types.attrsOf (lib.types.attrsOf atom);
in
rec {
  inherit lib system;
  path = @PATH@;
  config = { };
  stdenv = {
    inherit system;
    hostPlatform = platform;
    buildPlatform = platform;
    targetPlatform = platform;
    isLinux = platform.isLinux;
    isDarwin = platform.isDarwin;
    mkDerivation = one;
    cc = named "cc";
  };
  platform = {
    inherit system;
    isLinux = lib.hasSuffix "linux" system;
    isDarwin = lib.hasSuffix "darwin" system;
    isx86_64 = lib.hasPrefix "x86_64" system;
    isAarch64 = lib.hasPrefix "aarch64" system;
    isx86_32 = false;
    is64bit = true;
    isMusl = false;
    isGnu = true;
    extensions.sharedLibrary = ".so";
    linuxArch = "x86_64";
    parsed = { cpu.name = "x86_64"; kernel.name = "linux"; };
  };
  formats = rec {
    json = format (nested "JSON value");
    yaml = format (nested "YAML 1.1 value");
    yaml_1_1 = yaml;
    yaml_1_2 = format (nested "YAML 1.2 value");
    toml = format (nested "TOML value");
    xml = format (nested "XML value");
    lua = format (nested "lua value");
    keyValue = _: {
      type = lib.types.attrsOf (
        (with lib.types; nullOr (oneOf [ bool int float str ]))
        // { description = "atom (null, bool, int, float or string)"; }
      );
      generate = two;
    };
    javaProperties = format (lib.types.attrsOf lib.types.str);
    ini = arguments: { type = iniType arguments; generate = two; lib.types.atom = iniAtom; };
    iniWithGlobalSection = arguments: {
      type = lib.types.submodule {
        options.sections = lib.mkOption { type = iniType arguments; default = { }; };
        options.globalSection = lib.mkOption { type = lib.types.attrsOf iniAtom; default = { }; };
      };
      generate = two;
    };
    gitIni = _: {
      type = lib.types.attrsOf (lib.types.attrsOf (nested "value"));
      generate = two;
    };
    libconfig = format (nested "libconfig value");
    hocon = format (nested "HOCON value");
    plist = format (nested "Property list (plist) value");
    pythonVars = format (nested "Python value");
    systemd = { type = iniType { }; generate = two; };
    elixirConf = format (nested "Elixir value");
    php = format (nested "PHP value");
  };
  writeText = two;
  writeTextDir = two;
  writeTextFile = one;
  writeScript = two;
  writeScriptBin = two;
  writeShellScript = two;
  writeShellScriptBin = two;
  writeShellApplication = one;
  runCommand = three;
  runCommandLocal = three;
  runCommandCC = three;
  runCommandNoCC = three;
  symlinkJoin = one;
  buildEnv = one;
  linkFarm = two;
  linkFarmFromDrvs = two;
  fetchFromGitHub = one;
  fetchurl = one;
  fetchgit = one;
  fetchpatch = one;
  replaceVars = two;
  substituteAll = one;
  substitute = one;
  makeSetupHook = two;
  makeDesktopItem = one;
  concatText = two;
  concatTextFile = one;
  writeClosure = one;
  callPackage = _: _: named "called";
  newScope = _: _: _: named "called";
  makeFontsConf = one;
  applyPatches = one;
  appendOverlays = _: { };
  extend = _: { };
  writers = lib.genAttrs [ "writeBash" "writeBashBin" "writePython3" "writePython3Bin" ] (_: two);
}
"""


def stub_packages(sources: list[Path], path: str) -> str:
    """A Nix function of `{ lib, system }` to packages: all that the `.nix` files below `sources`
    name as `pkgs.NAME`. `path` is the Nix code of `pkgs.path`."""
    tree: dict[str, object] = {name: {} for name in COMPUTED}
    for source in sources:
        for file in sorted(source.rglob("*.nix")):
            for found in _NAME.findall(file.read_text("utf-8", "replace")):
                if not _STATIC.match(found):
                    _insert(tree, found.split("."))
    body = "\n".join(_entry(name, below) for name, below in sorted(tree.items()))
    helpers = _HELPERS.strip().replace("@PATH@", path)
    head, _, tail = helpers.partition("in\nrec {")
    return f"{head}\n  found = {{\n{body}\n  }};\nin\nfound // rec {{{tail}"


def _insert(tree: dict[str, object], names: list[str]) -> None:
    at = tree
    for name in names:
        below = at.setdefault(name, {})
        assert isinstance(below, dict)
        at = below


def _entry(name: str, below: object) -> str:
    assert isinstance(below, dict)
    more = " ".join(
        _entry(inner, deeper)
        for inner, deeper in sorted(below.items())
        if inner not in ("override", "overrideAttrs", "withPackages", "withPlugins", "meta", "out",
                         "name", "pname", "version", "outPath")
    )  # fmt: skip
    return f'"{name}" = derivation\' "{name}" {{ {more} }};'
