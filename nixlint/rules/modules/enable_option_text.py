"""A text for `mkEnableOption` that says twice what is said already.

## What it does
Reports descriptions given to `lib.mkEnableOption` that begin with "enable", or end with a period.

## Why it matters
`mkEnableOption` puts "Whether to enable " in front and "." behind, so that manuals say
"Whether to enable Enable the server..".

## Example
```nix
{ lib, ... }:
{
  options.site.enable = lib.mkEnableOption "Enable the web site.";
}
```

## Use instead
```nix
{ lib, ... }:
{
  options.site.enable = lib.mkEnableOption "the web site";
}
```

## Fix safety
Unsafe: it changes what the documentation says, and nothing else.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.diagnostics.model import HINT, UNSAFE, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.option_declarations import is_call_of
from nixlint.syntax.nodes import ExprCall, ExprString, unparen
from nixlint.text.span import Span

_BEGIN: Final = re.compile(r"(?:[Ww]hether\s+to\s+)?[Ee]nables?(?:\s+|\Z)")
_FUNCTIONS: Final = ("mdDoc", "literalDocBook")
"""What once stood between `mkEnableOption` and the text."""


class EnableOptionText(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "enable-option-text"
        self.severity = HINT
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for node in ctx.calls("mkEnableOption"):
            if is_call_of(node, "mkEnableOption", ctx):
                self.check_call(node, ctx)

    def check_call(self, node: ExprCall, ctx: FileContext) -> None:
        """Looks at the text of a `mkEnableOption`."""
        argument = unparen(node.args[0])
        if isinstance(argument, ExprCall) and ctx.text_of(argument.fn).endswith(_FUNCTIONS):
            argument = unparen(argument.args[0])
        if not isinstance(argument, ExprString):
            return
        start: int = argument.start + 1
        end: int = argument.end - 1
        first_end = end
        last_start = start
        if argument.parts:
            first_end = argument.parts[0].start
            last_start = argument.parts[len(argument.parts) - 1].end
        edits: list[Edit] = []
        found = _BEGIN.match(ctx.text, start, first_end)
        if found is not None:
            edits.append(Edit(Span(start, found.end()), ""))
        last = ctx.text[last_start:end]
        if last.endswith(".") and not last.endswith(".."):
            edits.append(Edit(Span(end - 1, end), ""))
        if not edits:
            return
        shown = ctx.text[start:end]
        if len(shown) > 40:
            shown = shown[:39] + "…"
        message = f'`mkEnableOption` makes this "Whether to enable {shown}."'
        fix: Fix | None = None
        rest = end - start - sum(edit.span.end - edit.span.start for edit in edits)
        if rest > 0:
            fix = Fix("shorten the text", edits, UNSAFE)
        ctx.report(self, Span(argument.start, argument.end), message, None, fix)
