"""Names that mean nothing where they stand, and what may have been meant."""

from __future__ import annotations

from typing import Final

from nixlint.rules.base import FileContext
from nixlint.semantic.builtins import (
    global_names,
    global_since,
    is_global,
    is_in_lib,
    member_since,
)
from nixlint.semantic.model import (
    DEF_BUILTIN,
    Definition,
    Reference,
    Scope,
    innermost_with,
    is_builtin_here,
    resolve,
)

MAX_NAMES: Final = 20_000
"""So many names are compared with misspelled ones in one file; then no more are suggested."""


def unresolved(ctx: FileContext) -> list[Reference]:
    """The references that Nix refuses, in order: bound nowhere, and under no `with`."""
    out: list[Reference] = []
    for reference in ctx.model.references:
        if is_unknown(reference, ctx.target_nix) and innermost_with(reference.scope) is None:
            out.append(reference)
    return out


def is_unknown(reference: Reference, target: tuple[int, int]) -> bool:
    """Whether no scope has the name, those of `with` left aside."""
    definition = reference.definition
    if definition is None:
        return True
    return definition.kind == DEF_BUILTIN and is_too_new(definition.name, target)


def meant_by_typos(ctx: FileContext) -> set[int]:
    """The starts of the definitions that misspelled names were probably meant to refer to.

    They only look unused because of the mistake.
    """
    out: set[int] = set()
    suggester = Suggester()
    for reference in unresolved(ctx):
        lib = library_of(reference)
        if lib is not None:
            out.add(lib.node.start)
            continue
        found = suggester.nearest(reference.name, reference.scope)
        if found is not None and found[1] is not None:
            out.add(found[1].node.start)
    return out


def library_of(reference: Reference) -> Definition | None:
    """The `lib` in scope that may have the name as a member."""
    return resolve("lib", reference.scope) if is_in_lib(reference.name) else None


def is_too_new(name: str, target: tuple[int, int]) -> bool:
    """Whether a global came only after the version of Nix that is aimed at."""
    since = global_since(name)
    return since is not None and since > target


def needs_prefix(reference: Reference, target: tuple[int, int]) -> bool:
    """Whether an unresolved name is a member of `builtins`, and `builtins` can be written here."""
    if is_global(reference.name):
        return False
    since = member_since(reference.name)
    return since is not None and since <= target and is_builtin_here("builtins", reference.scope)


def version_text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


class Suggester:
    """Finds the name in force that is most like an unknown one."""

    def __init__(self) -> None:
        self.left = MAX_NAMES

    def nearest(self, name: str, scope: Scope) -> tuple[str, Definition | None] | None:
        """The name, and its definition if it is not one of Nix itself. None if none is close."""
        best = ""
        found: Definition | None = None
        if self.left <= 0 or len(name) < 3:
            return None
        limit = len(name) // 3 + 1
        at: Scope | None = scope
        while at is not None and limit > 0:
            if at.parent is not None:
                for other, definition in at.names.items():
                    distance = self.compare(name, other, limit)
                    if distance < limit:
                        best, found, limit = other, definition, distance
            at = at.parent
        if limit > 0:
            for other in global_names():
                distance = self.compare(name, other, limit)
                if distance < limit:
                    best, found, limit = other, None, distance
        return (best, found) if best else None

    def compare(self, name: str, other: str, limit: int) -> int:
        """How many typing mistakes apart two names are; `limit` or more if they are not close."""
        if self.left <= 0:
            return limit
        self.left -= 1
        return typing_distance(name, other, limit)


def nearest_of(name: str, known: list[str]) -> str:
    """The most similar of `known`, or empty."""
    limit = len(name) // 3 + 1 if len(name) > 2 else 0
    best = ""
    for other in known:
        distance = typing_distance(name, other, limit)
        if distance < limit:
            best = other
            limit = distance
    return best


def typing_distance(one: str, other: str, limit: int) -> int:
    """The number of inserted, left out, replaced or swapped letters between two names.

    Gives back `limit` as soon as it is clear that there are as many. Differences in case, and
    between `-` and `_`, count as none against that limit but as one all the same.
    """
    if abs(len(one) - len(other)) >= limit:
        return limit
    if one == other:
        return 0
    plain = one.lower().replace("_", "-")
    if plain == other.lower().replace("_", "-"):
        return min(1, limit)
    width = len(other) + 1
    before: list[int] = []
    row = list(range(width))
    for i in range(1, len(one) + 1):
        above = row
        row = [i] * width
        smallest = i
        for j in range(1, width):
            same = one[i - 1] == other[j - 1]
            cost = above[j - 1] if same else above[j - 1] + 1
            if above[j] + 1 < cost:
                cost = above[j] + 1
            if row[j - 1] + 1 < cost:
                cost = row[j - 1] + 1
            if i > 1 and j > 1 and one[i - 1] == other[j - 2] and one[i - 2] == other[j - 1]:
                cost = min(cost, before[j - 2] + 1)
            row[j] = cost
            smallest = min(smallest, cost)
        if smallest > limit:
            return limit
        before = above
    return min(row[width - 1], limit)
