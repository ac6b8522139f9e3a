"""`python -m benchmarks linear`: does the time grow with the size, on inputs made to hurt?

Each input is parsed at half the size and at full size; doubling the size should double the time.
The sets, `let`s and functions with thousands of names are checked by all rules as well.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks.modes import Modes, environment

NAMES = 8_000
REPEATED = {
    "[[[[": "[",
    "((((": "(",
    "{{{{": "{",
    '"${"${': '"${',
    "''${''${": "''${",
    "{a={a=": "{a=",
    "rec{a=": "rec{a=",
    "a.a.a.": "a.",
    "a.a.a =": "a.a = ",
    "++ ++": "++ ",
    "a++a++": "a++",
    "a:a:a:": "a:",
    "a: a: a:": "a: ",
    "{a}:{a}:": "{a}:",
    "a@a@a@": "a@",
    "f f f f": "f ",
    "f(f(f(": "f(",
    "!!!!": "!",
    "----": "-",
    "if if if": "if ",
    "let let": "let ",
    "let a=": "let a=",
    "let {": "let {",
    "with with": "with ",
    "with a;": "with a;",
    "assert a;": "assert a;",
    "inherit inherit": "inherit ",
    "a ? a ?": "a ? ",
    "a or a or": "a or ",
    "a.b or a.b or": "a.b or ",
    "a = a =": "a = ",
    ";;;;": ";",
    ",,,,": ",",
    "}}}}": "}",
    "]]]]": "]",
    "))))": ")",
    "....": ".",
    "/a/a/a": "/a",
    "./a${./a${": "./a${",
    "////": "/",
    "<<<<": "<",
    "<a<a<a": "<a",
    "~~~~": "~",
    "::::": ":",
    "x:y x:y": "x:y ",
    "1111": "1",
    "1.1.1.": "1.",
    "1e1e": "1e",
    "aaaa": "a",
    "\\\\": "\\",
    "$$$$": "$",
    "''''''": "''",
    '""""': '"',
    "//////*": "/*",
    "# # #": "#",
    "blanks": " ",
    "lines": "\n",
    "carriage returns": "\r",
    "invalid": "^",
    "not UTF-8": "\udcff",
    "NUL": "\0",
}
ONCE = {
    "string without end": ('"', "a"),
    "string of escapes": ('"', "\\"),
    "string of $": ('"', "$"),
    "indented string without end": ("''", "a"),
    "indented string of '": ("''x", "'"),
    "indented string of lines": ("''", " \n"),
    "comment without end": ("/*", "a"),
    "comment of stars": ("/*", "*"),
    "binding without end": ("{ a =", " b"),
    "bindings without ;": ("{", " a = 1"),
    "bindings with ;;": ("{", " a = 1;;"),
    "formals without ,": ("{", " a"),
    "formals with ,,": ("{ a", ",,"),
    "list with ,": ("[", " a,"),
    "list with +": ("[", " a +"),
    "stray ] after bindings": ("{", " a = 1];"),
    "lines of unclosed strings": ("{", ' a = "b;\n'),
    "lines of unclosed {": ("{", " a = {\n"),
}


def many_names(pattern: str, before: str, after: str) -> Callable[[int], str]:
    """A text with `count` different names; `@` in the pattern stands for the number."""

    def make(count: int) -> str:
        return before + "".join(pattern.replace("@", str(i)) for i in range(count)) + after

    return make


NAMED = {
    "dotted keys, one prefix": many_names("a.b.k@ = @;\n", "{", "}"),
    "dotted keys, own prefixes": many_names("k@.b.c = @;\n", "{", "}"),
    "deeper and deeper keys": many_names("a.k@.b.c.d = @;\n", "{", "}"),
    "let, a chain": many_names("v@ = v0 + @;\n", "let ", "in v1"),
    "let, unused": many_names("v@ = @;\n", "let ", "in 1"),
    "rec": many_names("v@ = v0;\n", "rec {", "}"),
    "formals": many_names("v@, ", "{", "}: v1"),
    "formals without a comma": many_names("v@ ", "{", "}: v1"),
    "inherited names": many_names("v@ ", "x: { inherit (x) ", "; }"),
    "duplicates": many_names("a = @;\n", "{", "}"),
    "nested with": many_names("with v; ", "v: ", "v@"),
    "merged sets": many_names("a = { k@ = @; };\n", "{", "}"),
    "list": many_names("v@ ", "with v; [", "]"),
}


def text_of(name: str, size: int) -> str:
    """The input `name`, about `size` code points long (or with `size` names)."""
    if name in NAMED:
        return NAMED[name](size)
    if name in REPEATED:
        unit = REPEATED[name]
        return unit * (size // len(unit))
    first, unit = ONCE[name]
    return first + unit * ((size - len(first)) // len(unit))


def run(size: int, only: str, patience: float, compiled: Path | None) -> int:
    """Measure in a process of its own (which may crash) and print; 1 if something is wrong."""
    directory = Modes(compiled).best()
    print(f"{'input':32} {'size':>9} {'half ms':>9} {'full ms':>9} {'ratio':>6}  errors")
    bad = 0
    for name in [*REPEATED, *ONCE, *NAMED]:
        if only and only not in name:
            continue
        count = NAMES if name in NAMED else size
        variables = environment(directory)
        try:
            done = subprocess.run(
                [sys.executable, str(Path(__file__).resolve()), name, str(count)],
                env=variables,
                capture_output=True,
                text=True,
                timeout=patience,
            )
        except subprocess.TimeoutExpired:
            bad += 1
            print(f"{name:32} {count:9} FAILED: not done after {patience:.0f} s", flush=True)
            continue
        if done.returncode != 0:
            bad += 1
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            print(f"{name:32} {count:9} FAILED: {last[0]}")
            continue
        half, full, errors = json.loads(done.stdout)
        ratio = full / half
        # Below a few milliseconds a ratio says nothing.
        wrong = ratio > 3 and full > 0.05
        bad += wrong
        print(
            f"{name:32} {count:9} {half * 1000:9.1f} {full * 1000:9.1f} {ratio:6.2f}  {errors}"
            f"{'  NOT LINEAR' if wrong else ''}",
            flush=True,
        )
    return 1 if bad else 0


def measure(name: str, size: int) -> tuple[float, float, int]:
    """Seconds for half and for full size, the best of some runs, and the number of findings."""
    from nixlint.analysis.check_file import RuleSet, check_text
    from nixlint.analysis.config import NEWEST_NIX
    from nixlint.rules.registry import load_rule, rule_names
    from nixlint.syntax.parser import parse

    enabled = [rule for rule in rule_names() if load_rule(rule).enabled]
    rules = RuleSet(enabled, frozenset(), {}, frozenset(enabled))
    found = 0
    out: list[float] = []
    for count in (size // 2, size):
        text = text_of(name, count)
        best = float("inf")
        for _ in range(3):
            begin = perf_counter()
            if name in NAMED:
                found = len(check_text("example.nix", text, rules, NEWEST_NIX).diagnostics)
            else:
                found = len(parse(text).errors)
            best = min(best, perf_counter() - begin)
            if best > 1.0:
                break
        out.append(best)
    return out[0], out[1], found


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
