# github:oddlama/nix-topology: diagrams of networks.
{ unknown, ... }:
rec {
  flakeModules.default = flakeModule;
  flakeModule.flake.topology = unknown "nix-topology makes packages";
}
