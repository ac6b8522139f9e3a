# github:hercules-ci/flake-parts: flakes written as modules.
model@{
  lib,
  unknown,
  isKnown,
  isWhole,
  knownPart,
  ...
}:
let
  inherit (builtins) attrNames functionArgs mapAttrs;
  inherit (lib) mkOption types;

  system = import ./module-system.nix model;

  anyAttrs = types.lazyAttrsOf types.raw;

  # A module may be wrapped in a set that says where it was published.
  published =
    class: location: names:
    mapAttrs (name: module: {
      _class = class;
      _file = "${toString location}#${names}.${name}";
      imports = [ module ];
    });

  perSystemNames = [ "apps" "checks" "devShells" "legacyPackages" "packages" ];
  sets = names: type: lib.genAttrs names (_: mkOption { inherit type; default = { }; });

  flakePartsLib = rec {
    evalFlakeModule = evaluate;
    mkFlake = args: module: (evaluate args module).config.processedFlake;

    isFlake = value: if value ? _type then value._type == "flake" else value ? inputs && value ? outputs && value ? sourceInfo;
    defaultModule = value: if isFlake value then value.flakeModules.default or value else value;

    mkSubmoduleOptions = options: mkOption { type = types.submoduleWith { modules = [ { inherit options; } ]; }; };
    # The declarations of `perSystem` are modules, kept apart from its definitions.
    mkPerSystemOption = module: {
      _type = "option";
      type = mkPerSystemType module;
    };
    mkPerSystemType = module: types.raw // {
      name = "modules";
      modules = [ module ];
    };
    mkDeferredModuleOption = mkPerSystemOption;
    mkDeferredModuleType = mkPerSystemType;
    mkTransposedPerSystemModule =
      { name, option, file }:
      {
        _file = file;
        options.flake.${name} = mkOption {
          type = types.lazyAttrsOf option.type;
          default = { };
        };
        options.perSystem = mkPerSystemOption {
          _file = file;
          options.${name} = option;
        };
        config.transposition.${name} = { };
      };
    mkAliasOptionModule = from: to: { config, ... }: {
      options = lib.setAttrByPath from (
        mkOption {
          type = types.raw;
          default = null;
          apply = _: lib.getAttrFromPath to config;
        }
      );
    };
    importApply = file: args: lib.setDefaultModuleLocation file (import file args);
    importAndPublish = name: module: {
      imports = [ module extras.modules ];
      flake.modules.flake.${name} = module;
    };
    attrsWith = types.attrsWith;
    memoizeStr = f: f;
  };

  evaluate =
    args@{
      inputs ? args.self.inputs,
      self ? inputs.self,
      specialArgs ? { },
      moduleLocation ? "${self.outPath}/flake.nix",
    }:
    module:
    let
      evaluation = system.evalModules {
        modules = [
          (core { inherit self inputs moduleLocation perSystem; })
          module
        ];
        specialArgs = {
          inherit self inputs moduleLocation;
          flake-parts-lib = flakePartsLib;
        }
        // specialArgs;
        freeform = path: if path == [ "flake" ] then types.raw else null;
      };
      inherit (evaluation) complete config;
      transposed = attrNames (knownPart config.transposition);

      perSystem =
        name:
        let
          result = system.evalModules {
            modules = [ (perSystemCore { inherit self transposed perInput; name = name; }) ] ++ config.perSystem.modules;
            specialArgs.system = name;
            inherit complete;
          };
        in
        result
        // {
          everything = {
            inherit (result) config;
            inherit lib;
            system = name;
            options = unknown "the declarations of options are not modelled";
          }
          // result.config._module.args;
        };

      perInput =
        name: flake:
        lib.genAttrs transposed (
          attribute:
          flake.${attribute}.${name} or (throw "the flake has no attribute ${attribute}.${name}")
        )
        // {
          formatter = flake.formatter.${name};
        };
    in
    evaluation;

  core =
    { self, inputs, moduleLocation, perSystem }:
    { config, ... }:
    let
      withSystem = name: f: f (perSystem name).everything;
    in
    {
      _file = "flake-parts";
      options = {
        systems = mkOption { type = types.listOf types.str; };
        debug = mkOption {
          type = types.bool;
          default = false;
        };
        # All definitions of `perSystem`, and the modules in its declarations.
        perSystem = mkOption {
          type = types.raw // {
            name = "modules";
            modules = [ ];
          };
          apply = modules: {
            inherit modules;
            __functor = _: name: (perSystem name).config;
          };
        };
        allSystems = mkOption { type = anyAttrs; };
        transposition = mkOption { type = anyAttrs; };
        processedFlake = mkOption {
          type = types.raw;
          readOnly = true;
          default = config.flake;
        };
        perInput = mkOption { type = types.raw; };
        flake =
          sets perSystemNames (types.lazyAttrsOf types.raw)
          // sets [ "nixosConfigurations" "formatter" ] anyAttrs
          // {
            overlays = mkOption {
              type = anyAttrs;
              default = { };
            };
            nixosModules = mkOption {
              type = types.lazyAttrsOf types.deferredModule;
              default = { };
              apply = published "nixos" moduleLocation "nixosModules";
            };
          };
      };
      config = {
        _module.args = {
          inherit withSystem;
          getSystem = name: (perSystem name).config;
          getSystemIgnoreWarning = name: (perSystem name).config;
          extendModules = unknown "extendModules of flake-parts is not modelled";
          moduleWithSystem =
            module:
            { config, ... }:
            let
              name = config._module.args.pkgs.stdenv.hostPlatform.system;
              everything = (perSystem name).everything;
            in
            {
              imports = [ (module (mapAttrs (arg: _: everything.${arg}) (functionArgs module))) ];
            };
        };
        transposition = lib.genAttrs perSystemNames (_: { });
        allSystems =
          let
            known = lib.genAttrs (if isKnown config.systems then knownPart config.systems else [ ]) (name: (perSystem name).config);
          in
          if isWhole config.systems then known else unknown "not all systems are known" // known;
        flake =
          mapAttrs (attribute: _: mapAttrs (_: one: one.${attribute}) config.allSystems) config.transposition
          // {
            formatter =
              let
                all = mapAttrs (_: one: one.formatter) config.allSystems;
                values = builtins.attrValues (knownPart all);
              in
              if isWhole all && builtins.all isKnown values then
                lib.filterAttrs (_: value: value != null) all
              else
                unknown "whether there is a formatter";
          };
      };
    };

  perSystemCore =
    { self, transposed, perInput, name }:
    { inputs', ... }:
    {
      _file = "flake-parts";
      options =
        sets perSystemNames anyAttrs
        // {
          formatter = mkOption {
            type = types.nullOr types.raw;
            default = null;
          };
          debug = mkOption { type = types.raw; default = { }; };
        };
      config._module.args = {
        inputs' = mapAttrs (_: input: perInput name input) self.inputs;
        self' = perInput name self;
        pkgs = lib.mkOptionDefault inputs'.nixpkgs.legacyPackages;
      };
    };

  extras = {
    easyOverlay = {
      options.perSystem = flakePartsLib.mkPerSystemOption (
        { pkgs, ... }:
        {
          options.overlayAttrs = mkOption {
            type = anyAttrs;
            default = { };
          };
          config._module.args.final = lib.mkDefault pkgs;
        }
      );
      config.flake.overlays.default = _: _: unknown "the overlay is made by easyOverlay";
    };
    flakeModules =
      { moduleLocation, ... }:
      {
        options.flake.flakeModules = mkOption {
          type = types.lazyAttrsOf types.deferredModule;
          default = { };
          apply = mapAttrs (
            name: module:
            rec {
              _class = "flake";
              _file = "${toString moduleLocation}#flakeModules.${name}";
              key = _file;
              imports = [ module ];
            }
          );
        };
      };
    modules =
      { moduleLocation, ... }:
      {
        options.flake.modules = mkOption {
          type = types.lazyAttrsOf (types.lazyAttrsOf types.deferredModule);
          apply = mapAttrs (
            class: mapAttrs (
              name: module:
              if class == "generic" then
                module
              else
                { ... }: {
                  _class = class;
                  _file = "${toString moduleLocation}#modules.${class}.${name}";
                  imports = [ module ];
                }
            )
          );
        };
      };
    bundlers = flakePartsLib.mkTransposedPerSystemModule {
      name = "bundlers";
      option = mkOption {
        type = anyAttrs;
        default = { };
      };
      file = "flake-parts";
    };
    # What these change is taken as unknown where they are used.
    partitions =
      { config, ... }:
      {
        options.partitions = mkOption {
          type = anyAttrs;
          default = { };
        };
        options.partitionedAttrs = mkOption {
          type = anyAttrs;
          default = { };
        };
        config.flake = mapAttrs (name: _: lib.mkForce (unknown "`${name}' comes from a partition")) config.partitionedAttrs;
      };
    touchup =
      { ... }:
      {
        options.touchup = mkOption {
          type = anyAttrs;
          default = { };
        };
        config.processedFlake = unknown "touchup changes the outputs";
      };
  };
in
{
  lib = flakePartsLib;
  flakeModules = extras;
  modules.flake = extras;
}
