"""An input that only one machine has.

## What it does
Reports inputs that are absolute paths or `file:` urls, in `flake.nix` and, for the inputs of
inputs, in `flake.lock`.
Relative paths belong to the flake itself, and are fine; so is `file:///dev/null`, which stands in
for an input that is always overridden.

## Why it matters
Nobody else can use the flake: for them the path is not there, or leads to something else.
Usually it is left over from working on the input.

## Example
```nix file: flake.nix
{
  inputs.a.url = "git+file:///home/me/src/a";
  outputs = { self, a }: { lib = a.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.a.url = "github:me/a";
  outputs = { self, a }: { lib = a.lib; };
}
```

To try out a checkout, leave `flake.nix` as it is and use
`nix build --override-input a ~/src/a`.

## Fix safety
None: where else the input is, is not known here.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.project.flake.file import FlakeInput
from nixlint.project.references.flake_ref import Attr
from nixlint.rules.flake_inputs import place_of, reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeLocalInput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-local-input"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        todo: list[FlakeInput] = ctx.inputs()
        todo.reverse()
        declared: set[str] = set()
        while todo:
            each = todo.pop()
            todo.extend(each.inputs.values())
            reference = reference_of(each)
            path = local_path(reference.attrs) if reference is not None else ""
            if path:
                declared.add(path)
                message = f"the input `{each.name}` is `{path}`, which only this machine has"
                ctx.report(self, ctx.flake_path, place_of(each), message)
        lock = ctx.lock
        if lock is None:
            return
        reachable = lock.reachable()
        for node in lock.nodes.values():
            if node.key == lock.root or node.key not in reachable or node.locked is None:
                continue
            path = local_path(node.locked)
            if path and path not in declared:
                shown = "/".join(lock.path_to(node.key) or [node.key])
                message = f"`{shown}` is locked to `{path}`, which only one machine has"
                what = "path" if "path" in node.locked else "url"
                ctx.report(self, ctx.lock_path, node.span_of("locked", what), message)


def local_path(attrs: dict[str, Attr]) -> str:
    """The absolute path or `file:` url that attributes lead to; empty if they do not."""
    path = attrs.get("path")
    if attrs.get("type") == "path" and isinstance(path, str):
        return path if path.startswith(("/", "~")) else ""
    url = attrs.get("url")
    if isinstance(url, str) and url.startswith("file:") and not url.startswith("file:///dev/"):
        return url
    return ""
