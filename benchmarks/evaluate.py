"""`python -m benchmarks evaluate`: how fast is nixlint's evaluator, compared with the real Nix?

Pure programs, each evaluated strictly by both in the same run, one after the other. Compared is
processor time (user and system) of a process, less that of evaluating `1` in the same way; the
smallest of several rounds counts, as everything else only ever adds to it.
"""

from __future__ import annotations

import math
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.modes import Modes, environment

AIM = 10.0
"""We want to take at most so many times the time of Nix."""

PROGRAMS = {
    "fold over integers": (
        "builtins.foldl' (a: b: a + b * 2 - 1) 0 (builtins.genList (x: x) {n})", 400_000,
    ),
    "recursion (fib)": (
        "let fib = n: if n < 2 then n else fib (n - 1) + fib (n - 2); in fib {n}", 27,
    ),
    "attribute set updates": (
        "builtins.length (builtins.attrNames (builtins.foldl' (acc: i: acc // "
        "{{ ${{toString i}} = i; }}) {{ }} (builtins.genList (x: x) {n})))", 6_000,
    ),
    "selecting and updating": (
        "(builtins.foldl' (s: i: let n = s.n + i; in builtins.seq n (s // {{ inherit n; m = s.k.v; "
        "}})) {{ n = 0; m = 0; k.v = 1; }} (builtins.genList (x: x) {n})).n", 120_000,
    ),
    "string building": (
        "builtins.stringLength (builtins.concatStringsSep \", \" (map (i: \"item-${{toString i}}\" "
        "+ \"=${{toString (i * i)}};\") (builtins.genList (x: x) {n})))", 250_000,
    ),
    "strings taken apart": (
        "builtins.length (builtins.filter builtins.isString (builtins.split \",\" "
        "(builtins.concatStringsSep \",\" (map toString (builtins.genList (x: x) {n})))))", 300_000,
    ),
    "sorting with a function": (
        "builtins.head (builtins.sort (a: b: a < b) (builtins.genList "
        "(i: builtins.bitAnd (i * 7919) 65535) {n}))", 150_000,
    ),
    "mapAttrs and filters": (
        "let s = builtins.listToAttrs (builtins.genList (i: {{ name = \"k${{toString i}}\"; "
        "value = i; }}) {n}); in builtins.foldl' (a: b: a + b) 0 (builtins.filter (v: "
        "builtins.bitAnd v 1 == 0) (builtins.attrValues (builtins.mapAttrs (n: v: v + 1) s)))",
        150_000,
    ),
    "fix and extends": (
        "let fix = f: let x = f x; in x; extends = g: f: final: let prev = f final; in prev // "
        "g final prev; layer = i: final: prev: {{ a = prev.a + 1; ${{\"b${{toString i}}\"}} = "
        "final.a + i; }}; all = builtins.foldl' (f: i: extends (layer i) f) (final: {{ a = 0; }}) "
        "(builtins.genList (x: x) {n}); in builtins.foldl' (x: y: x + y) 0 "
        "(builtins.attrValues (fix all))", 2_500,
    ),
    "functions of sets": (
        "let f = {{ a, b ? a + 1, c ? b * 2, ... }}: a + b + c; in builtins.foldl' (x: i: x + "
        "f {{ a = i; d = x; }}) 0 (builtins.genList (x: x) {n})", 300_000,
    ),
    "with and inherit": (
        "let lib = {{ inc = x: x + 1; dbl = x: x * 2; }}; step = with lib; x: dbl (inc x) - x; in "
        "builtins.foldl' (a: i: let inherit (lib) inc; in inc (step i)) 0 "
        "(builtins.genList (x: x) {n})", 120_000,
    ),
    "recursive lists": (
        "let range = a: b: if a > b then [ ] else [ a ] ++ range (a + 1) b; in builtins.length "
        "(builtins.concatMap (i: range 0 20) (builtins.genList (x: x) {n}))", 60_000,
    ),
}  # fmt: skip
"""Name, expression with `{n}` for its size, and the size."""

CHILD = """
import sys
from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.show import show
def work():
    evaluator = Evaluator(max_steps=1_000_000_000, seconds=600.0)
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    return show(evaluator, evaluator.evaluate_text(text, sys.argv[1]))
print(on_large_stack(work))
"""


def spent(command: list[str], env: dict[str, str]) -> tuple[float, str]:
    """The processor seconds of a process, and what it prints."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    if result.returncode != 0:
        return seconds, f"exit {result.returncode}: {result.stderr.strip()[-200:]}"
    return seconds, result.stdout.strip()


class Contest:
    """Both evaluators on the same files."""

    def __init__(self, directory: Path, rounds: int) -> None:
        self.rounds = rounds
        self.ours = environment(directory)
        self.theirs = {**os.environ, "NIX_REMOTE": "dummy://", "NIX_PATH": ""}

    def times(self, path: Path) -> tuple[float, float, str, str]:
        """The least time of either, in seconds, and their answers."""
        nix = ["nix-instantiate", "--eval", "--strict", str(path)]
        python = [sys.executable, "-c", CHILD, str(path)]
        best_ours = best_theirs = float("inf")
        our_answer = their_answer = ""
        for _ in range(self.rounds):
            seconds, their_answer = spent(nix, self.theirs)
            best_theirs = min(best_theirs, seconds)
            seconds, our_answer = spent(python, self.ours)
            best_ours = min(best_ours, seconds)
        return best_ours, best_theirs, our_answer, their_answer


def run(rounds: int, scale: float, only: str, compiled: Path | None) -> int:
    """Prints a line per program and the ratios; returns the exit code: 1 if answers differ."""
    if shutil.which("nix-instantiate") is None:
        print("SKIPPED: nix-instantiate is not installed")
        return 0
    modes = Modes(compiled)
    mode = "compiled" if modes.compiled is not None else "interpreted"
    contest = Contest(modes.best(), rounds)
    ratios: list[float] = []
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "program.nix")
        path.write_text("1", encoding="utf-8")
        our_start, their_start, _, _ = contest.times(path)
        print(
            f"nixlint {mode}, start {our_start:.3f} s; Nix, start {their_start:.3f} s (subtracted)"
        )
        for title, (program, size) in PROGRAMS.items():
            if only not in title:
                continue
            scaled = max(1, int(size * scale))
            if title.startswith("recursion"):
                scaled = max(1, size + round(math.log(scale, 1.618)))
            path.write_text(program.format(n=scaled), encoding="utf-8")
            mine, theirs, our_answer, their_answer = contest.times(path)
            mine, theirs = max(mine - our_start, 0.001), max(theirs - their_start, 0.001)
            note = ""
            if our_answer != their_answer:
                wrong += 1
                note = f"   DIFFERENT: {our_answer[:100]}, Nix: {their_answer[:100]}"
            else:
                ratios.append(mine / theirs)
            print(f"{title:26} nixlint {mine:7.3f} s  Nix {theirs:7.3f} s  "
                  f"{mine / theirs:6.1f} times{note}")  # fmt: skip
    if ratios:
        print(f"geometric mean {statistics.geometric_mean(ratios):.1f} times Nix, worst "
              f"{max(ratios):.1f}; aim at most {AIM:g}")  # fmt: skip
    return 1 if wrong else 0
