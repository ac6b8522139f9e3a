"""Notes above the code: who imports a file, how often an option is used."""

from __future__ import annotations

from nixlint.ide.document import Document
from nixlint.ide.model import Place
from nixlint.ide.navigation.links import LARGEST
from nixlint.ide.navigation.targets import Finder
from nixlint.ide.navigation.workspace import Workspace


class Lens:
    """A note about a piece of a file. `places` are what a click on it shows."""

    def __init__(self, start: int, end: int, option: tuple[str, ...] = ()) -> None:
        self.start = start
        self.end = end
        self.option = option
        """The option that it is about; () for the file."""
        self.title = ""
        self.places: list[Place] = []


def lenses(workspace: Workspace, document: Document) -> list[Lens]:
    """The notes of a file, without their texts: those of options take a search, see `complete`."""
    out: list[Lens] = []
    if len(document.text) > LARGEST:
        return out
    workspace.refresh()
    summary = workspace.summary(document.path)
    if summary is None or not workspace.contains(document.path):
        return out
    about_file = Lens(0, 0)
    if complete(workspace, document, about_file):
        out.append(about_file)
    for one in summary.declared:
        if one.kind == "option":
            start, end = one.spans[-1]
            out.append(Lens(start, end, one.path))
    return out


def complete(workspace: Workspace, document: Document, lens: Lens) -> bool:
    """Gives a note its text and places; False when there is nothing to say."""
    if lens.option:
        return _about_option(workspace, document, lens)
    facts = workspace.facts
    importers = workspace.importers(document.path)
    files = len({path for path, _ in importers})
    if files:
        lens.title = f"imported by {files} file" + ("" if files == 1 else "s")
        lens.places = [Place(path, use.start, use.end) for path, use in importers]
        return True
    if facts is not None and not facts.silent and document.path in facts.unused:
        lens.title = "unused"
        return True
    return False


def _about_option(workspace: Workspace, document: Document, lens: Lens) -> bool:
    finder = Finder(workspace)
    kinds = workspace.kinds_of(document.path)
    for found in workspace.occurrences(lens.option):
        if found.what != "declared" and finder.related(kinds, found.path, found.kind):
            lens.places.append(Place(found.path, *found.span))
    count = len(lens.places)
    lens.title = f"{count} reference" + ("" if count == 1 else "s")
    return True
