"""Two inputs that belong together, and are of different releases.

## What it does
Reports home-manager, nix-darwin, nixvim and stylix if they follow a nixpkgs of another release than
their own branch is made for: `release-25.11` with `nixos-26.05`, a release with `nixos-unstable`,
or the default branch with a release.

Says nothing if they do not follow an input of this flake, or if either names a revision or a branch
that is not that of a release.

## Why it matters
Each of their branches is tested with one nixpkgs.
With another one options are missing, packages have other names, and most of them warn or refuse.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.home-manager.url = "github:nix-community/home-manager/release-25.11";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, home-manager }: { inherit nixpkgs home-manager; };
}
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
  inputs.home-manager.url = "github:nix-community/home-manager/release-26.05";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, nixpkgs, home-manager }: { inherit nixpkgs home-manager; };
}
```

## Fix safety
None: which of the two is right is for you to say.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.project.channels import NIXPKGS, ROLLING, channels
from nixlint.project.flake.file import FlakeInput
from nixlint.rules.flake_inputs import place_of, reference_of, repository_of
from nixlint.rules.project_base import ProjectContext, ProjectRule


class FlakeReleaseMismatch(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-release-mismatch"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        flake = ctx.flake
        if flake is None:
            return
        for each in ctx.inputs():
            override = each.inputs.get("nixpkgs")
            if override is None or not override.follows:
                continue
            target = followed(override.follows, ctx)
            if target is not None:
                self.check_pair(each, target, ctx)

    def check_pair(self, each: FlakeInput, target: FlakeInput, ctx: ProjectContext) -> None:
        table = channels(ctx.settings.channels)
        reference = reference_of(each)
        nixpkgs = reference_of(target)
        if reference is None or nixpkgs is None:
            return
        repository = repository_of(reference.attrs)
        if repository is None or repository_of(nixpkgs.attrs) != NIXPKGS:
            return
        own = table.release_of(repository, reference)
        other = table.release_of(NIXPKGS, nixpkgs)
        if own is None or other is None or own == other or repository not in table.companions:
            return
        message = f"`{each.name}` is {shown(own)}, but follows a nixpkgs that is {shown(other)}"
        notes = [Note("the nixpkgs it follows", place_of(target))]
        branch = table.branch_of(repository, other)
        if branch:
            notes.append(Note(f"for that nixpkgs there is {branch}"))
        ctx.report(self, ctx.flake_path, place_of(each), message, notes)


def shown(release: str) -> str:
    return "unstable" if release == ROLLING else f"of {release}"


def followed(path: str, ctx: ProjectContext) -> FlakeInput | None:
    """The input of this flake that a `follows` leads to, through inputs that follow others."""
    flake = ctx.flake
    if flake is None:
        return None
    seen: set[str] = set()
    while path and "/" not in path and path not in seen:
        seen.add(path)
        found = flake.inputs.get(path)
        if found is None or found.computed:
            return None
        if found.follows is None:
            return found
        path = found.follows
    return None
