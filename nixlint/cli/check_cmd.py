"""`nixlint check`: the options, and how a run goes from them to an exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nixlint.cli.main import EXIT_ERROR, EXIT_FINDINGS, PlainCommand
from nixlint.report.formats import FORMATS

if TYPE_CHECKING:
    from nixlint.cli.session import Request


@click.command(cls=PlainCommand, short_help="Check files for problems, and fix them.")
@click.argument("paths", nargs=-1, metavar="[PATHS]... | -")
@click.option("--fix", is_flag=True, help="Apply safe fixes to the files.")
@click.option(
    "--unsafe-fixes",
    is_flag=True,
    help="With --fix or --diff: also fixes that may change what the code means.",
)
@click.option("--diff", is_flag=True, help="Print what --fix would change, and change nothing.")
@click.option("--select", multiple=True, metavar="RULES", help="Run only these rules.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Do not run these rules.")
@click.option("--extend-select", multiple=True, metavar="RULES", help="Also run these rules.")
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave out paths (as in .gitignore)."
)
@click.option(
    "--force-exclude",
    is_flag=True,
    help="Leave out excluded and git-ignored files even when they are named.",
)
@click.option("--no-respect-gitignore", is_flag=True, help="Also check what git ignores.")
@click.option("--config", "config_path", metavar="FILE", help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Use no configuration file.")
@click.option("--stdin-filename", metavar="PATH", help="What to call the text read from `-`.")
@click.option(
    "--format",
    "--output-format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="full",
    show_default=True,
    help="How to print findings.",
)
@click.option("--statistics", is_flag=True, help="Print how often each rule found something.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Whether to color the output (also: NO_COLOR, FORCE_COLOR).",
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when there are findings.")
@click.option("-q", "--quiet", is_flag=True, help="Print findings and errors, nothing else.")
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes to use; by default several for many files only.",
)
@click.option(
    "--no-cache",
    is_flag=True,
    envvar="NIXLINT_NO_CACHE",
    help="Check everything anew, and keep nothing for the next run.",
)
@click.option(
    "--cache-dir",
    metavar="DIR",
    envvar="NIXLINT_CACHE_DIR",
    help="Keep results of checks here (default: nixlint in the user's cache directory).",
)
def check(
    paths: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    exclude: tuple[str, ...],
    force_exclude: bool,
    no_respect_gitignore: bool,
    config_path: str | None,
    isolated: bool,
    stdin_filename: str | None,
    output_format: str,
    statistics: bool,
    color: str,
    exit_zero: bool,
    quiet: bool,
    jobs: int | None,
    no_cache: bool,
    cache_dir: str | None,
) -> int:
    """Check Nix files: the PATHS given, or everything below the current directory.

    `-` reads from standard input. RULES are names of rules or themes, or ALL, separated by
    commas. Exits with 0 when there is nothing to report, with 1 when there are findings, and with
    2 when something kept nixlint from doing its work.
    """
    from nixlint.cli.session import Request, Session

    if "-" in paths and len(paths) > 1:
        raise click.UsageError("`-` (standard input) cannot be combined with other paths")
    if stdin_filename is not None and "-" not in paths:
        raise click.UsageError("`--stdin-filename` needs the path `-` (standard input)")
    if config_path is not None and isolated:
        raise click.UsageError("`--config` and `--isolated` exclude each other")
    request = Request()
    request.paths = list(paths) or ["."]
    request.fix = fix
    request.diff = diff
    request.unsafe_fixes = True if unsafe_fixes else None
    request.stdin_filename = stdin_filename
    request.output_format = output_format
    request.statistics = statistics
    request.color = color
    request.quiet = quiet
    request.jobs = jobs
    request.cache = not no_cache
    if cache_dir:
        import os

        request.cache_dir = os.path.abspath(cache_dir)
    _configure(request, select, ignore, extend_select, exclude, force_exclude, no_respect_gitignore)
    request.overrides.config_path = config_path
    request.overrides.isolated = isolated
    session = Session(request)
    session.run()
    if session.failed:
        return EXIT_ERROR
    if session.found and not exit_zero:
        return EXIT_FINDINGS
    return 0


def _configure(
    request: Request,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    exclude: tuple[str, ...],
    force_exclude: bool,
    no_respect_gitignore: bool,
) -> None:
    """Turn options into overrides of the configuration; bad ones are usage errors."""
    overrides = request.overrides
    overrides.layer.select = _selectors("--select", select) if select else None
    overrides.layer.ignore = _selectors("--ignore", ignore)
    overrides.layer.extend_select = _selectors("--extend-select", extend_select)
    overrides.exclude = list(exclude)
    if exclude:
        from nixlint.project.tree.patterns import Patterns, PatternsError

        for pattern in exclude:
            try:
                Patterns("/", [pattern]).compile()
            except PatternsError as error:
                message = f"`{pattern}` is not a valid pattern: {error}"
                raise click.BadParameter(message, param_hint="--exclude") from None
    overrides.force_exclude = True if force_exclude else None
    overrides.respect_gitignore = False if no_respect_gitignore else None


def _selectors(option: str, values: tuple[str, ...]) -> list[str]:
    names = [name.strip() for value in values for name in value.split(",")]
    names = [name for name in names if name]
    if not names:
        return []
    from nixlint.analysis import selection

    for name in names:
        try:
            selection.expand(name)
        except selection.SelectorError as error:
            raise click.BadParameter(str(error), param_hint=option) from None
    return names
