"""Which Nix files of a project anything reaches, and how.

A file is *used* when evaluation loads it, when a used file names it (as a path, or as a text that
may become one), when a used file names a directory around it in a way that may read all of it,
when scripts or CI name it, or when its name says that a tool or a person does. A file is *unused*
only when nothing of that holds, and *unknown* where an import nobody can follow may lead to it.
"""

from __future__ import annotations

import os
import re
from typing import Final, cast

from nixlint.project.models.table import MODELS
from nixlint.project.modules.configurations import OUTPUTS, Configurations
from nixlint.project.modules.model import DISABLED
from nixlint.project.modules.references import (
    ANYTHING,
    LOADED,
    FileReferences,
    Pattern,
    Reference,
    references_in,
    words_of,
)
from nixlint.project.modules.shared import configurations_of
from nixlint.project.project import Project
from nixlint.project.references.flake_ref import FlakeRefError, identity, parse_flake_ref
from nixlint.project.tree.walk import FLAKE
from nixlint.text import disk


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


USED: Final = "used"
UNUSED: Final = "unused"
UNKNOWN: Final = "unknown"
DISABLED_FILE: Final = "disabled"

ENTRY_NAMES: Final = _words(
    "flake.nix shell.nix release.nix ci.nix secrets.nix sops.nix hive.nix colmena.nix devenv.nix "
    "treefmt.nix updater.nix update.nix statix.nix garnix.nix bootstrap.nix installer.nix "
    "disk-config.nix nixpkgs.nix sources.nix generated.nix node-packages.nix node-env.nix "
    "yarn.nix gemset.nix cargo-nix.nix Cargo.nix deps.nix"
)
"""Files that tools or people use by their names, wherever they lie, or that tools write."""
ROOT_NAMES: Final = _words("default.nix configuration.nix home.nix overlay.nix overlays.nix")
"""Files that are used by their names at the root."""
_ENTRY_PATTERN: Final = re.compile(r"(?:disko|disk-config)[\w-]*\.nix\Z")
_ROOT_PATTERN: Final = re.compile(r"(?:hydra|release|tests?|ci|bench)[\w-]*\.nix\Z")
DATA_FOLDERS: Final = _words(
    "templates template tests test testdata fixtures examples example docs doc ci .github .gitlab "
    "npins _sources nixos-tests integration-tests benchmarks .ci .forgejo .gitea"
)
"""Directories of files that are used in other ways than by being imported from here."""
FRAMEWORKS: Final = _words(
    "clan-core std hive digga flakelight den adios-flake nilla colmena-flake nixos-config-framework"
)
"""Repositories of libraries that load directories by convention, and that have no model."""

_SCRIPT_NAMES: Final = _words(
    "justfile Justfile .justfile Makefile makefile GNUmakefile .envrc Taskfile Jenkinsfile "
    "Dockerfile Containerfile Rakefile crontab"
)
_NO_SCRIPTS: Final = _words(
    "flake.lock nixlint.toml package-lock.json CODEOWNERS LICENSE LICENCE COPYING AUTHORS "
    "CHANGELOG README"
)
_SCRIPT_SUFFIXES: Final = (
    ".sh", ".bash", ".zsh", ".fish", ".nu", ".yml", ".yaml", ".toml", ".mk", ".just", ".py", ".pl",
    ".rb", ".ps1", ".json", ".json5", ".jsonc", ".lua", ".el", ".ts", ".js", ".service", ".conf",
    ".tf", ".hcl", ".kdl", ".ini", ".cfg", ".rs", ".go", ".hs", ".exs", ".awk", ".cue", ".dhall",
)  # fmt: skip
_MAX_SCRIPT: Final = 512 * 1024
_OUTPUTS: Final = frozenset([name for name, _ in OUTPUTS] + ["colmena", "colmenaHive"])
_COMMON: Final = _words("nix default default.nix .nix")

TOO_MANY: Final = "the project has too many files to look at all of them"


class Use:
    """How a file is reached: from the file `source` ("" for evaluation itself), at the code
    points `start` to `end`; `how` says it in words."""

    def __init__(self, how: str, source: str = "", start: int = 0, end: int = 0) -> None:
        self.how = how
        self.source = source
        self.start = start
        self.end = end


class Reach:
    """What is known about every `.nix` file below the root (real paths).

    `silent` says why nothing is unused; empty when something may be.
    `mentions` are, for unused files, the unused files that name them.
    """

    def __init__(self) -> None:
        self.files: list[str] = []
        self.used: dict[str, Use] = {}
        self.unknown: dict[str, str] = {}
        self.disabled: dict[str, Use] = {}
        self.mentions: dict[str, list[str]] = {}
        self.silent = ""

    def state_of(self, path: str) -> str:
        """`USED`, `UNUSED`, `UNKNOWN` or `DISABLED_FILE`."""
        if path in self.disabled:
            return DISABLED_FILE
        if path in self.used:
            return USED
        if self.silent or path in self.unknown:
            return UNKNOWN
        return UNUSED


