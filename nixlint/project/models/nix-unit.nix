# github:nix-community/nix-unit: tests of expressions.
{ unknown, ... }:
rec {
  flakeModules.default = modules.flake.default;
  modules.flake.default = {
    flake.tests = unknown "nix-unit may add tests";
    perSystem.checks = unknown "nix-unit may add a check";
  };
}
