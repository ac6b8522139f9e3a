"""The graph of modules as text: a tree, JSON, DOT for Graphviz, or Mermaid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nixlint.analysis.module_graph import ModuleGraph, is_inline
from nixlint.project.modules.model import CERTAIN, Configuration, Module

_MARKS = {"certain": "", "possible": " (possible)", "disabled": " (disabled)"}


def as_tree(graph: ModuleGraph, chosen: list[Configuration]) -> str:
    """Every configuration with its modules below those that import them first."""
    lines: list[str] = []
    for configuration in chosen:
        kind = f" ({configuration.kind})" if configuration.kind else ""
        lines.append(f"{configuration.name}{kind}")
        roots = [each for each in configuration.modules if each.importer is None]
        outside = sorted({each.name for each in configuration.externals if each.importer is None})
        stack: list[tuple[str, Module | str, bool]] = []
        _push(stack, "", [*roots, *outside])
        while stack:
            prefix, at, last = stack.pop()
            begin = prefix + ("└── " if last else "├── ")
            if isinstance(at, str):
                lines.append(f"{begin}{at} (external)")
                continue
            name = graph.name_of(at)
            failure = f" ({at.failure})" if at.failure else ""
            lines.append(f"{begin}{name}{_MARKS[at.certainty]}{failure}")
            below: list[Module | str] = [each for each in at.imports if each.importer is at]
            again = [
                f"{graph.name_of(each)} (see above)"
                for each in at.imports
                if each.importer is not at
            ]
            outside = sorted({each.name for each in configuration.externals if each.importer is at})
            next_prefix = prefix + ("    " if last else "│   ")
            _push(stack, next_prefix, [*below, *outside])
            if again:
                lines.extend(f"{next_prefix}{'│   ' if below or outside else '    '}↪ {one}"
                             for one in again)  # fmt: skip
        for reason, importer, place in configuration.unknowns:
            where = graph.where(place, "") or (graph.name_of(importer) if importer else "")
            lines.append(f"    unknown import{f' at {where}' if where else ''}: {reason}")
    for name, reason in graph.found.failed:
        lines.append(f"{name}: unknown: {reason}")
    return "\n".join(lines) + ("\n" if lines else "")


def _push(
    stack: list[tuple[str, Module | str, bool]], prefix: str, items: list[Module | str]
) -> None:
    for number in range(len(items) - 1, -1, -1):
        stack.append((prefix, items[number], number == len(items) - 1))


def as_json(graph: ModuleGraph, chosen: list[Configuration]) -> dict[str, Any]:
    """The document of `--format json`; see docs/json.md."""
    return {
        "version": 1,
        "root": graph.project.root,
        "configurations": [_configuration(graph, each) for each in chosen],
        "failed": [{"name": name, "reason": reason} for name, reason in graph.found.failed],
        "aliases": dict(sorted(graph.found.aliases.items())),
    }


def _configuration(graph: ModuleGraph, configuration: Configuration) -> dict[str, Any]:
    numbers = {id(module): number for number, module in enumerate(configuration.modules)}
    modules: list[dict[str, Any]] = []
    for module in configuration.modules:
        modules.append(
            {
                "file": graph.shown(module.path) if module.path else None,
                "inline": is_inline(module),
                "certainty": module.certainty,
                "importer": numbers.get(id(module.importer)) if module.importer else None,
                "place": graph.where(module.place, module.path) or None,
                "imports": [numbers[id(each)] for each in module.imports if id(each) in numbers],
                "failure": module.failure or None,
            }
        )
    return {
        "name": configuration.name,
        "class": configuration.kind or None,
        "outer": configuration.outer.name if configuration.outer is not None else None,
        "modules": modules,
        "external": sorted({each.name for each in configuration.externals}),
        "unknown": [
            {"reason": reason, "place": graph.where(place, "") or None}
            for reason, _, place in configuration.unknowns
        ],
    }


def as_dot(graph: ModuleGraph, chosen: list[Configuration]) -> str:
    """A digraph: configurations are boxes, modules that are only possible are dashed."""
    lines = ["digraph modules {", "  rankdir=LR;", "  node [shape=plaintext];"]
    _edges(
        graph,
        chosen,
        lambda name, shown: f"  {_quoted(name)} [shape=box, label={_quoted(shown)}];",
        lambda one, other, sure: (
            f"  {_quoted(one)} -> {_quoted(other)}{'' if sure else ' [style=dashed]'};"
        ),
        lines,
    )
    lines.append("}")
    return "\n".join(lines) + "\n"


def as_mermaid(graph: ModuleGraph, chosen: list[Configuration]) -> str:
    """A Mermaid flowchart."""
    lines = ["flowchart LR"]
    numbers: dict[str, str] = {}

    def node(name: str) -> str:
        known = numbers.get(name)
        if known is not None:
            return known
        numbers[name] = f"n{len(numbers)}"
        text = name.replace('"', "#quot;")
        return f'{numbers[name]}["{text}"]'

    _edges(
        graph,
        chosen,
        lambda name, shown: f"  {node(name)}",
        lambda one, other, sure: f"  {node(one)} {'-->' if sure else '-.->'} {node(other)}",
        lines,
    )
    return "\n".join(lines) + "\n"


def _edges(
    graph: ModuleGraph,
    chosen: list[Configuration],
    box: Callable[[str, str], str],
    edge: Callable[[str, str, bool], str],
    lines: list[str],
) -> None:
    """Every configuration, and every import once for all configurations."""
    seen: set[tuple[str, str, bool]] = set()
    for configuration in chosen:
        lines.append(box(configuration.name, configuration.name))
        for module in configuration.modules:
            name = graph.name_of(module)
            if module.importer is None:
                _edge(configuration.name, name, module.certainty == CERTAIN, edge, seen, lines)
            for each in module.edges:
                sure = each.certainty == CERTAIN and module.certainty == CERTAIN
                _edge(name, graph.name_of(each.module), sure, edge, seen, lines)
        for external in configuration.externals:
            importer = external.importer
            source = graph.name_of(importer) if importer is not None else configuration.name
            _edge(source, external.name, True, edge, seen, lines)


def _edge(
    one: str,
    other: str,
    sure: bool,
    edge: Callable[[str, str, bool], str],
    seen: set[tuple[str, str, bool]],
    lines: list[str],
) -> None:
    if (one, other, sure) not in seen:
        seen.add((one, other, sure))
        lines.append(edge(one, other, sure))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
