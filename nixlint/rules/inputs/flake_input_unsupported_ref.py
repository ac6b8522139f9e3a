"""An input on the branch of a release that is no longer supported.

## What it does
Reports nixpkgs, home-manager, nix-darwin and some others if their `url` names the branch of a NixOS
release whose support has ended, or of one that never was (`nixos-24.04`).

The dates come from a table that is part of nixlint, and that `[flake] channels` in `nixlint.toml`
can complete.
Releases it does not know are left alone.
Because the passing of time alone makes this rule speak, it is off by default; `nixlint inputs`
always shows what it finds.

## Why it matters
Nobody fixes security holes there any more.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.05";
  outputs = { self, nixpkgs }: { lib = nixpkgs.lib; };
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
None: a new release needs changes elsewhere, too.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.channels import ROLLING, channels
from nixlint.project.settings import date_text
from nixlint.rules.flake_inputs import place_of, reference_of, repository_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeInputUnsupportedRef(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-input-unsupported-ref"
        self.severity = WARNING
        self.enabled = False
        self.aliases = ("flake-checker-supported",)

    def check_project(self, ctx: ProjectContext) -> None:
        today = ctx.settings.today
        if today is None:
            return
        table = channels(ctx.settings.channels)
        for each in ctx.inputs():
            reference = reference_of(each)
            if reference is None:
                continue
            release = table.release_of(repository_of(reference.attrs), reference)
            if release is None or release == ROLLING:
                continue
            end = table.end_of(release)
            supported = table.supported_on(today)
            if end is None:
                if not supported or release >= supported[len(supported) - 1]:
                    continue
                message = f"the input `{each.name}` is of a release that there never was: {release}"
            elif end < today:
                day = date_text(end * 86400)
                message = f"the input `{each.name}` is of {release}, whose support ended on {day}"
            else:
                continue
            notes: list[Note] = []
            if supported:
                notes.append(Note(f"supported on this day: {', '.join(supported)}"))
            ctx.report(self, ctx.flake_path, place_of(each), message, notes)
