"""`nixlint options`: the options a project declares, who sets them, and what they come to."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from nixlint.cli.main import EXIT_ERROR, PlainCommand

if TYPE_CHECKING:
    from nixlint.analysis.options_report import OptionReport, OptionsReport


class OptionsCommand(PlainCommand):
    """`options`, or, with `build` and its `--source`, the command that makes a list."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """As click does it; `build` alone is a pattern."""
        marks = ("--source", "-h", "--help")
        if args[:1] == ["build"] and any(one.split("=")[0] in marks for one in args[1:]):
            from nixlint.cli.options_build_cmd import build

            return build.make_context(f"{info_name} build", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command(cls=OptionsCommand, short_help="List the options of a project, and who sets them.")
@click.argument("pattern", default="", metavar="[PATTERN]")
@click.argument("path", default=".", metavar="[PATH]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (docs/json.md).")
def options(pattern: str, path: str, as_json: bool) -> int:
    """List the options that the modules of the project at PATH declare or set: type, default, where
    they are declared, and for each configuration the definitions with their priorities and the
    value.

    PATTERN is a part of the name, in lower or upper case; an option of exactly that name is shown
    with everything that is known. With a pattern, all options of nixpkgs, home-manager and
    nix-darwin are searched, too, if a list of them is configured or their sources are on this
    machine.
    `nixlint options build --source PATH` makes a list of the options of a source tree.
    Needs neither Nix nor the network.
    """
    from nixlint.cli.terminal import make_robust

    make_robust(sys.stdout)
    make_robust(sys.stderr)
    report = _read(pattern, path)
    if report is None:
        return EXIT_ERROR
    for name, reason in report.failed:
        print(f"warning: {name}: {reason}", file=sys.stderr)
    for file, reason in report.problems:
        print(f"warning: {file}: {reason}", file=sys.stderr)
    found = [report.options[name] for name in sorted(report.options)]
    if as_json:
        import json

        print(json.dumps({"version": 1, "options": [one.as_json() for one in found]}, indent=2))
        return 0
    if not found:
        wanted = f" like `{pattern}`" if pattern else ""
        print(f"No options{wanted}.")
        return 0
    exact = [one for one in found if one.name.lower() == pattern.lower()]
    if exact or len(found) == 1:
        for one in exact or found:
            _whole(one)
        return 0
    for one in found:
        _line(one)
    return 0


def _read(pattern: str, path: str) -> OptionsReport | None:
    from nixlint.cli.project_at import project_at

    found = project_at(path)
    if found is None:
        return None
    from nixlint.analysis.check_project import project_settings
    from nixlint.analysis.options_report import OptionsReport
    from nixlint.project.project import Project

    root, config = found
    return OptionsReport(Project(root, project_settings(config)), pattern)


def _line(one: OptionReport) -> None:
    """An option on one line: name, type, default, where it is declared."""
    from nixlint.report.style import printable

    default = f" = {one.default}" if one.default is not None else ""
    where = f"  {one.declared[0]}" if one.declared else ""
    print(printable(f"{one.name}: {one.type or 'unknown type'}{default}{where}"))


def _whole(one: OptionReport) -> None:
    """Everything that is known of an option."""
    from nixlint.report.style import printable

    print(printable(one.name))
    rows = [("type", one.type or "unknown")]
    if one.default is not None:
        rows.append(("default", one.default))
    if one.read_only:
        rows.append(("read-only", "yes"))
    if one.description:
        rows.append(("description", " ".join(one.description.split())))
    rows.extend(("declared", place) for place in one.declared)
    rows.extend(("from", origin) for origin in one.origins)
    for label, text in rows:
        print(printable(f"  {label}: {text}"))
    for use in one.uses:
        result = use.value if use.state == "known" else f"{use.state}: {use.reason}"
        if use.state == "unset":
            result = use.reason
        print(printable(f"  {use.configuration}: {result}"))
        for each in use.definitions:
            priority = each["priority"] if each["priority"] is not None else "unknown"
            notes = [f"priority {priority}"]
            if each["condition"] != "true":
                notes.append("if a condition holds")
            if each["wins"]:
                notes.append("wins")
            print(printable(f"    {each['place']}: {each['value']} ({', '.join(notes)})"))
