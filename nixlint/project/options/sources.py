"""Which lists of options a project knows: given by the configuration, or from sources on disk."""

from __future__ import annotations

import os
from typing import Final, cast

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.values import Value
from nixlint.project.notices import say
from nixlint.project.options.cache import Extracted, cached, content_of, keep
from nixlint.project.options.extract import ExtractError, extract_options
from nixlint.project.options.index import (
    DARWIN,
    HOME_MANAGER,
    NIXOS,
    OptionIndex,
    OptionIndexError,
    read_index,
)
from nixlint.project.options.knowledge import KnownOptions, united
from nixlint.project.project import MAX_BYTES, Project
from nixlint.project.references.fetchers import Attr
from nixlint.project.references.flake_ref import FlakeRefError, identity, parse_flake_ref
from nixlint.project.store import find_source
from nixlint.text import disk
from nixlint.text.source import decode

_KEY: Final = "known-options"
SHAPES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    (NIXOS, ("nixos/modules/module-list.nix",)),
    (HOME_MANAGER, ("modules/modules.nix", "modules/lib/stdlib-extended.nix")),
    (DARWIN, ("modules/module-list.nix", "eval-config.nix")),
)
"""The files by which a source is recognized."""
REPOSITORIES: Final[dict[str, tuple[str, ...]]] = {
    NIXOS: ("nixpkgs",),
    HOME_MANAGER: ("home-manager",),
    DARWIN: ("nix-darwin",),
}
"""The names of the repositories that declare the options."""
LABELS: Final = {NIXOS: "nixpkgs", HOME_MANAGER: "home-manager", DARWIN: "nix-darwin"}

_READ: Final[dict[str, Extracted]] = {}
"""Lists that this process has read, by kind and content; they are not changed any more."""
MAX_READ: Final = 8


