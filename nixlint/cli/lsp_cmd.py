"""`nixlint lsp`: the language server."""

from __future__ import annotations

import click

from nixlint.cli.main import PlainCommand

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@click.command(cls=PlainCommand, short_help="Run the language server, for editors.")
@click.option("--stdio", is_flag=True, help="Talk over standard input and output (the default).")
@click.option("--tcp", metavar="HOST:PORT", help="Wait for one client at an address of this host.")
@click.option("--log-file", metavar="FILE", help="Write the log there, not to standard error.")
@click.option(
    "--log-level",
    type=click.Choice(["error", "warning", "info", "debug"]),
    default="warning",
    show_default=True,
    help="What to log.",
)
def lsp(stdio: bool, tcp: str | None, log_file: str | None, log_level: str) -> int:
    """Run the language server. Editors start it; see docs/editors.md.

    It ends with the editor. `--tcp` listens on the loopback interface only.
    """
    if stdio and tcp is not None:
        raise click.UsageError("`--stdio` and `--tcp` exclude each other")
    address = _address(tcp) if tcp is not None else None
    _find_server()
    from nixlint_lsp import journal, main

    try:
        journal.begin(log_file, log_level)
    except OSError as error:
        message = f"cannot write {log_file}: {error.strerror or error}"
        raise click.BadParameter(message, param_hint="--log-file") from None

    code = main.run_tcp(*address) if address is not None else main.run_stdio()
    main.end(code)
    return code


def _find_server() -> None:
    """In a checkout that is not installed, the server lies in a directory of its own."""
    import os
    import sys
    from importlib.util import find_spec

    import nixlint

    if find_spec("nixlint_lsp") is None:
        root = os.path.dirname(os.path.dirname(os.path.abspath(nixlint.__file__)))
        sys.path.append(os.path.join(root, "lsp"))


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdecimal() or int(port) > 65535:
        message = f"`{text}` must be HOST:PORT, such as 127.0.0.1:9257"
        raise click.BadParameter(message, param_hint="--tcp")
    if host not in LOOPBACK:
        message = f"`{host}` is not on the loopback interface: use one of {', '.join(LOOPBACK)}"
        raise click.BadParameter(message, param_hint="--tcp")
    return host, int(port)
