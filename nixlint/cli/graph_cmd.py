"""`nixlint graph`: the modules of every configuration, and what leads to a file."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from nixlint.cli.main import EXIT_ERROR, EXIT_FINDINGS, PlainCommand

if TYPE_CHECKING:
    from nixlint.analysis.module_graph import Chain, ModuleGraph


@click.command(cls=PlainCommand, short_help="Show which modules each configuration consists of.")
@click.argument("path", default=".", metavar="[PATH]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["tree", "json", "dot", "mermaid"]),
    default="tree",
    help="How to print the graph. Default: tree.",
)
@click.option(
    "--configuration",
    metavar="NAME",
    help="Only this one, such as `nixosConfigurations.box` or `box`.",
)
@click.option("--why", metavar="FILE", help="Show what leads to FILE, or why nothing does.")
def graph(path: str, form: str, configuration: str | None, why: str | None) -> int:
    """Show the configurations of the flake that PATH belongs to, and the modules each of them
    imports, as the evaluation of the flake finds them. Without a flake, PATH is a directory with a
    configuration.nix, home.nix or default.nix.

    With --why: the chain of imports by which each configuration reaches FILE. The exit code is 1
    when nothing reaches it.
    """
    from nixlint.analysis.suggest import did_you_mean
    from nixlint.cli.terminal import make_robust
    from nixlint.report import graph as report

    make_robust(sys.stdout)
    made = _read(path)
    if made is None:
        return EXIT_ERROR
    chosen = made.configurations
    if configuration is not None:
        chosen = made.named(configuration)
        if not chosen:
            names = [each.name for each in made.configurations]
            hint = did_you_mean(configuration, names, f"there are {len(names)}")
            print(f"error: no configuration `{configuration}`: {hint}", file=sys.stderr)
            return EXIT_ERROR
    if why is not None:
        return _why(made, why, configuration is not None, {each.name for each in chosen}, form)
    if form == "json":
        import json

        print(json.dumps(report.as_json(made, chosen), indent=2, ensure_ascii=False))
    elif form == "dot":
        print(report.as_dot(made, chosen), end="")
    elif form == "mermaid":
        print(report.as_mermaid(made, chosen), end="")
    else:
        print(report.as_tree(made, chosen), end="")
        if not chosen:
            print("No configurations.")
    return 0


def _read(path: str) -> ModuleGraph | None:
    """The graph of the project `path` belongs to; None, and a message, when there is none."""
    from nixlint.cli.project_at import project_at

    found = project_at(path)
    if found is None:
        return None
    from nixlint.analysis.module_graph import ModuleGraph

    return ModuleGraph(*found)


def _why(made: ModuleGraph, file: str, limited: bool, names: set[str], form: str) -> int:
    """Print what leads to a file; the exit code is 1 when nothing does."""
    real = os.path.realpath(file)
    if not os.path.exists(real):
        other = os.path.realpath(os.path.join(made.project.root, file))
        if not os.path.exists(other):
            print(f"error: {file}: no such file", file=sys.stderr)
            return EXIT_ERROR
        real = other
    if os.path.isdir(real):
        real = os.path.join(real, "default.nix")
    shown = made.shown(real)
    chains = [each for each in made.chains(real) if not limited or each.configuration in names]
    if form == "json":
        return _why_json(made, real, chains)
    for chain in chains:
        print(chain.configuration)
        for depth, step in enumerate(chain.steps):
            mark = f" ({step.certainty})" if step.certainty != "certain" else ""
            where = f"  at {step.where}" if step.where else ""
            print(f"{'  ' * (depth + 1)}{step.name}{mark}{where}")
    if chains:
        return 0
    reach = made.reach()
    state = reach.state_of(real)
    if real not in reach.files:
        print(f"`{shown}` is no Nix file of this project")
        return EXIT_FINDINGS
    if limited:
        print(f"`{shown}` is no module of this configuration")
        return EXIT_FINDINGS
    if state == "used":
        print(f"`{shown}` is a module of no configuration, but it is used:")
        for path, use in made.use_chain(real):
            where = f" in {_position(made, use.source, use.start)}" if use.source else ""
            print(f"  {made.shown(path)} {use.how}{where}")
        return 0
    if state == "disabled":
        print(f"`{shown}` is never in effect: it {reach.disabled[real].how}")
    elif state == "unknown":
        reason = reach.unknown.get(real) or reach.silent
        print(f"it is not known whether anything uses `{shown}`: {reason}")
    else:
        print(f"nothing uses `{shown}`")
        for source in reach.mentions.get(real, []):
            print(f"  {made.shown(source)} names it, which is unused, too")
    return EXIT_FINDINGS


def _position(made: ModuleGraph, path: str, start: int) -> str:
    line, column = made.project.source(path).position(start)
    return f"{made.shown(path)}:{line + 1}:{column + 1}"


def _why_json(made: ModuleGraph, real: str, chains: list[Chain]) -> int:
    import json

    reach = made.reach()
    state = "used" if chains else reach.state_of(real)
    document = {
        "version": 1,
        "file": made.shown(real),
        "state": state if real in reach.files else "foreign",
        "reason": (reach.unknown.get(real) or reach.silent or None) if state == "unknown" else None,
        "chains": [
            {
                "configuration": each.configuration,
                "modules": [
                    {"name": step.name, "certainty": step.certainty, "place": step.where or None}
                    for step in each.steps
                ],
            }
            for each in chains
        ],
        "uses": [
            {
                "file": made.shown(path),
                "how": use.how,
                "place": _position(made, use.source, use.start) if use.source else None,
            }
            for path, use in ([] if chains else made.use_chain(real))
        ],
    }
    print(json.dumps(document, indent=2, ensure_ascii=False))
    return 0 if state == "used" else EXIT_FINDINGS
