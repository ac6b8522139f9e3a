"""Completion of packages: behind `pkgs.`, below `with pkgs;`, in `inherit (pkgs) …`.

What overlays of the project add comes first, then what the project uses already, then the packages
of nixpkgs, as far as its source is on this machine.
"""

from __future__ import annotations

from typing import Final

from nixlint.ide.completion.context import Context
from nixlint.ide.completion.proposals import LIKELY, USUAL, Proposals
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.hovering import packages as shown
from nixlint.ide.knowledge.known import Named
from nixlint.ide.model import MODULE, PACKAGE
from nixlint.ide.packages.names import PackageSet
from nixlint.syntax.strings import quote_name

LIMIT: Final = 120
"""So many packages are proposed at most; typing brings others."""
OWN: Final = "overlay of this project"
USED: Final = "used in this project"
OLD: Final = "old name"


def names(context: Context, proposals: Proposals, known: Named, facts: ProjectFacts | None) -> None:
    """Proposes the packages in a set of packages; `known` says which set."""
    path = known.path
    if not path:
        proposals.attribute("lib", MODULE, order=USUAL)
    if facts is None:
        return
    if not path:
        for own in sorted(facts.own_packages):
            proposals.attribute(own, PACKAGE, OWN, LIKELY, _data(known, own))
    packages = facts.packages_of(known.source)
    found = packages.set_at(path) if packages is not None else None
    for name in _used(proposals, path, facts):
        if packages is None:
            proposals.attribute(name, PACKAGE, USED, USUAL, _data(known, name))
        elif found is not None and found.find(name) is not None:
            _add(proposals, found, known, name, USUAL)
    if found is None:
        return
    matching, whole = found.search(context.prefix, LIMIT)
    prefix = context.prefix.lower()
    for name in matching:
        likely = bool(prefix) and name.lower().startswith(prefix)
        _add(proposals, found, known, name, USUAL if likely else USUAL + 1)
    if not whole:
        proposals.complete = False


def _used(proposals: Proposals, path: tuple[str, ...], facts: ProjectFacts) -> list[str]:
    """What the project takes from a set already, the most used first."""
    start = ".".join(path) + "." if path else ""
    used = facts.used_packages
    fitting = [
        each
        for each in used
        if each.startswith(start) and "." not in each[len(start) :]
        if proposals.fits(each[len(start) :])
    ]
    if len(fitting) > LIMIT:
        proposals.complete = False
    fitting.sort(key=lambda each: (-used[each], each))
    return [each[len(start) :] for each in fitting[:LIMIT]]


def _add(proposals: Proposals, found: PackageSet, known: Named, name: str, order: int) -> None:
    """Proposes a package of nixpkgs."""
    old = name in found.aliases
    proposals.add(
        name,
        PACKAGE,
        quote_name(name),
        OLD if old else "",
        order + 1 if old else order,
        data=_data(known, name),
        deprecated=old,
    )


def _data(known: Named, name: str) -> str:
    return f"package:{known.source}:" + "\n".join((*known.path, name))


def documentation(data: str, facts: ProjectFacts) -> str:
    """The documentation of a proposal, Markdown."""
    source, _, path = data.partition(":")
    return shown.package(facts, tuple(path.split("\n")), source)
