"""Judges our merging of definitions by the real Nix and nixpkgs' own `lib.evalModules`.

For each random set of modules (`merging_sets.py`) both say whether the set is accepted as a whole
and what each option is: its value, or the kind of failure and the option that it names. Nix's
messages are read from its traces: `throw` and `abort` are replaced by functions that print first.
"""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any, Final

from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.values import (
    Code,
    CodeFile,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VBool,
    VFloat,
    VInt,
    VLambda,
    VList,
    VNull,
    VPath,
    VPrimop,
    VString,
    VUnknown,
    pick,
)
from nixlint.project.flake.eval import LIB
from nixlint.project.modules.module_set import ModuleSet
from nixlint.project.modules.verdicts import Merged, classify, of_error
from tests.oracles.merging_sets import ModuleSets
from tests.oracles.merging_told import Telling

BATCH: Final = 60
PLACE: Final = "/sets/"
"""Where the sets lie, for values that are paths."""
_TRACE: Final = re.compile(r"^trace: \[merging\] (start|fail|done) ?(.*)$")
_PROGRAM: Final = r"""
{ libDir, sets, from }:
let
  say = text: builtins.trace "[merging] ${text}";
  scope = {
    import = builtins.scopedImport scope;
    throw = message: say "fail ${builtins.toJSON message}" (builtins.throw message);
    abort = message: say "fail ${builtins.toJSON message}" (builtins.abort message);
    builtins = builtins // {
      import = builtins.scopedImport scope;
      throw = scope.throw;
      abort = scope.abort;
      warn = builtins.warn or (_: value: value);
      readFileType = _: "regular";
    };
  };
  lib = builtins.scopedImport scope (libDir + "/default.nix");
  show =
    value:
    if builtins.isFunction value then
      { "«f»" = true; }
    else if builtins.isPath value then
      { "«p»" = toString value; }
    else if builtins.isList value then
      map show value
    else if builtins.isAttrs value then
      if value ? outPath then
        { "«drv»" = toString value.outPath; }
      else if value ? __functor then
        { "«f»" = true; }
      else
        builtins.mapAttrs (_: show) value
    else
      value;
  json = value: builtins.toJSON (show value);
  unchecked = { _module.check = lib.mkForce false; };
  tasks = builtins.concatLists (
    builtins.genList (
      number:
      let
        set = builtins.elemAt sets number;
        modules = import set.file lib;
        whole = lib.evalModules { inherit modules; };
        loose = lib.evalModules { modules = modules ++ [ unchecked ]; };
      in
      [
        { name = "${toString set.number} check"; value = builtins.seq whole.config "ok"; }
      ]
      ++ map (path: {
        name = "${toString set.number} ${builtins.concatStringsSep "." path}";
        value = lib.getAttrFromPath path loose.config;
      }) set.paths
    ) (builtins.length sets)
  );
  step =
    index:
    let
      task = builtins.elemAt tasks index;
      tried = builtins.tryEval (json task.value);
    in
    say "start ${toString index} ${task.name}" (
      if tried.success then say "done ${tried.value}" null else say "done" null
    );
in
builtins.foldl' (_: index: builtins.seq (step (from + index)) null) null (
  builtins.genList (n: n) (builtins.length tasks - from)
)
"""

Answer = tuple[str, str, Any]
"""("value", "", the value) or ("fails", the kind, the option named)."""


