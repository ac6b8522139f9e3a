"""`nixlint options build`: a list of options from a source tree."""

from __future__ import annotations

import sys

import click

from nixlint.cli.main import EXIT_ERROR, PlainCommand

KINDS = ("nixos", "home-manager", "darwin", "nixvim", "other")
_SPELLED = {"home-manager": "homeManager"}


@click.command(cls=PlainCommand, short_help="Make a list of options from a source tree.")
@click.option(
    "--source", required=True, metavar="PATH",
    help="A checkout of nixpkgs, home-manager, nix-darwin or nixvim, or a flake with modules.",
)  # fmt: skip
@click.option("--kind", type=click.Choice(KINDS), help="Which modules, if there are several kinds.")
@click.option(
    "--nixpkgs", default="", metavar="PATH",
    help="A checkout of nixpkgs, or of its `lib`, to be used instead of what nixlint knows of it.",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of standard output.")
def build(source: str, kind: str | None, nixpkgs: str, output: str | None) -> int:
    """Evaluate the modules of the source tree at PATH and print the options that they declare, in
    the format of the NixOS manual (`options.json`).

    What could not be read is listed on standard error.
    Needs neither Nix nor the network.
    """
    from nixlint.cli.terminal import make_robust
    from nixlint.project.options.extract import ExtractError, extract_options
    from nixlint.project.options.index import index_text
    from nixlint.report.style import printable

    make_robust(sys.stdout)
    make_robust(sys.stderr)
    try:
        made = extract_options(source, _SPELLED.get(kind, kind) if kind else None, nixpkgs)
    except ExtractError as error:
        print(f"error: {printable(str(error))}", file=sys.stderr)
        return EXIT_ERROR
    for unread in made.unread:
        where = f"{unread.name}: " if unread.name else ""
        print(f"warning: not read: {printable(where + unread.reason)}", file=sys.stderr)
    text = index_text(made.index)
    if output is None:
        sys.stdout.write(text)
        return 0
    try:
        with open(output, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        print(f"error: {output}: {error.strerror or error}", file=sys.stderr)
        return EXIT_ERROR
    print(f"{output}: {len(made.index.options)} options of {made.modules} modules")
    return 0
