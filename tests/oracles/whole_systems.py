"""Judges findings on whole configurations of home-manager by the real Nix.

Configurations set options of programs and services in several modules, with values of their types.
Into each, mistakes are put: two values, names with a slip, values of a wrong type, declarations
that exist, old names, removed and read-only options, values where sets belong. Nix evaluates them
with home-manager's modules and says of each option whether it takes it; nixlint looks at them with
the options from home-manager's sources, and again with a list of options as the manual has it.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

from nixlint.analysis.check_project import project_settings
from nixlint.analysis.config import Overrides
from nixlint.analysis.resolver import Resolver
from nixlint.project.modules.option_findings import option_findings
from nixlint.project.project import Project
from nixlint.text.source import Source
from tests.oracles.home_manager_judge import BASE, Fact, Judge, manual
from tests.oracles.whole_systems_made import (
    CONFLICT,
    HIDDEN,
    KINDS,
    NOT_A_SET,
    READ_ONLY,
    REMOVED,
    RENAMED,
    SLIP,
    TWICE,
    TYPE,
    Maker,
    System,
    Values,
    attribute,
)

FLAKE: Final = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.home-manager.url = "github:nix-community/home-manager";
  outputs = { nixpkgs, home-manager, ... }: {
    homeConfigurations.u = home-manager.lib.homeManagerConfiguration {
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
      modules = [ @MODULES@ ];
    };
  };
}
"""
FOUND_AS: Final[dict[str, frozenset[str]]] = {
    CONFLICT: frozenset(("conflict", "unique", "null", "unmergeable", "kinds", "tags", "type")),
    SLIP: frozenset(("undeclared",)),
    TYPE: frozenset(
        ("type", "unique", "conflict", "null", "undeclared", "not-a-set", "unmergeable")
    ),
    TWICE: frozenset(("declared-twice", "kinds", "nested-under-option")),
    RENAMED: frozenset(("renamed",)),
    REMOVED: frozenset(("removed",)),
    READ_ONLY: frozenset(("read-only", "type")),
    NOT_A_SET: frozenset(("not-a-set",)),
}  # fmt: skip


# We.

Found = tuple[str, list[tuple[str, int]], str]
"""The kind of a finding, its places as file name and line, and the option."""


def ours(root: Path) -> list[Found]:
    """What nixlint finds in a project."""
    config = Resolver(Overrides()).for_directory(str(root))
    project = Project(str(root), project_settings(config))
    out: list[Found] = []
    for finding in option_findings(project).found:
        places: list[tuple[str, int]] = []
        for place in finding.places():
            source = Source(place.path, Path(place.path).read_text())
            places.append((os.path.basename(place.path), source.position(place.start)[0] + 1))
        out.append((finding.conflict.kind, places, finding.conflict.path))
    return out


def run(home_manager: str, lib: str, count: int, seed: int, show: int) -> int:
    """Compares `count` configurations; returns the exit code."""
    with tempfile.TemporaryDirectory() as name:
        return _Comparison(Path(name), Path(home_manager), Path(lib), show).run(count, seed)


