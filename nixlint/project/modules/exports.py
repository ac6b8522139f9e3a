"""The modules that a flake exports."""

from __future__ import annotations

from typing import Final

from nixlint.evaluate.evaluator import on_large_stack
from nixlint.evaluate.files import DIRECTORY
from nixlint.evaluate.values import Value, VAttrs, VLambda, VPath, VString
from nixlint.project.modules.configurations import Configurations
from nixlint.project.modules.shared import configurations_of
from nixlint.project.project import Project
from nixlint.text import disk

MODULE_OUTPUTS: Final = (
    "nixosModules", "nixosModule", "darwinModules", "homeModules", "homeManagerModules",
    "homeManagerModule", "flakeModules", "flakeModule", "modules",
)  # fmt: skip
_LEVELS: Final = 2


def exported_modules(project: Project) -> dict[str, str]:
    """The files of the modules that the flake exports (real paths), and a name each has."""
    found = configurations_of(project)
    out: dict[str, str] = {}
    on_large_stack(lambda: _collect(found, out))
    return out


def _collect(found: Configurations, out: dict[str, str]) -> None:
    ev = found.ev
    ev.renew()
    flake = ev.forced(found.evaluation.value)
    outputs = ev.attribute(flake, "outputs") if isinstance(flake, VAttrs) else flake
    if not isinstance(outputs, VAttrs):
        return
    stack: list[tuple[str, Value, int]] = []
    for output in reversed(MODULE_OUTPUTS):
        value = outputs.attrs.get(output)
        if value is not None:
            stack.append((output, value, 0))
    while stack:
        name, value, depth = stack.pop()
        forced = ev.forced(value)
        path = ""
        if isinstance(forced, VPath):
            path = forced.path
        elif isinstance(forced, VString) and forced.text.startswith("/"):
            path = forced.text
        elif isinstance(forced, VLambda):
            path = forced.code.file.path
        elif isinstance(forced, VAttrs) and depth <= _LEVELS and not _is_module(forced):
            for child in reversed(list(forced.attrs)):
                stack.append((f"{name}.{child}", forced.attrs[child], depth + 1))
        if path:
            if ev.files.exists(path) and ev.files.kind(ev.files.resolve(path)) == DIRECTORY:
                path += "/default.nix"
            out.setdefault(disk.real(ev.files.real(path)), name)


def _is_module(value: VAttrs) -> bool:
    return any(name in value.attrs for name in ("imports", "config", "options", "_file"))
