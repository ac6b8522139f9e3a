"""Words for modules: a *module* is a set of imports, option declarations and definitions; a
*configuration* is the set of modules that are evaluated together. Offsets are code points.
"""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.values import Value, VAttrs

NIXOS: Final = "nixos"
HOME_MANAGER: Final = "homeManager"
DARWIN: Final = "darwin"
FLAKE_PARTS: Final = "flake"
NIXOS_TEST: Final = "nixosTest"
OTHER: Final = ""
"""Kinds (`class`) of configurations."""

CERTAIN: Final = "certain"
POSSIBLE: Final = "possible"
DISABLED: Final = "disabled"
"""How sure it is that a module belongs to a configuration: surely, if some unknown condition
holds, or not, because `disabledModules` names it."""


class Place:
    """An expression in a file (an absolute path on this machine); `end` is its end, or at least
    behind its start."""

    def __init__(self, path: str, start: int, end: int = 0) -> None:
        self.path = path
        self.start = start
        self.end = max(end, start + 1)


class Import:
    """One module imports another one, at a place; `certainty` says whether it surely does."""

    def __init__(self, module: Module, place: Place | None, certainty: str) -> None:
        self.module = module
        self.place = place
        self.certainty = certainty


class Module:
    """A module of a configuration.

    `key` is what Nix tells modules apart by, `path` the file it comes from ("" for one written in
    place by nobody known). `importer` and `place` say who imports it first, and where.
    `value` is the module as a set, after functions were called; None when it could not be read,
    and then `failure` says why.
    """

    def __init__(
        self, key: str, path: str, importer: Module | None, place: Place | None, certainty: str
    ) -> None:
        self.key = key
        self.path = path
        self.importer = importer
        self.depth: int = importer.depth + 1 if importer is not None else 0
        """How many modules lead to it."""
        self.place = place
        self.certainty = certainty
        self.value: VAttrs | None = None
        self.source: Value | None = None
        """What it was before functions were called."""
        self.failure = ""
        self.imports: list[Module] = []
        self.edges: list[Import] = []
        """All of its imports, also of modules that others import first."""
        self.config: list[Value] = []
        """What it defines: sets of definitions, `mkIf`s and `mkMerge`s."""
        self.options: Value | None = None
        """What it declares, or None."""

    def chain(self) -> list[Module]:
        """The modules that lead to it, from the configuration's own on."""
        out: list[Module] = []
        at: Module | None = self
        while at is not None:
            out.append(at)
            at = at.importer
        out.reverse()
        return out


class External:
    """A module that is not in the project, and not on this machine: `inputs.x.nixosModules.y`."""

    def __init__(self, name: str, importer: Module | None, place: Place | None) -> None:
        self.name = name
        self.importer = importer
        self.place = place


class Configuration:
    """A set of modules evaluated together.

    `name` is the attribute of the flake it is found at, `kind` its class. `outer` is the
    configuration it is a part of (a home-manager user in NixOS).
    """

    def __init__(self, name: str, kind: str, outer: Configuration | None = None) -> None:
        self.name = name
        self.kind = kind
        self.outer = outer
        self.modules: list[Module] = []
        """In the order in which Nix meets them."""
        self.externals: list[External] = []
        self.unknowns: list[tuple[str, Module | None, Place | None]] = []
        """Imports nobody can follow: the reason, and where."""
        self.possible_folders: list[str] = []
        """Directories (real paths) from which an unknown import may take anything."""
        self.recursions: list[tuple[str, Module | None, Place | None]] = []
        """Imports that depend on the result of evaluating the modules: the reason, and where."""
        self.missing: list[Module] = []
        """Modules of the project whose file does not exist."""
        self.special_args: Value | None = None
        self.inner: list[Configuration] = []

    def files(self) -> set[str]:
        """The real paths of the files its modules come from."""
        return {module.path for module in self.modules if module.path}
