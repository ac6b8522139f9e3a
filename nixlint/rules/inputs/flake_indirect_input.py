"""An input whose url is a name in the flake registry.

## What it does
Reports inputs whose `url` is a name (`nixpkgs`, `nixpkgs/nixos-26.05`, `flake:nixpkgs`), or that
have no url at all.
Inputs that are nowhere declared but in the arguments of `outputs` are the business of
`implicit-flake-input`.

## Why it matters
Nix looks the name up in the registries of the user, of the machine, and in one that it downloads.
What it finds is another thing on another machine, and can change at any time; a registry entry may
even point into somebody's home directory.
With a lock the version stays the same until the next update.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "nixpkgs/nixos-26.05";
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
Unsafe: writes what the global registry has for well-known names; yours may have something else.
The lock has to be updated afterwards, with `nix flake lock`.
"""

from __future__ import annotations

from nixlint.diagnostics.model import UNSAFE, WARNING, Edit, Fix, Note
from nixlint.project.flake.file import FlakeInput
from nixlint.project.references.flake_ref import FlakeRef
from nixlint.rules.flake_inputs import place_of, reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.syntax.strings import quote_string

REGISTRY = {
    "agenix": "ryantm/agenix",
    "disko": "nix-community/disko",
    "flake-parts": "hercules-ci/flake-parts",
    "flake-utils": "numtide/flake-utils",
    "home-manager": "nix-community/home-manager",
    "impermanence": "nix-community/impermanence",
    "nix-darwin": "nix-darwin/nix-darwin",
    "nixos-hardware": "NixOS/nixos-hardware",
    "nixpkgs": "NixOS/nixpkgs",
    "nur": "nix-community/NUR",
    "sops-nix": "Mic92/sops-nix",
    "treefmt-nix": "numtide/treefmt-nix",
}
"""Entries of the global registry, https://github.com/NixOS/flake-registry."""
DEFAULT_REFS = {"nixpkgs": "nixpkgs-unstable"}
"""Branches it names."""


class FlakeIndirectInput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-indirect-input"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        for each in ctx.inputs():
            reference = reference_of(each)
            if reference is None or reference.kind != "indirect":
                continue
            message = f"the input `{each.name}` is looked up in a registry, as `{reference.id}`"
            notes: list[Note] = []
            direct = direct_url(reference)
            if direct:
                notes.append(Note(f"the global registry has it as `{direct}`"))
            fix = self.fix_of(each, direct)
            ctx.report(self, ctx.flake_path, place_of(each), message, notes, fix)

    def fix_of(self, each: FlakeInput, direct: str) -> Fix | None:
        if not direct or each.url_span is None or each.attrs or each.url_is_path:
            return None
        return Fix(f"Write `{direct}`", [Edit(each.url_span, quote_string(direct))], UNSAFE)


def direct_url(reference: FlakeRef) -> str:
    """What a name stands for in the global registry, with the ref and rev of the reference."""
    repository = REGISTRY.get(reference.id)
    if repository is None or reference.dir:
        return ""
    version = reference.rev or reference.ref or DEFAULT_REFS.get(reference.id, "")
    return f"github:{repository}/{version}" if version else f"github:{repository}"
