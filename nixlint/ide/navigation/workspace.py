"""All files of a project: open documents over the disk, and what their summaries say together.

A workspace reads files when somebody asks, keeps what it made of them for as long as their text
stays the same, and never holds more than a few trees. Everything here is for one thread.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from time import monotonic
from typing import Final

from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.knowledge.values import WILD, Resolver
from nixlint.ide.knowledge.views import View, file_at
from nixlint.ide.navigation.index import (
    CALLED,
    EMBEDDED,
    HOME_USERS,
    IMPORTED,
    MODULE,
    FileSummary,
    Hole,
    Occurrence,
    PathUse,
    summarize,
)
from nixlint.project.tree.walk import walk
from nixlint.text.source import decode

MAX_TEXT: Final = 1_200_000
"""Characters of the texts whose trees are kept."""
LARGE: Final = 100_000
"""Characters, or bytes, from which on summing up a file takes so long that others wait."""
MAX_BYTES: Final = 8 * 1024 * 1024
MAX_FILES: Final = 6000
RELIST: Final = 5.0
"""Seconds after which the list of files is made anew."""

Stamp = tuple[int, int]


class Found:
    """An option that is named somewhere: the file, what happens to it there (`declared`,
    `defined`, `used`, `text`), its span, and the kind of the occurrence."""

    def __init__(self, path: str, what: str, span: tuple[int, int], kind: str) -> None:
        self.path = path
        self.what = what
        self.span = span
        self.kind = kind


class Workspace:
    """The project in the directory `root`; "" when there is only one file without a project.

    `opened` are the documents that an editor has open, by their absolute paths; it may change.
    `deep` says whether files in directories below belong to it, too.
    """

    def __init__(
        self,
        root: str,
        opened: Mapping[str, Document] | None = None,
        facts: ProjectFacts | None = None,
        deep: bool = True,
    ) -> None:
        self.root = root
        self.deep = deep
        self.is_ready = False
        """Whether all files have been read once, so that questions are answered quickly."""
        self._keep = RELIST
        self._facts = facts
        self._opened: Mapping[str, Document] = opened if opened is not None else {}
        self._views: OrderedDict[str, tuple[Stamp | Document, View]] = OrderedDict()
        self._size = 0
        self._summaries: dict[str, tuple[Stamp | Document, FileSummary]] = {}
        self._files: list[str] | None = None
        self._listed = 0.0
        self._importers: dict[str, list[tuple[str, PathUse]]] | None = None
        self._current: list[FileSummary] | None = None
        self._modules: dict[str, bool] = {}
        self._configured: frozenset[str] | None = None

    @property
    def facts(self) -> ProjectFacts | None:
        """What is known of the project beyond the looks of its files."""
        return self._facts

    @facts.setter
    def facts(self, facts: ProjectFacts | None) -> None:
        if facts is not self._facts:
            self._facts = facts
            self._modules = {}
            self._configured = None

    # Files.

    def files(self) -> list[str]:
        """The Nix files of the project, open ones included, sorted.

        Only the open ones, if there are so many that nobody could wait for them.
        """
        facts = self._facts
        if facts is not None and facts.files:
            found = [path for path in facts.files if path.endswith(".nix")]
        else:
            found = self._on_disk()
        if len(found) > MAX_FILES:
            found = []
        opened = [path for path in self._opened if self.contains(path)]
        return sorted(set(found).union(opened))

    def _on_disk(self) -> list[str]:
        now = monotonic()
        if self._files is None or now - self._listed > self._keep:
            found = self._walk()
            self._files = [path for path in found if path.endswith(".nix")]
            self._listed = monotonic()
            # Listing must not take more than a small part of the time.
            self._keep = max(RELIST, 40 * (self._listed - now))
        return self._files

    def _walk(self) -> list[str]:
        if not self.root:
            return []
        if self.deep:
            return walk(self.root) or []
        try:
            return [os.path.join(self.root, name) for name in os.listdir(self.root)]
        except OSError:
            return []

    def contains(self, path: str) -> bool:
        """Whether a path lies in the project."""
        return bool(self.root) and path.startswith(self.root.rstrip(os.sep) + os.sep)

    def forget_files(self) -> None:
        """Call it when files came or went."""
        self._files = None

    def view(self, path: str) -> View | None:
        """A file with its tree: as it is open, else from the disk; None if it cannot be read."""
        stamp = self._stamp(path)
        if stamp is None:
            return None
        known = self._views.get(path)
        if known is not None and known[0] == stamp:
            self._views.move_to_end(path)
            return known[1]
        document = stamp if isinstance(stamp, Document) else self._read(path)
        if document is None:
            return None
        view = View(document)
        if known is not None:
            self._size -= len(known[1].text)
            del self._views[path]
        self._views[path] = (stamp, view)
        self._size += len(view.text)
        while self._size > MAX_TEXT and len(self._views) > 1:
            _, (_, gone) = self._views.popitem(last=False)
            self._size -= len(gone.text)
        return view

    def document(self, path: str) -> Document | None:
        """As `view`, the document alone."""
        view = self.view(path)
        return view.document if view is not None else None

    def summary(self, path: str) -> FileSummary | None:
        """The summary of a file; None if it cannot be read."""
        stamp = self._stamp(path)
        if stamp is None:
            self._summaries.pop(path, None)
            return None
        known = self._summaries.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        found = self._views.get(path)
        if found is not None and found[0] == stamp:
            document: Document | None = found[1].document
        else:
            document = stamp if isinstance(stamp, Document) else self._read(path)
        if document is None:
            return None
        summary = summarize(document)
        self._summaries[path] = (stamp, summary)
        return summary

    def summaries(self) -> list[FileSummary]:
        """Those of all files, as they were at the last `refresh`."""
        return self._current if self._current is not None else self.refresh()

    def refresh(self) -> list[FileSummary]:
        """Looks which files have changed; every question begins with it."""
        found: list[FileSummary] = []
        for path in self.files():
            summary = self.summary(path)
            if summary is not None:
                found.append(summary)
        before = self._current
        same = before is not None and len(before) == len(found)
        if not same or any(a is not b for a, b in zip(found, before or [], strict=False)):
            self._importers = None
            self._modules = {}
        self._current = found
        return found

    def warm(self, seconds: float) -> bool:
        """Makes summaries for about so long; says whether all are made. For idle moments.

        Large files are left out: see `large`.
        """
        until = monotonic() + seconds
        for path in self.files():
            stamp = self._stamp(path)
            if stamp is not None and not _is_large(stamp):
                self.summary(path)
            if monotonic() > until:
                return False
        self.is_ready = True
        return True

    def large(self, again: bool = True) -> list[tuple[str, Stamp | Document]]:
        """The large files that have no summary as they are now, each with what tells its versions
        apart; somebody else may sum them up meanwhile, for `adopt`.

        Without `again`, open files are left out that had a summary before: they are other ones
        after every keystroke.
        """
        out: list[tuple[str, Stamp | Document]] = []
        for path in self.files():
            stamp = self._stamp(path)
            if stamp is None or not _is_large(stamp):
                continue
            known = self._summaries.get(path)
            if known is None or (known[0] != stamp and (again or path not in self._opened)):
                out.append((path, stamp))
        return out

    def adopt(self, path: str, stamp: Stamp | Document, summary: FileSummary) -> None:
        """Takes the summary of the version of a file that `large` named."""
        self._summaries[path] = (stamp, summary)

    def _stamp(self, path: str) -> Stamp | Document | None:
        opened = self._opened.get(path)
        if opened is not None:
            return opened
        try:
            found = os.stat(path)
        except OSError:
            return None
        if found.st_size > MAX_BYTES:
            return None
        return (found.st_mtime_ns, found.st_size)

    def _read(self, path: str) -> Document | None:
        try:
            if not os.path.isfile(path):
                return None
            with open(path, "rb") as file:
                return Document(path, decode(file.read()))
        except OSError:
            return None

    def changed(self, documents: dict[str, Document]) -> Workspace:
        """The same files with other texts in the place of some."""
        opened = {**self._opened, **documents}
        out = Workspace(self.root, opened, self.facts, self.deep)
        out._summaries = dict(self._summaries)
        out._views = self._views.copy()
        out._size = self._size
        out._files = self._files
        out._listed = self._listed
        return out

    # Questions about all files.

    def resolver(self) -> Resolver:
        """A resolver over all files; good for one question."""
        sources: dict[str, str] = {}
        if self.facts is not None:
            for name, found in self.facts.inputs.items():
                if found.source:
                    sources[name] = found.source
        return Resolver(self.view, self.root, sources)

    def importers(self, path: str) -> list[tuple[str, PathUse]]:
        """Who names a file, or the directory whose `default.nix` it is: the other file and where
        in it, in the order of paths."""
        if self._importers is None:
            table: dict[str, list[tuple[str, PathUse]]] = {}
            for summary in self.summaries():
                for use in summary.paths:
                    target = file_at(use.target)
                    if target is not None and target != summary.path:
                        table.setdefault(target, []).append((summary.path, use))
            self._importers = table
        return self._importers.get(path, [])

    def value_imports(self, path: str) -> list[tuple[str, PathUse]]:
        """Those of the `importers` of a file that take its value: `import p`, `callPackage p`."""
        return [one for one in self.importers(path) if one[1].how in (IMPORTED, CALLED)]

    def reaching(self, path: str) -> set[str]:
        """The files from which a file can be reached through path literals, itself included."""
        out = {path}
        todo = [path]
        while todo:
            for importer, _ in self.importers(todo.pop()):
                if importer not in out:
                    out.add(importer)
                    todo.append(importer)
        return out

    def is_module(self, summary: FileSummary) -> bool:
        """Whether a file is a module: a configuration has it, somebody imports it as one, or it
        looks like one and nobody imports it as something else."""
        known = self._modules.get(summary.path)
        if known is not None:
            return known
        if self.facts is not None and self._configured is None:
            self._configured = frozenset(
                path for files in self.facts.configurations.values() for path in files
            )
        found = summary.is_module
        if self._configured is not None and summary.path in self._configured:
            found = True
        else:
            ways = {use.how for _, use in self.importers(summary.path)}
            if MODULE in ways:
                found = True
            elif not summary.is_explicit and (IMPORTED in ways or CALLED in ways):
                found = False
        self._modules[summary.path] = found
        return found

    # Options.

    def declarations(self, path: tuple[str, ...]) -> list[tuple[str, Occurrence]]:
        """Where the project declares an option, or the options below a path: pairs of a file
        and an occurrence."""
        out: list[tuple[str, Occurrence]] = []
        if path[-1] == WILD:
            return out
        for summary in self.summaries():
            for what, one in summary.at(len(path), path[-1]):
                if what == "declared" and fits(path, one.path):
                    out.append((summary.path, one))
        return out

    def occurrences(self, path: tuple[str, ...]) -> list[Found]:
        """Everywhere an option, or a path that leads to options, is named; `path` may hold
        `WILD`."""
        out: dict[tuple[str, int], Found] = {}
        for summary in self.summaries():
            found = summary.at(len(path), path[-1])
            if not found:
                continue
            is_module = self.is_module(summary)
            for what, one in found:
                if not fits(one.path, path) or (what == "defined" and not is_module):
                    continue
                span = one.span_of(len(path))
                if span is not None and (what != "used" or self._counts(one)):
                    out.setdefault(
                        (summary.path, span[0]), Found(summary.path, what, span, one.kind)
                    )
        return [out[key] for key in sorted(out)]

    def look_alikes(self, path: tuple[str, ...]) -> list[tuple[str, int]]:
        """Paths that may name an option though they are not taken for it: in files of which it is
        not known that they are modules, and inside of longer paths. Files and offsets."""
        out: list[tuple[str, int]] = []
        size = len(path)
        for summary in self.summaries():
            if path[-1] not in summary.names:
                continue
            is_module = self.is_module(summary)
            if not is_module:
                for what, one in summary.at(size, path[-1]):
                    if what == "defined" and fits(one.path, path):
                        out.append((summary.path, one.spans[-1][0]))
            for one in [*summary.defined, *summary.used]:
                if one.kind == EMBEDDED or len(one.path) <= size:
                    continue
                for at in range(1, len(one.path) - size + 1):
                    if one.path[at : at + size] == path and not _embedding(one.path[:at]):
                        out.append((summary.path, one.spans[-1][0]))
        return out

    def undeclared_below(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """A path below another one that is used and that no option of the project explains; ()
        if there is none."""
        for summary in self.summaries():
            for what, one in summary.at(len(path), path[-1]):
                if what == "declared" or not fits(one.path, path):
                    continue
                if what == "defined" and not self.is_module(summary):
                    continue
                if not self._is_explained(one.path):
                    return one.path
        return ()

    def _is_explained(self, path: tuple[str, ...]) -> bool:
        """Whether a path is an option of the project, or in one, or leads to one."""
        if self.declarations(path):
            return True
        for length in range(1, len(path)):
            for _, one in self.declarations(path[:length]):
                if one.kind == "option" and len(one.path) == length:
                    return True
        return False

    def _counts(self, one: Occurrence) -> bool:
        """Whether a use is sure: below `with config.x;` only what is declared can be meant."""
        if not one.kind.startswith("with "):
            return True
        return bool(self.declarations(one.path))

    def holes(self, path: tuple[str, ...]) -> list[tuple[str, Hole]]:
        """Uses that may mean an option though they do not name it."""
        out: list[tuple[str, Hole]] = []
        for summary in self.summaries():
            for hole in summary.holes:
                if len(hole.path) < len(path) and fits(hole.path, path[: len(hole.path)]):
                    out.append((summary.path, hole))
        return out

    def kinds_of(self, path: str, kind: str = "") -> frozenset[str] | None:
        """The kinds of configurations that a file belongs to, or that an occurrence of that
        `kind` in it is about; None when that is not known."""
        if kind in _ABOUT:
            return _ABOUT[kind]
        facts = self.facts
        if facts is None:
            return None
        found = [
            facts.kinds.get(name, "") for name, files in facts.configurations.items()
            if path in files
        ]  # fmt: skip
        return frozenset(found) if found else None


_ABOUT: Final = {
    EMBEDDED: frozenset(("homeManager",)),
    "nixosConfig": frozenset(("nixos",)),
    "darwinConfig": frozenset(("darwin",)),
    "osConfig": frozenset(("nixos", "darwin")),
}
"""The kinds of configurations that occurrences are about that are not about their file's."""


def _embedding(path: tuple[str, ...]) -> bool:
    """Whether what follows a path is a configuration of home-manager."""
    return len(path) == 3 and path[:2] == HOME_USERS


def fits(path: tuple[str, ...], declared: tuple[str, ...]) -> bool:
    """Whether a path is, or goes on below or above, a declared one, in which `WILD` is any name."""
    for one, other in zip(path, declared, strict=False):
        if one != other and one != WILD and other != WILD:
            return False
    return True


def _is_large(stamp: Stamp | Document) -> bool:
    return (len(stamp.text) if isinstance(stamp, Document) else stamp[1]) > LARGE
