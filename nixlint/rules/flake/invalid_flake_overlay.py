"""An overlay that is no function of `final` and `prev`.

## What it does
Reports in a flake.nix overlays that are sets, strings or lists, overlays with one argument, with
an argument pattern, or with their two arguments the wrong way round, and `overlays` that is an
overlay itself.
Also reports a first argument that is not called `final` (`_final`, `_`), for `nix flake check`
insists on that name.

## Why it matters
nixpkgs calls an overlay with the final package set first and the previous one second.
If they are swapped, evaluation ends in infinite recursion or ignores other overlays.

## Example
```nix file: flake.nix
{
  outputs = { self }: { overlays.default = prev: final: { mine = prev.hello; }; };
}
```

## Use instead
```nix file: flake.nix
{
  outputs = { self }: { overlays.default = final: prev: { mine = prev.hello; }; };
}
```

## Fix safety
None: the body has to change as well.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.flake.outline import FUNCTION, LIST, NULL, PATH, STRING, Entry, kind_of_entry
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import output_sets
from nixlint.semantic.shapes import has_key, strip
from nixlint.syntax.nodes import ExprAttrs, ExprLambda
from nixlint.syntax.strings import quote_name

ACCEPTED = ("final", "_final", "_")
SWAPPED = ("prev", "super", "_prev", "_super")
SHAPE = "an overlay is a function: `final: prev: { … }`"


class InvalidFlakeOverlay(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-flake-overlay"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for found in output_sets(ctx):
            if found.each is not None:
                continue
            entry = found.entry.children.get("overlay")
            if entry is not None:
                self.check_overlay("overlay", entry, ctx)
            entry = found.entry.children.get("overlays")
            if entry is None:
                continue
            if kind_of_entry(entry, ctx.text) == FUNCTION:
                message = "`overlays` is a set of overlays, but this is a function"
                notes = [Note("if it is an overlay itself, call it `overlays.default`")]
                ctx.report(self, entry.name_node.span, message, notes)
                continue
            for child in entry.children.values():
                self.check_overlay(quote_name(child.name), child, ctx)

    def check_overlay(self, name: str, entry: Entry, ctx: FileContext) -> None:
        text = ctx.text
        if entry.is_set:
            if "__functor" not in entry.children and not entry.dynamic:
                message = f"the overlay `{name}` is a set"
                ctx.report(self, entry.name_node.span, message, [Note(SHAPE)])
            return
        kind = kind_of_entry(entry, text)
        if kind in (STRING, PATH, LIST, NULL):
            ctx.report(self, entry.value_span, f"the overlay `{name}` is {kind}", [Note(SHAPE)])
            return
        value = entry.value
        if not isinstance(value, ExprLambda):
            return
        first = value.arg
        if first.formals is not None or first.name is None:
            message = f"the overlay `{name}` takes a set of arguments, but is not called with one"
            ctx.report(self, first.span, message, [Note(SHAPE)])
            return
        argument = text[first.name.start : first.name.end]
        inner = strip(value.body)
        if isinstance(inner, ExprAttrs) and not has_key(inner, text, frozenset(("__functor",))):
            message = f"the overlay `{name}` takes one argument, but is called with two"
            ctx.report(self, first.span, message, [Note(SHAPE)])
            return
        second = inner.arg.name if isinstance(inner, ExprLambda) else None
        other = text[second.start : second.end] if second is not None else ""
        if argument in SWAPPED and other not in SWAPPED and second is not None:
            message = f"the arguments of the overlay `{name}` are the wrong way round"
            notes = [Note("the first is the final package set, the second the one before")]
            ctx.report(self, first.span, message, notes)
        elif argument not in ACCEPTED:
            message = f"the first argument of the overlay `{name}` must be called `final`"
            notes = [Note("`nix flake check` refuses an overlay with another name there")]
            ctx.report(self, first.span, message, notes)
