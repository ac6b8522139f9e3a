"""A project: a directory with a `flake.nix`, and everything below it.

Nothing is read before somebody asks for it, and everything only once.
All paths are absolute; offsets are code points.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.project.flake.file import FlakeFile, read_flake_file
from nixlint.project.lock.flake_lock import FlakeLock, read_lock
from nixlint.project.lock.pins import PinFile, read_pins
from nixlint.project.settings import ProjectSettings
from nixlint.project.tree.git_index import GitIndex, read_git_index
from nixlint.project.tree.gitignore import is_repository, repository_of
from nixlint.project.tree.walk import FLAKE, walk
from nixlint.project.tree.walk import LOCK as LOCK
from nixlint.semantic.build import build_model
from nixlint.semantic.model import SemanticModel
from nixlint.syntax.parser import parse
from nixlint.syntax.tree import Tree
from nixlint.text import disk
from nixlint.text.source import Source, decode

MAX_BYTES: Final = 64 * 1024 * 1024
"""Larger files are treated as if they could not be read."""


class Project:
    """The project at the absolute directory `root`.

    `settings` says what the configuration demands. What is put into `replaced` (absolute path →
    tree) stands for the file on disk.
    """

    def __init__(self, root: str, settings: ProjectSettings | None = None) -> None:
        self.root = root
        self.settings = settings if settings is not None else ProjectSettings()
        self.flake_path = os.path.join(root, FLAKE)
        self.lock_path = os.path.join(root, LOCK)
        self.caches: dict[str, object] = {}
        """What analyses over the whole project remember, by their names."""
        self.replaced: dict[str, str] = {}
        """Texts that stand for files on disk, by path; see `replace_text`."""
        self._texts: dict[str, str | None] = {}
        self._stamps: dict[str, tuple[int, int]] | None = None
        """When files were read, for those who ask for the project again and again."""
        self._trees: dict[str, Tree | None] = {}
        self._models: dict[str, SemanticModel | None] = {}
        self._sources: dict[str, Source] = {}
        self._flake: FlakeFile | None = None
        self._flake_read = False
        self._lock: FlakeLock | None = None
        self._lock_read = False
        self._all_files: list[str] | None = None
        self._walked = False
        self._outer_files: list[str] | None = None
        self._walked_outside = False
        self._git: GitIndex | None = None
        self._git_read = False
        self._pin_files: list[PinFile] | None = None

    def renewed(self, replaced: dict[str, str]) -> Project:
        """The project as it is now: what did not change on disk is taken over with its tree.

        `replaced` holds texts that stand for files, by absolute path; see `replace_text`.
        """
        out = Project(self.root, self.settings)
        out._stamps = {}
        stamps = self._stamps if self._stamps is not None else {}
        for path, text in self._texts.items():
            if path in replaced:
                same = replaced[path] == text
            else:
                same = path in stamps and stamps[path] == _stamp(path)
            if same:
                out._take_over(path, self)
        for path, text in replaced.items():
            out.replaced[path] = text
            out._texts[path] = text
        return out

    def _take_over(self, path: str, other: Project) -> None:
        self._texts[path] = other._texts[path]
        if self._stamps is not None and other._stamps is not None and path in other._stamps:
            self._stamps[path] = other._stamps[path]
        if path in other._trees:
            self._trees[path] = other._trees[path]
        if path in other._models:
            self._models[path] = other._models[path]
        if path in other._sources:
            self._sources[path] = other._sources[path]

    # Files.

    @property
    def all_files(self) -> list[str] | None:
        """All files below the root but those that git ignores; None when they are too many.

        A file that git tracks counts, even if a pattern says to ignore it.
        """
        if not self._walked:
            self._walked = True
            self._all_files = self._files_below(self.root)
        return self._all_files

    def _files_below(self, directory: str) -> list[str] | None:
        """The files below a directory but those that git ignores and does not track."""
        git = self.git
        if git is None:
            return walk(directory)
        found = walk(directory, git.all_paths)
        if found is None:
            return None
        # Directories that are never entered may hold files that are tracked nevertheless.
        prefix = directory + os.sep
        known = set(found)
        more = [
            path
            for path in git.paths
            if path.startswith(prefix) and path not in known and disk.is_file(path)
        ]
        return found + sorted(more)

    @property
    def repository(self) -> str:
        """The root of the git repository the project lies in, or its own root."""
        return repository_of(self.root) or self.root

    @property
    def is_repository(self) -> bool:
        """Whether the root is the root of a git repository."""
        return is_repository(self.root)

    @property
    def outer_files(self) -> list[str] | None:
        """All files of the repository that do not lie below the root; None when too many."""
        if not self._walked_outside:
            self._walked_outside = True
            found: list[str] | None = []
            if self.repository != self.root:
                found = self._files_below(self.repository)
            if found is not None:
                prefix = self.root + os.sep
                found = [path for path in found if not path.startswith(prefix)]
            self._outer_files = found
        return self._outer_files

    @property
    def files(self) -> list[str]:
        """All `.nix` files among `all_files`."""
        found = self.all_files
        return [path for path in found if path.endswith(".nix")] if found is not None else []

    def text(self, path: str) -> str | None:
        """The text of a regular file; None when it cannot be read."""
        if path not in self._texts:
            stamp = _stamp(path) if self._stamps is not None else None
            if self._stamps is not None and stamp is not None:
                self._stamps[path] = stamp
            self._texts[path] = _read(path)
        return self._texts[path]

    def tree(self, path: str) -> Tree | None:
        """The tree of a Nix file; None when it cannot be read."""
        if path not in self._trees:
            text = self.text(path)
            self._trees[path] = parse(text) if text is not None else None
        return self._trees[path]

    def model(self, path: str) -> SemanticModel | None:
        """The names of a Nix file; None when it cannot be read."""
        if path not in self._models:
            tree = self.tree(path)
            self._models[path] = build_model(tree, path) if tree is not None else None
        return self._models[path]

    def source(self, path: str) -> Source:
        """The text of a file with its lines; an empty text when it cannot be read."""
        source = self._sources.get(path)
        if source is None:
            source = Source(path, self.text(path) or "")
            self._sources[path] = source
        return source

    def replace(self, path: str, tree: Tree) -> None:
        """Let a tree stand for the file at `path`, and forget what was known about that file."""
        self.replace_text(path, tree.text)
        self._trees[path] = tree

    def replace_text(self, path: str, text: str) -> None:
        """Let a text stand for that of the file at `path`, as `replace` does."""
        self.replaced[path] = text
        self._texts[path] = text
        if self._stamps is not None:
            self._stamps.pop(path, None)
        self._trees.pop(path, None)
        self._models.pop(path, None)
        self._sources.pop(path, None)
        self.caches.clear()
        if path == self.flake_path:
            self._flake_read = False
        elif path == self.lock_path:
            self._lock_read = False

    # What the project is made of.

    @property
    def flake(self) -> FlakeFile | None:
        """What `flake.nix` says; None when there is none."""
        if not self._flake_read:
            self._flake_read = True
            tree = self.tree(self.flake_path)
            self._flake = read_flake_file(tree, self.flake_path) if tree is not None else None
        return self._flake

    @property
    def flake_is_broken(self) -> bool:
        """Whether Nix could not even parse `flake.nix`."""
        tree = self.tree(self.flake_path)
        return tree is not None and any(error.fatal for error in tree.errors)

    @property
    def lock(self) -> FlakeLock | None:
        """What `flake.lock` says; None when there is none, or it cannot be read."""
        if not self._lock_read:
            self._lock_read = True
            text = self.text(self.lock_path)
            self._lock = read_lock(text, self.lock_path) if text is not None else None
        return self._lock

    @property
    def lock_missing(self) -> bool:
        """Whether there is no `flake.lock`."""
        return not disk.lexists(self.lock_path)

    @property
    def pin_files(self) -> list[PinFile]:
        """What npins and niv have written into `npins/` and `nix/`."""
        if self._pin_files is None:
            self._pin_files = []
            for folder in ("npins", "nix"):
                path = os.path.join(self.root, folder, "sources.json")
                text = self.text(path)
                found = read_pins(text, path) if text is not None else None
                if found is not None:
                    self._pin_files.append(found)
        return self._pin_files

    @property
    def texts(self) -> dict[str, str]:
        """All texts that were read so far, by path."""
        return {path: text for path, text in self._texts.items() if text is not None}

    # Git.

    @property
    def git(self) -> GitIndex | None:
        """What git tracks; None outside of a repository, or when that cannot be told."""
        if not self._git_read:
            self._git_read = True
            self._git = read_git_index(self.root)
        return self._git


def _stamp(path: str) -> tuple[int, int] | None:
    """What changes when a file does: its time in nanoseconds, and its size."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _read(path: str) -> str | None:
    try:
        data = disk.read(path, MAX_BYTES)
    except (OSError, ValueError):
        return None
    return decode(data) if data is not None else None
