"""A template that `nix flake init` cannot use.

## What it does
Reports templates of a flake that are written out as a set and lack `path` or `description`, or
have other attributes than these and `welcomeText`.

## Why it matters
`nix flake init` and `nix flake show` fail for such a template, and `nix flake check` for the whole
flake.

## Example
```nix file: flake.nix
{
  outputs = { self }: { templates.default = { path = ./template; }; };
}
```

## Use instead
```nix file: flake.nix
{
  outputs = { self }: {
    templates.default = {
      path = ./template;
      description = "A small program";
    };
  };
}
```

## Fix safety
None: only you know what the template is for.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.flake.outline import Entry
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import output_sets
from nixlint.rules.unresolved import nearest_of
from nixlint.syntax.strings import quote_name

REQUIRED = ("path", "description")
ALLOWED = ("path", "description", "welcomeText")


class InvalidFlakeTemplate(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-flake-template"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for found in output_sets(ctx):
            if found.each is not None:
                continue
            entry = found.entry.children.get("defaultTemplate")
            if entry is not None:
                self.check_template(entry, ctx)
            entry = found.entry.children.get("templates")
            if entry is not None:
                for child in entry.children.values():
                    self.check_template(child, ctx)

    def check_template(self, entry: Entry, ctx: FileContext) -> None:
        if not entry.is_set or entry.dynamic:
            return
        shown = quote_name(entry.name)
        missing = [name for name in REQUIRED if name not in entry.children]
        for name, child in entry.children.items():
            if name in ALLOWED:
                continue
            message = f"a template has no attribute `{quote_name(name)}`"
            notes = [Note("there are `path`, `description` and `welcomeText`")]
            other = nearest_of(name, [each for each in ALLOWED if each not in entry.children])
            if other:
                notes = [Note(f"did you mean `{other}`?")]
                missing = [each for each in missing if each != other]
            ctx.report(self, child.name_node.span, message, notes)
        if missing:
            listed = " and no ".join(f"`{name}`" for name in missing)
            ctx.report(self, entry.name_node.span, f"the template `{shown}` has no {listed}")
