"""Where the inputs of a flake are used: in the whole project, and never guessed.

An input counts as unused only when nothing in the project can reach it. `outputs` receives all
inputs as one set, and that set may be handed on: to modules as `specialArgs`, to functions, to
other flakes. So the search starts in `flake.nix`, goes on to every file that mentions the name of
an input that was not found there, and then asks whether a mention can mean the input, and whether
something takes inputs by names that are computed. In doubt an input is *unknown*, with a reason.
Offsets are code points.
"""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.project.flake.file import FlakeFile, FlakeInput
from nixlint.project.project import Project
from nixlint.project.tree.walk import FLAKE
from nixlint.project.usage.scan import FileScan, Scanner
from nixlint.syntax.nodes import ExprAttrs, unparen
from nixlint.text import disk
from nixlint.text.span import Span


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


USED: Final = "used"
UNUSED: Final = "unused"
UNKNOWN: Final = "unknown"

FRAMEWORKS: Final = (
    "flake-parts",
    "nixos-unified",
    "nixos-flake",
    "lite-config",
    "snowfall",
    "blueprint",
    "clan",
    "flakelight",
    "flake-utils-plus",
    "devenv",
    "digga",
    "std",
    "hive",
    "ez-configs",
    "easy-hosts",
    "unify",
    "nixos-extra-modules",
    "nixcats",
    "den",
    "adios-flake",
)
"""Flakes whose functions look into the inputs of the flake that calls them."""
CONVENTIONAL: Final = _words(
    "nixpkgs nixpkgs-lib nixpkgs-unstable nixpkgs-stable nixos home-manager home nix-darwin "
    "darwin systems microvm treefmt treefmt-nix git-hooks git-hooks-nix pre-commit-hooks "
    "pre-commit-hooks-nix devshell devenv nix2container mk-shell-bin nixos-generators colmena "
    "deploy deploy-rs agenix agenix-rekey sops-nix disko nixos-hardware nixos-anywhere "
    "data-mesher nix-select flake-compat nixago std rust-overlay"
)
"""Names they look for."""
GENERATORS: Final = ("flake-file.inputs", "flake-file = {", "flakegen")
"""Signs that `flake.nix` is made from other files."""

_SCRIPT_NAMES: Final = _words(
    "justfile Justfile .justfile Makefile makefile GNUmakefile .envrc Taskfile"
)
_SCRIPT_SUFFIXES: Final = (
    ".sh", ".bash", ".zsh", ".fish", ".nu", ".yml", ".yaml", ".toml", ".mk", ".just", ".py", ".pl",
    ".ps1", ".json5",
)  # fmt: skip
_MAX_SCRIPT: Final = 1024 * 1024
_DYNAMIC: Final = re.compile(
    r"""inputs'?\s*\.\s*(?:\$\{|"[^"\n]*\$\{)|[aA]ttr\w*|mapAttrs|inputs'?\s*\?\s*(?:\$\{|")"""
)
"""Text that may take inputs by computed names, or all of them; a quick look."""


class Place:
    """Where an input is used, and how, in words that follow the name of the place."""

    def __init__(self, path: str, span: Span, how: str) -> None:
        self.path = path
        self.span = span
        self.how = how


