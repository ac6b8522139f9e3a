"""An input that names a branch where a tag or a revision is wanted.

## What it does
Reports inputs that do not name what `require-ref` in `nixlint.toml` demands, for all inputs or for
one:

```toml
[flake]
require-ref = "tag"

[flake.inputs.nixpkgs]
require-ref = "any"
```

With `"rev"` every input must name a revision, with `"tag"` a tag or a revision; `"any"`, the
default, demands nothing.
A ref counts as a tag if it looks like one: `v1.2`, `1.0.3`, `release-2024.1`, `refs/tags/…`.
Archives and files must have a `narHash` in their url.

## Why it matters
An update of an input that names a branch brings whatever is on that branch by then.
Some projects want each such step to be written down.

## Example
```toml file: nixlint.toml
[flake]
require-ref = "tag"
```

```nix file: flake.nix
{
  inputs.crane.url = "github:ipetkov/crane";
  outputs = { self, crane }: { lib = crane.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.crane.url = "github:ipetkov/crane/v0.20.1";
  outputs = { self, crane }: { lib = crane.lib; };
}
```

## Fix safety
None: which version to take is for you to say.
"""

from __future__ import annotations

import re

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.references.flake_ref import FlakeRef
from nixlint.rules.flake_inputs import place_of, reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule

TAG = re.compile(r"refs/tags/.+|(?:[A-Za-z]+[-_/]?)?v?\d+(?:\.\d+)+(?:[-+.\w]*)|v\d+|\d{8}")
CHANNEL = re.compile(r"(?:nixos|nixpkgs|release|nix-darwin|master)-\d\d\.\d\d(?:-.*)?")
"""Branches whose names look like versions."""


class FlakeFloatingRef(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-floating-ref"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        for each in ctx.inputs():
            wanted = ctx.settings.policy_for(each.name).require_ref
            reference = reference_of(each)
            if wanted not in ("rev", "tag") or reference is None or reference.is_relative:
                continue
            if is_pinned(reference, wanted):
                continue
            what = "revision" if wanted == "rev" else "tag"
            shown = f"the ref `{reference.ref}`" if reference.ref else "no ref"
            message = f"the input `{each.name}` names {shown}, and no {what}"
            notes = [Note(f'`nixlint.toml` demands one: `require-ref = "{wanted}"`')]
            ctx.report(self, ctx.flake_path, place_of(each), message, notes)


def is_pinned(reference: FlakeRef, wanted: str) -> bool:
    """Whether a reference names what is wanted: `"rev"` or `"tag"`."""
    if reference.rev:
        return True
    if reference.kind in ("tarball", "file", "path"):
        return bool(reference.attrs.get("narHash"))
    ref = reference.ref
    if wanted == "rev" or not ref:
        return False
    return TAG.fullmatch(ref) is not None and CHANNEL.fullmatch(ref) is None
