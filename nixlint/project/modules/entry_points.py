"""Where evaluation of a project without a `flake.nix` begins, and what it finds there.

`configuration.nix` and `home.nix` are modules by themselves, for `nixos-rebuild` and
`home-manager`. `default.nix` and the files of hosts are evaluated, and may build configurations.
What npins has pinned is known by what it is, as the inputs of a flake are.
"""

from __future__ import annotations

import os
from typing import Final

from nixlint.evaluate.values import Value, VAttrs, VLambda, VString, VUnknown
from nixlint.project.flake.eval import FlakeEvaluation
from nixlint.project.lock.pins import NPINS
from nixlint.project.models.table import is_nixpkgs
from nixlint.project.modules.model import DARWIN, HOME_MANAGER, NIXOS
from nixlint.project.tree.walk import MODULE_FILES
from nixlint.text import disk

MODULES: Final = dict(zip(MODULE_FILES, (NIXOS, HOME_MANAGER, DARWIN), strict=True))
"""Files that are the one module of a configuration, with its class."""
PIN_NAMES: Final = frozenset(
    (
        "branch", "frozen", "hash", "repository", "revision", "submodules", "type", "url",
        "version", "__functor",
    )
)  # fmt: skip
"""What else npins may tell of a pin."""
HOST_FOLDERS: Final = ("hosts", "machines", "systems", "nixos/hosts", "nixos/machines")


def configured_entries(
    root: str, entry_points: list[tuple[str, str]]
) -> list[tuple[str, str, str]]:
    """The entry points that `nixlint.toml` names: name, class, path.

    Where no class is given, the name of the file and those of its directories tell.
    """
    out: list[tuple[str, str, str]] = []
    for path, kind in entry_points:
        name = os.path.relpath(path, root).replace(os.sep, "/")
        if not kind:
            words = name.replace("/", "-").replace(".", "-").split("-")
            kind = NIXOS
            if "home" in words:
                kind = HOME_MANAGER
            elif "darwin" in words:
                kind = DARWIN
        name = name.removesuffix(".nix").removesuffix("/default")
        out.append((name, kind, path))
    return out


def module_entries(root: str) -> list[tuple[str, str, str]]:
    """The configurations of which the project holds the one module: name, class, path."""
    out: list[tuple[str, str, str]] = []
    for name, kind in MODULES.items():
        path = os.path.join(root, name)
        if disk.is_file(path):
            out.append((name.removesuffix(".nix"), kind, path))
    if out:
        return out
    for folder in ("nixos", "home", *_hosts(root)):
        if disk.is_file(os.path.join(root, folder, "default.nix")) and folder not in (
            "nixos",
            "home",
        ):
            continue
        for name, kind in MODULES.items():
            path = os.path.join(root, folder, name)
            if disk.is_file(path):
                out.append((f"{folder}/{name.removesuffix('.nix')}", kind, path))
    return out


def expression_entries(root: str) -> list[tuple[str, str]]:
    """The files that may evaluate to configurations: name, path."""
    out: list[tuple[str, str]] = []
    for name in ("default.nix", "hive.nix", "colmena.nix"):
        path = os.path.join(root, name)
        if disk.is_file(path):
            out.append((name.removesuffix(".nix"), path))
    for folder in _hosts(root):
        path = os.path.join(root, folder, "default.nix")
        if disk.is_file(path):
            out.append((folder, path))
    return out


def _hosts(root: str) -> list[str]:
    out: list[str] = []
    for folder in HOST_FOLDERS:
        try:
            names = disk.names(os.path.join(root, folder))
        except OSError:
            continue
        out.extend(
            f"{folder}/{name}"
            for name in names
            if disk.is_directory(os.path.join(root, folder, name))
        )
    return out


def prepare(evaluation: FlakeEvaluation) -> None:
    """Lets the program find nixpkgs: as `<nixpkgs>`, and where npins has it."""
    ev = evaluation.evaluator
    project = evaluation.project
    ev.pure = False
    place = ev.files.mount("", "source")
    evaluation.provide_nixpkgs(place)
    ev.files.labels[place] = "<nixpkgs>"
    ev.search_paths["nixpkgs"] = place
    for file in project.pin_files:
        if file.tool != NPINS:
            continue
        sources: dict[str, Value] = {}
        for pin in file.pins.values():
            source = ev.files.mount("", "source")
            ev.files.labels[source] = f"npins.{pin.name}"
            if is_nixpkgs(pin.identity) or pin.kind == "Channel":
                evaluation.provide_nixpkgs(source)
            reason = f"the sources of the pin `{pin.name}` are not on this machine"
            rest = VUnknown(reason)
            rest.names = PIN_NAMES
            sources[pin.name] = VAttrs({"outPath": VString(source, frozenset((source,)))}, [rest])
        ev.replaced[os.path.dirname(file.path)] = VAttrs(sources)


def evaluated(evaluation: FlakeEvaluation, path: str) -> Value:
    """The value of a file; functions whose arguments all have defaults are called."""
    ev = evaluation.evaluator
    value = ev.evaluate_file(path)
    if isinstance(value, VLambda):
        formals = value.code.formals()
        if formals is not None and all(formals.values()):
            value = ev.called(value, VAttrs({}), evaluation.site)
    return value
