"""`python -m tests.oracles closures RECORDS CHECKOUTS`: module closures against recorded ones.

RECORDS is a directory of JSON files, each with the module files that the real Nix loaded for every
configuration of a repository (`module_files`, `per_configuration`, `commit`); CHECKOUTS holds the
repositories as `owner+name`. Every recorded file must be in the closure that nixlint computes for
that configuration.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from nixlint.evaluate.evaluator import on_large_stack
from nixlint.project.flake.eval import FlakeEvaluation
from nixlint.project.modules.configurations import Configurations
from nixlint.project.project import Project


def closures_of(root: str) -> tuple[dict[str, set[str]], Configurations]:
    """The files of each configuration of the flake at `root`, relative to it."""
    found = Configurations(FlakeEvaluation(Project(root)))
    on_large_stack(found.find)
    out: dict[str, set[str]] = {}
    for configuration in found.found:
        files = {os.path.relpath(path, root) for path in configuration.files()}
        own = {path for path in files if not path.startswith("..")}
        # A configuration for several systems counts as one.
        out.setdefault(configuration.name, set()).update(own)
    return out, found


def explained(found: Configurations, name: str, root: str, files: list[str]) -> str:
    """Why files are in a closure that Nix does not tell: how many for each reason.

    Nix knows the file of a module only when it is imported as a path, not as a value.
    """
    reasons: dict[str, set[str]] = {}
    for configuration in found.found:
        for module in configuration.modules:
            path = os.path.relpath(module.path, root) if module.path else ""
            if configuration.name == name and path in files:
                reason = module.certainty
                if ":anon-" in module.key:
                    reason = "imported as a value, or written in place"
                reasons.setdefault(reason, set()).add(path)
    return "; ".join(
        f"{reason} ({len(paths)}): {', '.join(sorted(paths)[:3])}"
        for reason, paths in sorted(reasons.items())
    )


def run(records: str, checkouts: str, verbose: bool) -> int:
    """Compares all; returns 1 when a recorded file is missing from a closure."""
    failed = False
    for path in sorted(Path(records).glob("*.json")):
        record = json.loads(path.read_text())
        root = os.path.join(checkouts, record["repository"].replace("/", "+"))
        if not os.path.isdir(root):
            print(f"{record['repository']}: not checked out, skipped")
            continue
        ours, found = closures_of(os.path.realpath(root))
        wanted = record["per_configuration"]
        missing = extra = 0
        for name, files in sorted(wanted.items()):
            have = ours.get(name)
            if have is None:
                print(f"  {name}: not found")
                failed = True
                missing += len(files)
                continue
            lost = sorted(set(files) - have)
            more = sorted(have - set(files))
            missing += len(lost)
            extra += len(more)
            if lost:
                failed = True
                print(f"  {name}: {len(lost)} missing: {', '.join(lost[:4])}")
            if more and verbose:
                print(f"  {name}: {len(more)} more: {explained(found, name, root, more)}")
        for name, reason in found.failed:
            print(f"  {name}: {reason}")
        if verbose:
            for configuration in found.found:
                for reason, _, place in configuration.unknowns[:5]:
                    where = f" ({place.path}:{place.start})" if place is not None else ""
                    print(f"  {configuration.name}: unknown import: {reason}{where}")
        print(
            f"{record['repository']}: {len(wanted)} recorded, {len(ours)} found, "
            f"{missing} files missing, {extra} more"
        )
    return 1 if failed else 0
