"""A `url` of an input that Nix cannot make sense of.

## What it does
Reports flake references in `inputs` that no version of Nix can parse: unknown types, a missing
owner or repository, attributes that the type does not have, a branch that is named twice.
References in attribute form (`type = "github"; owner = …`) are checked, too.

## Why it matters
Nix refuses the flake before it fetches anything.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:nixpkgs";
  outputs = { self, nixpkgs }: { };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: { };
}
```

## Fix safety
None: only you know where the input is.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.project.flake.file import FlakeInput
from nixlint.project.flake.outline import inside_string
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import flake_of
from nixlint.syntax.strings import quote_name


class InvalidFlakeReference(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-flake-reference"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        file = flake_of(ctx)
        if file is None:
            return
        stack = list(file.inputs.values())
        while stack:
            found = stack.pop()
            stack.extend(found.inputs.values())
            if found.computed or found.implicit:
                continue
            if "type" in found.attrs:
                self.check_attrs(found, ctx)
            elif found.url is not None and not found.url_is_path:
                self.check_url(found, found.url, ctx)

    def check_url(self, found: FlakeInput, url: str, ctx: FileContext) -> None:
        # Loaded only now: few files are flakes.
        from nixlint.project.references.flake_ref import FlakeRefError, parse_flake_ref

        try:
            parse_flake_ref(url, is_flake=found.is_flake)
        except FlakeRefError as error:
            if found.url_node is not None:
                span = inside_string(found.url_node, ctx.text, error.start, error.end)
                if span.start == span.end:
                    span = found.url_node.span
                ctx.report(self, span, error.message)

    def check_attrs(self, found: FlakeInput, ctx: FileContext) -> None:
        from nixlint.project.references.flake_ref import FlakeRefError, ref_from_attrs

        try:
            ref_from_attrs(found.attrs)
        except FlakeRefError as error:
            message = f"the reference of the input `{quote_name(found.name)}`: {error.message}"
            span = found.attr_spans.get(error.attr)
            ctx.report(self, found.attr_spans["type"] if span is None else span, message)
