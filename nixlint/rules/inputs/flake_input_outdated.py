"""An input that was locked long ago.

## What it does
Reports inputs of the flake whose locked version is older than `max-age-days` in `nixlint.toml`
allows, for all inputs or for one:

```toml
[flake]
max-age-days = 180

[flake.inputs.nixpkgs]
max-age-days = 30
```

Without that it reports nothing.
The age is that of the version itself (`lastModified`), not that of the lock.
Inputs that are pinned to a revision in `flake.nix` are left out.

## Why it matters
Old versions have known holes.
How old is too old depends on the input, so the figure is yours.

## Example
```toml file: nixlint.toml
[flake]
max-age-days = 90
```

```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
}
```

```json file: flake.lock
{
  "nodes": {
    "nixpkgs": {
      "locked": { "narHash": "sha256-aR8Bh0bDpo+a1Fcv8H4J8yTNLvBNvvqBKbFmrxlWEHM=",
        "lastModified": 1750000000,
        "owner": "NixOS", "repo": "nixpkgs", "type": "github",
        "rev": "52e3e80afff4b16ccb7c52e9f0f5220552f03d04" },
      "original": { "owner": "NixOS", "repo": "nixpkgs", "type": "github" }
    },
    "root": { "inputs": { "nixpkgs": "nixpkgs" } }
  },
  "root": "root",
  "version": 7
}
```

## Use instead
Run `nix flake update nixpkgs`, or allow more:

```toml file: nixlint.toml
[flake]
max-age-days = 900
```

## Fix safety
None: it takes Nix and the network to update an input.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.settings import date_text
from nixlint.rules.flake_inputs import reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeInputOutdated(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-input-outdated"
        self.severity = WARNING
        self.aliases = ("flake-checker-outdated",)

    def check_project(self, ctx: ProjectContext) -> None:
        today = ctx.settings.today
        if today is None:
            return
        for each in ctx.inputs():
            limit = ctx.settings.policy_for(each.name).max_age_days
            reference = reference_of(each)
            if limit is None or reference is None or reference.rev:
                continue
            node = ctx.locked(each.name)
            modified = node.locked.get("lastModified") if node and node.locked else None
            if node is None or isinstance(modified, bool) or not isinstance(modified, int):
                continue
            age = today - modified // 86400
            if age > limit:
                message = f"the locked version of `{each.name}` is {age} days old"
                notes = [
                    Note(
                        f"it is of {date_text(modified)}",
                        node.span_of("locked", "lastModified"),
                        ctx.lock_path,
                    ),
                    Note(f"`nixlint.toml` allows {limit}; run `nix flake update {each.name}`"),
                ]
                ctx.report(self, ctx.flake_path, each.name_span, message, notes)
