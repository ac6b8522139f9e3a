# github:srid/nixos-unified: configurations found by directory, for flake-parts.
{ lib, unknown, ... }:
let
  inherit (lib) nameValuePair removeSuffix;

  # Nix files, and directories with a default.nix, by name.
  entries =
    folder: make:
    let
      entry =
        file: kind:
        let
          name = removeSuffix ".nix" file;
          path = "${folder}/${file}";
        in
        if kind == "regular" && name != file then
          [ (nameValuePair name (make path)) ]
        else if kind == "directory" && builtins.pathExists "${path}/default.nix" then
          [ (nameValuePair file (make path)) ]
        else
          [ ];
    in
    if builtins.pathExists folder then
      builtins.listToAttrs (
        builtins.concatLists (lib.mapAttrsToList entry (builtins.readDir folder))
      )
    else
      { };

  base =
    { self, inputs, config, ... }:
    let
      specialArgsFor = rec {
        common.flake = { inherit self inputs config; };
        nixos = common;
        darwin = common // {
          rosettaPkgs = import inputs.nixpkgs { system = "x86_64-darwin"; };
        };
      };
      common = unknown "a module of nixos-unified is not on this machine";
      homeManager = module: extraSpecialArgs: {
        imports = [
          module
          {
            home-manager = {
              useGlobalPkgs = true;
              useUserPackages = true;
              inherit extraSpecialArgs;
              sharedModules = [ common ];
            };
          }
        ];
      };
    in
    {
      flake.nixos-unified.lib = {
        inherit specialArgsFor;
        mkLinuxSystem =
          {
            home-manager ? false,
          }:
          module:
          inputs.nixpkgs.lib.nixosSystem {
            specialArgs = specialArgsFor.nixos;
            modules = [ common module ]
              ++ lib.optional home-manager (homeManager inputs.home-manager.nixosModules.home-manager specialArgsFor.nixos);
          };
        mkMacosSystem =
          {
            home-manager ? false,
          }:
          module:
          inputs.nix-darwin.lib.darwinSystem {
            specialArgs = specialArgsFor.darwin;
            modules = [ common module ]
              ++ lib.optional home-manager (homeManager inputs.home-manager.darwinModules.home-manager specialArgsFor.darwin);
          };
        mkHomeConfiguration =
          pkgs: module:
          inputs.home-manager.lib.homeManagerConfiguration {
            inherit pkgs;
            extraSpecialArgs = specialArgsFor.common;
            modules = [ common module ];
          };
      };
      perSystem.packages = {
        activate = unknown "nixos-unified makes packages";
        update = unknown "nixos-unified makes packages";
      };
    };

  autoWire =
    { self, ... }:
    let
      make = self.nixos-unified.lib;
    in
    {
      flake = {
        nixosConfigurations = entries "${self}/configurations/nixos" (make.mkLinuxSystem { home-manager = true; });
        darwinConfigurations = entries "${self}/configurations/darwin" (make.mkMacosSystem { home-manager = true; });
        nixosModules = entries "${self}/modules/nixos" (path: path);
        darwinModules = entries "${self}/modules/darwin" (path: path);
        homeModules = entries "${self}/modules/home" (path: path);
        overlays = entries "${self}/overlays" (path: import path make.specialArgsFor.common);
      };
      perSystem =
        { pkgs, ... }:
        {
          legacyPackages.homeConfigurations = entries "${self}/configurations/home" (make.mkHomeConfiguration pkgs);
        };
    };
in
rec {
  flakeModules = {
    default = base;
    inherit autoWire;
  };
  flakeModule = flakeModules.default;
  # flake-parts with the modules that lie in the first of these directories.
  lib.mkFlake =
    {
      inputs,
      root,
      systems ? [ "x86_64-linux" "x86_64-darwin" "aarch64-linux" "aarch64-darwin" ],
      specialArgs ? { },
    }:
    let
      folders = builtins.filter (folder: builtins.pathExists "${root}/${folder}") [
        "nix/modules/flake"
        "modules/flake"
        "nix/modules/flake-parts"
        "modules/flake-parts"
      ];
      folder = builtins.head folders;
    in
    inputs.flake-parts.lib.mkFlake { inherit inputs specialArgs; } {
      inherit systems;
      _module.args = { inherit root; };
      imports =
        if folders == [ ] then
          throw "no directory with modules for flake-parts"
        else
          map (file: "${root}/${folder}/${file}") (builtins.attrNames (builtins.readDir (root + "/${folder}")));
    };
}
