"""`nixlint inputs`: the inputs of a flake, where they are used, and what is wrong with them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from nixlint.cli.main import EXIT_ERROR, PlainCommand

if TYPE_CHECKING:
    from nixlint.analysis.inputs_report import InputReport, InputsReport
    from nixlint.project.lock.flake_lock import FlakeLock
    from nixlint.report.style import Painter


@click.command(cls=PlainCommand, short_help="List the inputs of a flake, and where they are used.")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--tree", is_flag=True, help="Show the inputs of the inputs, as they are locked.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md).")
@click.option("--why", metavar="INPUT", help="Show every place that uses INPUT, or may use it.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Whether to color the output (also: NO_COLOR, FORCE_COLOR).",
)
def inputs(path: str, tree: bool, as_json: bool, why: str | None, color: str) -> int:
    """List the inputs of the flake that PATH belongs to: what they refer to, which version is
    locked and how old it is, which of their inputs follow another one, where they are used, and
    which rules found something.

    Needs neither Nix nor the network.
    """
    from nixlint.cli.terminal import make_robust, use_color
    from nixlint.report.style import Painter

    if sum((tree, as_json, why is not None)) > 1:
        raise click.UsageError("`--tree`, `--json` and `--why` exclude each other")
    make_robust(sys.stdout)
    make_robust(sys.stderr)
    report = _read(path)
    if report is None:
        return EXIT_ERROR
    painter = Painter(use_color(color, sys.stdout), False)
    if as_json:
        import json

        print(json.dumps(_as_json(report), indent=2))
        return 0
    for remark in report.remarks:
        print(f"warning: {remark}", file=sys.stderr)
    if why is not None:
        return _why(report, why, painter)
    if tree:
        _tree(report, painter)
    else:
        _table(report, painter)
    return 0


def _read(path: str) -> InputsReport | None:
    """The report on the project `path` belongs to; None, and a message, when there is none."""
    from nixlint.analysis.config import ConfigError, Overrides
    from nixlint.analysis.inputs_report import InputsReport, shown_root
    from nixlint.analysis.resolver import Resolver
    from nixlint.project.tree.walk import find_root

    start = os.path.realpath(path)
    if not os.path.exists(start):
        print(f"error: {path}: no such file or directory", file=sys.stderr)
        return None
    root = find_root(start if os.path.isdir(start) else os.path.dirname(start))
    if root is None:
        print(f"error: {path}: no `flake.nix` here, nor in a directory above", file=sys.stderr)
        return None
    try:
        config = Resolver(Overrides()).for_directory(root)
    except ConfigError as error:
        for message in error.messages():
            print(f"error: {message}", file=sys.stderr)
        return None
    return InputsReport(root, shown_root(root), config)


# The table.


def _table(report: InputsReport, painter: Painter) -> None:
    from nixlint.report.style import BOLD, GREEN, YELLOW

    if not report.inputs:
        print("No inputs.")
        return
    head = ["input", "reference", "locked", "age", "follows", "used", "verdict"]
    rows = [_row(report, each) for each in report.inputs]
    widths = [max(len(head[at]), max(len(row[at]) for row in rows)) for at in range(len(head) - 1)]
    print(painter.paint(_line(head, widths), BOLD))
    for row in rows:
        last = painter.paint(row[-1], GREEN if row[-1] == "ok" else YELLOW)
        print(_line([*row[:-1], last], widths))


def _line(cells: list[str], widths: list[int]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=False)]
    return "  ".join([*padded, cells[-1]]).rstrip()


def _row(report: InputsReport, each: InputReport) -> list[str]:
    from nixlint.report.style import printable

    url = each.url
    if each.follows is not None:
        url = f"follows {each.follows or 'this flake'}"
    elif each.declared is None:
        url = f"{url} (only in flake.lock)".lstrip()
    follows = ", ".join(
        name if path == name else f"{name} → {path or 'this flake'}"
        for name, path in each.overrides.items()
    )
    age = f"{each.age} d" if each.age is not None else "-"
    cells = [each.name, url or "-", _version(each) or "-", age, follows or "-", _used(report, each)]
    return [printable(cell) for cell in [*cells, each.verdict]]


def _version(each: InputReport) -> str:
    version = each.rev[:8] or each.nar_hash[:15]
    return f"{version} {each.date}".strip()


def _used(report: InputsReport, each: InputReport) -> str:
    use = each.use
    if use is None:
        return "-"
    if use.state == "used" and use.places:
        first = use.places[0]
        line = report.project.source(first.path).line_of(first.span.start) + 1
        shown = f"{report.checked.shown_path(first.path)}:{line}"
        if use.only_follows:
            return f"{shown} (followed)"
        more = len(use.places) - 1
        return f"{shown} +{more}" if more else shown
    return use.state


# The tree.


def _tree(report: InputsReport, painter: Painter) -> None:
    lock = report.project.lock
    if lock is None or lock.root_node is None:
        print("Nothing is locked.")
        return
    stack = [("", name, edge.target, True, lock.root) for name, edge in _edges(lock, lock.root)]
    stack.reverse()
    shown: set[str] = set()
    while stack:
        prefix, name, target, _last, parent = stack.pop()
        is_last = not stack or stack[-1][4] != parent
        branch = "" if parent == lock.root else ("└─ " if is_last else "├─ ")
        print(f"{prefix}{branch}{_tree_line(lock, name, target, painter)}")
        if isinstance(target, list) or target not in lock.nodes or target in shown:
            continue
        shown.add(target)
        below = prefix if parent == lock.root else prefix + ("   " if is_last else "│  ")
        inner = [(below, each, edge.target, True, target) for each, edge in _edges(lock, target)]
        stack.extend(reversed(inner))


def _edges(lock: FlakeLock, key: str) -> list[tuple[str, Any]]:
    return sorted(lock.nodes[key].inputs.items())


def _tree_line(lock: FlakeLock, name: str, target: str | list[str], painter: Painter) -> str:
    from nixlint.project.settings import date_text
    from nixlint.report.style import BOLD, printable
    from nixlint.rules.flake_inputs import shown_ref

    shown = painter.paint(printable(name), BOLD)
    if isinstance(target, list):
        return f"{shown} → {printable('/'.join(target)) or 'this flake'}"
    node = lock.nodes.get(target)
    if node is None:
        return f"{shown} (missing: {printable(target)})"
    words = [shown]
    if node.original is not None:
        words.append(printable(shown_ref(node.original)))
    locked = node.locked or {}
    rev = locked.get("rev")
    if isinstance(rev, str):
        words.append(printable(rev[:8]))
    modified = locked.get("lastModified")
    if isinstance(modified, int):
        words.append(date_text(modified))
    return "  ".join(word for word in words if word)


# One input.


def _why(report: InputsReport, name: str, painter: Painter) -> int:
    from nixlint.report.style import BOLD, printable

    each = report.find(name)
    if each is None:
        from nixlint.analysis.suggest import did_you_mean

        known = [item.name for item in report.inputs]
        listed = f"its inputs are {', '.join(known)}" if known else "it has none"
        hint = did_you_mean(name, known, listed)
        print(f"error: the flake has no input `{printable(name)}`: {hint}", file=sys.stderr)
        return EXIT_ERROR
    use = each.use
    title = painter.paint(printable(name), BOLD)
    if use is None:
        why = "it is named in `outputs` only" if each.declared else "only `flake.lock` has it"
        print(f"{title}: {why}")
        return 0
    places = [
        f"  {printable(report.shown_place(place.path, place.span))}: {place.how}"
        for place in use.places
    ]
    if use.state == "used":
        only = ", but only to be followed" if use.only_follows else ""
        print(f"{title} is used{only}:")
    elif use.state == "unknown":
        print(f"{title} may be used: {printable(use.reason)}")
    else:
        print(f"{title} is not used anywhere")
    for line in places:
        print(line)
    return 0


# JSON.


def _as_json(report: InputsReport) -> dict[str, Any]:
    from nixlint.report.json import CONTRACT_VERSION

    return {
        "version": CONTRACT_VERSION,
        "root": report.checked.shown or ".",
        "remarks": report.remarks,
        "inputs": [_input_json(report, each) for each in report.inputs],
    }


def _input_json(report: InputsReport, each: InputReport) -> dict[str, Any]:
    from nixlint.report.json import clean, range_json

    use = None
    if each.use is not None:
        use = {
            "state": each.use.state,
            "reason": clean(each.use.reason) or None,
            "only_followed": each.use.only_follows,
            "places": [
                {
                    "path": clean(report.checked.shown_path(place.path)),
                    "range": range_json(report.project.source(place.path), place.span),
                    "how": place.how,
                }
                for place in each.use.places
            ],
        }
    return {
        "name": clean(each.name),
        "declared": each.declared is not None and not each.declared.implicit,
        "reference": clean(each.url) or None,
        "follows": each.follows,
        "flake": each.declared.is_flake if each.declared is not None else None,
        "overrides": each.overrides,
        "locked": None
        if each.node is None
        else {
            "node": clean(each.node.key),
            "rev": each.rev or None,
            "narHash": each.nar_hash or None,
            "lastModified": each.modified,
            "date": each.date or None,
            "age_days": each.age,
        },
        "use": use,
        "findings": each.rules,
    }
