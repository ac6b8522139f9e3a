"""What a list of options says about one configuration: which names do not exist, for sure.

A configuration has modules besides those of its project and those the list was made from: other
flakes export some. What they declare is known of a few; as long as all are of these, a name that
nobody declares is a mistake. Otherwise only a slip of the pen is one, in the midst of the options
of a program or service.
"""

from __future__ import annotations

import os
import re
from typing import Final

from nixlint.project.modules.model import (
    DARWIN,
    HOME_MANAGER,
    NIXOS,
    NIXOS_TEST,
    Configuration,
    External,
    Module,
)
from nixlint.project.modules.spots import Listed
from nixlint.project.options.index import IndexedOption
from nixlint.project.options.knowledge import KnownOptions, is_slip
from nixlint.project.project import Project
from nixlint.project.references.flake_ref import FlakeRefError, identity, parse_flake_ref

KINDS: Final = (NIXOS, HOME_MANAGER, DARWIN)
"""The kinds of configurations that lists of options are for."""

DECLARED_BY: Final[dict[str, tuple[str, ...]]] = {
    "github:danth/stylix": ("stylix", "lib", "scheme", "specialisation"),
    "github:lnl7/nix-darwin": (),
    "github:mic92/sops-nix": ("sops",),
    "github:nix-community/disko": ("disko", "virtualisation", "testing"),
    "github:nix-community/home-manager": ("home-manager",),
    "github:nix-community/impermanence": ("environment.persistence", "home.persistence"),
    "github:nix-community/lanzaboote": ("boot.lanzaboote",),
    "github:nix-community/nix-index-database": (
        "programs.nix-index-database", "programs.nix-index", "programs.command-not-found",
    ),
    "github:nix-community/nixos-wsl": ("wsl",),
    "github:nix-community/nixvim": ("programs.nixvim", "nixvim"),
    "github:nix-community/preservation": ("preservation",),
    "github:nix-community/stylix": ("stylix", "lib", "scheme", "specialisation"),
    "github:nix-darwin/nix-darwin": (),
    "github:oddlama/agenix-rekey": ("age",),
    "github:ryantm/agenix": ("age",),
}  # fmt: skip
"""Below which names the modules of much used flakes declare options."""

PLAIN_PARTS: Final = ("profiles/", "installer/scan/", "services/", "programs/", "hardware/")
"""Directories of modules in nixpkgs that declare nothing that the manual's list lacks."""

FROM_SOURCES: Final = ("nixos/modules/", "modules/", "home-manager/modules/", "nix-darwin/modules/")
"""What declarations in lists made from nixpkgs, home-manager and nix-darwin begin with."""

SHORTEST: Final = 3
SHORTEST_UNSURE: Final = 4
SHORTEST_OUTSIDE: Final = 5
"""How long names must be to be taken for slips: with a list that has all options; with one that
may lack some, inside of the options of one program or service, and elsewhere."""

HIDDEN_MODULE: Final = re.compile(r"the module `[\w-]+' of ([\w.-]+) is not on this machine")
"""How models say that a flake has a module, and which flake."""


class Coverage:
    """A list of options (`known`) as the modules of a configuration meet it."""

    def __init__(
        self, project: Project, root: str, configuration: Configuration, known: KnownOptions
    ) -> None:
        self.project = project
        self.root = root
        self.configuration = configuration
        self.known = known
        self.open: list[list[str]] = []
        """Paths below which unknown modules may declare something."""
        self.sure = True
        """Whether there are no others that may declare anything."""
        self.disabled = _disabled(configuration)
        self._read()

    def listed(self) -> Listed:
        """The options as declarations."""
        return Listed(self.known.tree, self.known.label, self.repeats, self.is_own)

    def is_own(self, module: Module | None) -> bool:
        """Whether a module belongs to the project."""
        return module is not None and module.path.startswith(self.root + "/")

    def repeats(self, path: list[str]) -> bool:
        """Whether the option at a path is certainly declared by modules that are not here."""
        node = self.known.find(path)
        option = node.option if node is not None else None
        if option is None or option.loc != path or not option.declarations:
            return False
        if self.disabled:
            return False
        for place in option.declarations:
            if not place.startswith(FROM_SOURCES):
                return False
            inside = place.removeprefix("home-manager/").removeprefix("nix-darwin/")
            if os.path.exists(os.path.join(self.root, inside)):
                return False
        return True

    def option(self, path: list[str]) -> IndexedOption | None:
        """What the list says of an option."""
        node = self.known.find(path)
        return node.option if node is not None else None

    # What does not exist.

    def is_missing(self, above: list[str], name: str, siblings: list[str]) -> bool:
        """Whether an option that nobody declares certainly does not exist. `siblings` are the
        names that are declared beside it."""
        path = [*above, name]
        for each in self.open:
            shorter = min(len(each), len(path))
            if each[:shorter] == path[:shorter]:
                return False
        if self.sure and not self.disabled and self.known.is_absent(path):
            return True
        inside = self._is_inside(above)
        if not self.sure and not inside:
            # Others call their programs and services as they like.
            return False
        shortest = SHORTEST
        if not self.known.hidden:
            # A short name may be an old one.
            shortest = SHORTEST_UNSURE if inside else SHORTEST_OUTSIDE
        return is_slip(name, siblings, shortest)

    def _is_inside(self, path: list[str]) -> bool:
        """Whether a path leads into the options of one thing: a set with options of its own."""
        node = self.known.find(path)
        if node is None or len(path) < 2:
            return False
        return node.option is not None or any(
            child.option is not None for child in node.children.values()
        )

    # Other modules.

    def _read(self) -> None:
        configuration = self.configuration
        at: Configuration | None = configuration
        while at is not None:
            for external in at.externals:
                self._take(external)
            self._take_unknown(at)
            at = at.outer
        outer = configuration.outer
        if outer is not None:
            if outer.kind == NIXOS_TEST or configuration.kind != HOME_MANAGER:
                # It has the modules of the outer configuration, or those of tests.
                self.sure = False
        if configuration.name.startswith("colmena"):
            self.open.append(["deployment"])

    def _take_unknown(self, configuration: Configuration) -> None:
        """Regards the imports that nobody can follow."""
        outside = {(one.importer, one.place) for one in configuration.externals}
        for reason, importer, place in configuration.unknowns:
            found = HIDDEN_MODULE.fullmatch(reason)
            declared = self._declared_by(found.group(1)) if found is not None else None
            if declared is not None:
                self.open.extend(each.split(".") for each in declared)
            elif (importer, place) not in outside:
                self.sure = False

    def _take(self, external: External) -> None:
        name = external.name
        if name.startswith(("nixpkgs/", "inputs.nixpkgs/")):
            _, _, inside = name.partition("/modules/")
            if not inside.startswith(PLAIN_PARTS):
                self.sure = False
            return
        first, _, rest = name.partition(".")
        declared = None
        if first == "inputs":
            declared = self._declared_by(rest.partition(".")[0].partition("/")[0])
        if declared is None:
            self.sure = False
            return
        for each in declared:
            self.open.append(each.split("."))

    def _declared_by(self, name: str) -> tuple[str, ...] | None:
        flake = self.project.flake
        found = flake.inputs.get(name) if flake is not None else None
        if found is None or found.url is None:
            return None
        try:
            which = identity(parse_flake_ref(found.url).attrs)
        except FlakeRefError:
            return None
        return DECLARED_BY.get(which or "")


def _disabled(configuration: Configuration) -> bool:
    """Whether a module of the configuration switches others off."""
    return any(
        module.value is not None and "disabledModules" in module.value.attrs
        for module in configuration.modules
    )
