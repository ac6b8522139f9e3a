"""Nix's own tests of evaluation, from a checkout of its sources, with our evaluator.

The installed Nix judges; where it is too old for a test, the recorded `.exp` does.
"""

from __future__ import annotations

import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.files import SourceFiles
from nixlint.text.source import decode
from tests.oracles import judge, ours, printed, upstream
from tests.oracles.judge import Verdict

_NEEDS = re.compile(r"\b(derivation|derivationStrict|fetch\w+|getFlake|currentSystem|storePath|"
                    r"filterSource|toFile|placeholder|outputOf|fetchClosure|getEnv|__getEnv|"
                    r"import <nix|currentTime|nixVersion|langVersion|path)\b")  # fmt: skip
"""Words of tests that need a derivation, a store, the network or the machine."""
_FLAGS = re.compile(r"--(arg|argstr|A|attr|expr|E|xml)\b|(^| )-[AE]\b")
SECONDS = 20.0


def ask(directory: Path, name: str) -> Verdict:
    """What the installed Nix says, run as the suite does."""
    flags_file = directory / f"{name}.flags"
    flags: list[str] = []
    if flags_file.exists():
        flags = shlex.split(re.sub(r"#.*", "", decode(flags_file.read_bytes())))
    path = Path(directory.name, f"{name}.nix")
    command = ["nix-instantiate", *flags, "--eval", "--strict", str(path)]
    environment = {**judge.environment(), "TEST_VAR": "foo", "HOME": "/fake-home"}
    environment["NIX_PATH"] = f"{directory.name}/dir3:{directory.name}/dir4"
    try:
        result = subprocess.run(
            command,
            capture_output=True,
            check=False,
            env=environment,
            cwd=directory.parent,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return Verdict(None, None)
    if result.returncode == 0:
        return Verdict(decode(result.stdout).strip(), None)
    found = re.search(r"^error: (.*)$", decode(result.stderr), re.MULTILINE)
    return Verdict(None, found[1] if found else None)


def recorded(directory: Path, name: str) -> str | None:
    """What the suite expects, with the directory that is meant."""
    path = directory / f"{name}.exp"
    if not path.exists():
        return None
    return decode(path.read_bytes()).strip().replace("/pwd", str(directory.parent))


def is_pure(directory: Path, name: str) -> bool:
    """Whether a test needs neither a derivation nor a store, network or the machine."""
    text = decode((directory / f"{name}.nix").read_bytes())
    return not _NEEDS.search(re.sub(r"(?m)#.*$", "", text))


def opinions(directory: Path, names: list[str]) -> dict[str, ours.Opinion]:
    """Our values of the tests, each with a fresh evaluator."""
    out: dict[str, ours.Opinion] = {}

    def work() -> None:
        for name in names:
            evaluator = Evaluator(SourceFiles(), max_steps=ours.STEPS, seconds=ours.SECONDS)
            path = directory / f"{name}.nix"
            out[name] = ours.evaluate(evaluator, decode(path.read_bytes()), path)

    on_large_stack(work)
    return out


def wrong_with(directory: Path, name: str, theirs: Verdict, opinion: ours.Opinion) -> str:
    """What contradicts both the installed Nix and the recorded value."""
    if opinion.crash:
        return f"an exception: {opinion.crash}"
    found = ours.contradiction(theirs, opinion)
    expected = recorded(directory, name)
    if theirs.printed is not None and not found:
        return ""
    if expected is not None:
        try:
            printed.read(expected)
        except printed.UnreadableError:
            return found
        second = ours.contradiction(Verdict(expected, None), opinion)
        if not second:
            return ""
        return second if theirs.printed is None else f"{found}; recorded: {second}"
    return found


def run(arguments: list[str]) -> int:
    """Compares all tests of a checkout, prints counts; returns the exit code."""
    directory = upstream.find(Path(arguments[0]).absolute()) if arguments else None
    if directory is None:
        print("SKIPPED: name a checkout of Nix's sources")
        return 0
    if not judge.is_available():
        print("SKIPPED: nix is not installed")
        return 0
    okay = sorted(path.stem for path in directory.glob("eval-okay-*.nix"))
    fail = sorted(path.stem for path in directory.glob("eval-fail-*.nix"))
    theirs = {name: ask(directory, name) for name in okay + fail}
    ourselves = opinions(directory, okay + fail)
    wrong = check_okay(directory, okay, theirs, ourselves)
    print()
    wrong += check_fail(directory, fail, theirs, ourselves)
    return 1 if wrong else 0


def check_okay(
    directory: Path,
    names: list[str],
    theirs: dict[str, Verdict],
    ourselves: dict[str, ours.Opinion],
) -> int:
    """The tests that have a value."""
    counts: Counter[str] = Counter()
    pure: Counter[str] = Counter()
    lines: list[str] = []
    wrong = 0
    for name in names:
        flags = directory / f"{name}.flags"
        if flags.exists() and _FLAGS.search(decode(flags.read_bytes())):
            counts["left out: calls with arguments"] += 1
            continue
        opinion = ourselves[name]
        needs_nothing = is_pure(directory, name)
        found = wrong_with(directory, name, theirs[name], opinion)
        kind = opinion.kind
        if found:
            wrong += 1
            kind = "WRONG"
            lines.append(f"{name}: WRONG: {found}")
        elif kind != ours.KNOWN:
            why = sorted(
                set(printed.reasons(opinion.item) + printed.reasons(opinion.item, "error"))
            )
            note = "" if needs_nothing else " (needs more than the language)"
            lines.append(f"{name}: {kind}{note}: {'; '.join(why)[:200]}")
        counts[kind] += 1
        if needs_nothing:
            pure[kind] += 1
    print("\n".join(lines))
    total = sum(pure.values())
    print(
        f"eval-okay: {len(names)} tests: " + ", ".join(f"{n} {k}" for k, n in counts.most_common())
    )
    shares = ", ".join(f"{n} {k} ({n / max(total, 1):.1%})" for k, n in pure.most_common())
    print(f"of {total} that need no derivation, store, network or environment: {shares}")
    return wrong


def check_fail(
    directory: Path,
    names: list[str],
    theirs: dict[str, Verdict],
    ourselves: dict[str, ours.Opinion],
) -> int:
    """The tests that fail: what we make of them is never fully known."""
    counts: Counter[str] = Counter()
    wrong = 0
    for name in names:
        flags = directory / f"{name}.flags"
        if flags.exists() and "fatal" in flags.read_text():
            counts["left out: fails by a lint setting"] += 1
            continue
        kind = ourselves[name].kind
        if kind == ours.KNOWN and theirs[name].printed is None:
            wrong += 1
            print(f"{name}: WRONG: {ourselves[name].text[:100]}, but Nix: {theirs[name]}")
            kind = "WRONG"
        elif kind == ours.KNOWN:
            kind = "known, as for the installed Nix"
            print(f"{name}: {kind}")
        elif ourselves[name].crash:
            wrong += 1
            print(f"{name}: WRONG: an exception: {ourselves[name].crash}")
            kind = "WRONG"
        elif kind != ours.FAILING:
            why = sorted(set(printed.reasons(ourselves[name].item)))
            print(f"{name}: {kind}: {'; '.join(why)[:200]}")
        counts[kind] += 1
    print(
        f"eval-fail: {len(names)} tests: " + ", ".join(f"{n} {k}" for k, n in counts.most_common())
    )
    return wrong
