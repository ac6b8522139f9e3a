# github:serokell/deploy-rs: what is deployed stays in the flake's `deploy`.
{ lib, unknown, ... }:
{
  lib = unknown "deploy-rs knows rare systems" // lib.genAttrs (import ./default-systems.nix) (_: {
    activate = lib.genAttrs [ "custom" "darwin" "home-manager" "nixos" "noop" ] (
      _: unknown "deploy-rs makes packages"
    );
    deployChecks = _: unknown "deploy-rs makes checks";
    setActivate = _: _: unknown "deploy-rs makes packages";
  });
}
