"""Flakes broken on purpose: is each mistake found, by the right rule, at the right place?

Takes real flakes whose lock fits, and breaks one thing at a time in the inputs or in the lock.
What is found in the flake as it is does not count.
"""

from __future__ import annotations

import copy
import json
import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

from nixlint.diagnostics.model import Diagnostic
from nixlint.project.flake.file import FlakeFile, FlakeInput
from nixlint.project.project import Project
from nixlint.rules.flake_inputs import reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.registry import load_rule
from nixlint.rules.removal import edits_of, remove_lines
from nixlint.text.span import Span

NOWHERE = "nixlint-nowhere"


class Mutant:
    """One broken variant: new texts, and what has to be found where.

    `span` is a span that the finding must overlap, in the new `flake.nix`, or in the lock if
    `in_lock`; None when any place will do.
    """

    def __init__(self, kind: str, rule: str, flake: str | None, lock: str | None) -> None:
        self.kind = kind
        self.rule = rule
        self.flake = flake
        self.lock = lock
        self.in_lock = False
        self.span: Span | None = None
        self.words = ""


class Maker:
    """Makes the variants of one project."""

    def __init__(self, project: Project, flake: FlakeFile, each: int) -> None:
        self.project = project
        self.flake = flake
        self.text = flake.tree.text
        self.lock: dict[str, Any] = json.loads(project.text(project.lock_path) or "{}")
        self.each = each
        self.declared = [
            one for one in flake.inputs.values() if not one.implicit and one.name != "self"
        ]

    def mutants(self) -> Iterator[Mutant]:
        for kind in (
            self.other_refs, self.removed, self.added, self.dropped_nodes, self.dangling,
            self.flake_flags, self.unlocked, self.lost_overrides, self.dead_overrides,
            self.copies, self.conflicts, self.circles,
        ):  # fmt: skip
            for number, mutant in enumerate(kind()):
                if number == self.each:
                    break
                yield mutant

    def spliced(self, span: Span, new: str) -> str:
        return self.text[: span.start] + new + self.text[span.end :]

    def dumped(self, lock: dict[str, Any]) -> str:
        return json.dumps(lock, indent=2, sort_keys=True) + "\n"

    def nodes(self) -> dict[str, Any]:
        nodes: dict[str, Any] = self.lock["nodes"]
        return nodes

    def root(self) -> dict[str, Any]:
        root: dict[str, Any] = self.nodes()[self.lock["root"]].get("inputs", {})
        return root

    def other_refs(self) -> Iterator[Mutant]:
        """Another branch in the url."""
        for one in self.declared:
            if one.url is None or one.url_span is None or not one.url.startswith("github:"):
                continue
            reference = reference_of(one)
            if reference is None or reference.attrs.keys() - {"type", "owner", "repo", "ref"}:
                continue
            url = f'"github:{reference.owner}/{reference.repo}/{NOWHERE}"'
            mutant = Mutant("ref", "flake-lock-out-of-sync", self.spliced(one.url_span, url), None)
            mutant.span = Span(one.url_span.start, one.url_span.start + len(url))
            yield mutant

    def removed(self) -> Iterator[Mutant]:
        """An input that is gone from flake.nix, not from the lock."""
        function = self.flake.outputs_lambda
        assert function is not None
        formals = function.arg.formals
        named = {
            self.text[each.name.start : each.name.end]
            for each in (formals.items if formals else [])
        }
        for one in self.declared:
            if one.name in named or one.name not in self.root():
                # As an argument of `outputs` it is still an input.
                continue
            removals = [
                remove_lines(self.flake.tree, node.start, node.end) for node in one.bindings
            ]
            text = self.text
            for edit in reversed(edits_of(self.flake.tree, removals)):
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
            mutant = Mutant("removed", "flake-lock-out-of-sync", text, None)
            mutant.in_lock = True
            mutant.words = f"`{one.name}`"
            yield mutant

    def added(self) -> Iterator[Mutant]:
        """An input that nothing uses, and that is not locked."""
        for one in self.declared:
            last = one.bindings[-1] if one.bindings else None
            if last is None:
                continue
            path = self.text[last.start : one.name_span.end]
            if self.text[one.name_span.start : one.name_span.end] not in path:
                continue
            prefix = self.text[one.bindings[0].start : one.name_span.start]
            new = f'\n{prefix}{NOWHERE}.url = "github:me/x";'
            text = self.spliced(Span(last.end, last.end), new)
            for rule in ("flake-lock-out-of-sync", "unused-flake-input"):
                mutant = Mutant("added", rule, text, None)
                start = text.index(NOWHERE)
                mutant.span = Span(start, start + len(NOWHERE))
                yield mutant

    def dropped_nodes(self) -> Iterator[Mutant]:
        """A lock that lost a node."""
        for key in sorted(self.nodes()):
            if key == self.lock["root"]:
                continue
            lock = copy.deepcopy(self.lock)
            del lock["nodes"][key]
            mutant = Mutant("node dropped", "flake-lock-broken", None, self.dumped(lock))
            mutant.in_lock = True
            yield mutant

    def overrides(self) -> Iterator[tuple[FlakeInput, FlakeInput]]:
        for one in self.declared:
            for inner in one.inputs.values():
                if inner.follows and inner.follows_span is not None:
                    yield one, inner

    def dangling(self) -> Iterator[Mutant]:
        """A `follows` that leads nowhere."""
        for _one, inner in self.overrides():
            span = inner.follows_span
            assert span is not None
            text = self.spliced(span, f'"{NOWHERE}"')
            mutant = Mutant("dangling", "flake-follows-nonexistent-input", text, None)
            mutant.span = Span(span.start, span.start + len(NOWHERE) + 2)
            yield mutant

    def flake_flags(self) -> Iterator[Mutant]:
        """A node that is a flake in the lock and none here, or the other way round."""
        for one in self.declared:
            key = self.root().get(one.name)
            if not isinstance(key, str) or one.follows is not None:
                continue
            lock = copy.deepcopy(self.lock)
            node = lock["nodes"][key]
            if node.pop("flake", True):
                node["flake"] = False
            rule = "flake-lock-out-of-sync"
            mutant = Mutant("flake flag", rule, None, self.dumped(lock))
            mutant.words = f"`{one.name}`"
            yield mutant

    def unlocked(self) -> Iterator[Mutant]:
        """A node without its revision or hash."""
        for key, node in sorted(self.nodes().items()):
            locked = node.get("locked", {})
            for name in ("rev", "narHash"):
                if locked.get("type") != "github" or name not in locked:
                    continue
                lock = copy.deepcopy(self.lock)
                del lock["nodes"][key]["locked"][name]
                mutant = Mutant("unlocked", "flake-unlocked-input", None, self.dumped(lock))
                mutant.in_lock = True
                yield mutant

    def lost_overrides(self) -> Iterator[Mutant]:
        """An override that is gone from flake.nix."""
        for one, inner in self.overrides():
            key = self.root().get(one.name)
            node = self.nodes().get(key, {}) if isinstance(key, str) else {}
            target = node.get("inputs", {}).get(inner.name)
            if inner.inputs or not isinstance(target, list) or target[:1] == [one.name]:
                continue
            removals = [
                remove_lines(self.flake.tree, node.start, node.end) for node in inner.bindings
            ]
            text = self.text
            for edit in reversed(edits_of(self.flake.tree, removals)):
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
            mutant = Mutant("override lost", "flake-lock-out-of-sync", text, None)
            mutant.words = f"`{one.name}/{inner.name}`"
            yield mutant

    def dead_overrides(self) -> Iterator[Mutant]:
        """An override of an input that there is not."""
        for one, inner in self.overrides():
            binding = inner.bindings[0]
            old = self.text[inner.name_span.start : inner.name_span.end]
            start = inner.name_span.start - binding.start
            line = self.text[binding.start : binding.end]
            if old not in line[start : start + len(old)] or "{" in line or inner.inputs:
                continue
            new = line[:start] + NOWHERE + line[start + len(old) :]
            text = self.spliced(Span(binding.end, binding.end), " " + new)
            mutant = Mutant("dead override", "flake-dead-override", text, None)
            mutant.words = f"`{one.name}` has no input `{NOWHERE}`"
            yield mutant

    def copies(self) -> Iterator[Mutant]:
        """An input of an input that is locked apart, and could follow."""
        for one, inner in self.overrides():
            key = self.root().get(one.name)
            target = self.root().get(inner.follows or "")
            node = self.nodes().get(key, {}) if isinstance(key, str) else {}
            if not isinstance(target, str) or inner.name not in node.get("inputs", {}):
                continue
            if inner.inputs or "rev" in self.nodes()[target].get("original", {}):
                continue
            lock = copy.deepcopy(self.lock)
            lock["nodes"][NOWHERE] = copy.deepcopy(lock["nodes"][target])
            lock["nodes"][NOWHERE].pop("inputs", None)
            lock["nodes"][NOWHERE]["locked"]["rev"] = "0123456789" * 4
            lock["nodes"][key]["inputs"][inner.name] = NOWHERE
            removals = [
                remove_lines(self.flake.tree, each.start, each.end) for each in inner.bindings
            ]
            text = self.text
            for edit in reversed(edits_of(self.flake.tree, removals)):
                text = text[: edit.span.start] + edit.text + text[edit.span.end :]
            mutant = Mutant("copy", "flake-missing-follows", text, self.dumped(lock))
            mutant.words = f"inputs.{one.name}.inputs.{inner.name}.follows = "
            yield mutant

    def conflicts(self) -> Iterator[Mutant]:
        """The marks of a merge conflict."""
        lines = self.dumped(self.lock).splitlines(keepends=True)
        for at in (2, len(lines) // 2, len(lines) - 3):
            marked = [*lines[:at], "<<<<<<< HEAD\n", "=======\n", ">>>>>>> x\n", *lines[at:]]
            mutant = Mutant("conflict", "flake-lock-broken", None, "".join(marked))
            mutant.in_lock = True
            yield mutant

    def circles(self) -> Iterator[Mutant]:
        """An input that follows itself by way of another."""
        for one, inner in self.overrides():
            span = inner.follows_span
            assert span is not None
            path = f"{one.name}/{inner.name}"
            text = self.spliced(span, f'"{path}"')
            mutant = Mutant("circle", "flake-follows-cycle", text, None)
            mutant.span = Span(span.start, span.start + len(path) + 2)
            yield mutant


def run(directories: list[str], each: int) -> int:
    """Break all flakes below some directories; the exit code is 1 if something was not found."""
    found: Counter[str] = Counter()
    missed: list[str] = []
    flakes = 0
    for directory in directories:
        for where, names, files in os.walk(directory):
            names[:] = sorted(name for name in names if name != ".git")
            if "flake.nix" in files and "flake.lock" in files:
                project = Project(os.path.realpath(where))
                if is_in_order(project):
                    flakes += 1
                    break_one(project, each, found, missed)
    for line in missed:
        print(f"missed: {line}")
    for kind, count in sorted(found.items()):
        print(f"{count:6}  {kind}")
    total = sum(found.values())
    print(f"{total} of {total + len(missed)} mistakes found in variants of {flakes} flakes")
    return 1 if missed else 0


def is_in_order(project: Project) -> bool:
    flake, lock = project.flake, project.lock
    if flake is None or lock is None or not lock.usable or project.flake_is_broken:
        return False
    return flake.complete and flake.outputs_lambda is not None and not check(project, SYNC)


SYNC = "flake-lock-out-of-sync"


def check(project: Project, rule: str) -> list[tuple[str, Diagnostic]]:
    """What a rule finds, with the path of the file."""
    loaded = load_rule(rule)
    assert isinstance(loaded, ProjectRule)
    ctx = ProjectContext(project)
    loaded.check_project(ctx)
    return [(path, each) for path, found in ctx.findings.items() for each in found]


def break_one(project: Project, each: int, found: Counter[str], missed: list[str]) -> None:
    """Break one flake in all ways, and count."""
    flake = project.flake
    assert flake is not None
    texts = {path: project.text(path) or "" for path in (project.flake_path, project.lock_path)}
    for mutant in Maker(project, flake, each).mutants():
        if mutant.rule == "unused-flake-input" and is_open(project):
            continue
        if mutant.flake is not None:
            project.replace_text(project.flake_path, mutant.flake)
        if mutant.lock is not None:
            project.replace_text(project.lock_path, mutant.lock)
        if any(is_it(mutant, path, one, project) for path, one in check(project, mutant.rule)):
            found[mutant.kind] += 1
        else:
            missed.append(f"{project.root}: {mutant.kind} ({mutant.rule} {mutant.words})")
        for path, text in texts.items():
            project.replace_text(path, text)


def is_open(project: Project) -> bool:
    """Whether something in the project may use any input, so that none is known to be unused."""
    from nixlint.project.usage.inputs import UNKNOWN, usage_of

    uses = usage_of(project).inputs.values()
    return any(
        use.state == UNKNOWN and ("goes through" in use.reason or "computed" in use.reason)
        for use in uses
    ) or probe_is_unknown(project)


def probe_is_unknown(project: Project) -> bool:
    """The same, found out with an input that nobody can know."""
    from nixlint.project.usage.inputs import UNUSED, usage_of

    flake = project.flake
    if flake is None:
        return True
    probe = FlakeInput("nixlint-probe", Span(0, 0), Span(0, 0))
    flake.inputs[probe.name] = probe
    project.caches.clear()
    state = usage_of(project).inputs[probe.name].state
    del flake.inputs[probe.name]
    project.caches.clear()
    return state != UNUSED


def is_it(mutant: Mutant, path: str, found: Diagnostic, project: Project) -> bool:
    """Whether a finding is about the mistake."""
    wanted = project.lock_path if mutant.in_lock else project.flake_path
    if path != wanted:
        return False
    span = mutant.span
    if span is not None and (found.span.end <= span.start or span.end <= found.span.start):
        return False
    text = "\n".join([found.message, *(note.message for note in found.notes)])
    return mutant.words in text