class InputUse:
    """What is known about one input: `USED`, `UNUSED` or `UNKNOWN`.

    `places` are the uses found, in order of files and text; for an unknown one they are the places
    that might be one, for an unused one those that ask for it and do not use it. `reason` says why
    it is unknown. `only_follows` says that it is used, but only for other inputs to follow.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.state = UNUSED
        self.places: list[Place] = []
        self.reason = ""
        self.only_follows = False


class Usage:
    """The use of every declared input, by name."""

    def __init__(self) -> None:
        self.inputs: dict[str, InputUse] = {}


def usage_of(project: Project, complete: bool = False) -> Usage:
    """Find out where the inputs of a project's flake are used.

    Stops looking for more places of an input once it is known to be used, unless `complete`.
    """
    key = "usage-complete" if complete else "usage"
    found = project.caches.get(key)
    if not isinstance(found, Usage):
        found = _Search(project, complete).run()
        project.caches[key] = found
    return found


class _Search:
    """One search."""

    def __init__(self, project: Project, complete: bool) -> None:
        self.project = project
        self.complete = complete
        self.usage = Usage()
        self.open: set[str] = set()
        """The inputs not known to be used yet, or all when all places are wanted."""
        self.carriers: set[str] = {"inputs", "inputs'"}
        self.scans: dict[str, FileScan] = {}
        self._looked: set[str] = set()
        self._counted: set[tuple[str, int]] = set()
        self._seen: dict[str, int] = {}
        """How many carriers were known when a file was looked at."""

    def run(self) -> Usage:
        flake = self.project.flake
        if flake is None:
            return self.usage
        declared = [
            each for each in flake.inputs.values() if not each.implicit and each.name != "self"
        ]
        for each in declared:
            self.usage.inputs[each.name] = InputUse(each.name)
        self.open = {each.name for each in declared}
        reason = self._unreadable(flake)
        if reason:
            for use in self.usage.inputs.values():
                use.state = UNKNOWN
                use.reason = reason
            return self.usage
        self._follows(flake, declared)
        self._scan(self.project.flake_path)
        self._scan_again()
        self._take_certain()
        if self.open:
            self._search_files()
        self._conclude(declared)
        return self.usage

    def _unreadable(self, flake: FlakeFile) -> str:
        """Why nothing can be said at all, or nothing."""
        if self.project.flake_is_broken:
            return "`flake.nix` has syntax errors"
        if flake.outputs_lambda is None:
            return "`outputs` is no function that is written out in `flake.nix`"
        if not flake.complete:
            return "the inputs of this flake are computed"
        body = unparen(flake.outputs_lambda.body)
        if isinstance(body, ExprAttrs) and not body.binds:
            return "the flake has no outputs, so it is there for its inputs"
        return ""

    def _use(self, name: str, path: str, span: Span, how: str) -> None:
        use = self.usage.inputs.get(name)
        if use is None or (use.state == USED and not use.only_follows and not self.complete):
            return
        if (path, span.start) in self._counted:
            return
        self._counted.add((path, span.start))
        if use.state == UNKNOWN:
            # What was doubtful does not matter any more.
            use.places.clear()
            use.reason = ""
        use.state = USED
        use.only_follows = how == _FOLLOWS and (use.only_follows or not use.places)
        use.places.append(Place(path, span, how))
        if not self.complete:
            self.open.discard(name)

    def _follows(self, flake: FlakeFile, declared: list[FlakeInput]) -> None:
        """An input that another one follows is used."""
        todo = list(declared)
        while todo:
            each = todo.pop()
            todo.extend(each.inputs.values())
            if each.follows and each.follows_span is not None:
                first = each.follows.split("/")[0]
                if first != each.name or each not in declared:
                    self._use(first, flake.path, each.follows_span, _FOLLOWS)

    # Files.

    def _scan(self, path: str) -> None:
        """Look at the tree of one file."""
        model = self.project.model(path)
        if model is None:
            return
        flake = self.project.flake if path == self.project.flake_path else None
        self._seen[path] = len(self.carriers)
        scanner = Scanner(path, model, frozenset(self.usage.inputs), self.carriers, flake)
        scan = scanner.scan()
        self.scans[path] = scan
        self.carriers |= scan.aliases

    def _take_certain(self) -> None:
        """Count what is certain in the files that were looked at."""
        for scan in self.scans.values():
            self._take_certain_of(scan)

    def _take_certain_of(self, scan: FileScan) -> None:
        for found in scan.certain:
            self._use(found.name, scan.path, found.span, found.how)

    def _search_files(self) -> None:
        files = self.project.all_files
        outside = self.project.outer_files
        if files is None or outside is None:
            self._doubt_all("the project has too many files to look at all of them")
            return
        words = "|".join(re.escape(name) for name in sorted(self.usage.inputs))
        mention = re.compile(rf"(?<![\w'-])(?:{words})(?![\w'-])")
        nix = [path for path in files if path.endswith(".nix") and path != self.project.flake_path]
        if outside and any(self._leaves_root(path) for path in [self.project.flake_path, *nix]):
            nix += [
                path
                for path in outside
                if path.endswith(".nix") and os.path.basename(path) != FLAKE
            ]
        subflakes = [
            os.path.dirname(path) + os.sep for path in nix if os.path.basename(path) == FLAKE
        ]
        # Most uses are spelled `inputs.name`. Where these are found first, few files are left.
        plain = re.compile(rf"(?<![\w])inputs'?\.({words})(?![\w'-])")
        for path in nix:
            if self._has_open(path, plain):
                self._scan_other(path, mention, subflakes)
        for path in nix:
            if path not in self._looked and self._concerns(path, mention):
                self._scan_other(path, mention, subflakes)
        if any(scan.arguments or scan.selections for scan in self.scans.values()):
            # These mean something only if all inputs are handed on, which any file may do.
            for path in nix:
                if path not in self._seen and self._has_carrier(path):
                    self._scan(path)
        self._scan_again()
        self._take_certain()
        for path in files + outside:
            if self.open and _is_script(path):
                self._scan_script(path, mention)

    def _scan_again(self) -> None:
        """Look again where a name for the set of inputs was not known at the first look."""
        while True:
            late = [path for path, known in self._seen.items() if known < len(self.carriers)]
            for path in late:
                self._scan(path)
            if not late:
                return

    def _concerns(self, path: str, mention: re.Pattern[str]) -> bool:
        """Whether a file has to be looked at, judging by its text."""
        text = self.project.text(path)
        if text is None or text.startswith("\0GITCRYPT"):
            name = os.path.relpath(path, self.project.root)
            self._doubt_all(f"`{name}` cannot be read", Place(path, Span(0, 0), "is encrypted"))
            return False
        # Most files name none of the inputs that are still open, and that is quick to see.
        if any(name in text for name in self.open):
            for found in mention.finditer(text):
                if found[0] in self.open:
                    return True
        return self._has_carrier(path) and _DYNAMIC.search(text) is not None

    def _has_open(self, path: str, plain: re.Pattern[str]) -> bool:
        """Whether the text of a file seems to use an input that is not known to be used."""
        text = self.project.text(path)
        if text is None or "inputs" not in text:
            return False
        return any(found[1] in self.open for found in plain.finditer(text))

    def _leaves_root(self, path: str) -> bool:
        """Whether a file may lead to files outside of the flake's own directory."""
        text = self.project.text(path)
        if text is None or "../" not in text:
            return False
        depth = os.path.relpath(path, self.project.root).count(os.sep) + 1
        return "../" * depth in text

    def _has_carrier(self, path: str) -> bool:
        text = self.project.text(path)
        return text is not None and any(name in text for name in self.carriers)

    def _scan_other(self, path: str, mention: re.Pattern[str], subflakes: list[str]) -> None:
        self._looked.add(path)
        tree = self.project.tree(path)
        if tree is None:
            return
        text = tree.text
        why = ""
        if any(error.fatal for error in tree.errors):
            why = "is mentioned in a file that has syntax errors"
        elif "flake.lock" in text:
            why = "is mentioned in a file that reads `flake.lock`"
        elif any(path.startswith(prefix) for prefix in subflakes):
            why = "is mentioned in a flake inside of this one"
        if why:
            for found in mention.finditer(text):
                place = Place(path, Span(found.start(), found.end()), why)
                self._doubt(found[0], why, place)
        if why.endswith("this one"):
            return
        self._scan(path)
        self._take_certain_of(self.scans[path])

    def _scan_script(self, path: str, mention: re.Pattern[str]) -> None:
        text = self.project.text(path)
        if text is None or len(text) > _MAX_SCRIPT:
            return
        for found in mention.finditer(text):
            why = "is mentioned in a script or a CI file"
            self._doubt(found[0], why, Place(path, Span(found.start(), found.end()), why))

    # Doubts.

    def _doubt(self, name: str, reason: str, place: Place | None = None) -> None:
        use = self.usage.inputs.get(name)
        if use is None or use.state == USED:
            return
        if use.state == UNUSED:
            use.state = UNKNOWN
            use.reason = reason
        if place is not None and len(use.places) < 20:
            use.places.append(place)

    def _doubt_all(self, reason: str, place: Place | None = None) -> None:
        for name in self.usage.inputs:
            self._doubt(name, reason, place)

    def _conclude(self, declared: list[FlakeInput]) -> None:
        """Weigh what was found but is not certain."""
        flake = self.project.flake
        assert flake is not None
        self._weak_mentions()
        for scan in self.scans.values():
            for found in scan.idle:
                use = self.usage.inputs[found.name]
                if use.state == UNUSED:
                    use.places.append(Place(scan.path, found.span, found.how))
        self._computed_names()
        self._conventions(list(flake.inputs.values()))
        git = self.project.git
        if git is not None:
            for directory in git.opaque:
                path = os.path.join(git.root, directory)
                if path.startswith(self.project.root + os.sep) and not _has_files(path):
                    self._doubt_all(f"the submodule `{directory}` is not checked out")
        for scan in self.scans.values():
            text = self.project.text(scan.path) or ""
            if any(sign in text for sign in GENERATORS):
                self._doubt_all("`flake.nix` is made from other files")
                break
        for use in self.usage.inputs.values():
            use.places.sort(key=self._order)

    def _order(self, place: Place) -> tuple[bool, str, int]:
        return place.path != self.project.flake_path, place.path, place.span.start

    def _weak_mentions(self) -> None:
        """Arguments and selections that mean an input if all inputs are handed on as a set."""
        escapes = [(scan, found) for scan in self.scans.values() for found in scan.escapes]
        if not escapes:
            return
        for scan in self.scans.values():
            for found in scan.arguments:
                self._use(found.name, scan.path, found.span, found.how)
        for scan in self.scans.values():
            for found in scan.selections:
                place = Place(scan.path, found.span, found.how)
                self._doubt(found.name, "all inputs are passed to a function", place)

    def _computed_names(self) -> None:
        for scan in self.scans.values():
            for pattern, span in scan.computed:
                place = Place(scan.path, span, "takes an input by a computed name")
                for name in self.usage.inputs:
                    if pattern is None or re.fullmatch(pattern, name) is not None:
                        self._doubt(name, "inputs are selected by computed names", place)
            for span in scan.wholesale:
                place = Place(scan.path, span, "goes through all inputs")
                self._doubt_all("something goes through all inputs", place)

    def _used_names(self) -> set[str]:
        return {use.name for use in self.usage.inputs.values() if use.state == USED}

    def _conventions(self, declared: list[FlakeInput]) -> None:
        for each in declared:
            words = f"{each.name} {each.url or ''}".lower()
            if re.search(r"\bdevenv\b", words) and each.name in self._used_names():
                self._doubt_all(f"`{each.name}` may look for it by its name")
            for framework in FRAMEWORKS:
                if re.search(rf"(?<![\w-]){framework}(?![\w])", words):
                    for name in CONVENTIONAL:
                        if name != each.name:
                            self._doubt(name, f"`{each.name}` may look for it by its name")


_FOLLOWS: Final = "is followed"


def _is_script(path: str) -> bool:
    base = os.path.basename(path)
    return base in _SCRIPT_NAMES or base.endswith(_SCRIPT_SUFFIXES)


def _has_files(path: str) -> bool:
    try:
        return any(name != ".git" for name in disk.names(path))
    except OSError:
        return False
