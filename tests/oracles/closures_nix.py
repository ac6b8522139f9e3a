"""`python -m tests.oracles nix-closures --lib LIBDIR DIR…`: module closures against the real Nix.

The installed Nix says which modules `evalModules` collects for each configuration of the projects
DIRS, and for the configurations inside of it (`closures_judge.py`). Every file that Nix loaded must
be in the closure that nixlint computes under the same name, and nothing that Nix read may be called
unused. Files that only nixlint has are told with the reason.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Final

from nixlint.project.modules import entry_points
from nixlint.project.modules.configurations import OUTPUTS
from nixlint.project.modules.model import CERTAIN, Configuration
from nixlint.project.modules.shared import configurations_of
from nixlint.project.project import Project
from tests.oracles.closures_judge import Json, Judge, NotJudgedError
from tests.running import nixlint

USUAL: Final = frozenset((*(output for output, _ in OUTPUTS), "colmena"))
"""The outputs whose attributes are configurations."""
EXPORTED: Final = "exported-module-never-imported"
RULES: Final = f"unused-module,unused-file,{EXPORTED}"
UNNAMED: Final = "\0"
"""How nixlint calls an attribute whose name is not known."""


class Judged:
    """What Nix says about the configurations of one repository: their files, by name."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.files: dict[str, set[str]] = {}
        self.failed: dict[str, str] = {}
        self.foreign: set[str] = set()
        """Configurations inside of others that only modules of inputs define."""

    def all(self, more: list[str]) -> Judged:
        """Asks about everything in the usual outputs, and about `more` names."""
        try:
            names = self.judge.ask("names", [])
        except NotJudgedError as error:
            self.failed["outputs"] = str(error)
            return self
        for output, found in names.items():
            if found is None:
                self.failed[output] = "it comes from an input that is not at hand"
            for name in found or []:
                if output != "colmena" or name not in ("meta", "defaults", "network"):
                    self.one([output, name])
        for name in more:
            if name not in self.files and name not in self.failed:
                self.one(_path_of(name))
        return self

    def one(self, path: list[str]) -> None:
        """Asks about one configuration and those inside of it."""
        name = ".".join(path)
        try:
            modules = self.judge.ask("modules", path)
            if modules is None:
                self.failed[name] = "what builds it is not at hand"
                return
            self._take(name, modules)
            inner = self.judge.ask("inner", path)
        except NotJudgedError as error:
            self.failed[name + (" inside" if name in self.files else "")] = str(error)
            return
        for label, below in inner.items():
            own = any(file.startswith(self.judge.root + "/") for file in below["files"])
            for one in below["names"]:
                inside = f"{name}.{label}:{one}"
                if not own:
                    self.foreign.add(inside)
                try:
                    self._take(inside, self.judge.ask("innerModules", path, label, one))
                except NotJudgedError as error:
                    self.failed[inside] = str(error)

    def _take(self, name: str, modules: Json) -> None:
        root = self.judge.root
        files: set[str] = set()
        for module in modules:
            key = module["key"]
            for stored, real in self.judge.request["stored"].items():
                key = key.replace(stored, real)
            path = os.path.realpath(key)
            inside = path == root or path.startswith(root + "/")
            if key.startswith("/") and ":anon-" not in key and inside:
                if os.path.isdir(path):
                    path = os.path.join(path, "default.nix")
                # A file that is missing is a stub, and no module.
                if os.path.isfile(path):
                    files.add(os.path.relpath(path, root))
        self.files[name] = files


def run(
    directories: list[str], lib: str, sources: list[str], records: str | None, show: int
) -> int:
    """Judges and prints; 1 when a file that Nix loaded is missing, or is called unused."""
    folder = Path(lib).resolve()
    if (folder / "lib" / "default.nix").is_file():
        folder = folder / "lib"
    wrong = 0
    total: Counter[str] = Counter()
    for directory in directories:
        root = os.path.realpath(directory)
        counted = compare(root, str(folder), sources, records, show)
        wrong += counted["missing"] + counted["not found"] + counted["called unused"]
        total.update(counted)
    print("all: " + _told(total))
    return 1 if wrong else 0


