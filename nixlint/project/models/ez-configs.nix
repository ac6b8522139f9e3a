# github:ehllie/ez-configs: configurations and modules found by directory, for flake-parts.
{ lib, ... }:
let
  inherit (lib) mkDefault mkOption types;
  option = type: default: mkOption { inherit type default; };

  isRegular = path: builtins.pathExists path && builtins.readFileType path == "regular";

  # Nix files, and directories with a default.nix; a file beside the directory is the default.
  entries =
    folder:
    if isRegular "${folder}.nix" then
      { default = folder; }
    else if builtins.pathExists folder && builtins.readFileType folder == "directory" then
      lib.concatMapAttrs (
        file: kind:
        if kind == "regular" && lib.hasSuffix ".nix" file then
          { ${lib.removeSuffix ".nix" file} = "${folder}/${file}"; }
        else if isRegular "${folder}/${file}/default.nix" then
          { ${file} = "${folder}/${file}/default.nix"; }
        else
          { }
      ) (builtins.readDir folder)
    else
      { };

  hostOptions.options = {
    importDefault = option types.bool true;
    userHomeModules = option (types.listOf types.str) [ ];
  };
  userOptions.options = {
    nameFunction = option (types.nullOr types.raw) null;
    importDefault = option types.bool true;
    passInOsConfig = option types.bool true;
    standalone = {
      enable = option types.bool false;
      pkgs = option types.raw null;
    };
  };
  defaultHost = {
    importDefault = true;
    userHomeModules = [ ];
  };
  defaultUser = {
    nameFunction = null;
    importDefault = true;
    passInOsConfig = true;
    standalone.enable = false;
  };

  # Functions among the modules get some of their arguments before they are exported.
  early =
    args: modules:
    if args == { } then
      modules
    else
      lib.mapAttrs (
        _: path:
        let
          module = import path;
          wanted = lib.functionArgs module;
          given = builtins.intersectAttrs wanted args;
        in
        if lib.isFunction module then
          lib.setFunctionArgs (rest: module (rest // given)) (removeAttrs wanted (builtins.attrNames given))
        else
          path
      ) modules;

  flakeModule =
    { inputs, config, ... }:
    let
      cfg = config.ezConfigs;

      userModule =
        user: settings: platform:
        [ (cfg.home.found.${user} or { }) ]
        ++ lib.optionals settings.importDefault (
          [ (homeModules.default or { }) ]
          ++ lib.optional platform.isDarwin (homeModules.darwin or { })
          ++ lib.optional platform.isLinux (homeModules.linux or { })
        );

      hosts =
        kind: builder: manager: modules:
        lib.mapAttrs (
          name: path:
          let
            settings = cfg.${kind}.hosts.${name} or defaultHost;
          in
          builder {
            specialArgs = cfg.${kind}.specialArgs // { ezModules = modules; };
            modules = [
              path
              { networking.hostName = mkDefault name; }
            ]
            ++ lib.optional settings.importDefault (modules.default or { })
            ++ lib.optionals (settings.userHomeModules != [ ]) [
              manager
              { home-manager.extraSpecialArgs = cfg.home.extraSpecialArgs // { ezModules = homeModules; }; }
              (
                { pkgs, ... }:
                {
                  home-manager.users = lib.genAttrs settings.userHomeModules (user: {
                    imports = userModule user (cfg.home.users.${user} or defaultUser) pkgs.stdenv;
                  });
                }
              )
            ];
          }
        ) cfg.${kind}.found;

      homeModules = early cfg.home.earlyModuleArgs (entries cfg.home.modulesDirectory);
      nixosModules = early cfg.nixos.earlyModuleArgs (entries cfg.nixos.modulesDirectory);
      darwinModules = early cfg.darwin.earlyModuleArgs (entries cfg.darwin.modulesDirectory);

      users = lib.concatMapAttrs (
        user: _:
        let
          settings = cfg.home.users.${user} or defaultUser;
          made =
            pkgs: osConfig:
            inputs.home-manager.lib.homeManagerConfiguration {
              inherit pkgs;
              extraSpecialArgs =
                cfg.home.extraSpecialArgs
                // { ezModules = homeModules; }
                // lib.optionalAttrs settings.passInOsConfig { inherit osConfig; };
              modules = userModule user settings pkgs.stdenv;
            };
          nameOn = if settings.nameFunction == null then host: "${user}@${host}" else settings.nameFunction;
        in
        if settings.standalone.enable then
          { ${user} = made settings.standalone.pkgs { }; }
        else
          lib.mapAttrs' (
            host: system: lib.nameValuePair (nameOn host) (made system.pkgs system.config)
          ) (config.flake.nixosConfigurations // config.flake.darwinConfigurations)
      ) cfg.home.found;

      below = kind: part: if cfg.root != null then "${cfg.root}/${kind}-${part}" else "/unset-directory";
      common = kind: {
        modulesDirectory = option types.raw (below kind "modules");
        configurationsDirectory = option types.raw (below kind "configurations");
        earlyModuleArgs = option (types.attrsOf types.raw) cfg.earlyModuleArgs;
        found = mkOption {
          type = types.raw;
          readOnly = true;
          default = entries cfg.${kind}.configurationsDirectory;
        };
      };
      machine = kind: common kind // {
        specialArgs = option (types.attrsOf types.raw) cfg.globalArgs;
        hosts = option (types.attrsOf (types.submodule hostOptions)) { };
      };
    in
    {
      options.ezConfigs = {
        root = option (types.nullOr types.raw) null;
        globalArgs = option (types.attrsOf types.raw) { };
        earlyModuleArgs = option (types.attrsOf types.raw) { };
        home = common "home" // {
          extraSpecialArgs = option (types.attrsOf types.raw) cfg.globalArgs;
          users = option (types.attrsOf (types.submodule userOptions)) { };
        };
        nixos = machine "nixos";
        darwin = machine "darwin";
      };
      options.flake = lib.genAttrs [ "darwinConfigurations" "darwinModules" "homeConfigurations" "homeModules" ] (
        _: option (types.lazyAttrsOf types.raw) { }
      );
      config.flake = {
        inherit homeModules nixosModules darwinModules;
        homeConfigurations = users;
        nixosConfigurations = hosts "nixos" inputs.nixpkgs.lib.nixosSystem inputs.home-manager.nixosModules.default nixosModules;
        darwinConfigurations =
          hosts "darwin" (inputs.darwin or inputs.nix-darwin).lib.darwinSystem inputs.home-manager.darwinModules.default darwinModules;
      };
    };
in
{
  inherit flakeModule;
  flakeModules.default = flakeModule;
}
