"""What is known of a whole project, as plain data.

A process of its own computes it (`gather.py`) and sends it over, so everything here can be pickled
and nothing refers to trees or values. All paths are absolute, offsets are code points in the text
the facts were gathered from (`hashes` says which).
"""

from __future__ import annotations

from nixlint.diagnostics.model import Diagnostic
from nixlint.ide.model import Place


class DefinitionFact:
    """Somebody sets an option: where, for which configurations, and with what priority."""

    def __init__(self, place: Place | None, path: str) -> None:
        self.place = place
        """The attribute path in the source; None when it is not known exactly."""
        self.path = path
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


class ProjectFacts:
    """Everything known of the project at `root`."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.hashes: dict[str, int] = {}
        """Path → hash of the text that was read (`hash` of Python is not used: it is salted)."""
        self.files: list[str] = []
        self.diagnostics: dict[str, list[Diagnostic]] = {}
        """What project rules found, by file."""
        self.rules: frozenset[str] = frozenset()
        """The project rules that looked."""
        self.options: dict[str, OptionFact] = {}
        self.imports: list[ImportFact] = []
        self.configurations: dict[str, list[str]] = {}
        """Configuration → the files of its modules."""
        self.kinds: dict[str, str] = {}
        """Configuration → its kind."""
        self.unused: list[str] = []
        self.inputs: dict[str, InputFact] = {}
        self.arguments: dict[str, str] = {}
        """Module arguments known in the project (`specialArgs`, `_module.args`): name → what."""
