"""Definitions of options, under `mkIf`, `mkMerge`, `mkOverride` and their kin.

The module system pushes these properties down: `mkIf c { a = 1; }` defines `a` under the
condition `c`. Rules: `pushDownProperties` and `dischargeProperties` of `lib/modules.nix`.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import (
    CodeThunk,
    Value,
    VAttrs,
    VBool,
    VInt,
    VList,
    VString,
    VUnknown,
)
from nixlint.project.modules.model import CERTAIN, POSSIBLE, Module, Place

PLAIN_PRIORITY: Final = 100
"""The priority of a definition without `mkDefault`, `mkForce`, …; lower numbers win."""
MAX_BRANCHES: Final = 64


class Definition:
    """A value for an option, or for a set of options, in one module.

    `certainty` says whether its conditions hold; `priority` is None when it is unknown.
    """

    def __init__(
        self,
        module: Module,
        value: Value,
        certainty: str,
        priority: int | None,
        place: Place | None,
    ) -> None:
        self.module = module
        self.value = value
        self.certainty = certainty
        self.priority = priority
        self.place = place


def property_type(ev: Evaluator, value: VAttrs) -> str:
    """The `_type` of a set that is a property (`if`, `merge`, …), or ""."""
    kind = value.attrs.get("_type")
    if kind is None:
        return ""
    forced = ev.forced(kind)
    return forced.text if isinstance(forced, VString) else ""


def place_of(value: Value) -> Place | None:
    """Where a value was written, if that is known."""
    if isinstance(value, CodeThunk) and value.code.file.text:
        return Place(value.code.file.real, int(value.code.start))
    return None


def discharged(ev: Evaluator, definition: Definition) -> list[Definition]:
    """The definition with the properties around it taken off.

    Definitions whose condition is known to be false vanish; under an unknown one they become
    possible. The results may be sets, or values that are unknown.
    """
    out: list[Definition] = []
    stack = [definition]
    steps = 0
    while stack:
        steps += 1
        if steps > 4096:
            break
        one = stack.pop()
        value = ev.forced(one.value)
        place = one.place if one.place is not None else place_of(one.value)
        if isinstance(value, VUnknown):
            _unknown_branches(one, value, place, stack, out)
            continue
        kind = property_type(ev, value) if isinstance(value, VAttrs) else ""
        if not isinstance(value, VAttrs) or kind not in ("if", "merge", "override", "order"):
            out.append(Definition(one.module, value, one.certainty, one.priority, place))
            continue
        if kind == "merge":
            contents = ev.attribute(value, "contents")
            if isinstance(contents, VList):
                for item in reversed(contents.items):
                    stack.append(
                        Definition(one.module, item, one.certainty, one.priority, place_of(item))
                    )
                for rest in contents.rest or []:
                    stack.append(Definition(one.module, rest, POSSIBLE, one.priority, place))
            elif isinstance(contents, VUnknown):
                out.append(Definition(one.module, contents, POSSIBLE, one.priority, place))
            continue
        content = value.attrs.get("content")
        if content is None:
            continue
        certainty = one.certainty
        priority = one.priority
        if kind == "if":
            condition = ev.attribute(value, "condition")
            if isinstance(condition, VBool):
                if not condition.value:
                    continue
            else:
                certainty = POSSIBLE
        elif kind == "override":
            given = ev.attribute(value, "priority")
            priority = given.value if isinstance(given, VInt) else None
        stack.append(Definition(one.module, content, certainty, priority, place_of(content)))
    return out


def _unknown_branches(
    one: Definition,
    value: VUnknown,
    place: Place | None,
    stack: list[Definition],
    out: list[Definition],
) -> None:
    if value.alternatives is None or len(value.alternatives) > MAX_BRANCHES:
        if value.error is None:
            out.append(Definition(one.module, value, POSSIBLE, one.priority, place))
        return
    for branch in reversed(value.alternatives):
        stack.append(Definition(one.module, branch, POSSIBLE, one.priority, place_of(branch)))


def children(ev: Evaluator, definitions: list[Definition]) -> dict[str, list[Definition]]:
    """What definitions of a set define in it, by name, in the order of the modules.

    Names nobody knows are under `UNKNOWN_NAME`.
    """
    out: dict[str, list[Definition]] = {}
    for definition in definitions:
        for one in discharged(ev, definition):
            if isinstance(one.value, VAttrs):
                _add_set(ev, one, one.value, one.certainty, out, 0)
    return out


def _add_set(
    ev: Evaluator,
    one: Definition,
    value: VAttrs,
    certainty: str,
    out: dict[str, list[Definition]],
    depth: int,
) -> None:
    for name, child in value.attrs.items():
        found = Definition(one.module, child, certainty, one.priority, place_of(child))
        out.setdefault(name, []).append(found)
    if depth > 8:
        return
    for rest in value.rest or []:
        for branch in rest.alternatives or []:
            forced = ev.forced(branch)
            if isinstance(forced, VUnknown) and forced.alternatives is not None:
                inner = VAttrs({}, [forced])
                _add_set(ev, one, inner, POSSIBLE, out, depth + 1)
            elif isinstance(forced, VAttrs):
                _add_set(ev, one, forced, POSSIBLE, out, depth + 1)


def defined_in(modules: list[Module]) -> list[Definition]:
    """Everything that modules define, as definitions of the whole configuration."""
    return [
        Definition(module, value, module.certainty, PLAIN_PRIORITY, None)
        for module in modules
        if module.certainty in (CERTAIN, POSSIBLE)
        for value in module.config
    ]


def at_path(ev: Evaluator, definitions: list[Definition], path: list[str]) -> list[Definition]:
    """The definitions of what is at a path; `*` stands for every name."""
    for name in path:
        below = children(ev, definitions)
        if name == "*":
            definitions = [one for found in below.values() for one in found]
        else:
            definitions = below.get(name, [])
    return definitions
