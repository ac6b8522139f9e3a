# github:zhaofengli/colmena: a hive of NixOS configurations.
{ lib, ... }:
{
  # Everything but these names is a node.
  lib.makeHive =
    hive:
    let
      meta = hive.meta or hive.network or { };
      nodes = removeAttrs hive [ "defaults" "meta" "network" ];
      node = name: module: __nixlint.open "a configuration is evaluated only by Nix" {
        _type = "nixlint-configuration";
        class = "nixos";
        args = {
          modules = [ (hive.defaults or { }) module ];
          specialArgs = {
            inherit name;
            nodes = __nixlint.unknown "the nodes of a hive are known only to Nix";
          }
          // meta.specialArgs or { }
          // meta.nodeSpecialArgs.${name} or { };
        };
      };
    in
    __nixlint.open "colmena adds more" {
      __schema = "v0.5";
      nodes = lib.mapAttrs node nodes;
    };
}
