"""The files to measure with: those of the user, or made-up ones of three sorts."""

from __future__ import annotations

import random
from pathlib import Path

WORDS = [
    "alpha", "base", "bytes", "cache", "client", "config", "core", "data", "digest", "event",
    "format", "graph", "http", "index", "json", "kernel", "layer", "log", "math", "network",
    "option", "parser", "query", "random", "server", "stream", "text", "time", "token", "unix",
    "vector", "version", "web", "yaml",
]  # fmt: skip


def largest(paths: list[Path], limit: int) -> list[Path]:
    """The files among `paths`, and the `limit` largest `.nix` files of the directories."""
    out = [path for path in paths if path.is_file()]
    found: dict[Path, int] = {}
    for folder in paths:
        if folder.is_dir():
            for path in folder.rglob("*.nix"):
                if path.is_file() and not path.is_symlink():
                    found[path] = path.stat().st_size
    out += sorted(found, key=lambda path: (-found[path], path))[:limit]
    return out


def make(folder: Path, scale: float) -> list[Path]:
    """Write the made-up corpus: about 2 MB times `scale`, the same every time."""
    rng = random.Random(2)
    texts = {
        "packages.nix": packages(rng, max(1, int(2200 * scale))),
        "modules.nix": modules(rng, max(1, int(260 * scale))),
        "scripts.nix": scripts(rng, max(1, int(700 * scale))),
    }
    out: list[Path] = []
    for name, text in texts.items():
        path = folder / name
        path.write_text(text, "utf-8")
        out.append(path)
    return out


def name_of(rng: random.Random) -> str:
    return "-".join(rng.sample(WORDS, rng.randint(1, 3)))


def packages(rng: random.Random, count: int) -> str:
    """One big set of calls with patterns and lists, like the generated sets of nixpkgs."""
    out = ["# Generated.\n{ pkgs, stdenv, callPackage }:\n\nself: {\n\n"]
    for number in range(count):
        name = f"{name_of(rng)}-{number}"
        wanted = sorted({name_of(rng).replace("-", "_") for _ in range(rng.randint(2, 9))})
        digest = "".join(rng.choices("0123456789abcdfghijklmnpqrsvwxyz", k=52))
        out.append(
            f'  "{name}" = callPackage\n'
            f"    ({{ mkDerivation, {', '.join(wanted)} }}:\n"
            "     mkDerivation {\n"
            f'       pname = "{name}";\n'
            f'       version = "{rng.randint(0, 9)}.{rng.randint(0, 30)}.{rng.randint(0, 9)}";\n'
            f'       sha256 = "{digest}";\n'
            f"       libraryDepends = [ {' '.join(wanted)} ];\n"
            f'       description = "A library for {name.replace("-", " ")}";\n'
            "       license = stdenv.lib.licenses.bsd3;\n"
            "     }) { inherit (pkgs) " + wanted[0] + "; };\n\n"
        )
    out.append("}\n")
    return "".join(out)


def modules(rng: random.Random, count: int) -> str:
    """Modules, with `let`, `mkIf`, options, operators and comments."""
    out = ["[\n"]
    for number in range(count):
        name = name_of(rng)
        port = rng.randint(1024, 60000)
        out.append(f"""
# The service {name}.
({{ config, lib, pkgs, ... }}:

with lib;

let
  cfg = config.services.{name};
  settings = {{ port = cfg.port or {port}; debug = cfg.debug && !cfg.quiet; }} // cfg.settings;
  /* Where everything lives. */
  stateDir = "/var/lib/{name}";
in
{{
  options.services.{name} = {{
    enable = mkEnableOption "{name}";
    port = mkOption {{ type = types.int; default = {port}; description = "The port."; }};
    user = mkOption {{ type = types.str; default = "{name}"; example = "nobody"; }};
    extra = mkOption {{ type = with types; attrsOf (listOf str); default = {{ }}; }};
  }};

  config = mkIf (cfg.enable && cfg.port != 0) {{
    users.users.${{cfg.user}} = {{ isSystemUser = true; uid = {1000 + number}; home = stateDir; }};
    systemd.services.{name} = {{
      after = [ "network.target" ] ++ optionals cfg.debug [ "syslog.target" "nss-lookup.target" ];
      wantedBy = if cfg.debug then [ ] else [ "multi-user.target" ];
      environment = mapAttrs (key: value: toString value) settings;
      path = [ pkgs.coreutils pkgs.gnugrep (pkgs.callPackage ../pkgs/{name}.nix {{ }}) ];
    }};
    assertions = map (port: {{ assertion = port > 1023 -> port < 65536; message = "bad"; }}) [
      cfg.port {port} {port + 1} ({port} * 2 - 1)
    ];
  }};
}})
""")
    out.append("]\n")
    return "".join(out)


def scripts(rng: random.Random, count: int) -> str:
    """Long strings of both sorts, with interpolations and escapes."""
    out = ["{ pkgs, cfg }:\n{\n"]
    for number in range(count):
        name = name_of(rng)
        lines = "".join(
            f'    if [ -e "$dir/{word}" ]; then echo "found {word}" >&2; fi\n'
            for word in rng.sample(WORDS, 5)
        )
        out.append(
            f"  script{number} = ''\n"
            "    #!${pkgs.runtimeShell}\n"
            f"    set -eu; dir=''${{HOME:-/tmp}}/{name}\n"
            f"{lines}"
            f'    exec ${{pkgs.{name}}}/bin/{name} --port ${{toString cfg.port}} "$@"\n'
            "  '';\n"
            f'  text{number} = "The \\"{name}\\" of ${{cfg.user}}:\\n\\t'
            f'it costs \\${rng.random()}.";\n'
        )
    out.append("}\n")
    return "".join(out)
