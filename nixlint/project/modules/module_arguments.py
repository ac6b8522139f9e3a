"""The arguments that modules written as functions ask for, and who provides them.

The module system calls a function with exactly the arguments it names, taken from `specialArgs` or
from `_module.args` (`applyModuleArgs` of nixpkgs' `lib/modules.nix`): a default is never used, and
an argument that nobody provides is an error as soon as it is needed.
"""

from __future__ import annotations

import os
import re
from typing import Final, cast

from nixlint.evaluate.evaluator import on_large_stack
from nixlint.evaluate.values import NixError, OutOfBudget, VAttrs, VUnknown
from nixlint.project.modules.configurations import Configurations
from nixlint.project.modules.definitions import Definition, children, defined_in, discharged
from nixlint.project.modules.model import (
    CERTAIN,
    DARWIN,
    DISABLED,
    HOME_MANAGER,
    NIXOS,
    Configuration,
    Module,
)
from nixlint.project.modules.shared import configurations_of
from nixlint.project.project import Project
from nixlint.project.references.flake_ref import FlakeRefError, identity, parse_flake_ref
from nixlint.semantic.shapes import MODULE_ARGUMENTS, strip
from nixlint.syntax.nodes import ExprLambda, Formal
from nixlint.text import disk

_KEY: Final = "module-arguments"
_STANDARD: Final = MODULE_ARGUMENTS | frozenset(
    (
        "_prefix", "darwin", "darwinPath", "hostPkgs", "inputs", "modules", "moduleType", "nodes",
        "osClass", "pkgsPath", "pkgs_i686", "resources",
    )
)  # fmt: skip
"""What some version of NixOS, nix-darwin, home-manager or colmena hands to modules."""
_PROVIDERS: Final = {
    "github:nix-community/disko": ("diskoLib", "imagePkgs"),
    "github:nix-community/home-manager": (),
    "github:nix-community/impermanence": (),
    "github:nix-darwin/nix-darwin": (),
    "github:lnl7/nix-darwin": (),
    "github:nixos/nixos-hardware": (),
    "github:nixos/nixpkgs": (),
    "github:mic92/sops-nix": (),
    "github:ryantm/agenix": (),
}
"""Inputs, and the arguments that their modules provide."""
_KINDS: Final = (NIXOS, DARWIN, HOME_MANAGER)


class AskedArgument:
    """An argument that a module names: `formal` in the file `path`.

    `provided` says whether every configuration with the module certainly has, or may have, it;
    `missing` are the configurations that certainly have not.
    """

    def __init__(self, path: str, name: str, formal: Formal) -> None:
        self.path = path
        self.name = name
        self.formal = formal
        self.provided = False
        self.missing: list[str] = []


