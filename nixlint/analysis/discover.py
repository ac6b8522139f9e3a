"""From the paths on the command line to the files to check, in a stable order.

A file named by the user is checked, whatever its name, and even when excluded, unless
`force-exclude` is on. In a directory only `*.nix` files count, minus what git ignores and what
the configuration excludes.
A walk never leaves the directory it started in, and never enters a directory through a symbolic
link, so it cannot loop.
"""

from __future__ import annotations

import os
import stat
from typing import Final

from nixlint.analysis.check_file import Additional
from nixlint.analysis.config import Config, ConfigError
from nixlint.analysis.outcome import CONFIGURATION, REMARK, UNREADABLE, Problem
from nixlint.analysis.resolver import Resolver
from nixlint.project.tree import gitignore
from nixlint.project.tree.gitignore import IgnoreChain
from nixlint.project.tree.walk import never_entered

_SPECIAL: Final = (
    (stat.S_ISFIFO, "a named pipe (FIFO)"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


class Target:
    """A file to check: as the user sees it, its absolute path, and how it is configured.

    `root` is the absolute, real directory that fixing must not write outside of. `additional` is
    what rules about the file's project found in it, or None when none looked.
    """

    def __init__(self, shown: str, path: str, root: str, config: Config) -> None:
        self.additional: Additional | None = None
        self.shown = shown
        self.path = path
        self.root = root
        self.config = config


class _Item:
    """A directory entry on the way through a tree."""

    def __init__(
        self, shown: str, path: str, is_dir: bool, chain: IgnoreChain | None, config: Config | None
    ) -> None:
        self.shown = shown
        self.path = path
        self.is_dir = is_dir
        self.is_link = False
        self.chain = chain
        self.config = config


class Discovery:
    """The files found, and the problems met on the way."""

    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.targets: list[Target] = []
        self.problems: list[Problem] = []
        self._seen: set[str] = set()
        self._broken: set[str] = set()

    def add(self, argument: str) -> None:
        """Take in one path of the command line."""
        shown = _without_dot(argument)
        directory, name = os.path.split(os.path.join(os.getcwd(), argument))
        path = os.path.join(os.path.realpath(directory), name) if argument else ""
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            self._unreadable(shown, _why(error))
            return
        if stat.S_ISDIR(mode):
            self._walk(shown, path)
        elif stat.S_ISREG(mode):
            self._explicit(shown, path)
        else:
            self._unreadable(shown, _special(mode))

    def _explicit(self, shown: str, path: str) -> None:
        directory = os.path.dirname(path)
        config = self._config(directory)
        if config is None:
            return
        if config.force_exclude and leaves_out(config, path):
            return
        root = gitignore.repository_of(directory) or directory
        self._found(Target(shown, path, os.path.realpath(root), config), os.path.realpath(path))

    def _walk(self, shown: str, path: str) -> None:
        root = os.path.realpath(path)
        before = len(self.targets)
        chain, _ignored = gitignore.chain_at(root)
        stack = [_Item("" if shown == "." else shown, root, True, chain, None)]
        while stack:
            item = stack.pop()
            if item.is_dir:
                stack.extend(reversed(self._entries(item, root)))
            elif item.config is not None:
                target = Target(item.shown, item.path, root, item.config)
                self._found(target, os.path.realpath(item.path) if item.is_link else item.path)
        if shown.endswith(".nix") and len(self.targets) == before:
            self.problems.append(
                Problem(UNREADABLE, shown, "is a directory, and there is no Nix file in it")
            )

    def _entries(self, directory: _Item, root: str) -> list[_Item]:
        """What to visit in a directory, sorted by name."""
        chain = directory.chain
        if directory.path != root:
            chain = gitignore.descend(chain, directory.path)
        config = self._config(directory.path)
        rules = config or directory.config
        try:
            with os.scandir(directory.path) as found:
                entries = sorted(found, key=_name)
        except OSError as error:
            self._unreadable(directory.shown or ".", _why(error))
            return []
        items: list[_Item] = []
        for entry in entries:
            shown = f"{directory.shown}/{entry.name}" if directory.shown else entry.name
            shown = shown.replace("//", "/")
            try:
                is_dir = entry.is_dir(follow_symlinks=False)
                if not is_dir and not entry.name.endswith(".nix"):
                    continue
                if is_dir and never_entered(entry.name):
                    continue
                if self._skipped(entry.path, is_dir, chain, rules):
                    continue
                if is_dir:
                    items.append(_Item(shown, entry.path, True, chain, rules))
                elif entry.is_symlink():
                    if _points_inside(entry.path, root):
                        items.append(_Item(shown, entry.path, False, None, config))
                        items[-1].is_link = True
                elif entry.is_file(follow_symlinks=False):
                    items.append(_Item(shown, entry.path, False, None, config))
                else:
                    mode = entry.stat(follow_symlinks=False).st_mode
                    self._unreadable(shown, _special(mode))
            except OSError as error:
                self._unreadable(shown, _why(error))
        return items

    def _skipped(
        self, path: str, is_dir: bool, chain: IgnoreChain | None, config: Config | None
    ) -> bool:
        if config is not None and config.excludes(path, is_dir):
            return True
        if chain is None or (config is not None and not config.respect_gitignore):
            return False
        return chain.ignores(path, is_dir)

    def _found(self, target: Target, real: str) -> None:
        if real not in self._seen:
            self._seen.add(real)
            self.targets.append(target)

    def _config(self, directory: str) -> Config | None:
        """The configuration of a directory, or None (and a problem, once) when it is broken."""
        try:
            return self.resolver.for_directory(directory)
        except ConfigError as error:
            if error.path not in self._broken:
                self._broken.add(error.path)
                self.problems.extend(config_problems(error))
            return None

    def _unreadable(self, shown: str, why: str) -> None:
        self.problems.append(Problem(UNREADABLE, shown, why))


def leaves_out(config: Config, path: str) -> bool:
    """Whether a walk would leave out the file at the absolute path: excluded, or git-ignored."""
    if config.excludes_deep(path):
        return True
    if not config.respect_gitignore:
        return False
    chain, ignored = gitignore.chain_at(os.path.dirname(path))
    return ignored or (chain is not None and chain.ignores(path, False))


def config_problems(error: ConfigError) -> list[Problem]:
    """The problems to show for a configuration that cannot be used."""
    problems: list[Problem] = []
    for line, message in error.items:
        path = f"{error.path}:{line}" if line > 0 else error.path
        problems.append(Problem(CONFIGURATION, path, message))
    problems[-1].detail = "The files it governs were not checked."
    return problems


def discover(arguments: list[str], resolver: Resolver) -> Discovery:
    """Find the files behind the command line's paths."""
    found = Discovery(resolver)
    for argument in arguments:
        found.add(argument)
    if not found.targets and not found.problems:
        found.problems.append(Problem(REMARK, "", "no Nix files found under the given paths"))
    return found


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _points_inside(path: str, root: str) -> bool:
    """Whether a symbolic link leads to a regular file below `root`."""
    real = os.path.realpath(path)
    prefix = root if root.endswith(os.sep) else root + os.sep
    return real.startswith(prefix) and os.path.isfile(real)


def _without_dot(argument: str) -> str:
    """The path as typed, without `.` parts; `..` stays, for links may stand before it."""
    parts = [part for part in argument.split(os.sep) if part not in ("", ".")]
    shown = ("/" if argument.startswith(os.sep) else "") + "/".join(parts)
    return shown or ("." if argument else '""')


def _special(mode: int) -> str:
    for test, name in _SPECIAL:
        if test(mode):
            return f"is {name}, not a regular file"
    return "is not a regular file"


def _why(error: OSError) -> str:
    """The reason of an error, in words that say what to do where that is known."""
    if isinstance(error, FileNotFoundError):
        return "no such file or directory"
    if isinstance(error, PermissionError):
        return "cannot read it: permission denied"
    return f"cannot read it: {error.strerror or error}"
