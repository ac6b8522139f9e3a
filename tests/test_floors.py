"""The architecture, as far as a machine can check it.

A file imports only from lower floors (the table of ARCHITECTURE.md), modules of one floor form
no circle, the build-time directories stay out of the program, and no file grows past 800 lines.
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import nixlint

PACKAGE = Path(nixlint.__file__).resolve().parent
ROOT = Path(__file__).resolve().parent.parent
LSP = next(
    (path for path in (PACKAGE.parent / "lsp/nixlint_lsp", PACKAGE.parent / "nixlint_lsp")
     if path.is_dir()),
    None,
)  # fmt: skip
MAX_LINES = 800

FLOORS = {
    "nixlint_lsp": 8,
    "nixlint.cli": 7,
    "nixlint.report": 7,
    "nixlint.ide": 7,
    "nixlint.analysis": 6,
    "nixlint.rules": 5,
    "nixlint.project": 4,
    "nixlint.evaluate": 3,
    "nixlint.semantic": 2,
    "nixlint.syntax": 1,
    "nixlint.diagnostics": 1,
    "nixlint.text": 0,
}
"""Rooms and their floors. Rooms on the same floor do not import each other, except those below."""
OPEN_DOORS = {("nixlint.cli", "nixlint.report")}
ANYWHERE = ("nixlint",)
"""`nixlint/__init__.py` holds the version and imports nothing, so everybody may import it."""
ENTRANCES = {"nixlint.__main__": 8, "nixlint.cli.lsp_cmd": 9}
"""Modules that do not count as part of their room, and the floor they count as."""
OUTSIDE = ("benchmarks", "docs", "grammar", "tests")


def room_of(module: str) -> str | None:
    """The key of `FLOORS` that `module` belongs to."""
    for room in FLOORS:
        if module == room or module.startswith(room + "."):
            return room
    return None


def floor_of(module: str) -> int:
    room = room_of(module)
    assert room is not None or module in ENTRANCES, f"{module} stands on no floor"
    return ENTRANCES[module] if module in ENTRANCES else FLOORS[room or ""]


def modules() -> dict[str, Path]:
    """All modules of the program by dotted name."""
    found: dict[str, Path] = {}
    for base in (PACKAGE, LSP):
        if base is not None:
            for path in sorted(base.rglob("*.py")):
                parts = path.relative_to(base.parent).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(module: str, tree: ast.AST) -> dict[str, int]:
    """Dotted names of what `module` imports, with the line: imports in functions count too.

    `from package import name` counts as `package.name` where that is a module.
    """
    result: dict[str, int] = {}
    package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                result[alias.name] = node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                result[inner if inner in MODULES else base] = node.lineno
    return result


IMPORTS = {
    module: imports_of(module, ast.parse(path.read_text(encoding="utf-8"), str(path)))
    for module, path in MODULES.items()
}


def complaints(module: str, imports: dict[str, int]) -> list[str]:
    """What `module` imports against the rules, one sentence each."""
    result: list[str] = []
    for target, line in imports.items():
        where = f"{module}, line {line}, imports {target}"
        if target.partition(".")[0] in OUTSIDE:
            result.append(f"{where}, which is no part of the program")
        if target in ANYWHERE or room_of(target) is None:
            if target.partition(".")[0] in ("nixlint", "nixlint_lsp") and target not in ANYWHERE:
                result.append(f"{where}, which stands on no floor")
            continue
        here, there = room_of(module), room_of(target)
        if here == there or (here, there) in OPEN_DOORS:
            continue
        if floor_of(module) <= FLOORS[there or ""]:
            result.append(f"{where}, from floor {floor_of(module)} to floor {FLOORS[there or '']}")
    return result


@pytest.mark.parametrize("module", sorted(set(MODULES) - set(ANYWHERE)))
def test_imports_go_down(module: str) -> None:
    floor_of(module)
    assert complaints(module, IMPORTS[module]) == []


def test_the_version_module_imports_nothing() -> None:
    assert IMPORTS["nixlint"] == {}


def test_no_circles() -> None:
    graph = {
        module: {target for target in imports if target in MODULES and target != module}
        for module, imports in IMPORTS.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("modules import each other: " + " -> ".join(reversed(error.args[1])))


def test_the_check_itself() -> None:
    """A wrong import of every kind is noticed."""
    assert complaints("nixlint.text.span", {"nixlint.syntax.nodes": 1})
    assert complaints("nixlint.syntax.nodes", {"nixlint.diagnostics.model": 1})
    assert complaints("nixlint.diagnostics.model", {"nixlint.syntax": 1})
    assert complaints("nixlint.report.full", {"nixlint.cli.main": 1})
    assert complaints("nixlint.analysis.check", {"nixlint_lsp.server": 1})
    assert complaints("nixlint.rules.base", {"grammar.compile": 1})
    assert complaints("nixlint.rules.base", {"nixlint.nowhere": 1})
    assert not complaints("nixlint.syntax.nodes", {"nixlint.text.span": 1, "typing": 2})
    assert not complaints("nixlint.cli.check", {"nixlint.report.full": 1, "nixlint": 2})
    tree = ast.parse("def f():\n    from . import span\n    from ..syntax import nodes\n")
    found = imports_of("nixlint.text.source", tree)
    assert found == {"nixlint.text.span": 2, "nixlint.syntax.nodes": 3}


def long_files(root: Path) -> list[str]:
    """Python files under `root` with too many lines."""
    result = []
    for path in sorted(root.rglob("*.py")):
        n_lines = len(path.read_text(encoding="utf-8").splitlines())
        if n_lines > MAX_LINES:
            result.append(f"{path.relative_to(root.parent)}: {n_lines} lines")
    return result


def test_no_file_is_too_long(tmp_path: Path) -> None:
    roots = [PACKAGE, ROOT / "lsp", *(ROOT / name for name in OUTSIDE)]
    assert [line for root in roots if root.is_dir() for line in long_files(root)] == []
    (tmp_path / "long.py").write_text("\n" * (MAX_LINES + 1))
    assert len(long_files(tmp_path)) == 1
