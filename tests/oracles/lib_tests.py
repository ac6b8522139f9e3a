"""nixpkgs' own tests of its `lib`, from a checkout of it, evaluated by us and by the real Nix.

The tests are sets `{ expr, expected }` handed to `runTests`, and the calls of `modules.sh`.
They run in a copy in which `runTests` hands them back. For an installed Nix that is older than
`lib` wants, the builtins that it lacks are added in Nix itself, by `builtins.scopedImport`.
"""

from __future__ import annotations

import re
import shlex
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.text.source import decode
from tests.oracles import judge, ours, printed

SETS = ("misc.nix", "systems.nix", "fetchers.nix")
_RUN = re.compile(r"\b(?:lib\.)?runTests(?=\s+[({])")

NEWER = """
let
  extended = builtins // {
    nixVersion = "2.31.0";
    import = scoped;
    readFileType = builtins.readFileType or (path:
      if toString path == "/" then "directory"
      else (builtins.readDir (dirOf path)).${baseNameOf path});
    warn = builtins.warn or builtins.trace;
  };
  scoped = builtins.scopedImport { builtins = extended; import = scoped; };
in
"""
"""What the newest `lib` needs of a Nix, for the oldest one that can judge."""


def prepare(library: Path, folder: Path) -> Path:
    """A copy of the directory `lib`, below `folder`; the tests in it hand themselves back."""
    copy = folder / "lib"
    shutil.copytree(library, copy, symlinks=True)
    for name in SETS:
        path = copy / "tests" / name
        if path.exists():
            text = _RUN.sub("(tests: tests)", decode(path.read_bytes()))
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return copy


def test_names(tests: Path) -> list[str]:
    """The names of the tests in a prepared file, as the real Nix sees them."""
    path = tests.parent / f"names-of-{tests.stem}.nix"
    path.write_text(f"{NEWER} builtins.attrNames (scoped {tests})", encoding="utf-8")
    verdict = judge.judge_files([path])[0]
    if verdict.printed is None:
        raise RuntimeError(f"{tests}: {verdict!r}")
    kind, items = printed.read(verdict.printed)
    assert kind == "list"
    return [item[1] for item in items]


def module_calls(script: Path) -> list[str]:
    """The arguments of the calls in `modules.sh`: each an attribute and modules."""
    calls: list[str] = []
    current: list[str] = []
    text = decode(script.read_bytes()).replace("\\\n", " ")
    for line in text.split("\n"):
        line = re.sub(r"^[A-Z_]+=\S+ ", "", line)
        if line.startswith("set -- "):
            current = _words(line, current)[2:]
        elif line.startswith(("checkConfigOutput ", "checkConfigError ")):
            words = _words(line, current)[2:]
            if words:
                calls.append(f"(ALL {{ modules = [ {' '.join(words[1:])} ]; }}).{words[0]}")
    return list(dict.fromkeys(calls))


def _words(line: str, current: list[str]) -> list[str]:
    out: list[str] = []
    try:
        words = shlex.split(line)
    except ValueError:
        return []
    for word in words:
        if word == "$@":
            out += current
        else:
            out.append(word)
    return out


class Call:
    """One comparison: what Nix evaluates, and what we do."""

    def __init__(self, name: str, theirs: str, ours_: str) -> None:
        self.name = name
        self.theirs = theirs
        self.ours = ours_


def calls_of(copy: Path) -> list[Call]:
    """All comparisons of a prepared copy."""
    found: list[Call] = []
    for name in SETS:
        tests = copy / "tests" / name
        if not tests.exists():
            continue
        everything = copy / "tests" / f"all-of-{name}"
        everything.write_text(f"{NEWER} scoped {tests}", encoding="utf-8")
        for test in test_names(tests):
            whole = f'let t = (import FILE)."{test}"; in {{ inherit (t) expr; ' \
                    "same = t.expr == t.expected; }"  # fmt: skip
            found.append(Call(
                f"{name}: {test}",
                whole.replace("FILE", str(everything)),
                whole.replace("FILE", str(tests)),
            ))  # fmt: skip
    script = copy / "tests/modules.sh"
    if script.exists():
        start = copy / "tests/modules/default.nix"
        everything = copy / "tests/modules/all-of-default.nix"
        everything.write_text(f"{NEWER} scoped {start}", encoding="utf-8")
        for call in module_calls(script):
            found.append(Call(
                f"modules.sh: {call.removeprefix('(ALL ')}",
                call.replace("ALL", f"import {everything}"),
                call.replace("ALL", f"import {start}"),
            ))  # fmt: skip
    return found


