# github:oddlama/agenix-rekey: secrets for each host.
{ unknown, ... }:
rec {
  flakeModules.default = flakeModule;
  flakeModule.flake.agenix-rekey = unknown "agenix-rekey makes packages";
  configure = _: unknown "agenix-rekey makes packages";
}
