"""A named argument that its function does not use.

## What it does
Reports names in the pattern of a function, as in `{ lib, stdenv }:`, that nothing in the function
uses.

Says nothing about names that the caller decides about:

- those of a flake's `outputs`, to which Nix passes every input, and `self` anywhere in a flake;
- those of modules (see `unused-module-argument`);
- without a `...` in the pattern, those of functions that are handed to something else, as in
  `testScript = { nodes }: …` or `map ({ name, value }: …)`.

Nor about a pattern with an `@` name that is used (see `unused-formal-with-at-binding`), nor about
names that start with `_`.

## Why it matters
The pattern is what readers and `callPackage` take for the list of things a function needs.
A name too many there means a dependency too many, and callers that pass it for nothing.

## Example
```nix
{ stdenv, fetchurl, cmake }:
stdenv.mkDerivation {
  name = "hello";
  src = fetchurl { url = "mirror://gnu/hello.tar.gz"; hash = ""; };
}
```

## Use instead
```nix
{ stdenv, fetchurl }:
stdenv.mkDerivation {
  name = "hello";
  src = fetchurl { url = "mirror://gnu/hello.tar.gz"; hash = ""; };
}
```

## Fix safety
Unsafe: a caller that still passes the argument fails if the pattern has no `...`, and with
`callPackage` the name may be meant for `override`.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.dead_code import dead_use
from nixlint.rules.functions import ANYBODY, Callers, formal_fix, unused_formals


class UnusedFormal(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-formal"
        self.severity = WARNING
        self.whole_file = True
        self.aliases = ("sema-unused-def-lambda-noarg-formal", "unused_binding", "UnusedArg")

    def check_file(self, ctx: FileContext) -> None:
        unused = unused_formals(ctx)
        if not unused:
            return
        callers = Callers(ctx)
        for found in unused:
            if found.at is None and callers.of(found.function) == ANYBODY:
                definition = found.definition
                message = f"argument `{definition.name}` is never used"
                fix = formal_fix(ctx, found)
                notes = dead_use(definition)
                ctx.report(self, definition.node.span, message, notes, fix, "unnecessary")
