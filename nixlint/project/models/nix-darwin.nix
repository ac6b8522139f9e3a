# github:nix-darwin/nix-darwin: configurations of macOS.
{ ... }:
let
  configuration =
    args:
    __nixlint.open "a configuration is evaluated only by Nix" {
      _type = "nixlint-configuration";
      class = "darwin";
      inherit args;
    };
in
{
  lib = {
    darwinSystem = configuration;
    evalConfig = configuration;
  };
  # Modules of other systems are no part of it.
  darwinModules = __nixlint.unknown "the modules of nix-darwin are not on this machine";
}
