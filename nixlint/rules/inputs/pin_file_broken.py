"""A file of npins or niv that cannot be used.

## What it does
Reports what is wrong in `npins/sources.json` and `nix/sources.json`: text that is no JSON (also
the marks of a merge conflict), parts that are missing or misshapen, hashes and revisions that are
none.

## Why it matters
Evaluation fails as soon as it needs one of the sources.

## Example
```nix file: npins/default.nix
builtins.fromJSON (builtins.readFile ./sources.json)
```

```json file: npins/sources.json
{
  "pins": {
    "nixpkgs": {
      "type": "Channel",
      "name": "nixos-unstable",
  },
  "version": 5
}
```

## Use instead
```json file: npins/sources.json
{
  "pins": {
    "nixpkgs": {
      "type": "Channel",
      "name": "nixos-unstable",
      "url": "https://releases.nixos.org/nixos/unstable/nixos-26.11pre1.abcdef/nixexprs.tar.xz",
      "hash": "0ssi1wpaf7plaswqqjwigppsg5fyh99vdlb9kzl7c9lng89ndq1i"
    }
  },
  "version": 5
}
```

## Fix safety
None: what is missing is not known here.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR
from nixlint.rules.project_base import ProjectContext, ProjectRule


class PinFileBroken(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "pin-file-broken"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for file in ctx.project.pin_files:
            for problem in file.problems:
                ctx.report(self, file.path, problem.span, problem.message, problem.notes)
