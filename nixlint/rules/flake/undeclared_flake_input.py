"""An input that is asked for, but does not exist.

## What it does
Reports `inputs.name`, `self.inputs.name` and `inherit (inputs) name;` in a flake.nix whose `inputs`
does not declare that name, where `inputs` is the argument of `outputs`.
Nothing is reported where there is a default (`inputs.name or …`), where the file asks first
(`inputs ? name`), and in a flake whose inputs cannot be read wholly.

## Why it matters
Evaluation fails as soon as it gets there: *attribute 'name' missing*.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = inputs: { lib = inputs.nixpgks.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = inputs: { lib = inputs.nixpkgs.lib; };
}
```

## Fix safety
None: only you know where the input comes from.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.flake.file import FlakeFile
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import flake_of
from nixlint.rules.unresolved import nearest_of
from nixlint.semantic.model import Definition
from nixlint.syntax.nodes import (
    AttrName,
    ExprOpHasAttr,
    ExprSelect,
    ExprVar,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import quote_name, static_name


class UndeclaredFlakeInput(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "undeclared-flake-input"
        self.severity = ERROR
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        file = flake_of(ctx)
        if file is None or not file.complete or file.outputs_lambda is None:
            return
        if "inputs" not in ctx.text and file.outputs_lambda.arg.name is None:
            return
        asked_for: set[str] = set()
        used: list[AttrName] = []
        inputs = InputsNames(ctx, file)
        stack: list[Node] = [file.outputs_lambda.body]
        while stack:
            node = stack.pop()
            stack.extend(node.children())
            if isinstance(node, ExprSelect):
                names = node.path.names()
                at = inputs.depth(node.base, names)
                if 0 <= at < len(names):
                    if node.default is None:
                        used.append(names[at])
                    else:
                        name = static_name(names[at], ctx.text)
                        if name is not None:
                            asked_for.add(name)
            elif isinstance(node, Inherit) and node.source is not None:
                source = unparen(node.source)
                names = source.path.names() if isinstance(source, ExprSelect) else []
                base = source.base if isinstance(source, ExprSelect) else source
                if inputs.depth(base, names) == len(names):
                    used.extend(node.names)
            elif isinstance(node, ExprOpHasAttr):
                names = node.path.names()
                at = inputs.depth(node.base, names)
                if 0 <= at < len(names):
                    name = static_name(names[at], ctx.text)
                    if name is not None:
                        asked_for.add(name)
        used.sort(key=start_of)
        for attr in used:
            name = static_name(attr, ctx.text)
            if name is None or name in file.inputs or name == "self" or name in asked_for:
                continue
            if f'"{name}"' not in ctx.text:
                self.undeclared(name, attr, file, ctx)

    def undeclared(self, name: str, attr: AttrName, file: FlakeFile, ctx: FileContext) -> None:
        other = nearest_of(name, list(file.inputs))
        if other:
            notes = [Note(f"did you mean `{other}`?", file.inputs[other].name_span)]
        else:
            notes = [Note(f"declare it: `inputs.{quote_name(name)}.url = …`")]
        ctx.report(self, attr.span, f"this flake has no input `{name}`", notes)


class InputsNames:
    """The variables of a flake that hold all of its inputs."""

    def __init__(self, ctx: FileContext, file: FlakeFile) -> None:
        self.ctx = ctx
        self.inputs: Definition | None = None
        self.itself: Definition | None = None
        function = file.outputs_lambda
        scope = ctx.model.scope_for(function) if function is not None else None
        if scope is None or function is None:
            return
        self.itself = scope.names.get("self")
        name = function.arg.name
        if name is not None:
            self.inputs = scope.names.get(ctx.text[name.start : name.end])

    def depth(self, base: Node, names: list[AttrName]) -> int:
        """How many of the names behind `base` lead to the set of all inputs; -1 if none do."""
        base = unparen(base)
        if not isinstance(base, ExprVar):
            return -1
        reference = self.ctx.model.reference_at(base.start)
        if reference is None or reference.definition is None:
            return -1
        at = -1
        if reference.definition is self.inputs:
            at = 0
        elif reference.definition is self.itself:
            if not names or static_name(names[0], self.ctx.text) != "inputs":
                return -1
            at = 1
        if at >= 0 and at + 1 < len(names):
            # `inputs.self.inputs` is `inputs` again.
            if static_name(names[at], self.ctx.text) == "self":
                if static_name(names[at + 1], self.ctx.text) == "inputs":
                    at += 2
        return at


def start_of(attr: AttrName) -> int:
    return attr.start
