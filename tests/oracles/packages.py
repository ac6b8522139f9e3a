"""Compares what is known of the packages of a nixpkgs with what the installed Nix evaluates.

Names that Nix does not have, and descriptions and versions that differ, are mistakes; names and
descriptions that are not known are only counted. A version is compared with the one that Nix reads
from the name of the derivation; one that is written as such (`version`) may be longer.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any, Final

from nixlint.ide.packages.describing import describe
from nixlint.ide.packages.names import Packages
from nixlint.ide.packages.reading import read_packages

CHUNK: Final = 60
NAMES: Final = """\
let
  pkgs = import TREE { system = "x86_64-linux"; config = { allowUnfree = true; }; };
  try = value: let found = builtins.tryEval value; in if found.success then found.value else null;
  of = name: let value = try pkgs.${name} or null; in
    if builtins.isAttrs value && value.type or "" == "derivation" then try (builtins.deepSeq
      (value.meta.description or "")
      { inherit (value) name; description = value.meta.description or ""; })
    else null;
in
"""


def run(tree: str, sets: list[str], every: int, show: int) -> int:
    """Compares the packages of a checkout; those of `sets` by name only."""
    tree = os.path.abspath(tree)
    packages, _ = read_packages(tree)
    wrong = _names(tree, packages, "", show)
    for name in sets:
        wrong += _names(tree, packages, name, show)
    top = packages.set_at(())
    names = top.names[::every] if top is not None else []
    answers: dict[str, Any] = {}
    for start in range(0, len(names), CHUNK):
        answers.update(_ask(tree, names[start : start + CHUNK]))
    counts = {"evaluated": 0, "described": 0, "with a version": 0, "wrong": 0, "other version": 0}
    for name, answer in answers.items():
        if answer is None:
            continue
        counts["evaluated"] += 1
        found = describe(packages, (name,))
        if found is None:
            continue
        counts["described"] += bool(found.description)
        counts["with a version"] += bool(found.version)
        if found.description and found.description.split() != answer["description"].split():
            counts["wrong"] += 1
            print(f"description of {name}: {found.description!r}, not {answer['description']!r}")
        if found.version and not str(answer["name"]).endswith(found.version):
            counts["other version"] += 1
            if counts["other version"] <= show:
                print(f"version of {name}: {found.version!r}, but it is called {answer['name']!r}")
    print(", ".join(f"{count} {what}" for what, count in counts.items()))
    return 1 if wrong or counts["wrong"] else 0


def _names(tree: str, packages: Packages, path: str, show: int) -> int:
    """Compares the names in a set; returns how many of ours Nix does not have."""
    where = f"pkgs.{path}" if path else "pkgs"
    real = _evaluate(tree, f"builtins.attrNames {where}")
    if real is None:
        print(f"{where}: Nix cannot evaluate it")
        return 0
    found = packages.set_at(tuple(path.split(".")) if path else ())
    ours = set(found.names) if found is not None else set()
    extra = sorted(ours - set(real))
    missing = sorted(set(real) - ours)
    print(
        f"{where}: {len(real)} names, {len(ours & set(real))} known, "
        f"{len(missing)} not known, {len(extra)} wrong"
    )
    if missing:
        print(f"  not known, for instance: {', '.join(missing[:show])}")
    if extra:
        print(f"  wrong: {', '.join(extra[:show])}")
    return len(extra)


def _ask(tree: str, names: list[str]) -> dict[str, Any]:
    """What Nix says about packages; those on which it stops are looked for and left out."""
    listed = " ".join(json.dumps(name) for name in names)
    found = _evaluate(
        tree,
        "builtins.listToAttrs (map (name: { inherit name; value = of name; }) "
        f"(builtins.filter (name: pkgs ? ${{name}}) [ {listed} ]))",
    )
    if found is not None:
        answers: dict[str, Any] = found
        return answers
    if len(names) == 1:
        return {}
    middle = len(names) // 2
    return {**_ask(tree, names[:middle]), **_ask(tree, names[middle:])}


def _evaluate(tree: str, expression: str) -> Any:
    program = NAMES.replace("TREE", tree) + expression
    done = subprocess.run(
        ["nix-instantiate", "--eval", "--strict", "--json", "--expr", program],
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else None
