"""An input that is fetched without protection.

## What it does
Reports inputs with a `http://` or `git://` url (also `git+http`, `tarball+http` and the like),
unless it is one of this machine (`localhost`).

## Why it matters
Anybody on the way can replace what is fetched, and is found out only if the input is locked
already.
Many servers have switched these protocols off.

## Example
```nix file: flake.nix
{
  inputs.a.url = "git+http://git.example.org/a";
  outputs = { self, a }: { lib = a.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.a.url = "git+https://git.example.org/a";
  outputs = { self, a }: { lib = a.lib; };
}
```

## Fix safety
None: the server may not have the other protocol, and the lock would no longer fit.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.flake.file import FlakeInput
from nixlint.rules.flake_inputs import place_of, reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule

INSECURE = ("http://", "git://", "ftp://")
LOCAL = ("localhost", "127.", "[::1]")


class FlakeInsecureInput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-insecure-input"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        todo: list[FlakeInput] = ctx.inputs()
        todo.reverse()
        while todo:
            each = todo.pop()
            todo.extend(each.inputs.values())
            reference = reference_of(each)
            if reference is None or not reference.url.startswith(INSECURE):
                continue
            scheme, _, rest = reference.url.partition("://")
            host = rest.split("/")[0].rpartition("@")[2]
            if host.startswith(LOCAL):
                continue
            message = f"the input `{each.name}` is fetched over {scheme}, without protection"
            notes: list[Note] = []
            if scheme != "ftp":
                notes.append(Note("try https, if the server has it"))
            ctx.report(self, ctx.flake_path, place_of(each), message, notes)
