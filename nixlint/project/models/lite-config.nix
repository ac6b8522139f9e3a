# github:yelite/lite-config: hosts and users as options of flake-parts.
{ lib, unknown, ... }:
let
  inherit (lib) mkOption types;
  option = type: default: mkOption { inherit type default; };
in
{
  flakeModule =
    { inputs, config, withSystem, ... }:
    let
      cfg = config.lite-config;
      usesHomes = cfg.homeModules != [ ] || cfg.homeConfigurations != { };

      isDarwin = system: lib.hasSuffix "-darwin" system;
      systemOf =
        name: host:
        withSystem host.system (
          { liteConfigPkgs, ... }:
          let
            specialArgs = {
              inherit inputs;
              inherit (liteConfigPkgs.stdenv) hostPlatform;
            };
            homes = if isDarwin host.system then cfg.homeManagerFlake.darwinModules.default else cfg.homeManagerFlake.nixosModules.default;
            args = {
              inherit specialArgs;
              modules = [
                (if host.hostModule == null then "${cfg.hostModuleDir}/${name}" else host.hostModule)
                {
                  nixpkgs.pkgs = liteConfigPkgs;
                  networking.hostName = name;
                }
              ]
              ++ cfg.systemModules
              ++ lib.optionals usesHomes [
                homes
                {
                  home-manager = {
                    sharedModules = cfg.homeModules;
                    useGlobalPkgs = true;
                    extraSpecialArgs = specialArgs;
                  };
                }
              ];
            };
          in
          if isDarwin host.system then cfg.builder.darwin args else cfg.nixpkgs.nixpkgs.lib.nixosSystem args
        );
      hosts = wanted: lib.mapAttrs systemOf (lib.filterAttrs (_: host: isDarwin host.system == wanted) cfg.hosts);
      present = name: set: lib.optionalAttrs (set != { }) { ${name} = set; };
    in
    {
      options.lite-config = option (types.submodule {
        options = {
        nixpkgs = {
          nixpkgs = option types.raw inputs.nixpkgs;
          config = option types.attrs { };
          perSystemOverrides = option (types.attrsOf types.raw) { };
          overlays = option (types.listOf types.raw) [ ];
          exportOverlayPackages = option types.bool true;
          setPerSystemPkgs = option types.bool true;
        };
        hosts = option (types.attrsOf (
          types.submodule {
            options = {
              system = mkOption { type = types.str; };
              hostModule = option (types.nullOr types.deferredModule) null;
            };
          }
        )) { };
        systemModules = option (types.listOf types.deferredModule) [ ];
        homeModules = option (types.listOf types.deferredModule) [ ];
        hostModuleDir = mkOption { type = types.raw; };
        builder.darwin = option types.raw inputs.nix-darwin.lib.darwinSystem;
        homeManagerFlake = option types.raw inputs.home-manager;
        homeConfigurations = option (types.attrsOf types.raw) { };
      };
      }) { };
      config = {
        systems = lib.unique (lib.mapAttrsToList (_: host: host.system) cfg.hosts);
        flake = present "nixosConfigurations" (hosts false) // present "darwinConfigurations" (hosts true);
        perSystem =
          { system, liteConfigPkgs, ... }:
          {
            _module.args = {
              liteConfigPkgs = lib.mkOptionDefault (
                import (cfg.nixpkgs.perSystemOverrides.${system} or cfg.nixpkgs).nixpkgs {
                  inherit system;
                  inherit (cfg.nixpkgs) config overlays;
                }
              );
              pkgs = lib.mkIf cfg.nixpkgs.setPerSystemPkgs liteConfigPkgs;
            };
            packages = unknown "lite-config adds packages";
          };
      };
    };
}
