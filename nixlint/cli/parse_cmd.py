"""`nixlint parse`: the syntax tree of one file, in several forms."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from nixlint.cli.main import EXIT_FINDINGS, PlainCommand

if TYPE_CHECKING:
    from nixlint.syntax.tree import Tree


@click.command(cls=PlainCommand, short_help="Print the syntax tree of a file.")
@click.argument("file", default="-", metavar="[FILE | -]")
@click.option(
    "--format",
    "--output-format",
    "output_format",
    type=click.Choice(["tree", "json", "tokens", "nix"]),
    default="tree",
    show_default=True,
    help="tree: for people; json: for programs; tokens: the row of tokens; "
    "nix: what `nix-instantiate --parse` prints.",
)
@click.option(
    "--engine",
    type=click.Choice(["native", "lark"]),
    default="native",
    show_default=True,
    help="native: nixlint's own parser; lark: the same grammar run by Lark (needs nixlint[lark]).",
)
@click.option(
    "--base-dir",
    metavar="DIR",
    help="With --format nix: what relative paths are relative to. Default: the file's directory.",
)
@click.option(
    "--home", metavar="DIR", help="With --format nix: what `~` means. Default: the home directory."
)
@click.option(
    "--nix-version",
    type=click.Choice(["2.8", "newest"]),
    default="newest",
    show_default=True,
    help="Whose rules hold, and with --format nix, whose way of printing.",
)
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Whether to color error messages (also: NO_COLOR, FORCE_COLOR).",
)
def parse(
    file: str,
    output_format: str,
    engine: str,
    base_dir: str | None,
    home: str | None,
    nix_version: str,
    color: str,
) -> int:
    """Parse one FILE, or standard input, and print its tree.

    Broken files have a tree too. Their syntax errors go to standard error, and the exit code is
    1; `--format nix` prints nothing then.
    """
    from nixlint.analysis.config import NEWEST_NIX
    from nixlint.analysis.reading import MAX_BYTES, ReadError, read_file, too_large
    from nixlint.cli.terminal import make_robust
    from nixlint.text.source import decode

    make_robust(sys.stdout)
    make_robust(sys.stderr)
    try:
        if file == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise ReadError(too_large(len(data)))
            text = decode(data)
        else:
            text = read_file(file)
    except ReadError as error:
        raise click.ClickException(f"{file}: {error}") from None
    tree = _parse(text, engine)
    shown = "<stdin>" if file == "-" else file
    version = (2, 8) if nix_version == "2.8" else NEWEST_NIX
    failed = _report_errors(tree, shown, version, color)
    if output_format == "nix":
        if failed:
            return EXIT_FINDINGS
        directory = os.path.dirname(file) if base_dir is None and file != "-" else base_dir
        return _print_nix(tree, directory or ".", home, version)
    _write(_dump(tree, output_format))
    return EXIT_FINDINGS if failed else 0


def _parse(text: str, engine: str) -> Tree:
    if engine == "native":
        from nixlint.syntax.parser import parse as parse_text

        return parse_text(text)
    try:
        from nixlint.syntax.lark_engine import parse_with_lark
    except ImportError as error:
        message = f"the engine `lark` needs more: pip install 'nixlint[lark]' ({error})"
        raise click.ClickException(message) from None
    return parse_with_lark(text)


def _dump(tree: Tree, output_format: str) -> str:
    from nixlint.syntax import dump

    if output_format == "tokens":
        return dump.dump_tokens(tree)
    return dump.dump_json(tree) if output_format == "json" else dump.dump_tree(tree)


def _print_nix(tree: Tree, base_dir: str, home: str | None, version: tuple[int, int]) -> int:
    from nixlint.syntax.print_nix import print_nix

    own_home = home if home is not None else os.path.expanduser("~")
    _write(print_nix(tree, os.path.abspath(base_dir), own_home, version) + "\n")
    return 0


def _report_errors(tree: Tree, shown: str, version: tuple[int, int], color: str) -> bool:
    """Write what Nix would refuse to stderr; whether there is anything."""
    from nixlint.analysis.verify import fatal_errors
    from nixlint.rules.base import FileContext

    ctx = FileContext(shown, tree, version)
    errors = fatal_errors(ctx)
    if not errors:
        return False
    from nixlint.analysis.outcome import FileOutcome
    from nixlint.cli.terminal import use_color
    from nixlint.report.base import Options
    from nixlint.report.full import FullReporter
    from nixlint.rules.registry import load_rule
    from nixlint.text.source import Source

    for error in errors:
        load_rule(error.rule).explain_error(error, ctx)
    for diagnostic in ctx.diagnostics:
        # This command cannot apply fixes, so it does not advertise them.
        diagnostic.fix = None
    outcome = FileOutcome(shown)
    outcome.source = Source(shown, tree.text)
    outcome.diagnostics = ctx.diagnostics
    options = Options(color=use_color(color, sys.stderr))
    FullReporter(options, sys.stderr.write).add(outcome)
    return True


def _write(text: str) -> None:
    """Write text to stdout as the bytes it was read from."""
    from nixlint.text.source import encode

    sys.stdout.flush()
    sys.stdout.buffer.write(encode(text))
    sys.stdout.buffer.flush()
