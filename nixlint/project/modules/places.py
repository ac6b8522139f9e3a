"""Where exactly a module is imported."""

from __future__ import annotations

import os

from nixlint.project.modules.model import Place
from nixlint.project.modules.references import references_in
from nixlint.project.project import Project


def exact_place(project: Project, place: Place, path: str) -> Place:
    """The path literal in an expression at `place` that leads to the file `path`; the place itself
    when there is none."""
    tree = project.tree(place.path)
    if tree is None:
        return place
    folder = os.path.dirname(path) if os.path.basename(path) == "default.nix" else path
    cache = project.caches.setdefault("references", {})
    assert isinstance(cache, dict)
    found = cache.get(place.path)
    if found is None:
        found = references_in(tree, place.path, project.root).references
        cache[place.path] = found
    for reference in found:
        if place.start <= reference.start and reference.end <= place.end:
            if reference.target == path or reference.target == folder:
                return Place(place.path, reference.start, reference.end)
    return place
