"""Finding names in a whole project by parts of them."""

from __future__ import annotations

import os
from typing import Final

from nixlint.ide.model import MODULE, Place
from nixlint.ide.navigation.workspace import Workspace

LIMIT: Final = 200


class FoundSymbol:
    """A name and where it is bound; `container` says of what it is a part."""

    def __init__(self, name: str, kind: str, container: str, place: Place) -> None:
        self.name = name
        self.kind = kind
        self.container = container
        self.place = place


def workspace_symbols(workspace: Workspace, query: str, limit: int = LIMIT) -> list[FoundSymbol]:
    """Options that the project declares, its modules, and the attributes of sets that files (and
    the outputs of the flake) are, best matches first.

    The characters of `query` must stand in a name in their order, whatever their case.
    """
    wanted = query.replace(" ", "").casefold()
    workspace.refresh()
    found: list[tuple[int, int, str, int, FoundSymbol]] = []
    for summary in workspace.summaries():
        shown = os.path.relpath(summary.path, workspace.root) if workspace.root else summary.path
        if workspace.is_module(summary):
            name = shown.removesuffix(".nix").removesuffix("/default")
            score = match(wanted, name)
            if score is not None:
                symbol = FoundSymbol(name, MODULE, "", Place(summary.path, 0, 0))
                found.append((-score, len(name), summary.path, -1, symbol))
        for entry in summary.entries:
            full = f"{entry.container}.{entry.name}" if entry.kind != "option" else entry.name
            score = match(wanted, full.lstrip("."))
            if score is None:
                continue
            container = shown if entry.kind == "option" else entry.container or shown
            place = Place(summary.path, entry.start, entry.end)
            symbol = FoundSymbol(entry.name, entry.kind, container, place)
            found.append((-score, len(full), summary.path, entry.start, symbol))
    found.sort(key=lambda each: each[:4])
    return [each[4] for each in found[:limit]]


def match(query: str, name: str) -> int | None:
    """How well a name fits a query (casefolded); None when it does not, more is better."""
    if not query:
        return 0
    folded = name.casefold()
    at = folded.find(query)
    if at >= 0:
        begins = at == 0 or not folded[at - 1].isalnum()
        return 100 + (50 if begins else 0) + (50 if at + len(query) == len(folded) else 0)
    score = 0
    at = -1
    for char in query:
        found = folded.find(char, at + 1)
        if found < 0:
            return None
        if found == at + 1:
            score += 3
        elif not folded[found - 1].isalnum() or (name[found].isupper() and found > 0):
            score += 2
        at = found
    return score
