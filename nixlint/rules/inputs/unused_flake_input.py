"""A flake input that nothing uses.

## What it does
Reports inputs that no file of the project uses: neither `outputs`, nor any module or other file
that gets the inputs, nor another input that follows it.

It looks at the whole project, and says nothing where it cannot know: when inputs are selected by
computed names, when something goes through all of them, when a script or a CI file names the input,
or when a framework such as flake-parts may look for it.
`nixlint inputs --why NAME` tells what it found.

## Why it matters
Every input is fetched by whoever uses the flake, has to be kept up to date, and usually brings
inputs of its own.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.disko.url = "github:nix-community/disko";
  outputs = { self, nixpkgs, disko }: { lib = nixpkgs.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

## Fix safety
Unsafe: removes the input and the argument of `outputs`.
Somebody may use it from outside, as in `nix run --inputs-from`.
The lock has to be updated afterwards, with `nix flake lock`.
"""

from __future__ import annotations

from nixlint.diagnostics.model import UNSAFE, WARNING, Fix, Note
from nixlint.project.flake.file import FlakeFile, FlakeInput
from nixlint.project.usage.inputs import UNUSED, usage_of
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.removal import Removal, edits_of, remove_formal, remove_lines
from nixlint.syntax.nodes import Formal


class UnusedFlakeInput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.runs_apart = True
        self.name = "unused-flake-input"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        flake = ctx.flake
        if flake is None:
            return
        usage = usage_of(ctx.project)
        for each in ctx.inputs():
            use = usage.inputs.get(each.name)
            if use is None or use.state != UNUSED or each.computed:
                continue
            notes: list[Note] = []
            formal = formal_of(flake, each.name)
            if formal is not None:
                notes.append(Note("`outputs` names it, but does not use it", formal.span))
            for place in use.places[:3]:
                notes.append(Note("asked for, but not used", place.span, place.path))
            message = f"the input `{each.name}` is never used"
            fix = removal_of(flake, each, formal)
            ctx.report(self, ctx.flake_path, each.name_span, message, notes, fix, "unnecessary")


def formal_of(flake: FlakeFile, name: str) -> Formal | None:
    """The argument of `outputs` of that name."""
    function = flake.outputs_lambda
    if function is None or function.arg.formals is None:
        return None
    for formal in function.arg.formals.items:
        if flake.tree.text[formal.name.start : formal.name.end] == name:
            return formal
    return None


def removal_of(flake: FlakeFile, each: FlakeInput, formal: Formal | None) -> Fix | None:
    """Removes an input from `flake.nix`; None when it is not bound by bindings of its own."""
    removals: list[Removal] = []
    for binding in each.bindings:
        removals.append(remove_lines(flake.tree, binding.start, binding.end))
    if not removals:
        return None
    if formal is not None:
        removals.append(remove_formal(flake.tree, formal))
    edits = edits_of(flake.tree, removals)
    return Fix(f"Remove the input `{each.name}`", edits, UNSAFE)