def compare(
    root: str, lib: str, sources: list[str], records: str | None, show: int
) -> Counter[str]:
    """Compares the closures in the project at `root`, prints, and counts."""
    project = Project(root)
    found = configurations_of(project)
    ours: dict[str, list[Configuration]] = {}
    for configuration in found.found:
        # A configuration for several systems counts as one.
        ours.setdefault(configuration.name, []).append(configuration)
    for alias, name in found.aliases.items():
        ours.setdefault(alias, ours.get(name, []))
    outer = [name for name, one in ours.items() if one and one[0].outer is None]
    theirs = judged(root, lib, sources, outer)
    name = os.path.basename(root)
    counted: Counter[str] = Counter()
    reasons: dict[str, set[str]] = {}
    for configuration_name, files in sorted(theirs.files.items()):
        counted["configurations"] += 1
        counted["files"] += len(files)
        mine = ours.get(configuration_name) or ours.get(_unnamed(configuration_name))
        if mine is None:
            if configuration_name in theirs.foreign:
                counted["made by inputs"] += 1
            elif files:
                counted["not found"] += 1
                print(f"  {configuration_name}: not found ({len(files)} files)")
            continue
        have = {
            os.path.relpath(path, root)
            for one in mine
            for path in one.files()
            if path.startswith(root + "/")
        }
        missing = sorted(files - have)
        counted["missing"] += len(missing)
        if missing:
            print(f"  {configuration_name}: {len(missing)} missing: {', '.join(missing[:show])}")
        for path in have - files:
            reason = _reason(mine, os.path.join(root, path), path in theirs.judge.read)
            counted["extra"] += 1
            reasons.setdefault(reason, set()).add(f"{configuration_name}: {path}")
    for reason, places in sorted(reasons.items()):
        few = "; ".join(sorted(places)[:show])
        print(f"  {len(places)} more, {reason}: {few}")
    for configuration_name, why in sorted(theirs.failed.items()):
        print(f"  {configuration_name}: not judged: {why}")
    if theirs.judge.absent:
        print(f"  files that do not exist: {', '.join(sorted(theirs.judge.absent)[:show])}")
    unused = _called_unused(root, theirs)
    counted["called unused"] = len(unused)
    for path in unused:
        print(f"  {path}: Nix read it, and it is called unused")
    if records is not None:
        _recorded(name, theirs, records)
    counted["not judged"] = len(theirs.failed)
    print(f"{name}: {_told(counted)}; {theirs.judge.processes} runs of Nix")
    return counted


def judged(root: str, lib: str, sources: list[str], more: list[str]) -> Judged:
    """What Nix says about the project at `root`, and about the configurations `more` in it."""
    if Path(root, "flake.nix").is_file():
        return Judged(Judge(root, lib, sources, {"kind": "flake"})).all(more)
    entries: list[Json] = [
        {"kind": "file", "name": name, "file": path}
        for name, path in entry_points.expression_entries(root)
    ]
    entries += [
        {"kind": "module", "name": name, "class": kind, "file": path}
        for name, kind, path in entry_points.module_entries(root)
    ]
    out = Judged(Judge(root, lib, sources, {"kind": "none"}))
    for entry in entries:
        name = entry["name"]
        wanted = [one for one in more if one == name or one.startswith(f"{name}.")]
        if not wanted:
            continue
        out.judge.request["entry"] = entry
        for one in wanted:
            out.one([name, *filter(None, one.removeprefix(name).split("."))])
    return out


def _path_of(name: str) -> list[str]:
    """The path in the outputs that a name stands for; names of hosts may have dots."""
    first = name.partition(".")[0]
    if first == "colmenaHive":
        return name.split(".", 2)
    return name.split(".", 1) if first in USUAL else name.split(".")


def _unnamed(name: str) -> str:
    """The name of a configuration inside of another one whose own name is not known."""
    start, mark, _ = name.rpartition(":")
    return f"{start}{mark}{UNNAMED}"


def _reason(configurations: list[Configuration], path: str, read: bool) -> str:
    """Why only nixlint has a file in its closure."""
    modules = [one for each in configurations for one in each.modules if one.path == path]
    if any(":anon-" in one.key for one in modules):
        # Nix knows the file of a module only if it is imported as a path.
        suffix = "" if read else ", and not read by Nix"
        return f"imported as a value or written in place{suffix}"
    if any(not one.key.startswith("/") for one in modules):
        return "given a key of its own"
    if all(one.certainty != CERTAIN for one in modules):
        return " or ".join(sorted({one.certainty for one in modules}))
    importers = {one.importer.certainty for one in modules if one.importer is not None}
    return "certain" if CERTAIN in importers or not importers else "imported by such"


def _called_unused(root: str, theirs: Judged) -> list[str]:
    """Files that Nix read and nixlint calls unused, and modules that are called not imported."""
    modules: set[str] = set().union(*theirs.files.values())
    result = nixlint(
        "check", "--isolated", "--no-cache", "--select", RULES, "--format", "json", cwd=Path(root)
    )
    wrong: set[str] = set()
    for one in json.loads(result.out)["diagnostics"]:
        used = modules if one["rule"] == EXPORTED else modules | theirs.judge.read
        path = os.path.relpath(os.path.join(root, one["path"]), root)
        if path in used:
            wrong.add(path)
    return sorted(wrong)


def _recorded(name: str, theirs: Judged, records: str) -> None:
    """Compares what Nix says with what was recorded of it before."""
    record = Path(records, name.replace("+", "--") + ".json")
    if not record.is_file():
        return
    wanted = json.loads(record.read_text("utf-8"))["per_configuration"]
    same = 0
    for configuration, listed in sorted(wanted.items()):
        files = theirs.files.get(configuration)
        if files == set(listed):
            same += 1
        elif files is None:
            print(f"  {configuration}: recorded, and not judged")
        else:
            lost = sorted(set(listed) - files)
            new = sorted(files - set(listed))
            print(f"  {configuration}: recorded without {new[:4]}, and with {lost[:4]}")
    print(f"  {same} of {len(wanted)} recorded configurations are the same")


def _told(counted: Counter[str]) -> str:
    keys = (
        "configurations",
        "not judged",
        "files",
        "missing",
        "not found",
        "made by inputs",
        "extra",
    )
    return ", ".join(f"{counted[key]} {key}" for key in (*keys, "called unused"))
