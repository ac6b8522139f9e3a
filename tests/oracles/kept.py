"""What is gathered after edits against what is gathered from scratch.

A gatherer keeps what does not depend on an edit. Here files of a project are edited at random, in
the editor and on disk, and after each edit its facts are compared with those of a new gatherer.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nixlint.ide.facts import OptionList, ProjectFacts
from nixlint.ide.gathering.gather import Gatherer
from nixlint.syntax.parser import parse
from tests import changing_project

STEPS = 6
"""So often a generated project is looked at."""

_LINE = re.compile(r"^( *)([a-zA-Z_][\w.'-]*) = .*;$", re.MULTILINE)
_IMPORT = re.compile(r"^ *\.{1,2}/[\w./-]+$\n", re.MULTILINE)
_NUMBER = re.compile(r"\b\d+\b")
_FLAG = re.compile(r"\b(?:true|false)\b")


def as_data(value: Any) -> Any:
    """Facts as lists and dicts, without what says how they were made."""
    if isinstance(value, ProjectFacts):
        state = dict(value.__getstate__())
        del state["provisional"]
        return {name: as_data(one) for name, one in state.items()}
    if isinstance(value, OptionList):
        return [value.kind, value.digest]
    if isinstance(value, dict):
        return {key: as_data(one) for key, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, value))
    if isinstance(value, (list, tuple)):
        return [as_data(one) for one in value]
    if hasattr(value, "__dict__"):
        return {name: as_data(one) for name, one in vars(value).items()}
    return value


def difference(one: Any, other: Any, path: str = "") -> str:
    """Where two pieces of data differ first; "" when they are equal."""
    if type(one) is not type(other):
        return f"{path}: {one!r} | {other!r}"
    if isinstance(one, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if key not in one or key not in other:
                return f"{path}.{key}: only {'before' if key in one else 'from scratch'}"
            found = difference(one[key], other[key], f"{path}.{key}")
            if found:
                return found
        return ""
    if isinstance(one, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return next(filter(None, (difference(a, b, f"{path}[{n}]") for n, (a, b) in pairs)), "")
    return "" if one == other else f"{path}: {one!r} | {other!r}"


class Interrupted(BaseException):
    """Raised to break off a look."""


class Session:
    """A project in an editor. `looks` counts the updates, `taken` those that took over a part of
    the evaluation before."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.gatherer = Gatherer(root)
        self.open: dict[str, str] = {}
        self.looks = 0
        self.taken = 0

    def look(self, interrupt_after: int | None = None) -> str:
        """Gather again, after a look that is broken off at some pause if `interrupt_after` says
        so; returns how the facts differ from those from scratch."""
        if interrupt_after is not None:
            count = 0

            def pause() -> None:
                nonlocal count
                count += 1
                if count > interrupt_after:
                    raise Interrupted

            with contextlib.suppress(Interrupted):
                self.gatherer.update(self.open, None, pause)
        found = self.gatherer.update(self.open)
        self.looks += 1
        self.taken += found.provisional
        scratch = Gatherer(self.root).update(self.open)
        # A text may have been read for an earlier state of the project.
        known = scratch.hashes
        found.hashes = {path: each for path, each in found.hashes.items() if path in known}
        return difference(as_data(found), as_data(scratch))


def edited(text: str, chance: random.Random) -> str:
    """A text with one small edit: a line doubled or lost, a value changed, an import lost, a
    definition more."""
    edits: list[Callable[[], str]] = []
    for pattern, replaced in (
        (_LINE, lambda found: ""),
        (_LINE, lambda found: found.group() + "\n" + found.group()),
        (_LINE, lambda found: f"{found.group(1)}{found.group(2)}x = 1;"),
        (_IMPORT, lambda found: ""),
        (_NUMBER, lambda found: str(int(found.group()) + 1)),
        (_FLAG, lambda found: "false" if found.group() == "true" else "true"),
    ):
        places = list(pattern.finditer(text))
        if places:
            place = chance.choice(places)
            made = text[: place.start()] + replaced(place) + text[place.end() :]
            edits.append(lambda made=made: made)  # type: ignore[misc]
    end = text.rfind("}")
    if end >= 0:
        more = chance.choice(
            ["services.openssh.enable = true;", "networking.hostName = 5;", "nobody.knows.it = 1;"]
        )
        edits.append(lambda: f"{text[:end]}  {more}\n{text[end:]}")
    return chance.choice(edits)() if edits else text + "\n"


def edits_of(root: str, files: list[str], chance: random.Random) -> Iterator[tuple[str, str]]:
    """Random edits of some files, and their undoing: the path and the new text."""
    while True:
        path = chance.choice(files)
        with open(path, encoding="utf-8", errors="surrogateescape") as stream:
            text = stream.read()
        made = text
        for _ in range(chance.choice((1, 1, 2))):
            made = edited(made, chance)
        if any(error.fatal for error in parse(made).errors):
            continue
        yield path, made
        if chance.random() < 0.6:
            yield path, text


def run(roots: list[str], count: int, seed: int) -> int:
    """Edit each project so often; returns the exit code."""
    wrong = 0
    for root in map(os.path.abspath, roots):
        chance = random.Random(seed)
        session = Session(root)
        first = session.look()
        facts = session.gatherer.update({})
        modules = sorted({path for files in facts.configurations.values() for path in files})
        others = [path for path in facts.files if path not in modules]
        chance.shuffle(others)
        files = [path for path in [*modules, *others[: len(modules) // 5]] if path in facts.files]
        differences = [first] if first else []
        for number, (path, text) in enumerate(edits_of(root, files, chance)):
            if number >= count:
                break
            session.open[path] = text
            broken_off = chance.randrange(1, 400) if chance.random() < 0.3 else None
            found = session.look(broken_off)
            if found:
                differences.append(f"{os.path.relpath(path, root)}: {found}")
                print("    " + differences[-1][:300], flush=True)
            if len(session.open) > 3:
                del session.open[next(iter(session.open))]
        wrong += len(differences)
        name = os.path.basename(root)
        print(f"{name}: {session.looks} looks, {session.taken} of them took over what was "
              f"evaluated before, {len(differences)} differ from scratch", flush=True)  # fmt: skip
    return 1 if wrong else 0


def generated(seed: int) -> tuple[str, Session]:
    """Edit a generated project at random; returns how the facts differ from those from scratch,
    with what was done before."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        changing_project.make(root, chance)
        session = Session(str(root))
        done: list[str] = []
        for _ in range(STEPS):
            broken_off = chance.randrange(1, 60) if chance.random() < 0.3 else None
            found = session.look(broken_off)
            if found:
                return "\n".join([f"seed {seed}: {found}", *done]), session
            done.append(changing_project.change(root, session.open, chance))
    return "", session


def run_generated(count: int, seed: int) -> int:
    """Edit so many generated projects; returns the exit code."""
    looks = taken = wrong = 0
    for number in range(seed, seed + count):
        found, session = generated(number)
        if found:
            wrong += 1
            print(found, flush=True)
        looks += session.looks
        taken += session.taken
    if count:
        print(f"{count} generated projects: {looks} looks, {taken} of them took over what was "
              f"evaluated before, {wrong} differ from scratch", flush=True)  # fmt: skip
    return 1 if wrong else 0
