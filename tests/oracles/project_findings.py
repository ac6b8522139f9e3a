"""`python -m tests.oracles project-findings DIR…`: what the rules about modules find, to be read.

Prints the findings of each rule in a form that stays the same from run to run, so that two runs can
be compared, and how many there are in which repository. With `--checkouts` inputs of the projects
are taken from a directory of checkouts called OWNER+NAME, as if they were in the store of the
person who works on the project.

A checkout of nixpkgs that is far too old makes many findings: with `--recorded`, a list of all its
options as Nix has evaluated them, no option that is called undeclared may be in it.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

from nixlint.project.project import Project
from nixlint.project.references.flake_ref import FlakeRefError, identity, parse_flake_ref
from nixlint.rules.registry import rule_names, theme_of

THEME: Final = "modules"
_ABSENT: Final = re.compile(r"option `([^`]+)` does not exist")


def run(
    directories: list[str],
    checkouts: str | None,
    select: str,
    ignored: list[str],
    short: bool,
    recorded: str | None = None,
) -> int:
    """Prints findings by rule and repository; 1 if an option that is recorded is called undeclared,
    else 0, since only people can tell what else is false."""
    declared = declared_names(Path(recorded)) if recorded else set()
    false: list[str] = []
    counts: Counter[tuple[str, str]] = Counter()
    known = set(select.split(",")) if select else _rules_of_theme()
    projects = 0
    for directory in sorted(directories):
        root = Path(directory).resolve()
        if root.name in ignored:
            continue
        projects += 1
        config = configuration(root, Path(checkouts).resolve()) if checkouts else ""
        found = findings(root, config, sorted(known))
        for rule, where, message, notes in found:
            counts[rule, root.name] += 1
            absent = _ABSENT.match(message)
            if absent is not None and absent.group(1) in declared:
                false.append(f"{root.name}/{where}: {message}")
            if not short:
                print(f"{rule} {root.name}/{where}: {message}")
                for note in notes:
                    print(f"    {note}")
    print(f"{projects} projects")
    for rule in sorted(known):
        here = [(name, number) for (one, name), number in sorted(counts.items()) if one == rule]
        total = sum(number for _, number in here)
        listed = ", ".join(f"{name} {number}" for name, number in here)
        print(f"{rule}: {total}" + (f" ({listed})" if listed else ""))
    for line in false:
        print(f"false: {line}")
    if recorded:
        print(f"{len(false)} options called undeclared are in {Path(recorded).name}")
    return 1 if false else 0


def declared_names(recorded: Path) -> set[str]:
    """The names of the options of a list, and the sets that they are in; it may be compressed."""
    data = recorded.read_bytes()
    options = json.loads(gzip.decompress(data) if recorded.suffix == ".gz" else data)
    names = options if isinstance(options, dict) else [one["name"] for one in options]
    out: set[str] = set()
    for name in names:
        parts = name.split(".")
        out.update(".".join(parts[:count]) for count in range(1, len(parts) + 1))
    return out


def _rules_of_theme() -> set[str]:
    return {name for name in rule_names() if theme_of(name) == THEME}


def configuration(root: Path, checkouts: Path) -> str:
    """The text of a `nixlint.toml` that names checkouts for the inputs of a project."""
    flake = Project(str(root)).flake
    if flake is None:
        return ""
    lines = ["[sources]"]
    for name, declared in sorted(flake.inputs.items()):
        if declared.url is None:
            continue
        try:
            which = identity(parse_flake_ref(declared.url).attrs) or ""
        except FlakeRefError:
            continue
        path = checkout_of(which, checkouts)
        if path is not None and path != root:
            lines.append(f"{json.dumps(name)} = {json.dumps(str(path))}")
    return "\n".join(lines) + "\n"


def checkout_of(which: str, checkouts: Path) -> Path | None:
    """The checkout of a repository (`github:owner/name`), or the only one of that name: forks, and
    repositories that were moved."""
    repository = which.rpartition(":")[2].lower()
    name = repository.rpartition("/")[2]
    folders = sorted(path for path in checkouts.iterdir() if path.is_dir())
    same = [path for path in folders if path.name.lower() == repository.replace("/", "+")]
    if not same:
        same = [path for path in folders if path.name.lower().partition("+")[2] == name]
    return same[0] if len(same) == 1 else None


def findings(
    root: Path, configuration_text: str, rules: list[str]
) -> list[tuple[str, str, str, list[str]]]:
    """What `nixlint check` says of a project: the rule, where, the message, the notes."""
    command = [sys.executable, "-m", "nixlint", "check", "--no-cache", "--format", "json"]
    command += ["--select", ",".join(rules)]
    with tempfile.TemporaryDirectory() as folder:
        if configuration_text:
            path = Path(folder) / "nixlint.toml"
            path.write_text(configuration_text)
            command += ["--config", str(path)]
        else:
            command.append("--isolated")
        done = subprocess.run(
            [*command, str(root)], capture_output=True, text=True, check=False, cwd=root
        )
    if done.returncode not in (0, 1):
        print(f"{root.name}: {done.stderr.strip()}", file=sys.stderr)
    if not done.stdout:
        return []
    out: list[tuple[str, str, str, list[str]]] = []
    for one in json.loads(done.stdout)["diagnostics"]:
        if one["rule"] in rules:
            notes = [_note(note, root) for note in one["notes"]]
            where = _place(one["path"], one["range"], root)
            out.append((one["rule"], where, one["message"], notes))
    return sorted(out)


def _note(note: dict[str, Any], root: Path) -> str:
    if note["path"] is None:
        return str(note["message"])
    return f"{_place(note['path'], note['range'], root)}: {note['message']}"


def _place(path: str, where: dict[str, Any] | None, root: Path) -> str:
    whole = Path(path)
    if whole.is_absolute() and whole.is_relative_to(root):
        whole = whole.relative_to(root)
    line = f":{where['start']['line']}" if where is not None else ""
    return f"{whole}{line}"
