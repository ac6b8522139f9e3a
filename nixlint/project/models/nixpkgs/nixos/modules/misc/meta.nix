# What modules of other systems take from NixOS: who maintains a module, and its documentation.
{ lib, ... }:
let
  each = type: type // { merge = _: defs: defs; };
  maintainer = lib.mkOptionType { name = "maintainer"; };
in
{
  options.meta = {
    maintainers = lib.mkOption {
      type = each (lib.types.listOf maintainer);
      default = [ ];
      description = "Who maintains each module.";
    };
    doc = lib.mkOption {
      type = each lib.types.path;
      internal = true;
      description = "The documentation of each module.";
    };
    buildDocsInSandbox = lib.mkOption {
      type = each lib.types.bool;
      default = true;
      internal = true;
      description = "Whether the documentation of the module depends on nothing else.";
    };
  };
}
