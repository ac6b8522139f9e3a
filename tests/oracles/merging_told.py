"""What Nix says of a conflict in the end.

Most messages of the module system show definitions (`showDefs` in nixpkgs' `lib/options.nix`).
They are evaluated for that: a `throw` inside is only left out of the message, but what `tryEval`
does not catch, as a missing attribute, is told instead of the conflict.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.values import (
    ASSERTION,
    INFINITE_RECURSION,
    THROWN,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VList,
    VString,
    VUnknown,
    endless,
)
from nixlint.project.modules.properties import Properties
from nixlint.project.modules.verdicts import (
    FAILS,
    NOT_OF_TYPE,
    NOT_UNIQUE,
    RECURSION,
    UNDECLARED,
    UNEQUAL,
    UNMERGEABLE,
    Conflict,
    OptionError,
    PartValue,
)

PRINTED_LEVELS: Final = 10
"""How deep Nix prints definitions."""
MAX_PRINTED: Final = 20_000
"""So many values are looked at."""
CAUGHT: Final = (THROWN, ASSERTION)
UNPRINTED: Final = ("__functor", "__functionArgs", "__toString", "__pretty")
_SHOWING: Final = (NOT_OF_TYPE, UNDECLARED, UNEQUAL, NOT_UNIQUE, UNMERGEABLE)


class Telling:
    """Finds out what is told; for one conflict or several."""

    def __init__(self, merger: Properties) -> None:
        self.merger = merger
        self._told: dict[int, tuple[Conflict, Conflict]] = {}
        """By the identity of conflicts, which are kept so that it is not used again."""
        self._busy: list[Conflict] = []
        self._steps = 0

    def told(self, conflict: Conflict) -> Conflict:
        """What Nix tells: the conflict, or what fails while it writes the message. Raises
        `OutOfBudget` if that is unknown."""
        done = self._told.get(id(conflict))
        if done is not None:
            return done[1]
        if any(one is conflict for one in self._busy):
            # A definition that is printed needs the option.
            return _as_conflict(endless(None))
        self._busy.append(conflict)
        try:
            found = self._found(conflict)
        finally:
            self._busy.pop()
        self._told[id(conflict)] = (conflict, found)
        return found

    def _found(self, conflict: Conflict) -> Conflict:
        shown: list[Value] = [PartValue(part) for part in conflict.prints]
        if conflict.kind in _SHOWING:
            shown.extend([one.value for one in conflict.definitions])
        if conflict.kind == UNDECLARED:
            shown = shown[:1]
        for value in shown:
            dead = self._printed(value)
            if dead is None:
                continue
            if not conflict.exact:
                raise OutOfBudget("which definitions Nix prints is unknown")
            return dead
        if conflict.doubt:
            raise OutOfBudget(conflict.doubt)
        return conflict

    def _printed(self, value: Value) -> Conflict | None:
        """What fails beyond rescue while a value is printed, if anything does."""
        try:
            self._print(value, 0)
        except OptionError as error:
            inner = self.told(error.conflict)
            return inner if inner.error_kind not in CAUGHT else None
        except NixError as other:
            return None if other.catchable else _as_conflict(other)
        return None

    def _print(self, value: Value, depth: int) -> None:
        """Computes what is printed of a value. Printing ends at the first failure."""
        if depth > PRINTED_LEVELS:
            return
        self._steps += 1
        if self._steps > MAX_PRINTED:
            raise OutOfBudget("there is too much to print")
        forced = self.merger.force(value)
        if isinstance(forced, VUnknown):
            raise OutOfBudget(forced.reason)
        if isinstance(forced, VList):
            for item in forced.items:
                self._print(item, depth + 1)
            if forced.rest is not None:
                raise OutOfBudget(forced.rest[0].reason)
        elif isinstance(forced, VAttrs):
            if "type" in forced.attrs:
                # It is looked at first, as derivations are printed by name only.
                kind = self.merger.force(forced.attrs["type"])
                if isinstance(kind, VString) and kind.text == "derivation":
                    return
            for name in sorted(forced.attrs):
                if name not in UNPRINTED:
                    self._print(forced.attrs[name], depth + 1)
            if forced.rest is not None:
                raise OutOfBudget(forced.rest[0].reason)


def _as_conflict(error: NixError) -> Conflict:
    """The failure of an evaluation, whatever its message is like."""
    kind = RECURSION if error.kind == INFINITE_RECURSION else FAILS
    out = Conflict(kind, "", error.message, [])
    out.error_kind = error.kind
    return out
