# github:nvmd/nixos-raspberrypi: NixOS for Raspberry Pi.
{ lib, unknown, ... }:
let
  configuration =
    args:
    __nixlint.open "a configuration is evaluated only by Nix" {
      _type = "nixlint-configuration";
      class = "nixos";
      inherit args;
    };
in
{
  lib = unknown "the rest of nixos-raspberrypi is not modelled" // lib.genAttrs [ "nixosInstaller" "nixosSystem" "nixosSystemFull" ] (_: configuration);
}
