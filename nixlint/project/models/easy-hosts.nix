# github:tgirlcloud/easy-hosts: hosts as options of flake-parts, or found by directory.
{ lib, ... }:
let
  inherit (lib) mkDefault mkOption types;
  option = type: default: mkOption { inherit type default; };

  basic = {
    modules = option (types.listOf types.deferredModule) [ ];
    specialArgs = option (types.lazyAttrsOf types.raw) { };
  };
  settingsOf = types.functionTo (types.submodule { options = basic; });
  nothing = _: {
    modules = [ ];
    specialArgs = { };
  };

  flakeModule =
    { inputs, config, withSystem, ... }:
    let
      cfg = config.easy-hosts;
      inherit (inputs) self;

      canonical = class: ({ linux = "nixos"; } // cfg.additionalClasses).${class} or class;
      systemName = arch: class: "${arch}-${if canonical class == "darwin" then "darwin" else "linux"}";

      build =
        name: host:
        let
          class = canonical host.class;
          fill = part: { modules = [ ]; specialArgs = { }; } // part;
          sources = map fill (
            [ cfg.shared host ]
            ++ map cfg.perTag host.tags
            ++ [ (cfg.perClass host.class) (cfg.perArch host.arch) ]
          );
          byConvention = builtins.filter builtins.pathExists [
            "${self}/hosts/${name}/default.nix"
            "${self}/systems/${name}/default.nix"
          ];
          args = {
            specialArgs = lib.recursiveUpdate { inherit inputs self; } (
              builtins.foldl' lib.recursiveUpdate { } (builtins.catAttrs "specialArgs" sources)
            );
            modules =
              (if host.path != null then [ host.path ] else byConvention)
              ++ lib.optional (class == "iso") "${host.nixpkgs}/nixos/modules/installer/cd-dvd/installation-cd-minimal-new-kernel.nix"
              ++ [
                {
                  key = "easy-hosts#specialArgs";
                  _module.args = withSystem host.system ({ self', inputs', ... }: { inherit self' inputs'; });
                }
                {
                  key = "easy-hosts#hostname";
                  networking.hostName = mkDefault name;
                }
                {
                  key = "easy-hosts#nixpkgs";
                  nixpkgs = {
                    hostPlatform = mkDefault host.system;
                    flake.source = host.nixpkgs.outPath;
                  };
                }
              ]
              ++ lib.optional (class == "darwin") {
                key = "easy-hosts#nixpkgs-darwin";
                nixpkgs.source = mkDefault host.nixpkgs;
              }
              ++ builtins.concatLists (builtins.catAttrs "modules" sources);
          };
        in
        if class == "darwin" then host.nix-darwin.lib.darwinSystem args else host.nixpkgs.lib.nixosSystem args;

      hostsOf = darwin: lib.filterAttrs (_: host: (canonical host.class == "darwin") == darwin) cfg.hosts;
      output = name: darwin: let hosts = hostsOf darwin; in lib.optionalAttrs (hosts != { }) { ${name} = lib.mapAttrs build hosts; };

      # Directories are called after systems, and hold one directory for each host.
      found =
        let
          host =
            system: path:
            let
              parts = builtins.match "([^-]*)-([^-]*).*" system;
              arch = builtins.elemAt parts 0;
              class = builtins.elemAt parts 1;
            in
            {
              inherit arch class path;
              system = systemName arch class;
            };
          folders = lib.filterAttrs (_: kind: kind == "directory") (builtins.readDir cfg.path);
        in
        if cfg.onlySystem != null then
          lib.mapAttrs (name: _: host cfg.onlySystem "${cfg.path}/${name}") (builtins.readDir cfg.path)
        else
          builtins.foldl' (left: right: right // left) { } (
            lib.mapAttrsToList (
              system: _:
              lib.mapAttrs (name: _: host system "${cfg.path}/${system}/${name}") (builtins.readDir "${cfg.path}/${system}")
            ) folders
          );
    in
    {
      options.easy-hosts = {
        autoConstruct = option types.bool false;
        path = option (types.nullOr types.raw) null;
        onlySystem = option (types.nullOr types.str) null;
        shared = basic;
        perClass = option settingsOf nothing;
        perArch = option settingsOf nothing;
        perTag = option settingsOf nothing;
        additionalClasses = option (types.attrsOf types.str) { };
        hosts = option (types.attrsOf (
          types.submodule (
            { config, ... }:
            {
              options = basic // {
                nixpkgs = option types.raw inputs.nixpkgs;
                nix-darwin = option types.raw (inputs.darwin or inputs.nix-darwin or null);
                arch = option types.str "x86_64";
                class = option (types.enum ([ "nixos" "darwin" "iso" ] ++ builtins.attrNames cfg.additionalClasses)) "nixos";
                tags = option (types.listOf types.str) [ ];
                system = option types.str (systemName config.arch config.class);
                path = option (types.nullOr types.raw) null;
                deployable = option types.bool false;
              };
            }
          )
        )) { };
      };
      config = {
        easy-hosts.hosts = lib.mkIf cfg.autoConstruct found;
        flake = output "nixosConfigurations" false // output "darwinConfigurations" true;
      };
    };
in
{
  inherit flakeModule;
  flakeModules.default = flakeModule;
}
