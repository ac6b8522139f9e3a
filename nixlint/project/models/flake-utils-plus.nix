# github:gytis-ivaskevicius/flake-utils-plus: hosts and channels of packages.
model@{ lib, unknown, ... }:
let
  inherit (builtins) isAttrs isList mapAttrs;
  utils = (import ./flake-utils.nix model).lib;

  mergeAny =
    left: right:
    left
    // mapAttrs (
      name: value:
      if isAttrs value then
        left.${name} or { } // value
      else if isList value then
        left.${name} or [ ] ++ value
      else
        value
    ) right;

  mkFlake =
    args@{
      self,
      inputs,
      supportedSystems ? utils.defaultSystems,
      channels ? { },
      channelsConfig ? { },
      sharedOverlays ? [ ],
      hosts ? { },
      hostDefaults ? {
        system = "x86_64-linux";
        modules = [ ];
        extraArgs = { };
      },
      outputsBuilder ? _: { },
      ...
    }:
    let
      others = removeAttrs args [
        "channels" "channelsConfig" "hostDefaults" "hosts" "inputs" "nixosProfiles" "outputsBuilder"
        "self" "sharedOverlays" "supportedSystems"
      ];

      # Every input with packages is a channel.
      source = name: channels.${name}.input or inputs.${name};
      packagesOn =
        system:
        unknown "every input with packages is a channel"
        // mapAttrs (name: _: import (source name) { inherit system; }) (
          lib.optionalAttrs (inputs ? nixpkgs) { nixpkgs = { }; } // channels
        );

      host =
        name: own:
        let
          all = mergeAny hostDefaults own;
          output = all.output or "nixosConfigurations";
          system = all.system or "x86_64-linux";
          channel = all.channelName or "nixpkgs";
          build = all.builder or (source channel).lib.nixosSystem;
        in
        {
          ${output}.${name} = build (
            {
              inherit system;
              modules = [
                (unknown "a module of flake-utils-plus")
                { _module.args = lib.optionalAttrs (output != "darwinConfigurations") { inherit inputs; } // all.extraArgs or { }; }
              ]
              ++ all.modules or [ ];
              specialArgs = unknown "flake-utils-plus adds arguments" // all.specialArgs or { };
            }
            // lib.optionalAttrs (output == "darwinConfigurations") { inherit inputs; }
          );
        };

      systemOutputs =
        system:
        let
          pkgs = packagesOn system;
          made = outputsBuilder pkgs;
          below = set: name: set.${name}.${system} or { };
        in
        { inherit pkgs; }
        // mapAttrs (
          name: value: if isAttrs value then below others name // value else value
        ) made;
    in
    mergeAny others (
      utils.eachSystem supportedSystems systemOutputs
      // builtins.foldl' mergeAny { } (lib.mapAttrsToList host hosts)
    );
in
{
  lib = utils // {
    inherit mergeAny mkFlake;
    exportModules =
      paths:
      builtins.listToAttrs (
        map (path: {
          name = lib.removeSuffix ".nix" (baseNameOf path);
          value = import path;
        }) paths
      );
    exportOverlays = _: unknown "exportOverlays reads the overlays of packages";
    exportPackages = _: _: unknown "exportPackages reads the overlays of packages";
    genPkgOverlay = _: _: unknown "genPkgOverlay makes an overlay";
    patchChannel = system: channel: patches: if patches == [ ] then channel else unknown "a patched channel";
  };
}
