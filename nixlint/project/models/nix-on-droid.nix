# github:nix-community/nix-on-droid: configurations of Android.
{ ... }:
{
  lib.nixOnDroidConfiguration =
    args:
    __nixlint.open "a configuration is evaluated only by Nix" {
      _type = "nixlint-configuration";
      class = "nixOnDroid";
      inherit args;
    };
}
