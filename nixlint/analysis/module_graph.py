"""The graph of the modules of a project, for people: `nixlint graph`.

Paths of files are absolute here; `shown` makes them relative to the root.
"""

from __future__ import annotations

import os

from nixlint.analysis.config import Config, ConfigError, Overrides
from nixlint.analysis.resolver import Resolver
from nixlint.project.modules.configurations import Configurations
from nixlint.project.modules.entry_points import expression_entries, module_entries
from nixlint.project.modules.model import Configuration, Module, Place
from nixlint.project.modules.places import exact_place
from nixlint.project.modules.reach import Reach, Use, reach_of
from nixlint.project.modules.shared import configurations_of
from nixlint.project.project import Project


class Step:
    """A module on the way from a configuration to a file: its name, how sure it is that the one
    before imports it, and where (`path:line:column`, or "")."""

    def __init__(self, name: str, certainty: str, where: str) -> None:
        self.name = name
        self.certainty = certainty
        self.where = where


class Chain:
    """How a configuration reaches a file."""

    def __init__(self, configuration: str, steps: list[Step]) -> None:
        self.configuration = configuration
        self.steps = steps


class ModuleGraph:
    """The configurations of the project at the absolute directory `root`."""

    def __init__(self, root: str, config: Config) -> None:
        from nixlint.analysis.check_project import project_settings

        self.project = Project(root, project_settings(config))
        self.found: Configurations = configurations_of(self.project)

    @property
    def configurations(self) -> list[Configuration]:
        """All of them, in the order of the outputs; those inside of others after these."""
        return self.found.found

    def named(self, name: str) -> list[Configuration]:
        """The configurations of that name, or whose name ends in it, with those inside of them."""
        exact = [each for each in self.configurations if each.name == name]
        if not exact:
            alias = self.found.aliases.get(name)
            exact = [each for each in self.configurations if each.name == alias]
        if not exact:
            exact = [each for each in self.configurations if each.name.endswith("." + name)]
        out: list[Configuration] = []
        for each in self.configurations:
            outer: Configuration | None = each
            while outer is not None:
                if outer in exact:
                    out.append(each)
                    break
                outer = outer.outer
        return out

    def shown(self, path: str) -> str:
        """A path relative to the root, with `/`; one outside stays as it is."""
        relative = os.path.relpath(path, self.project.root)
        return path if relative.startswith("..") else relative.replace(os.sep, "/")

    def name_of(self, module: Module) -> str:
        """What to call a module: its file, and for one written in place also where."""
        if not module.path:
            return "a module written in place"
        name = self.shown(module.path)
        if is_inline(module):
            line = ""
            if module.place is not None and module.place.path == module.path:
                line = f":{self.line_of(module.place)}"
            return f"{name}{line} (written in place)"
        return name

    def line_of(self, place: Place) -> int:
        """The line of a place, from 1."""
        return self.project.source(place.path).line_of(place.start) + 1

    def where(self, place: Place | None, path: str) -> str:
        """`file:line:column` of the import of the file `path` at a place, lines from 1."""
        if place is None:
            return ""
        exact = exact_place(self.project, place, path)
        line, column = self.project.source(exact.path).position(exact.start)
        return f"{self.shown(exact.path)}:{line + 1}:{column + 1}"

    # Why a file is there.

    def chains(self, path: str) -> list[Chain]:
        """How each configuration reaches the file at a real path; only those that do."""
        out: list[Chain] = []
        for configuration in self.configurations:
            for module in configuration.modules:
                if module.path == path and not is_inline(module):
                    out.append(Chain(configuration.name, self._steps(module)))
                    break
        return out

    def _steps(self, module: Module) -> list[Step]:
        return [
            Step(self.name_of(each), each.certainty, self.where(each.place, each.path))
            for each in module.chain()
        ]

    def reach(self) -> Reach:
        """What reaches the files of the project in other ways than as modules."""
        return reach_of(self.project)

    def use_chain(self, path: str) -> list[tuple[str, Use]]:
        """The files that lead to a file that is used: from it back to where reaching begins."""
        reach = self.reach()
        out: list[tuple[str, Use]] = []
        seen: set[str] = set()
        while path in reach.used and path not in seen:
            seen.add(path)
            use = reach.used[path]
            out.append((path, use))
            path = use.source
        return out


def is_entry_folder(folder: str) -> bool:
    """Whether a directory without a `flake.nix` may hold configurations."""
    return bool(module_entries(folder) or expression_entries(folder))


def configured_root(folder: str) -> str | None:
    """The directory of the configuration file above a directory that names entry points."""
    try:
        config = Resolver(Overrides()).for_directory(folder)
    except ConfigError:
        return None
    named = config.project is not None and config.project.entry_points
    return config.root if named else None


def is_inline(module: Module) -> bool:
    """Whether a module is no file of its own, but written in the file that imports it."""
    if ":anon-" not in module.key or module.key.startswith("/"):
        return False
    return module.place is None or module.place.path == module.path