class _Comparison:
    def __init__(self, folder: Path, home_manager: Path, lib: Path, show: int) -> None:
        self.folder = folder
        self.judge = Judge(home_manager, lib, folder)
        self.home_manager = home_manager.resolve()
        self.show = show
        self.unlisted: set[str] = set()
        """Options that the manual's list does not have."""
        self.shown: list[str] = []
        self.injected: Counter[tuple[str, str]] = Counter()
        self.found: Counter[tuple[str, str]] = Counter()
        self.misplaced: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.harmless: Counter[str] = Counter()

    def run(self, count: int, seed: int) -> int:
        os.environ["XDG_CACHE_HOME"] = str(self.folder / "cache")
        facts = self.judge.options()
        self._values(facts)
        self.unlisted = {_json(one.loc) for one in facts if not one.visible or one.internal}
        manual_path = self.folder / "options.json"
        manual_path.write_text(manual(facts))
        modes = (
            ("source", f'[sources]\nhome-manager = "{self.home_manager}"\n'),
            ("list", f'[options]\nhome-manager = "{manual_path}"\n'),
        )
        maker = Maker(facts, seed)
        systems = [maker.make(number) for number in range(count)]
        clean = self._write(systems, False)
        faulty = self._write(systems, True)
        asked = [
            (one.number, [str(path) for path in clean[one.number][1]], one.paths, True)
            for one in systems
        ]
        accepted = self.judge.verdicts(asked)
        asked = [
            (
                one.number,
                [str(path) for path in faulty[one.number][1]],
                one.paths + [fault.path for fault in one.faults],
                False,
            )
            for one in systems
        ]
        refused = self.judge.verdicts(asked)
        good = 0
        for one in systems:
            whole = accepted.get(f"{one.number} check", False) and all(
                accepted.get(f"{one.number} {_json(path)}", False) for path in one.paths
            )
            good += whole
            for mode, text in modes:
                if whole:
                    self._clean(mode, one, clean[one.number][0], text)
                self._faulty(mode, one, faulty[one.number][0], text, refused)
        return self._report(count, seed, good)

    def _values(self, facts: list[Fact]) -> None:
        """Finds values that Nix takes."""
        values = Values(facts)
        for second in (False, True):
            tried: list[tuple[Fact, str]] = []
            for fact in facts:
                if "<name>" in fact.loc or "*" in fact.loc or not fact.visible:
                    continue
                if fact.loc[0] not in ("programs", "services"):
                    continue
                made = values.of(fact.parsed, fact.loc, second)
                if made is not None and fact.parsed.kind != "submodule":
                    tried.append((fact, made))
            lines = "".join(
                f"  {{ {'.'.join(map(attribute, fact.loc))} = {made}; }}\n" for fact, made in tried
                if not fact.read_only and not fact.internal
            )  # fmt: skip
            path = self.folder / f"values{int(second)}.nix"
            path.write_text("{ pkgs, ... }: { imports = [\n" + lines + "]; }\n")
            base = str(self.folder / "base.nix")
            verdicts = self.judge.verdicts(
                [(0, [base, str(path)], [fact.loc for fact, _ in tried], False)]
            )
            for fact, made in tried:
                if verdicts.get(f"0 {_json(fact.loc)}") and made not in fact.values:
                    fact.values.append(made)

    def _write(self, systems: list[System], faults: bool) -> dict[int, tuple[Path, list[Path]]]:
        out: dict[int, tuple[Path, list[Path]]] = {}
        for one in systems:
            root = self.folder / f"{'faulty' if faults else 'clean'}{one.number}"
            root.mkdir()
            names = ["base.nix"]
            (root / "base.nix").write_text(BASE)
            for index, text in enumerate(one.texts(faults)):
                names.append(f"m{index}.nix")
                (root / names[-1]).write_text(text)
            listed = " ".join(f"./{name}" for name in names)
            (root / "flake.nix").write_text(FLAKE.replace("@MODULES@", listed))
            out[one.number] = (root, [root / name for name in names])
        return out

    def _clean(self, mode: str, one: System, root: Path, text: str) -> None:
        (root / "nixlint.toml").write_text(text)
        for found in ours(root):
            self.wrong[mode] += 1
            self._tell(f"{mode}: Nix takes the configuration, but {_shown(root, found)}")

    def _faulty(
        self, mode: str, one: System, root: Path, text: str, verdicts: dict[str, bool]
    ) -> None:
        (root / "nixlint.toml").write_text(text)
        findings = ours(root)
        explained: set[int] = set()
        for fault in one.faults:
            lines = {(f"m{module}.nix", line.number) for module, line in fault.lines}
            hits = [
                found for found in findings
                if found[0] in FOUND_AS[fault.kind] and lines & set(found[1])
            ]  # fmt: skip
            explained.update(id(found) for found in hits)
            taken = verdicts.get(f"{one.number} {_json(fault.path)}")
            if taken is None:
                continue
            if fault.kind == RENAMED:
                taken = False
            if fault.kind == NOT_A_SET:
                taken = False
            if taken:
                self.harmless[mode] += 1
                if hits:
                    self.wrong[mode] += 1
                    self._tell(f"{mode}: Nix takes this {fault.kind}: {_shown(root, hits[0])}")
                continue
            if mode == "list" and (fault.kind in HIDDEN or _json(fault.path) in self.unlisted):
                continue
            self.injected[(mode, fault.kind)] += 1
            if hits:
                self.found[(mode, fault.kind)] += 1
                if not any(lines <= set(found[1]) for found in hits):
                    self.misplaced[mode] += 1
            else:
                path = ".".join(fault.path)
                self._tell(f"{mode}: not found: {fault.kind} {path}: "
                           + " | ".join(line.text for _, line in fault.lines))  # fmt: skip
        for found in findings:
            if id(found) not in explained:
                self.wrong[mode] += 1
                self._tell(f"{mode}: nobody put this there: {_shown(root, found)}")

    def _tell(self, text: str) -> None:
        self.shown.append(text)

    def _report(self, count: int, seed: int, good: int) -> int:
        for text in self.shown[: self.show]:
            print(text)
        print(f"{count} configurations (seed {seed}), {good} of them accepted without mistakes")
        worst = 100.0
        for mode in ("source", "list"):
            total = sum(number for key, number in self.injected.items() if key[0] == mode)
            hits = sum(number for key, number in self.found.items() if key[0] == mode)
            share = 100 * hits / max(1, total)
            worst = min(worst, share)
            print(f"{mode}: {hits} of {total} mistakes found ({share:.1f} %), "
                  f"{self.misplaced[mode]} without all places, {self.wrong[mode]} false, "
                  f"{self.harmless[mode]} that Nix takes")  # fmt: skip
            for kind in KINDS:
                if self.injected[(mode, kind)]:
                    print(f"  {kind}: {self.found[(mode, kind)]} of {self.injected[(mode, kind)]}")
        failed = any(self.wrong.values()) or worst < 95 or good < count * 0.9
        return 1 if failed else 0


def _json(path: list[str]) -> str:
    """A path as `builtins.toJSON` writes it."""
    return json.dumps(path, separators=(",", ":"), ensure_ascii=False)


def _shown(root: Path, found: Found) -> str:
    kind, places, path = found
    out = f"{kind} {path}"
    for name, number in places:
        lines = (root / name).read_text().splitlines()
        out += f"\n    {name}:{number}: {lines[number - 1].strip()}"
    return out
