# github:srid/flake-root and platonic-systems/mission-control: only options for shells.
{ ... }:
{
  flakeModule = { };
  flakeModules.default = { };
}