def run(lib: str, count: int, seed: int, show: int, only: list[int] | None = None) -> int:
    """Compares `count` sets, or only some of them; returns the exit code."""
    chosen = only or list(range(count))
    if not all(0 <= number < count for number in chosen):
        print(f"--only: the sets are numbered from 0 to {count - 1}; --count makes more")
        return 2
    maker = ModuleSets(seed)
    sets = [maker.make() for _ in range(count)]
    tally: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (text, _) in enumerate(sets):
            Path(folder, f"{number}.nix").write_text(text)
        for start in range(0, len(chosen), BATCH):
            numbers = chosen[start : start + BATCH]
            theirs = _nix(lib, folder, sets, numbers)
            for number in numbers:
                ours = _ours(sets[number][0], sets[number][1])
                for name, own in ours.items():
                    judge = theirs.get(f"{number} {name}")
                    if judge is None:
                        tally["not judged"] += 1
                        continue
                    if own[0] == "unknown":
                        tally["unknown"] += 1
                        reasons[str(own[2])] += 1
                        continue
                    tally["known"] += 1
                    kinds[judge[1] or "value"] += 1
                    if not _same(own, judge):
                        tally["wrong"] += 1
                        wrong.append(
                            f"--- set {number}, {name}\nours: {own}\nNix:  {judge}\n"
                            + sets[number][0]
                        )
    for each in wrong[:show]:
        print(each)
    judged = tally["known"] + tally["unknown"]
    share = 100 * tally["known"] / max(1, judged)
    print(f"{len(chosen)} sets (seed {seed}): {judged} questions, {tally['known']} known "
          f"({share:.1f} %), {tally['wrong']} wrong, {tally['not judged']} not judged")  # fmt: skip
    print("Nix:", ", ".join(f"{kind} {number}" for kind, number in kinds.most_common()))
    for reason, number in reasons.most_common(12):
        print(f"unknown {number}: {reason}")
    return 1 if wrong else 0


def record(lib: str, count: int, seed: int, folder: str) -> int:
    """Writes sets and Nix's answers, as `tests/test_merging.py` reads them."""
    maker = ModuleSets(seed)
    sets = [maker.make() for _ in range(count)]
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for number, (text, _) in enumerate(sets):
            Path(place, f"{number}.nix").write_text(text)
        theirs = _nix(lib, place, sets, list(range(count)))
    for number, (text, paths) in enumerate(sets):
        name = f"{number:03}"
        Path(folder, f"{name}.nix").write_text(text + "\n")
        names = ["check", *(".".join(path) for path in paths)]
        answers = {each: theirs[f"{number} {each}"] for each in names}
        Path(folder, f"{name}.json").write_text(
            json.dumps({"paths": paths, "answers": answers}, indent=2, ensure_ascii=False) + "\n"
        )
    return 0


def answers_of(text: str, paths: list[list[str]]) -> dict[str, Answer]:
    """What we say to a set: for the set as a whole (`check`), and for each option."""
    return _ours(text, paths)


def agrees(own: Answer, judge: Answer) -> bool:
    """Whether our answer is Nix's, or claims nothing."""
    return own[0] == "unknown" or _same(own, judge)


def _same(own: Answer, judge: Answer) -> bool:
    if own[0] != judge[0]:
        return False
    if own[0] == "value":
        return _equal(own[2], judge[2])
    if own[1] != judge[1]:
        return False
    return own[1] in ("form", "error", "recursion") or own[2] == judge[2]


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, dict) and isinstance(right, dict):
        # Nix does not know the file of a module that is written in place.
        return left.keys() == right.keys() and all(
            k == "_file" or _equal(left[k], right[k]) for k in left
        )
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_equal, left, right))
    if isinstance(left, float) or isinstance(right, float):
        numbers = isinstance(left, (int, float)) and isinstance(right, (int, float))
        return numbers and math.isclose(left, right)
    return bool(left == right and type(left) is type(right))


# The real Nix.


