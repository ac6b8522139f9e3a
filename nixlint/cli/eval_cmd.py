"""`nixlint eval`: what is known of a value without running Nix."""

from __future__ import annotations

import json
import sys

import click

from nixlint.cli.main import EXIT_FINDINGS, PlainCommand


@click.command(cls=PlainCommand, short_help="Print what is known of a value, without running Nix.")
@click.argument("target", default=".", metavar="[FILE][#ATTRPATH]")
@click.option("--expr", metavar="NIX", help="Evaluate this expression instead of a file.")
@click.option(
    "--arg",
    "args",
    type=(str, str),
    multiple=True,
    metavar="NAME NIX",
    help="An argument for a function: a Nix expression.",
)
@click.option(
    "--argstr",
    type=(str, str),
    multiple=True,
    metavar="NAME TEXT",
    help="An argument for a function: a string.",
)
@click.option(
    "--source",
    "sources",
    type=(str, str),
    multiple=True,
    metavar="NAME DIR",
    help="Where the input NAME of the flake, or <NAME>, lies on this machine.",
)
@click.option(
    "--depth",
    type=click.IntRange(0, 1000),
    metavar="N",
    help="Print no more than N levels. Default: all; 2 for a whole flake.",
)
@click.option("--explain", is_flag=True, help="Say why, and since where, each part is unknown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (see docs/json.md).")
def eval(
    target: str,
    expr: str | None,
    args: tuple[tuple[str, str], ...],
    argstr: tuple[tuple[str, str], ...],
    sources: tuple[tuple[str, str], ...],
    depth: int | None,
    explain: bool,
    as_json: bool,
) -> int:
    """Print what FILE, or an attribute in it, evaluates to, as far as that can be known.

    A directory with a flake.nix (or the flake.nix itself) means the outputs of the flake.
    What is unknown is printed as «unknown: reason», what Nix refuses as «error: message».
    The exit code is 1 when the value as a whole is unknown or refused.
    """
    import os

    from nixlint.analysis.evaluation import Request, TargetError, evaluate, split_target
    from nixlint.cli.terminal import make_robust
    from nixlint.evaluate.show import quoted

    make_robust(sys.stdout)
    try:
        path, names = split_target(target)
        request = Request(path, names)
        request.expression = expr
        request.args = dict(args)
        for name, text in argstr:
            request.args[name] = quoted(text)
        request.sources = {name: os.path.abspath(folder) for name, folder in sources}
        request.levels = depth
        found = evaluate(request)
    except TargetError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        document = {
            "version": 1,
            "value": found.data,
            "unknown": [
                {
                    "path": reason.path,
                    "kind": "error" if reason.error else "unknown",
                    "reason": reason.reason,
                    "file": reason.file or None,
                    "line": reason.line or None,
                    "column": reason.column or None,
                }
                for reason in found.reasons
            ],
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        click.echo(found.text)
        if explain:
            for reason in found.reasons:
                place = f"{reason.file}:{reason.line}:{reason.column}: " if reason.file else ""
                where = f"{reason.path}: " if reason.path else ""
                kind = "error: " if reason.error else ""
                click.echo(f"  {where}{kind}{reason.reason}", nl=not place)
                if place:
                    click.echo(f" ({place.rstrip(': ')})")
    whole = found.reasons and not found.reasons[0].path and len(found.reasons) == 1
    return EXIT_FINDINGS if whole else 0
