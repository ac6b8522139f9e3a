"""Which inputs are known without their sources: nixpkgs, and libraries with a model here.

A model is a Nix file beside this one: a function that returns the outputs of the flake. It gets
`lib`, `inputs` and `self` of the flake that uses it, the `name` of the input, and

* `unknown "reason"`, an unknown value,
* `isKnown value`, whether anything is known of it beyond its type,
* `isWhole value`, whether it is known and, if it is a list or a set, nothing of it is missing,
* `knownPart value`, what is known of a list or set, which is then whole; empty for an unknown one.

Its attribute `__import`, if there is one, is what `import` of the source gives.
"""

from __future__ import annotations

from typing import Final

NIXPKGS: Final = frozenset(
    (
        "github:nixos/nixpkgs",
        "github:nix-community/nixpkgs.lib",
        "indirect:nixpkgs",
    )
)
"""Identities (`flake_ref.identity`) of inputs that are nixpkgs, or its `lib`."""


def is_nixpkgs(which: str | None) -> bool:
    """Whether an identity is nixpkgs or a fork of it, which keeps its name."""
    return which is not None and (
        which in NIXPKGS
        or which.endswith(("/nixpkgs", "/devenv-nixpkgs"))
        or which.startswith("indirect:nixpkgs-")
    )


MODELS: Final[dict[str, str]] = {}
"""Identity → file in this directory."""

_FILES: Final[dict[str, tuple[str, ...]]] = {
    "flake-utils.nix": ("github:numtide/flake-utils", "indirect:flake-utils"),
    "systems-default.nix": ("github:nix-systems/default", "indirect:systems"),
    "systems-default-linux.nix": ("github:nix-systems/default-linux",),
    "systems-default-darwin.nix": ("github:nix-systems/default-darwin",),
    "systems-x86_64-linux.nix": ("github:nix-systems/x86_64-linux",),
    "systems-aarch64-linux.nix": ("github:nix-systems/aarch64-linux",),
    "systems-x86_64-darwin.nix": ("github:nix-systems/x86_64-darwin",),
    "systems-aarch64-darwin.nix": ("github:nix-systems/aarch64-darwin",),
    "import-tree.nix": ("github:vic/import-tree", "github:denful/import-tree"),
    "haumea.nix": ("github:nix-community/haumea", "indirect:haumea"),
    "flake-parts.nix": ("github:hercules-ci/flake-parts", "indirect:flake-parts"),
    "flake-compat.nix": (
        "github:edolstra/flake-compat",
        "github:nixos/flake-compat",
        "github:nix-community/flake-compat",
        "github:inclyc/flake-compat",
        "git:git.lix.systems/lix-project/flake-compat",
    ),
    "gitignore.nix": ("github:hercules-ci/gitignore.nix",),
    # Configurations.
    "home-manager.nix": (
        "github:nix-community/home-manager",
        "github:rycee/home-manager",
        "indirect:home-manager",
    ),
    "nix-darwin.nix": (
        "github:nix-darwin/nix-darwin",
        "github:lnl7/nix-darwin",
        "indirect:nix-darwin",
    ),
    "nix-on-droid.nix": ("github:nix-community/nix-on-droid", "github:t184256/nix-on-droid"),
    "nixos-generators.nix": ("github:nix-community/nixos-generators",),
    "nixos-raspberrypi.nix": ("github:nvmd/nixos-raspberrypi",),
    "system-manager.nix": ("github:numtide/system-manager",),
    "colmena.nix": ("github:zhaofengli/colmena", "indirect:colmena"),
    "deploy-rs.nix": ("github:serokell/deploy-rs", "indirect:deploy-rs"),
    "crane.nix": ("github:ipetkov/crane",),
    "nvf.nix": ("github:notashelf/nvf",),
    # Layouts of whole flakes.
    "blueprint.nix": ("github:numtide/blueprint",),
    "easy-hosts.nix": ("github:tgirlcloud/easy-hosts", "github:isabelroses/easy-hosts"),
    "ez-configs.nix": ("github:ehllie/ez-configs",),
    "flake-utils-plus.nix": ("github:gytis-ivaskevicius/flake-utils-plus",),
    "lite-config.nix": ("github:yelite/lite-config",),
    "nixos-unified.nix": ("github:srid/nixos-unified", "github:srid/nixos-flake"),
    "snowfall-lib.nix": ("github:snowfallorg/lib",),
    # Modules of flake-parts.
    "agenix-rekey.nix": ("github:oddlama/agenix-rekey",),
    "devenv.nix": ("github:cachix/devenv",),
    "devshell.nix": ("github:numtide/devshell", "indirect:devshell"),
    "flake-root.nix": ("github:srid/flake-root", "github:platonic-systems/mission-control"),
    "git-hooks.nix": (
        "github:cachix/git-hooks.nix",
        "github:cachix/pre-commit-hooks.nix",
    ),
    "hercules-ci-effects.nix": (
        "github:hercules-ci/hercules-ci-effects",
        "github:qowoz/hercules-ci-effects",
    ),
    "nix-topology.nix": ("github:oddlama/nix-topology",),
    "nix-unit.nix": ("github:nix-community/nix-unit",),
    "process-compose-flake.nix": ("github:platonic-systems/process-compose-flake",),
    "treefmt-nix.nix": ("github:numtide/treefmt-nix",),
}

for _file, _identities in _FILES.items():
    for _identity in _identities:
        MODELS[_identity] = _file
        _forge, _, _repository = _identity.partition(":")
        if _forge == "github":
            # FlakeHub publishes flakes below the names of their repositories.
            MODELS.setdefault(f"flakehub:{_repository}", _file)
