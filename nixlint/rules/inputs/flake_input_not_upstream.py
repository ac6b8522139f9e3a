"""A nixpkgs that does not come from the NixOS project.

## What it does
Reports inputs that are nixpkgs but belong to another owner: a fork.
Which inputs are nixpkgs can be said in `nixlint.toml`; otherwise every repository called `nixpkgs`
counts.

```toml
[flake]
nixpkgs-keys = ["nixpkgs", "pkgs-stable"]
```

This rule is off by default: forks are used on purpose.

## Why it matters
A fork gets security updates only when its owner merges them.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:someone/nixpkgs";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

## Fix safety
None: what the fork has and the original has not is not known here.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING
from nixlint.rules.flake_inputs import place_of, reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeInputNotUpstream(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-input-not-upstream"
        self.severity = WARNING
        self.enabled = False
        self.aliases = ("flake-checker-non-upstream",)

    def check_project(self, ctx: ProjectContext) -> None:
        keys = ctx.settings.nixpkgs_keys
        for each in ctx.inputs():
            reference = reference_of(each)
            if reference is None or not reference.owner:
                continue
            if keys is None:
                concerned = reference.repo.lower() == "nixpkgs"
            else:
                concerned = each.name in keys
            if concerned and reference.owner.lower() != "nixos":
                owner = reference.owner
                message = f"the input `{each.name}` is the nixpkgs of `{owner}`, not of NixOS"
                ctx.report(self, ctx.flake_path, place_of(each), message)
