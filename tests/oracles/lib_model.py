"""Judges the model of nixpkgs' `lib` (nixlint/evaluate/lib) by the real Nix and the real `lib`.

The calls stand in `fixtures/evaluate/lib/calls/*.nix`: functions of `{ lib, dir }` to a set of
expressions.
Nix evaluates each of them, once with the model and once with nixpkgs' `lib`, and both must give
the same: the same value, a failure that `tryEval` catches, or one that it does not.
The answers of the real `lib` are recorded in `fixtures/evaluate/lib/calls.expected.json`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import nixlint

ROOT = Path(__file__).resolve().parent.parent.parent
MODEL = Path(nixlint.__file__).resolve().parent / "evaluate" / "lib"
FIXTURES = ROOT / "fixtures" / "evaluate" / "lib"
CALLS = FIXTURES / "calls"
EXPECTED = FIXTURES / "calls.expected.json"
TREE = FIXTURES / "tree"

THROWS = {"«throws»": True}
FAILS = {"«fails»": True}
"""A failure that `tryEval` does not catch: a missing attribute, a wrong type, `abort`."""

Answers = dict[str, Any]

NO_GROUPS = {"licenses", "licensesSpdx", "maintainers", "mergeAttrBy", "platforms", "teams"}
"""Names at the top that hold data, and no functions."""

_TRACE = re.compile(r"^trace: \[lib-model\] (\d+) (start|.*)$", re.MULTILINE)
_PROGRAM = """
{ lib, calls, show, dir, from, pure }:
let
  # nixpkgs' lib takes some functions of newer versions of Nix for granted.
  newer = builtins // {
    readFileType =
      builtins.readFileType or (
        path:
        if dirOf path == path then
          "directory"
        else
          (builtins.readDir (dirOf path)).${baseNameOf path}
      );
  };
  scope = { builtins = newer; import = builtins.scopedImport scope; };
  set = import calls { lib = builtins.scopedImport scope lib; inherit dir; };
  names = builtins.attrNames set;
  count = builtins.length names;
  mark = index: text: builtins.trace "[lib-model] ${toString index} ${text}";
  json = index: builtins.toJSON (show set.${builtins.elemAt names index});
  step =
    index:
    mark index "start" (builtins.seq (json index) (mark index (json index) null));
in
if pure then
  names
else
  builtins.foldl' (_: index: step (from + index)) null (builtins.genList (n: n) (count - from))
"""


def call_files() -> list[Path]:
    return sorted(CALLS.glob("*.nix"))


def answers_of(lib: Path, calls: Path) -> Answers:
    """What Nix makes of each call of one file, with `lib` for the library.

    One process evaluates all of them; when it stops at one, the next goes on behind that.
    Raises RuntimeError when Nix cannot read the file of calls.
    """
    names: list[str] = json.loads(_run(lib, calls, 0, names_only=True).stdout)
    answers: Answers = {}
    start = 0
    while start < len(names):
        result = _run(lib, calls, start)
        last = -1
        for index, text in _TRACE.findall(result.stderr):
            last = int(index)
            if text != "start":
                answers[names[last]] = json.loads(text.replace(str(TREE), "«tree»"))
        if result.returncode == 0:
            break
        if last < start:
            raise RuntimeError(result.stderr)
        answers.setdefault(names[last], FAILS)
        start = last + 1
    return answers


def all_answers(lib: Path) -> Answers:
    """The answers to all files of calls; the names carry their file's: `lists.take`."""
    answers: Answers = {}
    for path in call_files():
        for name, answer in answers_of(lib, path).items():
            answers[f"{path.stem}.{name}"] = answer
    return answers


def differences(want: Answers, got: Answers) -> list[str]:
    """Each call that does not give what it should, with both answers."""
    found = []
    for name in sorted(want.keys() | got.keys()):
        if want.get(name) != got.get(name):
            wanted = json.dumps(want.get(name), ensure_ascii=False)
            was = json.dumps(got.get(name), ensure_ascii=False)
            found.append(f"{name}\n    lib:   {wanted}\n    model: {was}")
    return found


