"""A small project of modules that depend on each other in many ways, and random edits of it."""

from __future__ import annotations

import random
from pathlib import Path

from tests.running import write_tree

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations = nixpkgs.lib.genAttrs [ "box" "lab" ] (name: nixpkgs.lib.nixosSystem {
      specialArgs = { inherit name; colors = import ./colors.nix; load = file: import file; };
      modules = [ ./hosts/${name}.nix ./modules/m0.nix ];
    });
    nixosModules.one = ./modules/m1.nix;
  };
}
"""
PLAIN = """\
options.site.a = lib.mkOption { type = lib.types.int; default = 1; };
options.site.b = lib.mkOption { type = lib.types.str; };
options.site.web.enable = lib.mkEnableOption "the site";
options.site.web.ports = lib.mkOption { type = with lib.types; listOf port; default = [ ]; };
options.site.users = lib.mkOption { type = with lib.types; attrsOf (submodule ../user.nix); };
config.site.a = 5;
config.site.a = 6;
config.site.a = lib.mkDefault 7;
config.site.a = lib.mkIf config.site.web.enable 8;
config.site.a = "no number";
config.site.b = "text";
config.site.b = colors.red;
config.site.b = name;
config.site.b = builtins.readFile ../motd;
config.site.b = import ../value.nix;
config.site.b = load ../value.nix;
config.site.c = 1;
config.site.web.enable = true;
config.site.web.enable = lib.mkForce false;
config.site.web.ports = [ 80 config.site.a ];
config.site.users.alice.uid = 1000;
config.site.users.alice.shell = "no such option";
config.services.x.enable = true;
config.services.x.enable = false;
config.networking.hostName = "box";
config.networking.hostName = name;
config.home-manager.users.me = import (../homes + "/${config.networking.hostName}.nix");
config.home-manager.users.me = { home.x = 1; imports = [ ../homes/lab.nix ]; };
""".splitlines()
IMPORTS = """\
../modules/m1.nix
../modules/m2.nix
../modules/m3.nix
../modules/missing.nix
../modules/${name}.nix
(import ../leaf.nix)
(import ../maker.nix { uid = 3; })
(load ../leaf.nix)
{ config.services.x.enable = true; }
""".splitlines()
MODULES = [f"modules/{name}.nix" for name in ("m0", "m1", "m2", "m3", "box")]
HOSTS = ["hosts/box.nix", "hosts/lab.nix"]
OTHERS = {
    "flake.nix": [FLAKE, FLAKE.replace('"lab"', ""), FLAKE.replace("./modules/m0.nix", "")],
    "colors.nix": ['{ red = "#f00"; }', '{ red = 1; }', '{ blue = "#00f"; }'],
    "value.nix": ['"a text"', "17", "import ./colors.nix"],
    "leaf.nix": ["{ config.site.a = 9; }", "{ ... }: { config.site.b = \"leaf\"; }"],
    "motd": ["welcome", "good bye"],
    "maker.nix": [
        "{ uid }: { config.site.a = uid; }",
        "{ uid }: { imports = [ ./modules/m1.nix ]; }",
    ],
    "user.nix": [
        "{ lib, ... }: { options.uid = lib.mkOption { type = lib.types.int; }; }",
        "{ lib, ... }: { options.uid = lib.mkOption { type = lib.types.str; }; }",
    ],
    "homes/box.nix": ["{ home.x = 1; }", "{ imports = [ ./lab.nix ]; }"],
    "homes/lab.nix": ["{ home.y = 2; }", "{ lib, ... }: { home.x = lib.mkForce 2; }"],
}  # fmt: skip


def module(chance: random.Random) -> str:
    """The text of a module; most of them parse."""
    lines = chance.sample(PLAIN, chance.randrange(0, 5))
    if chance.random() < 0.6:
        listed = "\n    ".join(chance.sample(IMPORTS, chance.randrange(0, 4)))
        lines.insert(0, f"imports = [\n    {listed}\n  ];")
    if chance.random() < 0.03:
        lines.append("this is no Nix")
    body = "\n  ".join(lines)
    return f"{{ config, lib, name, colors, load, ... }}:\n{{\n  {body}\n}}\n"


def make(root: Path, chance: random.Random) -> None:
    """Write the project."""
    files = {path: texts[0] for path, texts in OTHERS.items()}
    files.update({path: module(chance) for path in [*MODULES, *HOSTS]})
    write_tree(root, files)


def change(root: Path, opened: dict[str, str], chance: random.Random) -> str:
    """Change one file, in the editor (`opened`: path → text) or on disk; returns what was done."""
    what = chance.random()
    if what < 0.1 and opened:
        path = chance.choice(sorted(opened))
        text = opened.pop(path)
        if chance.random() < 0.7:
            Path(path).write_text(text, "utf-8")
            return f"save and close {path}"
        return f"close {path}"
    if what < 0.2:
        # Modules come and go.
        file = root / chance.choice(MODULES)
        if str(file) not in opened and file.exists():
            file.unlink()
            return f"delete {file}"
    name = chance.choice([*MODULES, *HOSTS] * 3 + list(OTHERS))
    text = chance.choice(OTHERS[name]) if name in OTHERS else module(chance)
    path = str(root / name)
    if what < 0.4 and path not in opened:
        Path(path).write_text(text, "utf-8")
        return f"write {path}:\n{text}"
    opened[path] = text
    return f"edit {path}:\n{text}"
