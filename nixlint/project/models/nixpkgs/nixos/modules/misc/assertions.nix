# What modules of other systems take from NixOS: conditions on the configuration, and warnings.
{ lib, ... }:
let
  messages =
    description: type:
    lib.mkOption {
      inherit description;
      type = lib.types.listOf type;
      default = [ ];
      internal = true;
    };
in
{
  options = {
    assertions = messages "Conditions that must hold for the configuration to be built." lib.types.unspecified;
    warnings = messages "Warnings to show when the configuration is built." lib.types.str;
  };
}
