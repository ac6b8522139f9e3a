"""An input that `nixlint.toml` does not allow.

## What it does
Reports inputs whose owner, host or ref is not among those that `nixlint.toml` allows, for all
inputs or for one:

```toml
[flake]
allowed-owners = ["NixOS", "nix-*"]
allowed-hosts = ["github.com", "*.example.org"]
allowed-refs = ["nixos-*", "v*"]

[flake.inputs.nixpkgs]
allowed-refs = ["nixos-26.05"]
```

Patterns may contain `*` and `?`; case does not matter.
Inputs without an owner (archives, say), without a host (paths) or without a ref are not concerned
by the list about these.

## Why it matters
Every input is code that you run.
The lists say whom you trust.

## Example
```toml file: nixlint.toml
[flake]
allowed-owners = ["NixOS", "nix-community"]
```

```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS-fork/nixpkgs";
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
None: only you know what to take instead.
"""

from __future__ import annotations

from nixlint.diagnostics.model import ERROR, Note
from nixlint.project.flake.file import FlakeInput
from nixlint.project.references.flake_ref import FlakeRef
from nixlint.project.settings import matches_any
from nixlint.rules.flake_inputs import place_of, reference_of
from nixlint.rules.project_base import ProjectContext, ProjectRule

FORGE_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}


class FlakeInputPolicy(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "flake-input-policy"
        self.severity = ERROR

    def check_project(self, ctx: ProjectContext) -> None:
        for each in ctx.inputs():
            reference = reference_of(each)
            if reference is None:
                continue
            policy = ctx.settings.policy_for(each.name)
            host = host_of(reference)
            self.check_field(each, "owner", reference.owner, policy.allowed_owners, ctx)
            self.check_field(each, "host", host, policy.allowed_hosts, ctx)
            self.check_field(each, "ref", reference.ref, policy.allowed_refs, ctx)

    def check_field(
        self,
        each: FlakeInput,
        what: str,
        value: str,
        allowed: list[str] | None,
        ctx: ProjectContext,
    ) -> None:
        if allowed is None or not value or matches_any(value, allowed):
            return
        message = f"the {what} `{value}` of the input `{each.name}` is not allowed"
        shown = ", ".join([f"`{item}`" for item in allowed]) or "none"
        notes = [Note(f"`nixlint.toml` allows {shown}")]
        ctx.report(self, ctx.flake_path, place_of(each), message, notes)


def host_of(reference: FlakeRef) -> str:
    """The host a reference leads to; empty for paths and names."""
    if reference.kind in FORGE_HOSTS:
        return reference.host or FORGE_HOSTS[reference.kind]
    _scheme, found, rest = reference.url.partition("://")
    if not found:
        return ""
    authority = rest.split("/")[0].split("?")[0].rpartition("@")[2]
    if authority.startswith("["):
        return authority
    return authority.split(":")[0]
