"""Verdicts on options: what their definitions merge to, what is unknown, what Nix refuses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from nixlint.evaluate.values import (
    INFINITE_RECURSION,
    THROWN,
    Machine,
    NixError,
    OutOfBudget,
    Thunk,
    Value,
    VUnknown,
    endless,
)
from nixlint.project.modules.model import Module, Place

KNOWN: Final = "known"
UNKNOWN: Final = "unknown"
FAILED: Final = "failed"
"""States of a verdict: the value is known, nothing is certain, Nix certainly refuses."""

# Kinds of conflicts.
UNEQUAL: Final = "conflict"
NOT_OF_TYPE: Final = "type"
NOT_UNIQUE: Final = "unique"
NULL_MIX: Final = "null"
UNMERGEABLE: Final = "unmergeable"
KINDS_DIFFER: Final = "kinds"
TAGS_DIFFER: Final = "tags"
READ_ONLY: Final = "read-only"
DECLARED_TWICE: Final = "declared-twice"
NESTED_UNDER_OPTION: Final = "nested-under-option"
BAD_DECLARATION: Final = "bad-declaration"
UNDECLARED: Final = "undeclared"
NOT_A_SET: Final = "not-a-set"
NO_VALUE: Final = "no-value"
BAD_FORM: Final = "form"
REMOVED: Final = "removed"
RENAMED: Final = "renamed"
RECURSION: Final = "recursion"
FAILS: Final = "error"

_MESSAGES: Final[tuple[tuple[str, str], ...]] = (
    (r"^The option `([^']*)' has conflicting definition values", UNEQUAL),
    (r"^A definition for option `([^']*)' is not of type", NOT_OF_TYPE),
    (r"^The option `([^']*)' is defined multiple times while", NOT_UNIQUE),
    (r"^The option `([^`]*)` is defined both null and not null", NULL_MIX),
    (r"^Cannot merge definitions of `([^']*)'", UNMERGEABLE),
    (r"^The option `([^']*)' has conflicting option types", KINDS_DIFFER),
    (r"^The option `([^`]*)` is defined both as `", TAGS_DIFFER),
    (r"^The option `([^']*)' is read-only, but", READ_ONLY),
    # Freeform types are merged as declarations are, though they are definitions.
    (r"^The option `([^']*_module\.freeformType)' in `[^']*' is already", KINDS_DIFFER),
    (r"^The option `([^']*)' in `[^']*' is already declared", DECLARED_TWICE),
    (r"^The option `([^']*)' in module `[^']*' would be a parent", NESTED_UNDER_OPTION),
    (r"expected an option declaration at option path `([^`]*)`", BAD_DECLARATION),
    (r"^\s*An option declaration for `([^']*)' has type", BAD_DECLARATION),
    (r"^The option `([^']*)' does not exist", UNDECLARED),
    (r"rather than an attribute set for the option\s+`([^']*)'", NOT_A_SET),
    (r"^The option `([^']*)' was accessed but has no value", NO_VALUE),
    (r"^Module `([^']*)' has an unsupported attribute", BAD_FORM),
    (r"^The option `([^']*)' can no longer be used since", REMOVED),
)
_PATTERNS: Final = tuple((re.compile(pattern), kind) for pattern, kind in _MESSAGES)


def classify(message: str) -> tuple[str, str]:
    """The kind of a failure and the option it names, from Nix's message; ("error", "") if it is
    none of the module system's."""
    for pattern, kind in _PATTERNS:
        found = pattern.search(message)
        if found is not None:
            return kind, found.group(1)
    return FAILS, ""


class Def:
    """One definition of an option: `value` still has its properties (`mkIf`, …) around it.

    `file` is what messages call the module, `certainty` says whether the conditions met on the
    way hold (`CERTAIN` or `POSSIBLE`). `priority` is set once the properties are taken off.
    """

    def __init__(
        self, value: Value, file: str, certainty: str, place: Place | None, module: Module | None
    ) -> None:
        self.value = value
        self.file = file
        self.certainty = certainty
        self.place = place
        self.module = module
        self.priority: int | None = 100
        self.order = 1000
        self.ordered = False
        """Whether `mkOrder` was around it."""
        self.is_default = False
        """Whether it is the `default` of the declaration."""

    def with_value(self, value: Value) -> Def:
        """The same definition of another value."""
        out = Def(value, self.file, self.certainty, self.place, self.module)
        out.priority = self.priority
        out.order = self.order
        out.ordered = self.ordered
        out.is_default = self.is_default
        return out


