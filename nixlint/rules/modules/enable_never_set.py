"""An `enable` option that nothing sets.

## What it does
Reports options called `enable` that the project declares itself, if they are false in all of its
configurations.

Says nothing unless all configurations can be followed with all of their modules, nor about modules
that the flake exports.

This rule is off by default.
Many people keep a collection of modules, each with a switch, and use some of them on each machine:
a switch that is off everywhere today is no mistake there.
Select the rule to clear up such a collection, or if all of your modules should be in use.

## Why it matters
What the option is for never happens: the module is dead, or switching it on was forgotten.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ./backup.nix ]; };
  };
}
```

```nix file: box.nix
{ networking.hostName = "box"; }
```

```nix file: backup.nix
{ config, lib, ... }:
{
  options.site.backup.enable = lib.mkEnableOption "backups";
  config = lib.mkIf config.site.backup.enable { services.borgbackup.jobs = { }; };
}
```

## Use instead
Remove the module, or switch it on:

```nix file: box.nix
{ networking.hostName = "box"; site.backup.enable = true; }
```

## Fix safety
None: only you know which of both is meant.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT, Note
from nixlint.project.modules.option_reading import never_enabled
from nixlint.rules.option_reports import span_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class EnableNeverSet(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "enable-never-set"
        self.severity = HINT
        self.enabled = False

    def check_project(self, ctx: ProjectContext) -> None:
        if ctx.project.flake_is_broken:
            return
        for option in never_enabled(ctx.project):
            for place in option.places[:1]:
                span = span_of(ctx, place)
                if span is None:
                    continue
                names = option.configurations
                more = f" and {len(names) - 1} more" if len(names) > 1 else ""
                ctx.report(
                    self,
                    place.path,
                    span,
                    f"no configuration sets option `{option.name}` to true",
                    [Note(f"it is false in {names[0]}{more}")],
                )
