# Services that do not depend on the system they run in. Their own options are not modelled.
{ lib, ... }:
{
  configure =
    {
      extraRootModules ? [ ],
      extraRootSpecialArgs ? { },
      ...
    }:
    {
      serviceSubmodule = lib.types.submoduleWith {
        class = "service";
        modules = extraRootModules;
        specialArgs = extraRootSpecialArgs;
      };
    };
  getAssertions = _: _: [ ];
  getWarnings = _: _: [ ];
}
