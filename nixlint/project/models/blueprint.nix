# github:numtide/blueprint: outputs found by directory.
{ lib, unknown, ... }:
let
  inherit (builtins) pathExists readDir;

  # Directories and Nix files by name; files win.
  entries =
    folder:
    let
      found = if pathExists folder then readDir folder else { };
      at = name: kind: {
        path = folder + "/${name}";
        type = kind;
      };
      file = name: kind:
        let
          stem = builtins.match "(.*)\\.nix" name;
        in
        lib.optional (kind != "directory" && stem != null) (lib.nameValuePair (builtins.head stem) (at name kind));
    in
    lib.mapAttrs at (lib.filterAttrs (_: kind: kind == "directory") found)
    // builtins.listToAttrs (builtins.concatLists (lib.mapAttrsToList file found));

  paths = lib.mapAttrs (_: entry: entry.path);

  make =
    {
      inputs,
      prefix ? null,
      nixpkgs ? { },
      systems ? inputs.systems or (import ./default-systems.nix),
    }:
    let
      flake = inputs.self;
      src =
        if prefix == null then
          inputs.self
        else if builtins.isPath prefix then
          prefix
        else
          "${inputs.self}/${prefix}";
      allSystems = if builtins.isList systems then systems else import systems;
      each = f: lib.genAttrs allSystems f;
      own = path: if pathExists path then [ path ] else [ ];

      specialArgs = {
        inherit inputs flake;
        self = throw "self was renamed to flake";
      };
      perSystem = unknown "blueprint gives modules the packages for each system";
      common = { _module.args = { inherit perSystem; }; };

      # Users of a host with a configuration: names to modules.
      usersOf =
        folder:
        let
          module = entry: if entry.type == "regular" then own entry.path else own (entry.path + "/home-configuration.nix");
        in
        lib.mapAttrs (_: builtins.head) (
          lib.filterAttrs (_: found: found != [ ]) (lib.mapAttrs (_: module) (entries (folder + "/users")))
        );
      hostEntries = entries (src + "/hosts");
      homes = lib.filterAttrs (_: users: users != { }) (
        lib.mapAttrs (_: entry: usersOf entry.path) (lib.filterAttrs (_: entry: entry.type == "directory") hostEntries)
      );
      homeModule =
        name: manager:
        lib.optional (homes ? ${name}) {
          imports = [ manager ];
          home-manager = {
            sharedModules = [ common ];
            extraSpecialArgs = specialArgs;
            users = homes.${name};
            useGlobalPkgs = lib.mkDefault true;
            useUserPackages = lib.mkDefault true;
          };
        };

      host =
        name: entry:
        let
          at = file: entry.path + "/${file}";
          args = path: manager: {
            modules = [ common path ] ++ homeModule name manager;
            specialArgs = specialArgs // { hostName = name; };
          };
        in
        if pathExists (at "default.nix") then
          import (at "default.nix") {
            inherit flake inputs;
            hostName = name;
          }
        else if pathExists (at "configuration.nix") then
          {
            class = "nixos";
            value = inputs.nixpkgs.lib.nixosSystem (args (at "configuration.nix") inputs.home-manager.nixosModules.default);
          }
        else if pathExists (at "rpi-configuration.nix") then
          {
            class = "nixos";
            value = inputs.nixos-raspberrypi.lib.nixosSystem (
              args (at "rpi-configuration.nix") inputs.home-manager.nixosModules.default
            );
          }
        else if pathExists (at "darwin-configuration.nix") then
          {
            class = "nix-darwin";
            value = inputs.nix-darwin.lib.darwinSystem (
              args (at "darwin-configuration.nix") inputs.home-manager.darwinModules.default
            );
          }
        else if pathExists (at "system-configuration.nix") then
          {
            class = "system-manager";
            value = inputs.system-manager.lib.makeSystemConfig {
              modules = [ common (at "system-configuration.nix") ];
              extraSpecialArgs = specialArgs // { hostName = name; };
            };
          }
        else if homes ? ${name} then
          null
        else
          throw "host '${name}' does not have a configuration";
      hosts = lib.filterAttrs (_: value: value != null) (lib.mapAttrs host hostEntries);
      ofClass = class: lib.mapAttrs (_: one: one.value) (lib.filterAttrs (_: one: one.class == class) hosts);

      standalone =
        system:
        lib.concatMapAttrs (
          host:
          lib.mapAttrs' (
            user: module:
            lib.nameValuePair "${user}@${host}" (
              inputs.home-manager.lib.homeManagerConfiguration {
                pkgs = inputs.nixpkgs.legacyPackages.${system};
                extraSpecialArgs = specialArgs;
                modules = [
                  common
                  module
                  { home.username = lib.mkDefault user; }
                ];
              }
            )
          )
        ) homes;

      # Modules may take the flake they come from before they are exported.
      publisher = { inherit flake inputs; };
      publish =
        path:
        let
          module = import path;
          wanted = builtins.attrNames (builtins.functionArgs module);
        in
        if builtins.isFunction module && builtins.all (name: publisher ? ${name}) wanted then
          lib.setDefaultModuleLocation path (module publisher)
        else
          path;
      modules = lib.mapAttrs (_: entry: lib.mapAttrs (_: publish) (paths (entries entry.path))) (
        lib.filterAttrs (_: entry: entry.type == "directory") (entries (src + "/modules"))
      );

      package = _: _: unknown "packages are known only to Nix";
      packageEntries =
        entries (src + "/packages")
        // lib.optionalAttrs (pathExists (src + "/package.nix")) { default = { }; }
        // lib.optionalAttrs (pathExists (src + "/formatter.nix")) { formatter = { }; };
      shells =
        entries (src + "/devshells")
        // lib.optionalAttrs (pathExists (src + "/devshell.nix") || pathExists (src + "/devshell.toml")) { default = { }; };
    in
    {
      lib = if pathExists (src + "/lib") then import (src + "/lib") specialArgs else { };
      __functor = _: flake.lib.__functor flake;
      formatter = each (package null);
      packages = each (_: unknown "blueprint leaves packages for other systems out" // lib.mapAttrs package packageEntries);
      devShells = if !(builtins.any (file: pathExists (src + "/${file}")) [ "devshells" "devshell.nix" "devshell.toml" ]) then { } else each (_: unknown "blueprint reads shells from TOML, too" // lib.mapAttrs package shells);
      checks = each (_: unknown "blueprint makes checks of all packages");
      mkPackagesFor = _: unknown "packages are known only to Nix";
      legacyPackages =
        if homes == { } then { } else each (system: { homeConfigurations = standalone system; });
      nixosConfigurations = ofClass "nixos";
      darwinConfigurations = ofClass "nix-darwin";
      systemConfigs = ofClass "system-manager";
      robotnixConfigurations = ofClass "robotnix";
      nixOnDroidConfigurations = ofClass "nix-on-droid";
      inherit modules;
      nixosModules = modules.nixos or { };
      darwinModules = modules.darwin or { };
      homeModules = modules.home or { };
      templates = lib.mapAttrs (name: entry: {
        inherit (entry) path;
        description =
          if pathExists (entry.path + "/flake.nix") then
            (import (entry.path + "/flake.nix")).description or name
          else
            name;
      }) (entries (src + "/templates"));
    };
in
{
  __functor = _: make;
  lib = unknown "the rest of blueprint is not modelled" // { mkBlueprint = make; };
}
