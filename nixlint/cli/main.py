"""The command `nixlint`.

Every subcommand lives in its own module and is imported when called: start-up time is what people
notice in an editor or a commit hook.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from typing import Any, Final, NoReturn

import click

COMMANDS: Final = {
    "check": ("check_cmd", "Check files for problems, and fix them."),
    "clean": ("clean_cmd", "Delete what was kept from earlier checks."),
    "eval": ("eval_cmd", "Print what is known of a value, without running Nix."),
    "graph": ("graph_cmd", "Show which modules each configuration consists of."),
    "inputs": ("inputs_cmd", "List the inputs of a flake, and where they are used."),
    "lsp": ("lsp_cmd", "Run the language server, for editors."),
    "options": ("options_cmd", "List the options of a project, and who sets them."),
    "parse": ("parse_cmd", "Print the syntax tree of a file."),
    "rule": ("rule_cmd", "Explain a rule."),
    "rules": ("rule_cmd", "List all rules."),
}

EXIT_FINDINGS: Final = 1
EXIT_ERROR: Final = 2
EXIT_INTERRUPTED: Final = 130


def _show_help(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


HELP: Final = click.Option(
    ["-h", "--help"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_help,
    help="Show this message and exit.",
)
"""`--help` as click makes it, but without searching the disk for a translation of its text."""


class PlainCommand(click.Command):
    """A command with a cheaper `--help`."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The same option for all commands."""
        return HELP


class LazyGroup(click.Group):
    """A group that imports a subcommand only to run it."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The same option for all commands."""
        return HELP

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        from importlib import import_module

        module = import_module(f"nixlint.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of subcommands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand; for an unknown one, suggest the nearest."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from nixlint.analysis.suggest import did_you_mean

            known = f"the commands are {', '.join(COMMANDS)}"
            hint = did_you_mean(name, COMMANDS, known)
            if name.endswith(".nix") or "/" in name or name == ".":
                hint = f"did you mean `nixlint check {name}`?"
            ctx.fail(f"no such command `{name}`: {hint}")
        return super().resolve_command(ctx, args)


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from nixlint import __version__
    from nixlint.text.build_info import build_mode

    click.echo(f"nixlint {__version__} ({build_mode()})")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version, and whether this build is compiled.",
)
def nixlint() -> None:
    """Find and fix problems in Nix code."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 clean, 1 findings, 2 an error, 130 interrupted."""
    # Trees make objects by the hundred thousand, and hardly any garbage.
    gc.set_threshold(1_000_000, 50, 100)
    code = _run(arguments)
    if arguments is None:
        _leave(code)
    sys.exit(code)


def _run(arguments: list[str] | None) -> int:
    _replace_closed_streams()
    try:
        code = _call(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_output()
        return EXIT_FINDINGS
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not error.filename:
            _say("error: the current directory does not exist")
        else:
            what = error.filename or "cannot write the output"
            _say(f"error: {what}: {error.strerror or error}")
        _abandon_output()
        return EXIT_ERROR
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    return code


def _call(arguments: list[str] | None) -> int:
    command: Any = nixlint
    try:
        code = command.main(arguments, prog_name="nixlint", standalone_mode=False)
    except click.exceptions.Abort:
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        error.show()
        return EXIT_ERROR
    return code if isinstance(code, int) else 0


def _replace_closed_streams() -> None:
    """Stand in for streams that the caller closed: Python has None for them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # It stays open until the process ends, as the real one would.
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115


def _leave(code: int) -> None:
    """End the process at once, where nobody else is at work in it.

    To free a whole project piece by piece takes a tenth of a second, for nothing.
    """
    gc.freeze()
    if threading.active_count() > 1:
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return
    os._exit(code)


def _say(message: str) -> None:
    try:
        print(message, file=sys.stderr)
    except OSError:
        return


def _abandon_output() -> None:
    """Leave no text behind that the interpreter would try to write at exit, and fail again."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(null, stream.fileno())
