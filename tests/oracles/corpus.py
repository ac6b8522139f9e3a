"""Whole directories of real code: nixlint's printed tree against that of the installed Nix."""

from __future__ import annotations

import os
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from nixlint.text.source import decode
from tests.oracles import nix
from tests.oracles.normalise import canonical
from tests.oracles.verdict import Opinion

BATCH = 64
NEWEST = (2, 36)
SAME = "same tree"
BOTH_REJECT = "rejected by both"
CRASH = "Nix crashes"
NEWER = "newer syntax: only a newer Nix accepts it, and so does nixlint"
UNEXPLAINED = ("different trees", "only Nix accepts", "only nixlint accepts", "different errors")

PREFIX = "with {};\n"
"""Put before a file with undefined variables, Nix prints its tree instead of an error."""


class Finding:
    """What came out for one file; `detail` explains everything but `SAME`."""

    def __init__(self, path: Path, outcome: str, detail: str = "") -> None:
        self.path = path
        self.outcome = outcome
        self.detail = detail


def find_files(directories: list[Path]) -> list[Path]:
    """All .nix files in the directories, sorted; links to files count, links to directories not."""
    found: list[Path] = []
    for directory in directories:
        if directory.is_file():
            found.append(directory)
        for where, names, files in os.walk(directory):
            names[:] = sorted(name for name in names if name != ".git")
            paths = [Path(where, name) for name in sorted(files) if name.endswith(".nix")]
            found += [path for path in paths if path.is_file()]
    return found


def compare_batch(paths: list[Path]) -> list[Finding]:
    """Compares some files; runs in a process of its own."""
    findings: list[Finding] = []
    undefined: list[Path] = []
    for path, answer in zip(paths, nix.ask(paths), strict=True):
        if answer.kind == "undefined-variable":
            undefined.append(path)
        else:
            findings.append(compare(path, decode(path.read_bytes()), nix.base_dir(path), answer))
    with tempfile.TemporaryDirectory() as name:
        copies = [Path(name, f"{number}.nix") for number in range(len(undefined))]
        for path, copy in zip(undefined, copies, strict=True):
            copy.write_bytes(PREFIX.encode() + path.read_bytes())
        for path, copy, answer in zip(undefined, copies, nix.ask(copies), strict=True):
            text = decode(copy.read_bytes())
            findings.append(compare(path, text, nix.base_dir(copy), answer))
    return findings


def compare(path: Path, text: str, base: str, answer: nix.Answer) -> Finding:
    """Compares what Nix said about a text with what nixlint says."""
    opinion = Opinion(text, nix.version())
    if answer.printed is None:
        said = f"Nix: line {answer.line}: {answer.message}"
        if answer.kind == "crash":
            return Finding(path, CRASH, f"{said}\n    nixlint: {opinion.error or 'accepts'}")
        if opinion.error is None:
            return Finding(path, "only nixlint accepts", said)
        if Opinion(text, NEWEST).error is None:
            return Finding(path, NEWER, said)
        here = f"nixlint: line {sorted(opinion.lines)}: {opinion.error.message}"
        at_end = "unexpected end of file" in answer.message
        if answer.kind != opinion.kind or not (at_end or answer.line in opinion.lines):
            return Finding(path, "different errors", f"{said}\n    {here}")
        return Finding(path, BOTH_REJECT, f"{said}\n    {here}")
    if opinion.error is not None:
        return Finding(path, "only Nix accepts", f"nixlint: {opinion.error}")
    printed = opinion.printed(base, nix.home())
    if printed == answer.printed or canonical(printed) == canonical(answer.printed):
        return Finding(path, SAME)
    return Finding(path, "different trees", first_difference(answer.printed, printed))


def first_difference(theirs: str, ours: str) -> str:
    a, b = canonical(theirs), canonical(ours)
    at = next(
        (k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )
    start = max(0, at - 60)
    return f"Nix:     …{a[start : at + 80]}\n    nixlint: …{b[start : at + 80]}"


def directories_of(arguments: list[str]) -> list[Path]:
    """The directories named, or those in `NIXLINT_CORPUS`, separated by colons."""
    named = arguments or [name for name in os.environ.get("NIXLINT_CORPUS", "").split(":") if name]
    return [Path(name) for name in named]


def run(arguments: list[str], processes: int, verbose: bool) -> int:
    """Compares all files of the directories, prints what differs and how many there are of each
    sort; returns the exit code: 1 if something is not explained."""
    directories = directories_of(arguments)
    if not directories:
        print("SKIPPED: no directories named, and NIXLINT_CORPUS is not set")
        return 0
    if not nix.is_available():
        print("SKIPPED: nix-instantiate is not installed")
        return 0
    missing = [str(path) for path in directories if not path.exists()]
    if missing:
        print(f"error: no such directory: {', '.join(missing)}")
        return 2
    started = time.monotonic()
    paths = find_files(directories)
    batches = [paths[at : at + BATCH] for at in range(0, len(paths), BATCH)]
    counts: Counter[str] = Counter()
    per_directory: dict[Path, Counter[str]] = {path: Counter() for path in directories}
    with ProcessPoolExecutor(processes) as pool:
        for findings in pool.map(compare_batch, batches):
            for finding in findings:
                counts[finding.outcome] += 1
                for directory in directories:
                    if finding.path.is_relative_to(directory):
                        per_directory[directory][finding.outcome] += 1
                if finding.outcome != SAME or verbose:
                    print(f"{finding.path}: {finding.outcome}\n    {finding.detail}")
    for directory, found in per_directory.items():
        summary = ", ".join(f"{count} {outcome}" for outcome, count in found.most_common())
        print(f"{directory}: {sum(found.values())} files: {summary}")
    seconds = time.monotonic() - started
    size = sum(path.stat().st_size for path in paths) / 1e6
    shown = ".".join(map(str, nix.version()))
    print(f"Nix {shown}, {len(paths)} files, {size:.1f} MB, {seconds:.0f} s")
    for outcome, count in counts.most_common():
        print(f"{count:6} {outcome}")
    return 1 if any(counts[outcome] for outcome in UNEXPLAINED) else 0