def evaluate(calls: list[Call], folder: Path) -> list[ours.Opinion]:
    """Our values; all calls share one evaluator, as they share the evaluation of `lib`."""
    out: list[ours.Opinion] = []

    def work() -> None:
        evaluator = Evaluator(max_steps=20_000_000, seconds=60.0)
        for call in calls:
            where = folder if not call.name.startswith("modules.sh") else folder / "modules"
            out.append(ours.evaluate(evaluator, call.ours, where / "call.nix"))

    on_large_stack(work)
    return out


def run(arguments: list[str]) -> int:
    """Compares all tests of the directory `lib` (or of what holds it); returns the exit code."""
    if not arguments:
        print("SKIPPED: name a checkout of nix-community/nixpkgs.lib or its directory lib")
        return 0
    if not judge.is_available():
        print("SKIPPED: nix is not installed")
        return 0
    library = Path(arguments[0]).absolute()
    if (library / "lib/default.nix").exists():
        library /= "lib"
    if not (library / "tests").is_dir():
        print(f"error: {library} holds no tests")
        return 2
    with tempfile.TemporaryDirectory(prefix="nixlint-lib-") as name:
        copy = prepare(library, Path(name).resolve())
        for extra in (".version",):
            if (library.parent / extra).exists():
                shutil.copy(library.parent / extra, copy.parent / extra)
        tests = copy / "tests"
        calls = calls_of(copy)
        paths: list[Path] = []
        for number, call in enumerate(calls):
            base = tests / "modules" if call.name.startswith("modules.sh") else tests
            path = base / f"call-{number}.nix"
            path.write_text(call.theirs, encoding="utf-8")
            paths.append(path)
        begin = time.perf_counter()
        theirs = judge.judge_files(paths, 300.0)
        middle = time.perf_counter()
        opinions = evaluate(calls, tests)
        end = time.perf_counter()
        code = report(calls, theirs, opinions)
    print(f"Nix {middle - begin:.1f} s, nixlint {end - middle:.1f} s")
    return code


def report(calls: list[Call], theirs: list[judge.Verdict], opinions: list[ours.Opinion]) -> int:
    """Prints what differs and the counts; returns the exit code."""
    counts: dict[str, Counter[str]] = {}
    reasons: Counter[str] = Counter()
    wrong = 0
    for call, verdict, opinion in zip(calls, theirs, opinions, strict=True):
        group = call.name.partition(":")[0]
        found = ours.contradiction(verdict, opinion)
        kind = opinion.kind
        if found:
            wrong += 1
            kind = "WRONG"
            print(f"{call.name}: WRONG: {found[:300]}")
        elif kind in (ours.UNKNOWN, ours.PARTLY):
            why = sorted(set(printed.reasons(opinion.item)))
            reasons.update(why)
            print(f"{call.name}: {kind}: {'; '.join(why)[:200]}")
        counts.setdefault(group, Counter())[kind] += 1
    for group, found_kinds in counts.items():
        total = sum(found_kinds.values())
        text = ", ".join(f"{n} {k} ({n / total:.1%})" for k, n in found_kinds.most_common())
        print(f"{group}: {total} calls: {text}")
    for reason, number in reasons.most_common(12):
        print(f"{number:7} unknown: {reason[:120]}")
    print(f"{len(calls)} calls, {wrong} contradictions")
    return 1 if wrong else 0
