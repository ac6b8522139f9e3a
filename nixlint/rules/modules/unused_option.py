"""An option that nothing uses.

## What it does
Reports options of configurations that the project declares itself, if no file of the project reads
them.

Any other mention of the name but as an attribute that a set defines counts as a use, in whatever
place, and so does every use of a set that the option is in as a whole.
Modules that the flake exports are left alone.

## Why it matters
The option does nothing: it was left over, or reading it was forgotten.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  outputs = { self, nixpkgs }: {
    nixosConfigurations.box = nixpkgs.lib.nixosSystem { modules = [ ./box.nix ]; };
  };
}
```

```nix file: box.nix
{ config, lib, ... }:
{
  options.site = {
    port = lib.mkOption { type = lib.types.port; default = 80; };
    oldPort = lib.mkOption { type = lib.types.port; default = 8080; };
  };
  config.networking.firewall.allowedTCPPorts = [ config.site.port ];
}
```

## Use instead
```nix file: box.nix
{ config, lib, ... }:
{
  options.site.port = lib.mkOption { type = lib.types.port; default = 80; };
  config.networking.firewall.allowedTCPPorts = [ config.site.port ];
}
```

## Fix safety
None: perhaps something should read the option.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.modules.option_reading import never_named
from nixlint.rules.option_reports import span_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class UnusedOption(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unused-option"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        if ctx.project.flake_is_broken:
            return
        for option in never_named(ctx.project):
            for place in option.places:
                span = span_of(ctx, place)
                if span is None:
                    continue
                names = option.configurations
                more = f" and {len(names) - 1} more" if len(names) > 1 else ""
                ctx.report(
                    self,
                    place.path,
                    span,
                    f"nothing reads option `{option.name}`"
                    if option.is_set
                    else f"nothing reads or sets option `{option.name}`",
                    [Note(f"declared in {names[0]}{more}")],
                    None,
                    "unnecessary",
                )
