# github:Platonic-Systems/process-compose-flake: services as packages.
{ unknown, ... }:
let
  more = unknown "process-compose-flake may add outputs";
in
rec {
  flakeModules.default = flakeModule;
  flakeModule.perSystem = {
    apps = more;
    checks = more;
    packages = more;
  };
}
