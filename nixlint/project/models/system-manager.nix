# github:numtide/system-manager: services of other Linux systems.
{ ... }:
{
  lib.makeSystemConfig =
    args:
    __nixlint.open "a configuration is evaluated only by Nix" {
      _type = "nixlint-configuration";
      class = "systemManager";
      inherit args;
    };
}
