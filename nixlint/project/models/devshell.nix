# github:numtide/devshell: development shells as modules.
{ unknown, ... }:
rec {
  flakeModules.default = flakeModule;
  flakeModule.perSystem.devShells = unknown "devshell may add shells";
}