class _Finder:
    """Looks at the modules of all configurations."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.configurations: Configurations = configurations_of(project)
        self.root = disk.real(project.root) + "/"
        self.found: dict[tuple[str, str], AskedArgument] = {}

    def collect(self) -> None:
        for configuration in self.configurations.found:
            self.configurations.ev.renew()
            try:
                known = self._provided(configuration)
            except (NixError, OutOfBudget):
                known = None
            for module in configuration.modules:
                if module.certainty != DISABLED and self._is_file(module):
                    self._module(configuration, module, known)

    def _is_file(self, module: Module) -> bool:
        """Whether the module is what a file of the project evaluates to."""
        return module.key.startswith("/") and ":" not in module.key and self._is_own(module)

    def _is_own(self, module: Module) -> bool:
        return module.path.startswith(self.root)

    def _module(
        self, configuration: Configuration, module: Module, known: frozenset[str] | None
    ) -> None:
        function = self.function_of(module.path)
        if function is None or function.arg.formals is None:
            return
        tree = self.project.tree(module.path)
        assert tree is not None
        for formal in function.arg.formals.items:
            name = tree.text[formal.name.start : formal.name.end]
            asked = self.found.get((module.path, name))
            if asked is None:
                asked = AskedArgument(module.path, name, formal)
                self.found[(module.path, name)] = asked
            if known is None or name in known or module.certainty != CERTAIN:
                asked.provided = True
            elif configuration.name not in asked.missing:
                asked.missing.append(configuration.name)

    def function_of(self, path: str) -> ExprLambda | None:
        """The function that a file is."""
        tree = self.project.tree(path)
        if tree is None or any(error.fatal for error in tree.errors):
            return None
        node = strip(tree.root.expr)
        return node if isinstance(node, ExprLambda) else None

    def _provided(self, configuration: Configuration) -> frozenset[str] | None:
        """The arguments that modules of a configuration get; None if that is not known."""
        outer = configuration.outer
        if configuration.kind not in _KINDS or configuration.unknowns:
            return None
        if outer is not None and (configuration.kind != HOME_MANAGER or outer.unknowns):
            return None
        special = configuration.special_args
        if not isinstance(special, VAttrs) or special.rest is not None:
            return None
        out = set(_STANDARD) | set(special.attrs)
        for one in (configuration, outer):
            if one is None:
                continue
            for external in one.externals:
                more = self._from_outside(external.name)
                if more is None:
                    return None
                out.update(more)
            if any(module.value is None for module in one.modules):
                return None
        return frozenset(out) if self._add_defined(configuration, out) else None

    def _add_defined(self, configuration: Configuration, out: set[str]) -> bool:
        """Adds the names in `_module.args`; False if there may be more."""
        ev = self.configurations.ev
        at: list[Definition] = defined_in(configuration.modules)
        for name in ("_module", "args"):
            for one in at:
                for flat in discharged(ev, one):
                    if isinstance(flat.value, VUnknown):
                        return False
                    if isinstance(flat.value, VAttrs) and flat.value.rest is not None:
                        return False
            at = children(ev, at).get(name, [])
        for one in at:
            for flat in discharged(ev, one):
                if not isinstance(flat.value, VAttrs) or flat.value.rest is not None:
                    return False
                out.update(flat.value.attrs)
        return True

    def _from_outside(self, name: str) -> tuple[str, ...] | None:
        """The arguments that a module from elsewhere provides; None if unknown."""
        if name.startswith(("nixpkgs/", "<nixpkgs>")):
            return ()
        first, _, rest = name.partition(".")
        flake = self.project.flake
        if first != "inputs" or flake is None:
            return None
        found = flake.inputs.get(rest.partition(".")[0].partition("/")[0])
        if found is None or found.url is None:
            return None
        try:
            return _PROVIDERS.get(identity(parse_flake_ref(found.url).attrs) or "")
        except FlakeRefError:
            return None


def asked_arguments(project: Project) -> list[AskedArgument]:
    """The arguments that the modules of a project name; computed at the first call."""
    known = project.caches.get(_KEY)
    if known is not None:
        return cast("list[AskedArgument]", known)
    finder = _Finder(project)
    on_large_stack(finder.collect)
    out = list(finder.found.values())
    project.caches[_KEY] = out
    return out


def is_called_by_hand(project: Project, path: str) -> bool:
    """Whether some file of the project seems to import a file and call what it is.

    Looks for `import` in front of its name, or that of its directory.
    """
    names = [os.path.basename(path)]
    dots = ""
    if names[0] == "default.nix":
        names.append(os.path.basename(os.path.dirname(path)))
        # Dots may be all that is written of the directory.
        dots = r"|[./]\.?(?=[\s;)])"
    words = "|".join(re.escape(name) for name in names)
    pattern = re.compile(rf"\b(?:import|callPackages?)\s+[^\s;]*(?:\b(?:{words})\b{dots})")
    return any(
        pattern.search(text) is not None
        for text in (project.text(each) for each in project.files)
        if text is not None and ("import" in text or "callPackage" in text)
    )
