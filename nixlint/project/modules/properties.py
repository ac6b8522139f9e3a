"""Takes the properties off definitions: `mkMerge`, `mkIf`, priorities, order.

The rules are those of `dischargeProperties`, `filterOverrides` and `sortProperties` in nixpkgs'
`lib/modules.nix`.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import (
    ANY,
    ATTRS,
    THROWN,
    Code,
    CodeFile,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VBool,
    VInt,
    VList,
    VString,
    VUnknown,
)
from nixlint.project.modules.definitions import place_of, property_type
from nixlint.project.modules.model import POSSIBLE, Place
from nixlint.project.modules.verdicts import (
    Def,
)
from nixlint.syntax.strings import KEYWORDS

PLAIN: Final = 100
LOWEST: Final = 9999
"""Definitions with a priority beyond this one are dropped even when there is no other."""
MAX_FLAT: Final = 4096
MAX_BRANCHES: Final = 32

_SAFE_NAME: Final = re.compile(r"[a-zA-Z_][\w'-]*")


def shown_path(path: list[str]) -> str:
    """The path of an option as messages write it (`lib.showOption`)."""
    out: list[str] = []
    for name in path:
        if (
            name == "*"
            or (name.startswith("<") and name.endswith(">"))
            or (_SAFE_NAME.fullmatch(name) and name not in KEYWORDS)
        ):
            out.append(name)
        else:
            text = name.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
            out.append(f'"{text}"')
    return ".".join(out)


class Properties:
    """Evaluates for the merging of definitions, and takes their properties off."""

    def __init__(self, ev: Evaluator) -> None:
        self.ev = ev
        self.site = Code(CodeFile("", "/", ""), 0, 0)

    # Evaluation. Errors are raised.

    def force(self, value: Value) -> Value:
        """The value. Raises `NixError` if Nix fails there, also where that became a value."""
        ev = self.ev
        depth = ev.depth
        try:
            forced = value.force(ev)
        finally:
            # Also when what comes next is evaluated after a failure.
            ev.depth = depth
        if isinstance(forced, VUnknown) and forced.error is not None:
            raise forced.error
        return forced

    def call(self, function: Value, *args: Value) -> Value:
        """The function applied to arguments."""
        ev = self.ev
        depth = ev.depth
        try:
            value = self.force(function)
            for arg in args:
                value = self.force(value.call(ev, arg, self.site))
        finally:
            ev.depth = depth
        return value

    def field(self, value: Value, name: str) -> Value | None:
        """A field of a set, forced; None when it certainly has none."""
        forced = self.force(value)
        if not isinstance(forced, VAttrs):
            return forced if isinstance(forced, VUnknown) else None
        found = forced.get(name)
        return self.force(found) if found is not None else None

    def text(self, value: Value, name: str) -> str:
        """A field that is a string; "" when absent or unknown."""
        found = self.field(value, name)
        return found.text if isinstance(found, VString) else ""

    # Definitions.

    def discharged(self, defs: list[Def]) -> list[Def]:
        """Takes off `mkMerge` and `mkIf`; those with a false condition vanish."""
        out: list[Def] = []
        stack = list(reversed(defs))
        steps = 0
        while stack:
            steps += 1
            if steps > MAX_FLAT:
                raise OutOfBudget("there are too many definitions")
            one = stack.pop()
            value = self.force(one.value)
            place = nearer(one.value, one.place)
            if isinstance(value, VUnknown):
                self._unknown_definition(one, value, stack, out)
                continue
            kind = property_type(self.ev, value) if isinstance(value, VAttrs) else ""
            if not isinstance(value, VAttrs) or kind not in ("if", "merge", "definition"):
                flat = one.with_value(value)
                flat.place = place
                out.append(flat)
            elif kind == "definition":
                inner = value.attrs.get("value")
                label = self.text(value, "file")
                flat = one.with_value(self.force(inner) if inner is not None else VUnknown(""))
                flat.file = label or one.file
                flat.place = (place_of(inner) if inner is not None else None) or place
                out.append(flat)
            elif kind == "merge":
                self._merged_contents(one, value, place, stack)
            else:
                content = value.attrs.get("content")
                condition = self.field(value, "condition")
                if content is None or condition is None:
                    raise NixError(THROWN, "a property lacks a field", None, 0)
                below = one.with_value(content)
                below.place = nearer(content, place)
                if isinstance(condition, VBool):
                    if condition.value:
                        stack.append(below)
                elif isinstance(condition, VUnknown):
                    below.certainty = POSSIBLE
                    stack.append(below)
                else:
                    raise NixError(THROWN, "`mkIf` called with a non-Boolean condition", None, 0)
        return out

    def _merged_contents(self, one: Def, value: VAttrs, place: object, stack: list[Def]) -> None:
        contents = self.field(value, "contents")
        if isinstance(contents, VList):
            for rest in contents.rest or []:
                below = one.with_value(rest)
                below.certainty = POSSIBLE
                stack.append(below)
            for item in reversed(contents.items):
                below = one.with_value(item)
                below.place = nearer(item, one.place)
                stack.append(below)
        elif isinstance(contents, VUnknown):
            below = one.with_value(VUnknown(contents.reason))
            below.certainty = POSSIBLE
            stack.append(below)
        else:
            raise NixError("type", "`mkMerge` without a list", None, 0)

    def _unknown_definition(
        self, one: Def, value: VUnknown, stack: list[Def], out: list[Def]
    ) -> None:
        """A definition that may be anything: a value, or a property."""
        if value.shape not in (ANY, ATTRS) or is_package(value):
            out.append(one.with_value(value))
            return
        alternatives = value.alternatives
        if alternatives is None or len(alternatives) > MAX_BRANCHES:
            flat = one.with_value(value)
            flat.certainty = POSSIBLE
            flat.priority = None
            out.append(flat)
            return
        plain = True
        branches: list[Value] = []
        for branch in alternatives:
            try:
                forced = self.force(branch)
            except NixError:
                continue
            branches.append(branch)
            if (isinstance(forced, VUnknown) and forced.shape in (ANY, ATTRS)) or (
                isinstance(forced, VAttrs) and ("_type" in forced.attrs or forced.rest)
            ):
                plain = False
        if plain and branches:
            # Whichever it is, it is one plain definition.
            out.append(one.with_value(value))
            return
        for branch in reversed(branches):
            below = one.with_value(branch)
            below.certainty = POSSIBLE
            below.place = place_of(branch) or one.place
            stack.append(below)

    def unwrapped(self, flat: list[Def]) -> None:
        """Takes off one layer of priority."""
        for one in flat:
            value = one.value
            if one.priority is None or not isinstance(value, VAttrs):
                continue
            one.priority = PLAIN
            if property_type(self.ev, value) != "override":
                continue
            priority = self.field(value, "priority")
            content = value.attrs.get("content")
            if content is None:
                raise NixError(THROWN, "a property lacks a field", None, 0)
            one.place = nearer(content, one.place)
            one.value = content
            one.priority = priority.value if isinstance(priority, VInt) else None

    def ordered(self, defs: list[Def]) -> list[Def]:
        """Takes off one layer of order, and sorts by it."""
        for one in defs:
            value = self.force(one.value)
            one.value = value
            if isinstance(value, VAttrs) and property_type(self.ev, value) == "order":
                priority = self.field(value, "priority")
                content = value.attrs.get("content")
                if content is None or not isinstance(priority, VInt):
                    one.certainty = POSSIBLE
                    continue
                one.order = priority.value
                one.ordered = True
                one.place = nearer(content, one.place)
                one.value = content
        return sorted(defs, key=lambda one: one.order)


def nearer(value: Value, place: Place | None) -> Place | None:
    """Where a value was written, if that is inside of what was written at `place`; else `place`.

    What a variable stands for was written elsewhere.
    """
    found = place_of(value)
    if found is None or place is None:
        return found or place
    return found if found.path == place.path and found.start >= place.start else place


def is_package(value: VUnknown) -> bool:
    """Whether an unknown value is one of the packages, none of which is a property."""
    return value.path.startswith("pkgs.") and value.alternatives is None


def is_plain(value: VUnknown) -> bool:
    """Whether an unknown value certainly is no property."""
    if value.shape not in (ANY, ATTRS) or is_package(value):
        return True
    if value.alternatives is None:
        return False
    return not any(isinstance(one, (VAttrs, VUnknown)) for one in value.alternatives)


def reason_of(defs: list[Def]) -> str:
    """Why the value of some definitions is unknown."""
    for one in defs:
        if isinstance(one.value, VUnknown) and one.value.reason:
            return one.value.reason
    return "a condition is unknown"