class Conflict:
    """Something Nix certainly refuses at the option `path`: the kind, and who is involved."""

    def __init__(self, kind: str, path: str, message: str, definitions: list[Def]) -> None:
        self.kind = kind
        self.path = path
        self.message = message
        self.definitions = definitions
        self.siblings: list[str] = []
        """What is declared beside an option that is not."""
        self.error_kind = THROWN
        """The kind of the error that Nix raises for it; see `NixError`."""
        self.prints: list[Part] = []
        """What Nix evaluates to show it in its message, beside `definitions`."""
        self.exact = True
        """Whether Nix shows just `definitions`, where it shows any; else it may be fewer."""
        self.doubt = ""
        """Why Nix, which certainly refuses, may tell something else, or ""."""

    def __repr__(self) -> str:
        return f"Conflict({self.kind} {self.path})"


class OptionError(NixError):
    """A conflict on its way through values that need the option."""

    def __init__(self, conflict: Conflict) -> None:
        super().__init__(conflict.error_kind, conflict.message, None, 0)
        self.conflict = conflict

    def again(self) -> NixError:
        return OptionError(self.conflict)


class Merged:
    """The verdict on an option, or on a part of one.

    `value` is set if the state is `KNOWN`; its parts are computed on demand. `parts` are the
    verdicts on what is inside of it. `survivors` are the definitions that priorities leave, if
    that is known; `all` are all, discharged.
    """

    def __init__(self, state: str) -> None:
        self.state = state
        self.value: Value | None = None
        self.reason = ""
        self.conflict: Conflict | None = None
        self.parts: list[Part] = []
        self.survivors: list[Def] = []
        self.all: list[Def] = []
        self.priority: int | None = None
        self.defined = True
        """Whether there is any definition, the default included."""

    def get(self) -> Value:
        """The value for those who use it. Raises `NixError` if Nix certainly refuses it."""
        if self.state == KNOWN:
            assert self.value is not None
            return self.value
        if self.state == FAILED:
            assert self.conflict is not None
            raise OptionError(self.conflict)
        return VUnknown(self.reason)

    def conflicts(self, limit: int = 100) -> list[Conflict]:
        """All conflicts in it, and in its parts."""
        out: list[Conflict] = []
        stack: list[Merged] = [self]
        steps = 0
        while stack and steps < 10_000 and len(out) < limit:
            steps += 1
            one = stack.pop()
            if one.conflict is not None:
                out.append(one.conflict)
            for part in reversed(one.parts):
                stack.append(part.get())
        return out


def known(value: Value) -> Merged:
    """A known value."""
    out = Merged(KNOWN)
    out.value = value
    return out


def unknown(reason: str) -> Merged:
    """Nothing certain, for a reason."""
    out = Merged(UNKNOWN)
    out.reason = reason
    return out


def failed(kind: str, path: str, message: str, definitions: list[Def]) -> Merged:
    """A certain failure."""
    out = Merged(FAILED)
    out.conflict = Conflict(kind, path, message, definitions)
    return out


def of_error(error: NixError, definitions: list[Def]) -> Merged:
    """The verdict when evaluation fails on the way."""
    out = Merged(FAILED)
    if isinstance(error, OptionError):
        out.conflict = error.conflict
        return out
    kind, path = classify(error.message)
    if error.kind == INFINITE_RECURSION:
        kind = RECURSION
    out.conflict = Conflict(kind, path, error.message, definitions)
    out.conflict.error_kind = error.kind
    out.conflict.exact = False
    return out


class Part:
    """A verdict to come. `name` is how it is called in its parent: an attribute, or a number."""

    def __init__(self, name: str, make: Callable[[], Merged]) -> None:
        self.name = name
        self._make = make
        self._done: Merged | None = None
        self._busy = False

    def get(self) -> Merged:
        """The verdict."""
        if self._done is None:
            if self._busy:
                raise endless(None)
            self._busy = True
            try:
                self._done = self._make()
            except NixError as error:
                self._done = of_error(error, [])
            except OutOfBudget as limit:
                self._busy = False
                return unknown(limit.message)
            self._busy = False
        return self._done


class PartValue(Thunk):
    """The value of a verdict to come."""

    def __init__(self, part: Part) -> None:
        super().__init__()
        self.part = part

    def compute(self, m: Machine) -> Value:
        return self.part.get().get().force(m)


class Computed(Thunk):
    """A value that a function makes when it is needed."""

    def __init__(self, make: Callable[[], Value]) -> None:
        super().__init__()
        self.make: Callable[[], Value] | None = make

    def compute(self, m: Machine) -> Value:
        assert self.make is not None
        return self.make().force(m)

    def done(self) -> None:
        self.make = None
