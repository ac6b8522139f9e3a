# The flake of nixpkgs adds to `lib` what builds NixOS configurations.
# What the real library has and the model lacks is unknown, not missing.
{ lib }:
let
  unknowns =
    why: path: names:
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = __nixlint.unknown "`lib.${path}${name}' ${why}";
      }) names
    );
  dated = unknowns "depends on the release of nixpkgs";
  unmodelled = unknowns "is not modelled";

  ofReleases = [
    "codeName" "isInOldestRelease" "nixpkgsVersion" "oldestSupportedRelease"
    "oldestSupportedReleaseIsAtLeast" "release" "revisionWithDefault" "version" "versionSuffix"
  ];
  ofDefunct = [
    "checkFlag" "checkReqs" "foldArgs" "getValue" "innerClosePropagation" "innerModifySumArgs"
    "lazyGenericClosure" "mergeAttrBy" "mergeAttrByFunc" "mergeAttrsByFuncDefaults"
    "mergeAttrsByFuncDefaultsClean" "mergeAttrsConcatenateValues" "mergeAttrsNoOverride"
    "mergeAttrsWithFunc" "modifySumArgs"
  ];
  ofModules = [ "evalOptionValue" "mergeModules" "mergeModules'" "mergeOptionDecls" ];

  opened = __nixlint.open "a configuration is evaluated only by Nix";
  # Modules get the `lib` that builds the configuration.
  nixosConfiguration =
    lib: args:
    opened {
      _type = "nixlint-configuration";
      class = "nixos";
      inherit args lib;
      # Nodes of colmena are often made of these.
      _module = opened {
        args = opened { modules = args.modules or [ ]; };
        specialArgs = args.specialArgs or { };
      };
    };
in
lib.extend (
  final: prev:
  dated "" [ "isInOldestRelease" "nixpkgsVersion" "oldestSupportedReleaseIsAtLeast" "version" ]
  // unmodelled "" (
    ofDefunct ++ ofModules ++ [ "maintainers" "mkEUI64Suffix" "network" "repoRevToName" "teams" ]
  )
  // {
    misc = unmodelled "misc." (ofDefunct ++ [ "closePropagationSlow" ]) // prev.misc;
    modules = unmodelled "modules." (ofModules ++ [ "collectModules" ]) // prev.modules;
    sources = unmodelled "sources." [ "repoRevToName" "sourceByGlobs" ] // prev.sources;
    systems =
      unmodelled "systems." [
        "architectures" "examples" "functionNames" "inspect" "parse" "platforms"
      ]
      // prev.systems;
    trivial = dated "trivial." ofReleases // prev.trivial;
    types =
      unmodelled "types." [ "attrListOf" "attrListWith" "noCheckForDocsModule" ] // prev.types;

    nixosSystem = nixosConfiguration final;
    nixos = {
      evalModules = nixosConfiguration final;
      runTest =
        module:
        __nixlint.open "a test is evaluated only by Nix" {
          _type = "nixlint-test";
          args.modules = [ module ];
        };
    };
  }
)
