"""A `flake.lock` that does not fit its `flake.nix`.

## What it does
Compares the inputs in `flake.nix` with what `flake.lock` says they were when it was written, and
reports every difference for which Nix would lock anew: inputs that are missing from the lock or
left over in it, another url, another `follows`, another `flake = false`, overrides that came or
went.
It needs neither Nix nor the network.

Overrides that an input's own `flake.nix` makes cannot be seen from here, and are not compared.

## Why it matters
With `--no-update-lock-file`, and for whoever uses the flake from elsewhere, Nix stops with an
error ("cannot write modified lock file").
In all other cases it silently locks anew: what you build is not what was tested.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

```json file: flake.lock
{
  "nodes": {
    "nixpkgs": {
      "locked": {
        "lastModified": 1790000000,
        "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "owner": "NixOS",
        "repo": "nixpkgs",
        "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04",
        "type": "github"
      },
      "original": {
        "owner": "NixOS",
        "ref": "nixos-25.11",
        "repo": "nixpkgs",
        "type": "github"
      }
    },
    "root": { "inputs": { "nixpkgs": "nixpkgs" } }
  },
  "root": "root",
  "version": 7
}
```

## Use instead
Run `nix flake lock`, and commit what it writes.
If the lock is right, let `flake.nix` say so:

```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

## Fix safety
None: only Nix can find out what the new url stands for.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.flake.file import FlakeInput
from nixlint.project.lock.flake_lock import FlakeLock, LockInput, LockNode
from nixlint.project.references.flake_ref import Attr, canonical
from nixlint.rules.flake_inputs import follows_path, place_of, reference_of, shown_ref
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.text.span import Span

ADVICE = "run `nix flake lock` to update `flake.lock`"


class FlakeLockOutOfSync(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-lock-out-of-sync"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        flake = ctx.flake
        lock = ctx.lock
        if flake is None or lock is None or lock.root not in lock.nodes:
            return
        root = lock.nodes[lock.root]
        for each in flake.inputs.values():
            if each.name == "self" or each.computed:
                continue
            locked = root.inputs.get(each.name)
            if locked is None:
                if not each.implicit or flake.complete:
                    message = f"the input `{each.name}` is not in `flake.lock`"
                    self.report(ctx, each.name_span, message, [])
                continue
            self.check_input(each, locked, [each.name], lock, ctx)
        if not flake.complete:
            return
        for locked in root.inputs.values():
            if locked.name not in flake.inputs:
                message = f"`{locked.name}` is locked, but it is no input of `flake.nix`"
                ctx.report(self, ctx.lock_path, locked.name_span, message, [Note(ADVICE)])

    def check_input(
        self,
        each: FlakeInput,
        locked: LockInput,
        path: list[str],
        lock: FlakeLock,
        ctx: ProjectContext,
    ) -> None:
        """Compares an input, or an override, with its entry in the lock."""
        shown = "/".join(path)
        if each.follows is not None:
            wanted = follows_path(each.follows)
            if locked.target != wanted:
                message = f"`{shown}` follows {quoted(wanted)}, but not in `flake.lock`"
                span = each.follows_span if each.follows_span is not None else each.name_span
                self.report(ctx, span, message, [self.note(ctx, locked.span, "here it does not")])
            return
        is_override = len(path) > 1
        says = bool(each.attrs) or each.url is not None or (not is_override)
        if not says:
            # `a.inputs.b.inputs.c.follows` says nothing about `b` itself.
            if isinstance(locked.target, str):
                self.check_overrides(each, lock.nodes.get(locked.target), path, lock, ctx)
            return
        if not isinstance(locked.target, str):
            message = f"`{shown}` follows {quoted(locked.target)} in `flake.lock`, but not here"
            self.report(ctx, place_of(each), message, [self.note(ctx, locked.span, "here it does")])
            return
        node = lock.nodes.get(locked.target)
        if node is None:
            return
        if each.is_flake != node.is_flake:
            message = f"`{shown}` is a flake here, but none in `flake.lock`"
            if not each.is_flake:
                message = f"`{shown}` is no flake here, but one in `flake.lock`"
            span = each.flake_span if each.flake_span is not None else each.name_span
            self.report(ctx, span, message, [self.note(ctx, node.key_span, "locked here")])
            return
        reference = reference_of(each)
        if reference is not None and node.original is not None:
            if canonical(reference.attrs) != canonical(node.original):
                message = f"`{shown}` is another reference than the one in `flake.lock`"
                place = span_of_difference(node, reference.attrs)
                locked_text = f"locked from `{shown_ref(node.original)}`"
                self.report(ctx, place_of(each), message, [self.note(ctx, place, locked_text)])
                return
            if reference.is_relative and node.parent is not None and node.parent != path[:-1]:
                message = f"`{shown}` is relative to another flake in `flake.lock`"
                self.report(ctx, place_of(each), message, [])
                return
        self.check_overrides(each, node, path, lock, ctx)

    def check_overrides(
        self,
        each: FlakeInput,
        node: LockNode | None,
        path: list[str],
        lock: FlakeLock,
        ctx: ProjectContext,
    ) -> None:
        """Compares the overrides of an input's inputs with those in the lock."""
        if node is None:
            return
        for override in each.inputs.values():
            inner = node.inputs.get(override.name)
            if inner is not None and not override.computed:
                self.check_input(override, inner, [*path, override.name], lock, ctx)
        flake = ctx.flake
        if len(path) > 1 or flake is None or not flake.complete:
            return
        for inner in node.inputs.values():
            target = inner.target
            if isinstance(target, str) or inner.name in each.inputs:
                continue
            if not target or target[0] != path[0]:
                shown = f"{path[0]}/{inner.name}"
                message = f"`{shown}` follows {quoted(target)} in `flake.lock`, but not here"
                notes = [self.note(ctx, inner.span, "here it does")]
                self.report(ctx, each.name_span, message, notes)

    def note(self, ctx: ProjectContext, span: Span, message: str) -> Note:
        return Note(message, span, ctx.lock_path)

    def report(self, ctx: ProjectContext, span: Span, message: str, notes: list[Note]) -> None:
        ctx.report(self, ctx.flake_path, span, message, [*notes, Note(ADVICE)])


def quoted(path: list[str]) -> str:
    return f"`{'/'.join(path)}`" if path else "this flake itself"


def span_of_difference(node: LockNode, wanted: dict[str, Attr]) -> Span:
    """Where the lock says something else than it should."""
    original = node.original
    if original is not None:
        for name, value in original.items():
            if wanted.get(name) != value:
                return node.span_of("original", name)
    return node.span_of("original")
