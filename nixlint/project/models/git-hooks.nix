# github:cachix/git-hooks.nix, once pre-commit-hooks.nix.
{ unknown, ... }:
{
  lib = unknown "git-hooks makes packages";
  flakeModule.perSystem.checks = unknown "git-hooks may add a check";
}
