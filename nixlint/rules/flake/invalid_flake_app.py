"""An app that `nix run` cannot use.

## What it does
Reports apps of a flake that are written out as a set and lack `type` or `program`, have another
`type` than `"app"`, or other attributes than these and `meta`.

## Why it matters
`nix run` fails for such an app, and `nix flake check` for the whole flake.

## Example
```nix file: flake.nix
{
  outputs = { self }: {
    apps.x86_64-linux.default = { program = "/bin/sh"; };
  };
}
```

## Use instead
```nix file: flake.nix
{
  outputs = { self }: {
    apps.x86_64-linux.default = {
      type = "app";
      program = "/bin/sh";
    };
  };
}
```

## Fix safety
Unsafe: it adds `type = "app"`.
"""

from __future__ import annotations

from nixlint.diagnostics.model import UNSAFE, WARNING, Edit, Fix, Note
from nixlint.project.flake.outline import STRING, Entry, kind_of_entry
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import output_sets
from nixlint.rules.removal import is_blank, line_start
from nixlint.rules.unresolved import nearest_of
from nixlint.syntax.nodes import Binding
from nixlint.syntax.strings import quote_name, static_string
from nixlint.text.span import Span

ALLOWED = ("type", "program", "meta")


class InvalidFlakeApp(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-flake-app"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for found in output_sets(ctx):
            apps: list[Entry] = []
            for name, depth in (("apps", 2), ("defaultApp", 1)):
                entry = found.entry.children.get(name)
                if entry is None:
                    continue
                level = [entry]
                for _ in range(depth - 1 if found.each is not None else depth):
                    level = [child for each in level for child in each.children.values()]
                apps.extend(level)
            for app in apps:
                self.check_app(app, ctx)

    def check_app(self, entry: Entry, ctx: FileContext) -> None:
        if not entry.is_set or entry.dynamic:
            return
        shown = quote_name(entry.name)
        missing: list[str] = []
        for name in ("type", "program"):
            if name not in entry.children:
                missing.append(name)
        for name, child in entry.children.items():
            if name in ALLOWED:
                continue
            message = f"an app has no attribute `{quote_name(name)}`"
            notes = [Note("there are `type`, `program` and `meta`")]
            other = nearest_of(name, [each for each in ALLOWED if each not in entry.children])
            if other:
                notes = [Note(f"did you mean `{other}`?")]
                missing = [each for each in missing if each != other]
            elif name == "description":
                notes = [Note("it is `meta.description`")]
            ctx.report(self, child.name_node.span, message, notes)
        if missing:
            listed = " and no ".join(f"`{name}`" for name in missing)
            fix = type_fix(entry, ctx) if missing == ["type"] else None
            message = f"the app `{shown}` has no {listed}"
            ctx.report(self, entry.name_node.span, message, None, fix)
        kind = entry.children.get("type")
        if kind is not None and kind_of_entry(kind, ctx.text) == STRING:
            if static_string(kind.values[0], ctx.text) != "app":
                message = 'the `type` of an app must be `"app"`'
                ctx.report(self, kind.value_span, message)


def type_fix(entry: Entry, ctx: FileContext) -> Fix | None:
    """Adds `type = "app";` before the `program`."""
    owner = entry.children["program"].owner
    if not entry.sets or not isinstance(owner, Binding) or owner.path.rest is not None:
        return None
    start: int = owner.start
    first = line_start(ctx.text, start)
    apart = " "
    if is_blank(ctx.text, first, start):
        apart = "\n" + ctx.text[first:start]
    edit = Edit(Span(start, start), 'type = "app";' + apart)
    return Fix('Add `type = "app";`', [edit], UNSAFE)
