# github:cachix/devenv: development environments as modules.
{ unknown, ... }:
let
  more = unknown "devenv may add outputs";
in
rec {
  flakeModules.default = flakeModule;
  flakeModule.perSystem = {
    apps = more;
    checks = more;
    devShells = more;
    packages = more;
  };
  lib.mkShell = _: unknown "devenv makes packages";
}
