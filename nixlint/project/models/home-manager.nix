# github:nix-community/home-manager: configurations of users.
{ lib, name, ... }:
let
  configuration =
    args:
    __nixlint.open "a configuration is evaluated only by Nix" {
      _type = "nixlint-configuration";
      class = "homeManager";
      inherit args;
    };
  hidden = what: __nixlint.unknown "the module `${what}' of ${name} is not on this machine";
  modules = names: lib.genAttrs names hidden;
in
{
  lib = {
    homeManagerConfiguration = configuration;
    hm = __nixlint.unknown "lib.hm is not modelled";
  };
  nixosModules = modules [ "default" "home-manager" ];
  darwinModules = modules [ "default" "home-manager" ];
  flakeModules = rec {
    default = home-manager;
    # It declares these two outputs.
    home-manager.options.flake = lib.genAttrs [ "homeConfigurations" "homeModules" ] (
      _:
      lib.mkOption {
        type = lib.types.lazyAttrsOf lib.types.raw;
        default = { };
      }
    );
  };
}
