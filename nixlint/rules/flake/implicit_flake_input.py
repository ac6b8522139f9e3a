"""An input that is used, but nowhere declared.

## What it does
Reports arguments of a flake's `outputs` that `inputs` does not declare.

## Why it matters
Nix takes such a name for an input all the same, and looks for it in the flake registry.
That is a file that everybody can change on their own machine, so the name may mean something
different, or nothing, elsewhere.
A misspelled argument ends here, too: *cannot find flake 'flake:nixpgks' in the flake registries*.

## Example
```nix file: flake.nix
{
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

## Fix safety
None: only you know where the input comes from.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import flake_of
from nixlint.rules.unresolved import nearest_of
from nixlint.syntax.strings import quote_name


class ImplicitFlakeInput(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "implicit-flake-input"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        file = flake_of(ctx)
        if file is None or not file.complete:
            return
        declared: list[str] = []
        named: set[str] = set()
        for found in file.inputs.values():
            if found.implicit:
                named.add(found.name)
            else:
                declared.append(found.name)
        formals = file.outputs_lambda.arg.formals if file.outputs_lambda is not None else None
        used: set[str] = set()
        if formals is not None:
            for formal in formals.items:
                used.add(ctx.text[formal.name.start : formal.name.end])
        unnamed = [name for name in declared if name not in used]
        for found in file.inputs.values():
            if not found.implicit:
                continue
            name = found.name
            notes: list[Note] = []
            other = nearest_of(name, unnamed)
            if name == "inputs" or name == "args":
                notes.append(
                    Note(f"for all inputs in one set write `{{ self, ... }}@{name}:` or `{name}:`")
                )
            elif other:
                notes.append(Note(f"did you mean `{other}`?", file.inputs[other].name_span))
            else:
                notes.append(Note(f"declare it: `inputs.{quote_name(name)}.url = …`"))
            message = (
                f"`{name}` is not declared in `inputs`, "
                "so Nix looks it up in the registry of whoever locks the flake"
            )
            ctx.report(self, found.name_span, message, notes)
