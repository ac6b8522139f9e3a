"""`nixlint clean`: empty the cache."""

from __future__ import annotations

import os

import click

from nixlint.cli.main import EXIT_ERROR, PlainCommand


@click.command(cls=PlainCommand, short_help="Delete what was kept from earlier checks.")
@click.option(
    "--cache-dir",
    metavar="DIR",
    envvar="NIXLINT_CACHE_DIR",
    help="The cache to empty (default: nixlint in the user's cache directory).",
)
def clean(cache_dir: str | None) -> int:
    """Delete what was kept from earlier checks.

    Only files that nixlint has written there are deleted.
    """
    from nixlint.project.disk_cache import DiskCache, default_directory

    directory = os.path.abspath(cache_dir) if cache_dir else default_directory()
    if directory is None or not os.path.isdir(directory):
        click.echo("There is no cache.")
        return 0
    try:
        count = DiskCache(directory).clear()
    except OSError as error:
        click.echo(f"error: {error.filename}: {error.strerror or error}", err=True)
        return EXIT_ERROR
    files = "1 file" if count == 1 else f"{count} files"
    click.echo(f"Deleted {files} from {directory}")
    return 0
