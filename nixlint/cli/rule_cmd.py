"""`nixlint rule` and `nixlint rules`: what the rules say about themselves."""

from __future__ import annotations

import click

_FORMAT = click.option(
    "--format",
    "--output-format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print.",
)


@click.command(short_help="Explain a rule.")
@click.argument("name")
@_FORMAT
def rule(name: str, output_format: str) -> None:
    """Explain the rule NAME: what it finds, why that matters, and whether its fix is safe.

    NAME may also be what statix, deadnix, nil or nixd call the rule.
    """
    from nixlint.analysis import explain, selection
    from nixlint.analysis.suggest import did_you_mean

    names = selection.current_names(name)
    if not names:
        known = [each for each in selection.all_selectors() if selection.current_names(each)]
        hint = did_you_mean(name, known, "`nixlint rules` lists all rules")
        raise click.UsageError(f"there is no rule `{name}`: {hint}")
    if output_format == "json":
        import json

        documents = []
        for each in names:
            doc = explain.rule_doc(each)
            documents.append(explain.facts(each) | {"documentation": doc.text})
        click.echo(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2))
        return
    click.echo("\n\n".join(explain.markdown(each) for each in names))


@click.command(short_help="List all rules.")
@_FORMAT
def rules(output_format: str) -> None:
    """List all rules: name, severity, whether on by default, kind of fix, summary."""
    from nixlint.analysis import explain, selection
    from nixlint.rules import registry

    names = registry.rule_names()
    if output_format == "json":
        import json

        click.echo(json.dumps([explain.facts(name) for name in names], indent=2))
        return
    width = max((len(name) for name in names), default=0)
    for theme in selection.themes():
        click.echo(f"{theme}:")
        for name in names:
            if selection.theme_of(name) != theme:
                continue
            each = selection.rule_of(name)
            doc = explain.rule_doc(name)
            default = "on" if each.enabled else "off"
            click.echo(
                f"  {name:<{width}}  {each.severity:<7}  {default:<3}  "
                f"{doc.fix:<9}  {doc.summary}".rstrip()
            )
        click.echo()
    click.echo("Columns: rule, severity, on or off by default, kind of fix, summary.")
