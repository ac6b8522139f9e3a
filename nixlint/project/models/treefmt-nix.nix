# github:numtide/treefmt-nix: one formatter for all languages.
{ lib, unknown, ... }:
{
  lib = unknown "the rest of treefmt-nix is not modelled" // lib.genAttrs [ "evalModule" "mkConfigFile" "mkWrapper" "submodule" "submoduleWith" ] (
    _: unknown "treefmt-nix makes packages"
  );
  flakeModule.perSystem = {
    checks = unknown "treefmt-nix may add a check";
    formatter = unknown "treefmt-nix may set the formatter";
  };
}
