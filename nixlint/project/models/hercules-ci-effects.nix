# github:hercules-ci/hercules-ci-effects: deployments.
{ lib, unknown, ... }:
let
  more = unknown "hercules-ci-effects may add outputs";
in
rec {
  flakeModules.default = flakeModule;
  flakeModule = {
    options.defaultEffectSystem = lib.mkOption {
      type = lib.types.str;
      default = "x86_64-linux";
    };
    config.flake = {
      effects = more;
      herculesCI = more;
    };
    config.perSystem = {
      _module.args.hci-effects = more;
      apps = more;
      checks = more;
      packages = more;
    };
  };
}
