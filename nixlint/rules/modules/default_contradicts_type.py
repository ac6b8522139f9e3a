"""A default that is not of the type of its option.

## What it does
Reports calls of `lib.mkOption` whose `default` is written out and does not pass the check of
`type`, as far as that is written out, too.

## Why it matters
Nix stops with "A definition for option … is not of type …" as soon as nobody sets the option.
Until then the mistake stays hidden, if whoever wrote the option also sets it.

## Example
```nix
{ lib, ... }:
{
  options.site.domain = lib.mkOption {
    type = lib.types.str;
    default = null;
    description = "What the site is called.";
  };
}
```

## Use instead
```nix
{ lib, ... }:
{
  options.site.domain = lib.mkOption {
    type = lib.types.nullOr lib.types.str;
    default = null;
    description = "What the site is called.";
  };
}
```

## Fix safety
None: either the type or the default is wrong.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.literal_types import fits
from nixlint.rules.option_declarations import option_calls
from nixlint.syntax.nodes import AttrName, AttrPath, Node


class DefaultContradictsType(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "default-contradicts-type"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for call in option_calls(ctx):
            declared = call.fields.get("type")
            default = call.fields.get("default")
            if declared is None or default is None or not call.complete:
                continue
            if not is_value(declared) or not is_value(default):
                continue
            if fits(declared, default, ctx) is False:
                message = f"the default is not of the type `{short(declared, ctx)}`"
                ctx.report(self, default.span, message, [Note("the type", declared.span)])


def is_value(node: Node) -> bool:
    """Whether a field is one expression, and no name of an `inherit`, or the end of a path."""
    return not isinstance(node, (AttrName, AttrPath))


def short(node: Node, ctx: FileContext) -> str:
    """An expression on one line."""
    text = " ".join(ctx.text_of(node).split())
    return text if len(text) <= 50 else text[:49] + "…"
