"""What is known of a whole project, as plain data.

A process of its own computes it (`gathering/gather.py`) and sends it over, so everything here can
be pickled, and nothing refers to trees or values. All paths are absolute, offsets are code points
in the text the facts were gathered from (`hashes` says which).
"""

from __future__ import annotations

import zlib
from typing import Any

from nixlint.diagnostics.model import Diagnostic
from nixlint.ide.model import Place
from nixlint.ide.packages.names import PackageList, Packages


def text_hash(text: str) -> int:
    """What tells texts apart; the same in every process."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) << 32 | len(text)


class DefinitionFact:
    """Somebody sets an option: where, for which configurations, and with what priority."""

    def __init__(self, place: Place | None, path: str) -> None:
        self.place = place
        """The attribute path in the source; None when it is not known exactly."""
        self.path = path
        """The option as it is set there, dotted: `users.users.alice.uid`."""
        self.configurations: list[str] = []
        self.priority: int | None = None
        self.wins = False
        self.value = ""
        """On one line, or "" when unknown."""


class OptionFact:
    """An option, of the project or of an input whose options are known.

    `name` is dotted, with `<name>` and `*` for what users choose.
    """

    def __init__(self, name: str, loc: list[str]) -> None:
        self.name = name
        self.loc = loc
        self.type = ""
        self.default: str | None = None
        self.example: str | None = None
        self.description = ""
        self.read_only = False
        self.kind = ""
        """The kind of configuration: `nixos`, `homeManager`, …, or "" for any."""
        self.declarations: list[Place] = []
        self.declared_in: list[str] = []
        """Where it is declared, for people, when there is no place on this machine."""
        self.definitions: list[DefinitionFact] = []
        self.values: dict[str, str] = {}
        """Configuration → its value on one line, where known."""


_lists: dict[int, dict[str, OptionFact]] = {}
"""The lists of options that this process has seen, by their digests."""


class OptionList:
    """The options that configurations of a kind have from elsewhere: from a list, or from the
    sources of an input.

    There are thousands, so they travel between processes only if `is_new`; a process that has got
    them once knows them by the digest.
    """

    def __init__(self, kind: str, digest: int, options: dict[str, OptionFact] | None) -> None:
        self.kind = kind
        self.digest = digest
        self.is_new = options is not None
        if options is not None:
            _lists[digest] = options

    @property
    def options(self) -> dict[str, OptionFact]:
        """The options by name."""
        return _lists.get(self.digest, {})

    def __getstate__(self) -> tuple[str, int, dict[str, OptionFact] | None]:
        return self.kind, self.digest, self.options if self.is_new else None

    def __setstate__(self, state: tuple[str, int, dict[str, OptionFact] | None]) -> None:
        self.__init__(*state)  # type: ignore[misc]


class ImportFact:
    """A module imports another one (`certainty` as in `project/modules/model.py`)."""

    def __init__(self, importer: str, imported: str, place: Place | None, certainty: str) -> None:
        self.importer = importer
        self.imported = imported
        self.place = place
        self.certainty = certainty


class InputFact:
    """An input of the flake, as flake.nix and the lock have it."""

    def __init__(self, name: str, place: Place | None) -> None:
        self.name = name
        self.place = place
        self.url = ""
        self.rev = ""
        self.date = ""
        """Of the locked version, `YYYY-MM-DD`."""
        self.age_days: int | None = None
        self.follows = ""
        self.source = ""
        """Its directory on this machine, or ""."""
        self.lock_place: Place | None = None
        """The name of its node in the lock."""
        self.lock_node: Place | None = None
        """All of its node in the lock, with the name."""


class ProjectFacts:
    """Everything known of the project at `root`."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.hashes: dict[str, int] = {}
        """Path → `text_hash` of the text that was read.

        A text that does not parse is not read: the facts stay those of the text before.
        """
        self.files: list[str] = []
        self.diagnostics: dict[str, list[Diagnostic]] = {}
        """What project rules found, by file."""
        self.rules: frozenset[str] = frozenset()
        """The project rules that looked."""
        self.options: dict[str, OptionFact] = {}
        """The options that the project declares, by name, with those inside of their types."""
        self.lists: dict[str, OptionList] = {}
        """The options from elsewhere, by the kind of configuration."""
        self.definitions: dict[str, list[DefinitionFact]] = {}
        """Who defines what the project does not declare, by dotted path."""
        self.imports: list[ImportFact] = []
        self.configurations: dict[str, list[str]] = {}
        """Configuration → the files of its modules."""
        self.kinds: dict[str, str] = {}
        """Configuration → its kind."""
        self.unused: list[str] = []
        """The files that nothing reaches."""
        self.silent = ""
        """Why nothing is unused; "" when that is known."""
        self.inputs: dict[str, InputFact] = {}
        self.arguments: dict[str, str] = {}
        """Module arguments known in the project (`specialArgs`, `_module.args`): name → what."""
        self.argument_places: dict[str, Place] = {}
        """Where they are given, if that is known."""
        self.provisional = False
        """Whether another look, from scratch, might perhaps find something else."""
        self.packages: dict[str, PackageList] = {}
        """The packages of sources of nixpkgs on this machine, by input; that of `pkgs` first."""
        self.own_packages: dict[str, Place] = {}
        """What overlays of the project add to `pkgs`, and where."""
        self.used_packages: dict[str, int] = {}
        """What the project takes from `pkgs`, by dotted path, and how often."""
        self.failures: list[str] = []
        """What went wrong, for the log."""

    def packages_of(self, source: str = "") -> Packages | None:
        """The packages of the input of that name, or those that `pkgs` is taken to be."""
        found = self.packages.get(source) if source else None
        if found is None and not source and self.packages:
            found = next(iter(self.packages.values()))
        return found.packages if found is not None else None

    def option(self, name: str, kinds: frozenset[str] = frozenset()) -> OptionFact | None:
        """The option of that name, of the project or from elsewhere; `kinds` are the kinds of
        configurations that matter, none means any."""
        found = self.options.get(name)
        if found is not None:
            return found
        for kind, each in self.lists.items():
            if not kinds or kind in kinds:
                found = each.options.get(name)
                if found is not None:
                    return found
        return None

    def __getstate__(self) -> dict[str, Any]:
        """Compiled classes cannot be pickled, so diagnostics travel as tuples."""
        from nixlint.analysis.check_file import Additional
        from nixlint.analysis.outcome import pack_additional

        state = dict(self.__dict__)
        state["diagnostics"] = {
            path: pack_additional(Additional(frozenset(), found))
            for path, found in self.diagnostics.items()
        }
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        from nixlint.analysis.outcome import unpack_additional

        self.__dict__.update(state)
        self.diagnostics = {}
        for path, packed in state["diagnostics"].items():
            found = unpack_additional(packed)
            self.diagnostics[path] = found.diagnostics if found is not None else []