def reach_of(project: Project, also_silent: bool = False) -> Reach:
    """What reaches the files of a project, found out once.

    With `also_silent` it is looked for what is used also where nothing can be called unused.
    """
    key = "reach-all" if also_silent else "reach"
    known = project.caches.get(key)
    if known is not None:
        return cast(Reach, known)
    found = _Search(project).run(also_silent)
    project.caches[key] = found
    return found


class _Search:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.root = project.root
        self.reach = Reach()
        self.todo: list[str] = []
        self.names: dict[str, list[str]] = {}
        """Every end of a file's path, cut at a slash, and the files it is the end of."""
        self.folders: dict[str, list[str]] = {}
        """The same for directories that hold Nix files somewhere."""
        self.inside: dict[str, list[str]] = {}
        """Absolute directory → the Nix files anywhere below it."""
        self.joined = ""
        self.references: dict[str, FileReferences] = {}
        self.seen: set[tuple[str, str]] = set()
        self.off: list[tuple[str, Reference]] = []

    def run(self, also_silent: bool) -> Reach:
        project = self.project
        reach = self.reach
        all_files = project.all_files
        if all_files is None:
            reach.silent = TOO_MANY
            return reach
        for path in project.files:
            reach.files.append(disk.real(path))
        self._index()
        found = configurations_of(project)
        reach.silent = self._silent(found)
        if reach.silent and not also_silent:
            return reach
        # In this order, as the first way to a file is the one that is told.
        self._roots()
        self._follow()
        self._evaluated(found)
        self._follow()
        if not self._all_used():
            self._scripts(all_files)
            # A repository around the project is looked at only where it may matter.
            outer_files = project.outer_files
            if outer_files is None:
                reach.silent = TOO_MANY
                return reach
            self._scripts(outer_files)
            self._follow()
        self._disabled(found)
        self._below_disabled()
        self._unknown(found)
        self._mentions()
        return reach

    # The tables of names.

    def _index(self) -> None:
        shown: list[str] = []
        for path in self.reach.files:
            relative = os.path.relpath(path, self.root)
            if relative.startswith(".."):
                continue
            shown.append("/" + relative)
            at = len(relative)
            while at >= 0:
                at = relative.rfind("/", 0, at)
                self.names.setdefault(relative[at + 1 :], []).append(path)
                if at < 0:
                    break
            folder = os.path.dirname(path)
            while len(folder) >= len(self.root):
                self.inside.setdefault(folder, []).append(path)
                if folder == self.root:
                    break
                folder = os.path.dirname(folder)
        for folder in self.inside:
            relative = os.path.relpath(folder, self.root)
            if relative == ".":
                continue
            at = len(relative)
            while at >= 0:
                at = relative.rfind("/", 0, at)
                self.folders.setdefault(relative[at + 1 :], []).append(folder)
                if at < 0:
                    break
        self.joined = "\n".join(shown)

    # Whether anything can be said.

    def _silent(self, found: Configurations) -> str:
        flake = self.project.flake
        if flake is None:
            if not found.found:
                return "no configuration is found"
            return "the outputs take too long to evaluate" if found.exhausted else ""
        if self.project.flake_is_broken:
            return "`flake.nix` has syntax errors"
        for each in flake.inputs.values():
            try:
                original = dict(each.attrs)
                if each.url is not None:
                    original = parse_flake_ref(each.url, is_flake=each.is_flake).attrs
                which = identity(original) or ""
            except FlakeRefError:
                continue
            repository = which.rsplit("/", 1)[-1]
            if repository in FRAMEWORKS and which not in MODELS:
                return f"`{each.name}` loads directories in ways that are not known"
        if found.failed:
            name, reason = found.failed[0]
            return f"`{name}` cannot be evaluated: {reason}"
        if found.exhausted:
            return "the outputs of the flake take too long to evaluate"
        if not any(each.name.partition(".")[0] in _OUTPUTS for each in found.found):
            return "no configuration is found"
        return ""

    # What evaluation reaches.

    def _evaluated(self, found: Configurations) -> None:
        for configuration in found.found:
            for module in configuration.modules:
                if module.path and module.certainty != DISABLED:
                    place = module.place
                    if place is not None:
                        use = Use("is imported", place.path, place.start, place.start + 1)
                    else:
                        use = Use(f"belongs to {configuration.name}")
                    self._use(module.path, use)
        for path in found.ev.imported_files():
            self._use(path, Use("is evaluated"))
        for folder in found.ev.files.listed:
            folder = disk.real(folder)
            for path in self.inside.get(folder, []):
                rest = path[len(folder) + 1 :]
                if "/" not in rest or (rest.count("/") == 1 and rest.endswith("/default.nix")):
                    self._use(path, Use("lies in a directory whose files are listed"))

    # Where reaching begins.

    def _roots(self) -> None:
        flakes = [
            os.path.dirname(path)
            for path in self.reach.files
            if os.path.basename(path) == FLAKE and os.path.dirname(path) != self.root
        ]
        for path in self.reach.files:
            relative = os.path.relpath(path, self.root)
            parts = relative.split(os.sep)
            name = parts[-1]
            if is_entry(name, len(parts) == 1):
                self._use(path, Use("is used by its name"))
            elif not DATA_FOLDERS.isdisjoint(parts[:-1]) or parts[0].startswith("."):
                self._use(path, Use("lies in a directory of data"))
            elif any(path.startswith(folder + os.sep) for folder in flakes):
                self._use(path, Use("belongs to another flake"))

    def _all_used(self) -> bool:
        return all(path in self.reach.used for path in self.reach.files)

    def _scripts(self, all_files: list[str]) -> None:
        """Takes what scripts name to be used."""
        for path in all_files:
            base = os.path.basename(path)
            if base in _NO_SCRIPTS or not (
                base in _SCRIPT_NAMES or base.endswith(_SCRIPT_SUFFIXES) or "." not in base
            ):
                # Nix code around the project may use it, too.
                if not base.endswith(".nix") or path.startswith(self.root + os.sep):
                    continue
            try:
                if disk.size(path) > _MAX_SCRIPT:
                    continue
            except OSError:
                continue
            text = self.project.text(path)
            if text is None or ("/" not in text and ".nix" not in text):
                continue
            for word in set(words_of(text)):
                self._pattern(Pattern(word, "", 0, 0, True), path, "is named in a script")

    # Following.

    def _use(self, path: str, use: Use) -> None:
        if path in self.reach.used:
            return
        self.reach.used[path] = use
        self.todo.append(path)

    def _follow(self) -> None:
        while self.todo:
            path = self.todo.pop()
            found = self._references(path)
            if found is None:
                continue
            for reference in found.references:
                if reference.disabled:
                    self.off.append((path, reference))
                else:
                    self._reference(path, reference)
            for pattern in found.patterns:
                self._pattern(pattern, path, "is named")

    def _references(self, path: str) -> FileReferences | None:
        if path in self.references:
            return self.references[path]
        if not path.startswith(self.root + os.sep):
            return None
        tree = self.project.tree(path)
        if tree is None:
            return None
        made = references_in(tree, path, self.root)
        self.references[path] = made
        return made

    def _reference(self, path: str, reference: Reference) -> None:
        how = "is imported" if reference.how == LOADED else "is named"
        for target in self._targets(reference):
            self._use(target, Use(how, path, reference.start, reference.end))

    def _targets(self, reference: Reference) -> list[str]:
        """The files that a path literal may lead to."""
        target = disk.real(reference.target)
        if target.endswith(".nix") and target not in self.inside:
            return [target]
        below = self.inside.get(target)
        if below is None or target == self.root:
            # The root is named to put paths together. What is read below it, evaluation shows.
            default = os.path.join(target, "default.nix")
            return [default] if reference.how == LOADED and below is not None else []
        default = os.path.join(target, "default.nix")
        if reference.how == LOADED and default in below:
            return [default]
        return below

    def _pattern(self, pattern: Pattern, source: str, how: str) -> None:
        key = (pattern.anchor, pattern.text)
        if key in self.seen:
            return
        self.seen.add(key)
        for target in self._matches(pattern):
            self._use(target, Use(how, source, pattern.start, pattern.end))

    def _matches(self, pattern: Pattern) -> list[str]:
        text = pattern.text
        if pattern.anchor and ANYTHING in text:
            text = os.path.relpath(os.path.normpath(os.path.join(pattern.anchor, text)), self.root)
            return [] if text.startswith("..") else self._anchored(text)
        while text.startswith(("./", "../", "/")):
            text = text.partition("/")[2]
        text = text.rstrip("/")
        if "/." in text:
            text = os.path.normpath(text)
        if not text or text in _COMMON:
            return []
        if ANYTHING not in text:
            return self._literal(text, "/" in (text if pattern.prose else pattern.text))
        pieces = [piece.strip("/") for piece in text.split(ANYTHING)]
        telling = [
            piece
            for piece in pieces
            if piece not in _COMMON and piece.removesuffix(".nix").strip(".-_") != ""
        ]
        if not telling or not all(piece in self.joined for piece in telling):
            return []
        if max(map(len, telling)) < 3:
            return []
        # A single name in a sentence is no directory.
        folders = not pattern.prose or any("/" in piece for piece in telling)
        return self._search(text, folders)

    def _literal(self, text: str, slash: bool) -> list[str]:
        out: list[str] = []
        out.extend(self.names.get(text, []))
        if slash and "/" in text:
            out.extend(self.names.get(text + ".nix", []))
        if slash:
            for folder in self.folders.get(text, []):
                out.extend(self._folder(folder))
        return out

    def _folder(self, folder: str) -> list[str]:
        below = self.inside.get(folder, [])
        default = os.path.join(folder, "default.nix")
        return [default] if default in below else below

    def _search(self, text: str, folders: bool) -> list[str]:
        """The files and directories whose path ends in a pattern."""
        if not text.startswith(ANYTHING):
            begin = "(?:.*/)?"
        else:
            text = text.lstrip(ANYTHING)
            # What stands before a slash is a directory, perhaps the root.
            begin = "(?:.*/)?" if text.startswith("/") else ".*"
        source = begin + _expression(text.lstrip("/"))
        return self._with(re.compile(source), folders)

    def _anchored(self, text: str) -> list[str]:
        """The files and directories that a pattern from the root on fits."""
        return self._with(re.compile(_expression(text)), True)

    def _with(self, expression: re.Pattern[str], folders: bool) -> list[str]:
        out: list[str] = []
        for path in self.inside.get(self.root, []):
            relative = path[len(self.root) + 1 :]
            if expression.fullmatch(relative) or (
                relative.endswith(".nix") and expression.fullmatch(relative[:-4])
            ):
                out.append(path)
        for folder in self.inside if folders else ():
            if folder != self.root and expression.fullmatch(folder[len(self.root) + 1 :]):
                out.extend(self._folder(folder))
        return out

    # What is left.

    def _disabled(self, found: Configurations) -> None:
        reach = self.reach
        enabled: set[str] = set()
        for configuration in found.found:
            for module in configuration.modules:
                if module.certainty != DISABLED:
                    enabled.add(module.path)
        for configuration in found.found:
            for module in configuration.modules:
                if module.certainty == DISABLED and module.path not in enabled:
                    reach.disabled[module.path] = Use(f"is disabled in {configuration.name}")
        for path, reference in self.off:
            for target in self._targets(reference):
                if target not in reach.used and target in self.inside.get(self.root, []):
                    reach.disabled[target] = Use(
                        "is imported under a condition that is always false",
                        path,
                        reference.start,
                        reference.end,
                    )

    def _below_disabled(self) -> None:
        """What only modules name that are never in effect."""
        reach = self.reach
        own = set(reach.files)
        todo = [path for path in reach.disabled if path not in reach.used]
        while todo:
            path = todo.pop()
            found = self._references(path)
            for reference in found.references if found is not None else []:
                for target in self._targets(reference):
                    if target in own and target not in reach.used and target not in reach.disabled:
                        how = "is used only by modules that are never in effect"
                        use = Use(how, path, reference.start, reference.end)
                        reach.disabled[target] = use
                        todo.append(target)

    def _unknown(self, found: Configurations) -> None:
        for configuration in found.found:
            for folder in configuration.possible_folders:
                for path in self.inside.get(disk.real(folder), []):
                    self.reach.unknown.setdefault(
                        path, f"an import of {configuration.name} may lead to it"
                    )
        git = self.project.git
        for path in self.reach.files:
            if path in self.reach.used:
                continue
            if git is not None and path not in git.paths:
                self.reach.unknown[path] = "git does not track it"
            tree = self.project.tree(path)
            if tree is None or any(error.fatal for error in tree.errors):
                self.reach.unknown[path] = "it cannot be parsed"
        for path in self.project.files:
            if disk.is_link(path):
                self.reach.unknown.setdefault(disk.real(path), "a link leads to it")

    def _mentions(self) -> None:
        """Which unused files name other unused files."""
        reach = self.reach
        unused = [path for path in reach.files if reach.state_of(path) == UNUSED]
        known = set(unused)
        for path in unused:
            found = self._references(path)
            for reference in found.references if found is not None else []:
                for target in self._targets(reference):
                    if target in known and target != path:
                        sources = reach.mentions.setdefault(target, [])
                        if path not in sources:
                            sources.append(path)


def is_entry(name: str, at_root: bool) -> bool:
    """Whether a tool or a person uses a file of that name because of the name."""
    if name in ENTRY_NAMES or _ENTRY_PATTERN.match(name):
        return True
    return at_root and (name in ROOT_NAMES or _ROOT_PATTERN.match(name) is not None)


def _expression(text: str) -> str:
    """A pattern as a regular expression: what is computed is (a part of) one name."""
    return "[^/]*".join(re.escape(piece) for piece in text.split(ANYTHING))
