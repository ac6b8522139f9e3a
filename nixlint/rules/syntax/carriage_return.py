"""Carriage returns where they change what Nix reads.

## What it does
Reports indented strings that contain carriage returns (shown as `␍` below), as in files with the
line ends of Windows, and carriage returns that end a line all by themselves.
It stays silent about CRLF elsewhere, which does no harm.

## Why it matters
Nix turns CRLF into a plain line end in `"…"` strings, but keeps it in `''…''` strings: scripts
then fail with `/bin/sh^M: bad interpreter`, and the indentation of the string is not removed.
A carriage return alone ends a comment for Nix, though most editors show it in the same line.

## Example
```nix
{
  script = ''␍
    echo hello␍
  '';␍
}
```

## Use instead
```nix
{
  script = ''
    echo hello
  '';
}
```

## Fix safety
Unsafe: removes the carriage returns, which changes the value of the string.
"""

from __future__ import annotations

from nixlint.diagnostics.model import UNSAFE, WARNING, Edit, Fix
from nixlint.rules.base import FileContext, Rule
from nixlint.syntax.ids import T_BLOCK_COMMENT, T_IND_OPEN, T_IND_STR, T_STR
from nixlint.text.span import Span


class CarriageReturn(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "carriage-return"
        self.severity = WARNING
        self.whole_file = True
        self.aliases = ("cr-line-endings",)

    def check_file(self, ctx: FileContext) -> None:
        text = ctx.text
        at = text.find("\r")
        tokens = ctx.tree.tokens
        handled = -1
        while at >= 0:
            index = tokens.index_at(at)
            kind = tokens.kind(index)
            if kind == T_IND_STR or kind == T_IND_OPEN:
                # One finding per stretch of text, with all of its carriage returns.
                if index != handled:
                    handled = index
                    self.report_string(ctx, at, tokens.end(index))
            elif kind != T_STR and kind != T_BLOCK_COMMENT and text[at + 1 : at + 2] != "\n":
                edits = [Edit(Span(at, at + 1), "\n")]
                fix = Fix("Replace it by a line feed", edits, UNSAFE)
                message = "a carriage return alone is a line end for Nix"
                ctx.report(self, Span(at, at + 1), message, None, fix)
            at = text.find("\r", at + 1)

    def report_string(self, ctx: FileContext, start: int, end: int) -> None:
        """Reports the carriage returns between two offsets of an indented string."""
        text = ctx.text
        edits: list[Edit] = []
        at = start
        while 0 <= at < end:
            alone = text[at + 1 : at + 2] != "\n"
            edits.append(Edit(Span(at, at + 1), "\n" if alone else ""))
            at = text.find("\r", at + 1)
        lines = "this line end" if len(edits) == 1 else f"these {len(edits)} line ends"
        message = f"the carriage return of {lines} becomes part of the string"
        fix = Fix("Use plain line feeds", edits, UNSAFE)
        ctx.report(self, Span(start, start + 1), message, None, fix)