def lacking(lib: Path) -> tuple[list[str], int]:
    """The names of the real `lib` that the model has not, and how many names there are."""
    have, want = _names(MODEL), _names(lib)
    return sorted(want - have), len(want)


def broken_names(lib: Path) -> set[str]:
    """The names at the top of a library whose value cannot be had."""
    broken: set[str] = set()
    while True:
        names = [name for name in _attr_names(lib, "") if name not in broken]
        body = " ".join(f'(mark "{name}" lib."{name}")' for name in names)
        result = subprocess.run(
            [
                *("nix-instantiate", "--store", "dummy://", "--eval", "--strict", "-E"),
                f"let lib = import {lib}; "
                'mark = n: v: builtins.seq (builtins.trace "[lib-model] ${n}" v) n; '
                f"in [ {body} ]",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 0:
            return broken
        started = re.findall(r"^trace: \[lib-model\] (.*)$", result.stderr, re.MULTILINE)
        if not started:
            raise RuntimeError(result.stderr)
        broken.add(started[-1])


def run(lib_dir: str, record: bool = False) -> int:
    """Compare the model with the `lib` in `lib_dir`; the exit code is 1 if they differ."""
    lib = Path(lib_dir).resolve()
    if (lib / "lib" / "default.nix").exists():
        lib = lib / "lib"
    want = all_answers(lib)
    if record:
        text = json.dumps(want, indent=1, sort_keys=True, ensure_ascii=False)
        EXPECTED.write_text(text + "\n", encoding="utf-8")
    found = differences(want, all_answers(MODEL))
    for difference in found:
        print(difference)
    missing, total = lacking(lib)
    print(f"lacking: {' '.join(missing)}")
    print(f"lacking {len(missing)} of {total} names ({len(missing) / total:.1%})")
    throws = sum(answer == THROWS for answer in want.values())
    fails = sum(answer == FAILS for answer in want.values())
    print(f"{len(want)} calls ({throws} throw, {fails} fail): {len(found)} differ")
    return 1 if found else 0


def _run(
    lib: Path, calls: Path, start: int, names_only: bool = False
) -> subprocess.CompletedProcess[str]:
    arguments = {
        "lib": str(lib),
        "calls": str(calls),
        "show": f"(import {FIXTURES / 'show.nix'})",
        "dir": str(TREE),
        "from": str(start),
        "pure": "true" if names_only else "false",
    }
    call = " ".join(f"{name} = {value};" for name, value in arguments.items())
    command = ["nix-instantiate", "--store", "dummy://", "--eval", "--strict", "--json"]
    result = subprocess.run(
        [*command, "-E", f"({_PROGRAM}) {{ {call} }}"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1", "NIX_SHOW_STATS": "0"},
    )
    if names_only and result.returncode != 0:
        raise RuntimeError(result.stderr)
    return result


def _names(lib: Path) -> set[str]:
    """All names of a library, in its groups too, without those that need what is not there."""
    names = set(_attr_names(lib, ""))
    for group in sorted(names):
        if group not in NO_GROUPS:
            names |= {f"{group}.{name}" for name in _attr_names(lib, f".{group}")}
    return names


def _attr_names(lib: Path, path: str) -> list[str]:
    expression = f"builtins.attrNames (import {lib})"
    if path:
        group = path[1:]
        expression = (
            f'let l = import {lib}; v = l."{group}"; '
            "in if builtins.isAttrs v && !(v ? __functor) then builtins.attrNames v else [ ]"
        )
    result = subprocess.run(
        [
            "nix-instantiate",
            "--store",
            "dummy://",
            "--eval",
            "--strict",
            "--json",
            "-E",
            expression,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    names: list[str] = json.loads(result.stdout) if result.returncode == 0 else []
    return names