class OptionSources:
    """The lists of options of one project; problems with them are told in `problems`: the file
    and what is wrong with it."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.problems: list[tuple[str, str]] = []
        self._lists: dict[str, tuple[Extracted, bool] | None] = {}
        self._known: dict[tuple[str, int], KnownOptions | None] = {}
        self._located: dict[str, list[str]] | None = None
        self._absent: set[str] = set()

    def renewed(self, project: Project) -> OptionSources:
        """The same lists for another state of the project, whose inputs and settings are those of
        before."""
        out = OptionSources(project)
        out.problems = self.problems
        out._lists = self._lists
        out._located = self._located
        out._absent = self._absent
        return out

    def known(self, kind: str, ev: Evaluator, lib: Value) -> KnownOptions | None:
        """The options that configurations of a kind have without the project's own modules; None
        when nothing is known of them."""
        key = (kind, id(ev))
        if key not in self._known:
            self._known[key] = self._make(kind, ev, lib)
        return self._known[key]

    def list_for(self, kind: str) -> OptionIndex | None:
        """The list of options for a kind of configuration; None when there is none."""
        found = self._list(kind)
        return found[0].index if found is not None else None

    def _make(self, kind: str, ev: Evaluator, lib: Value) -> KnownOptions | None:
        found = self._list(kind)
        if found is None:
            return None
        extracted, hidden = found
        label = LABELS.get(kind, kind)
        return KnownOptions(extracted.index, label, ev, lib, hidden, extracted.unread)

    def _list(self, kind: str) -> tuple[Extracted, bool] | None:
        if kind not in self._lists:
            given = self.project.settings.options.get(kind)
            if given is not None:
                self._lists[kind] = self._given(kind, given)
            else:
                self._lists[kind] = self._extracted(kind)
        return self._lists[kind]

    def _given(self, kind: str, path: str) -> tuple[Extracted, bool] | None:
        """The list in a file."""
        try:
            data = disk.read(path, MAX_BYTES)
            if data is None:
                self.problems.append((path, "is too large for a list of options"))
                return None
            text = decode(data)
        except OSError as error:
            self.problems.append((path, f"cannot be read: {error.strerror or error}"))
            return None
        name = f"{kind} {disk.digest(data)}"
        found = _READ.get(name)
        if found is None:
            try:
                found = Extracted(read_index(text, "", kind), [])
            except OptionIndexError as error:
                self.problems.append((path, error.reason))
                return None
            _remember(name, found)
        # Only lists that nixlint has made tell of options that the manual leaves out.
        hidden = any(not option.visible for option in found.index.options.values())
        return found, hidden

    # Sources on disk.

    def _extracted(self, kind: str) -> tuple[Extracted, bool] | None:
        paths = self.located().get(kind, [])
        if not paths or kind in self._absent:
            # The configuration may be built with the version that is not here.
            return None
        found = [one for one in (self._of_source(path, kind) for path in paths) if one is not None]
        if len(found) < len(paths):
            return None
        if len(found) == 1:
            return found[0], True
        unread = [name for one in found for name in one.unread]
        return Extracted(united([one.index for one in found]), unread), True

    def _of_source(self, path: str, kind: str) -> Extracted | None:
        content = content_of(path)
        known = _READ.get(f"{kind} {content}") if content else None
        if known is None:
            known = cached(kind, content)
        if known is not None:
            _remember(f"{kind} {content}", known)
            return known
        say(f"reading the options of {LABELS.get(kind, kind)} from {path}")
        try:
            made = extract_options(path, kind)
        except ExtractError as error:
            self.problems.append((path, error.reason))
            return None
        found = Extracted(made.index, sorted({one.name for one in made.unread}))
        keep(kind, content, found)
        if content:
            _remember(f"{kind} {content}", found)
        return found

    def located(self) -> dict[str, list[str]]:
        """The sources on disk that declare options, by kind."""
        if self._located is None:
            self._located = {}
            self._locate()
        return self._located

    def _locate(self) -> None:
        project = self.project
        settings = project.settings
        flake = project.flake
        if flake is None:
            for path in settings.sources.values():
                self._take(path)
            return
        lock = project.lock if project.lock is not None and project.lock.usable else None
        for name, declared in flake.inputs.items():
            original: dict[str, Attr] = dict(declared.attrs)
            locked: dict[str, Attr] | None = None
            key = lock.resolve([name]) if lock is not None else None
            if lock is not None and key is not None:
                node = lock.nodes[key]
                locked = node.locked
                original = node.original or original
            elif declared.url is not None:
                try:
                    original = dict(parse_flake_ref(declared.url).attrs)
                except FlakeRefError:
                    original = {}
            elif not original and not declared.follows:
                original = {"type": "indirect", "id": name}
            found = find_source(name, locked, original, settings.sources, settings.caches)
            if found is not None:
                self._take(found.path)
                continue
            which = identity(original) or identity(locked or {}) or ""
            repository = which.rpartition("/")[2].rpartition(":")[2]
            for kind, names in REPOSITORIES.items():
                if repository in names:
                    self._absent.add(kind)

    def _take(self, path: str) -> None:
        assert self._located is not None
        real = disk.real(path)
        for kind, files in SHAPES:
            if all(disk.is_file(os.path.join(real, name)) for name in files):
                if real not in self._located.setdefault(kind, []):
                    self._located[kind].append(real)


def keep_sources(project: Project, sources: OptionSources) -> None:
    """Lets a project use lists that are there already."""
    project.caches[_KEY] = sources


def _remember(name: str, found: Extracted) -> None:
    if name not in _READ and len(_READ) >= MAX_READ:
        _READ.pop(next(iter(_READ)))
    _READ[name] = found


def option_sources(project: Project) -> OptionSources:
    """The lists of options of a project, found once for all who ask."""
    known = project.caches.get(_KEY)
    if known is not None:
        return cast(OptionSources, known)
    made = OptionSources(project)
    project.caches[_KEY] = made
    return made


def problems_of(project: Project) -> list[tuple[str, str]]:
    """What is wrong with lists of options that were read so far: the file or directory, and why."""
    known = project.caches.get(_KEY)
    return cast(OptionSources, known).problems if known is not None else []
