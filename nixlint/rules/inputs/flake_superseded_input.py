"""An input that has a successor.

## What it does
Reports inputs that have moved, are archived, or are no longer needed, by a table that is part of
nixlint, and says what there is instead.

This rule is off by default; `nixlint inputs` always shows what it finds.

## Why it matters
What has moved still works as long as the forge forwards, and what is archived as long as nothing
around it changes.

## Example
```nix file: flake.nix
{
  inputs.darwin.url = "github:LnL7/nix-darwin";
  outputs = { self, darwin }: { lib = darwin.lib; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.darwin.url = "github:nix-darwin/nix-darwin";
  outputs = { self, darwin }: { lib = darwin.lib; };
}
```

## Fix safety
None: the successor may want to be used in another way.
"""

from __future__ import annotations

from nixlint.diagnostics.model import HINT
from nixlint.project.channels import channels
from nixlint.rules.flake_inputs import place_of, reference_of, repository_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeSupersededInput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-superseded-input"
        self.severity = HINT
        self.enabled = False

    def check_project(self, ctx: ProjectContext) -> None:
        table = channels(ctx.settings.channels).superseded
        for each in ctx.inputs():
            reference = reference_of(each)
            repository = repository_of(reference.attrs) if reference is not None else None
            advice = table.get(repository) if repository is not None else None
            if advice is not None:
                message = f"the input `{each.name}` has a successor: {advice}"
                ctx.report(self, ctx.flake_path, place_of(each), message, tag="deprecated")