def _nix(
    lib: str, folder: str, sets: list[tuple[str, list[list[str]]]], numbers: list[int]
) -> dict[str, Answer]:
    out: dict[str, Answer] = {}
    listed = []
    names: list[str] = []
    for number in numbers:
        paths = " ".join(
            "[ " + " ".join(f'"{name}"' for name in path) + " ]" for path in sets[number][1]
        )
        listed.append(
            f"{{ number = {number}; file = {folder}/{number}.nix; paths = [ {paths} ]; }}"
        )
        names.append(f"{number} check")
        names.extend(f"{number} {'.'.join(path)}" for path in sets[number][1])
    program = Path(folder, "judge.nix")
    program.write_text(_PROGRAM)
    start = 0
    while start < len(names):
        call = (
            f"import {program} {{ libDir = {lib}; sets = [ {' '.join(listed)} ]; from = {start}; }}"
        )
        done = subprocess.run(
            ["nix-instantiate", "--eval", "--strict", "-E", call],
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        # Paths in values are those that we give to the sets.
        reached = _read(done.stderr.replace(f"{folder}/", PLACE), out)
        if done.returncode == 0:
            break
        if reached is None:
            raise RuntimeError(done.stderr[-2000:])
        name = reached[1]
        error = re.sub(r"\x1b\[[0-9;]*m", "", done.stderr)
        recursion = "infinite recursion encountered" in error
        out[name] = ("fails", "recursion" if recursion else "error", "")
        start = reached[0] + 1
    return out


def _read(stderr: str, out: dict[str, Answer]) -> tuple[int, str] | None:
    """Reads the traces; returns the last task that was begun."""
    current: tuple[int, str] | None = None
    message = ""
    for line in stderr.splitlines():
        found = _TRACE.match(line)
        if found is None:
            continue
        word, rest = found.group(1), found.group(2)
        if word == "start":
            index, _, name = rest.partition(" ")
            current = (int(index), name)
            message = ""
        elif word == "fail":
            message = json.loads(rest)
        elif current is not None:
            if rest:
                out[current[1]] = ("value", "", json.loads(rest))
            else:
                kind, path = classify(message)
                out[current[1]] = ("fails", kind, path)
    return current


# We.


def _ours(text: str, paths: list[list[str]]) -> dict[str, Answer]:
    result = on_large_stack(lambda: _evaluated(text, paths))
    assert isinstance(result, dict)
    return result


def _evaluated(text: str, paths: list[list[str]]) -> dict[str, Answer]:
    ev = Evaluator(seconds=60)
    ev.model_folders = (os.path.dirname(LIB) + "/",)
    lib = ev.evaluate_file(LIB)
    site = Code(CodeFile("", "/", ""), 0, 0)
    function = ev.evaluate_text(text, f"{PLACE}set.nix")
    modules = ev.called(function, lib, site)
    found = ModuleSet(ev, lib, modules)
    telling = Telling(found.merger)
    check = found.check()
    out: dict[str, Answer] = {}
    if check.state == "known":
        out["check"] = ("value", "", "ok")
    else:
        out["check"] = _failure(telling, check)
    for path in paths:
        name = ".".join(path)
        if found.fatal is not None:
            merged = Merged("failed")
            merged.conflict = found.fatal
            out[name] = _failure(telling, merged)
            continue
        try:
            out[name] = ("value", "", _plain(ev, _at(ev, found, path)))
        except NixError as error:
            out[name] = _failure(telling, of_error(error, []))
        except (OutOfBudget, _Unknown) as error:
            out[name] = ("unknown", "", str(error))
    return out


def _at(ev: Evaluator, found: ModuleSet, path: list[str]) -> Value:
    value = found.config
    for name in path:
        value = pick(ev, value.force(ev), name, None)
    return value


def _failure(telling: Telling, merged: Merged) -> Answer:
    if merged.conflict is None:
        return ("unknown", "", merged.reason)
    try:
        conflict = telling.told(merged.conflict)
    except OutOfBudget as limit:
        return ("unknown", "", limit.message)
    return ("fails", conflict.kind, conflict.path)


class _Unknown(Exception):  # noqa: N818 - it is no error.
    """The value has an unknown part."""


def _plain(ev: Evaluator, value: Value) -> Any:
    """A value as JSON has it; as `show` in the program."""
    ev.depth = 0
    forced = value.force(ev)
    if isinstance(forced, VUnknown):
        if forced.error is not None:
            raise forced.error
        raise _Unknown(forced.reason)
    if isinstance(forced, (VLambda, VPrimop)):
        return {"«f»": True}
    if isinstance(forced, VPath):
        return {"«p»": forced.path}
    if isinstance(forced, VList):
        if forced.rest is not None:
            raise _Unknown(forced.rest[0].reason)
        return [_plain(ev, item) for item in forced.items]
    if isinstance(forced, VAttrs):
        if forced.rest is not None:
            raise _Unknown(forced.rest[0].reason)
        if "outPath" in forced.attrs:
            return {"«drv»": _plain(ev, forced.attrs["outPath"])}
        if "__functor" in forced.attrs:
            return {"«f»": True}
        return {name: _plain(ev, forced.attrs[name]) for name in sorted(forced.attrs)}
    if isinstance(forced, (VBool, VInt, VFloat)):
        return forced.value
    if isinstance(forced, VString):
        return forced.text
    assert isinstance(forced, VNull)
    return None
