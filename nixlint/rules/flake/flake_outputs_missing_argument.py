"""An `outputs` function that does not accept all it is called with.

## What it does
Reports the argument pattern of a flake's `outputs` if it has no `...` and leaves out `self`, or an
input that is declared.

## Why it matters
Nix always passes `self` and all inputs.
A pattern without `...` refuses what it does not name, and the flake fails: *called with unexpected
argument 'self'*.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs }: { lib = nixpkgs.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, ... }: { lib = nixpkgs.lib; };
}
```

## Fix safety
Safe: it adds the `...`, and only Nix calls this function.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, SAFE, Edit, Fix, Note
from nixlint.project.flake.file import FlakeInput
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import flake_of
from nixlint.rules.removal import line_end, line_start
from nixlint.syntax.ids import T_COMMA
from nixlint.syntax.nodes import Formals
from nixlint.text.span import Span


class FlakeOutputsMissingArgument(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-outputs-missing-argument"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        file = flake_of(ctx)
        if file is None or file.outputs_lambda is None:
            return
        formals = file.outputs_lambda.arg.formals
        if formals is None or formals.ellipsis:
            return
        named: set[str] = set()
        for formal in formals.items:
            named.add(ctx.text[formal.name.start : formal.name.end])
        missing: list[str] = [] if "self" in named else ["`self`"]
        inputs: list[FlakeInput] = []
        for found in file.inputs.values():
            if not found.implicit and not found.computed and found.name not in named:
                inputs.append(found)
                missing.append(f"`{found.name}`")
        if not missing:
            return
        notes: list[Note] = []
        for found in inputs[:3]:
            notes.append(Note(f"the input `{found.name}` is declared here", found.name_span))
        if not inputs:
            notes.append(Note("Nix passes `self`, the flake itself, to every flake"))
        listed = missing[0]
        if len(missing) > 1:
            listed = ", ".join(missing[: len(missing) - 1]) + " and " + missing[len(missing) - 1]
        message = f"Nix also passes {listed} to `outputs`, which this pattern without `...` refuses"
        fix = Fix("Accept further arguments with `...`", ellipsis_edits(ctx, formals), SAFE)
        ctx.report(self, formals.span, message, notes, fix)


def ellipsis_edits(ctx: FileContext, formals: Formals) -> list[Edit]:
    """Adds `...` to a pattern, laid out like the arguments before it."""
    text = ctx.text
    if not formals.items:
        at: int = formals.start + 1
        return [Edit(Span(at, at), " ..." if text[at : at + 1] == " " else " ... ")]
    last = formals.items[len(formals.items) - 1]
    tokens = ctx.tree.tokens
    after = tokens.next_solid(tokens.index_at(last.end))
    begin = line_start(text, last.start)
    lead = text[begin : last.start]
    at = last.end
    comma = ","
    if tokens.kind(after) == T_COMMA:
        at = tokens.end(after)
        comma = ""
    if begin <= formals.start or lead.strip() not in ("", ","):
        return [Edit(Span(at, at), comma + " ...")]
    if lead.strip() == ",":
        comma = ""
    # A comment behind the last argument stays there.
    end = line_end(text, at)
    rest = text[at:end].strip()
    if rest and not rest.startswith("#"):
        end = at
    edits = [Edit(Span(end, end), "\n" + lead + "...")]
    if comma and end > at:
        edits.insert(0, Edit(Span(at, at), comma))
    elif comma:
        edits = [Edit(Span(at, at), comma + "\n" + lead + "...")]
    return edits
