# Functions whose arguments can be changed afterwards, and scopes of packages.
lib:
let
  inherit (builtins) attrNames intersectAttrs isAttrs mapAttrs;

  indexes = [ "buildBuild" "buildHost" "buildTarget" "hostHost" "hostTarget" "targetTarget" ];
  capital = name: lib.toUpper (builtins.substring 0 1 name) + builtins.substring 1 (-1) name;

  callable = f: if lib.isFunction f then f else import f;

  # Arguments that no set gives, although the function needs them.
  missingOf =
    f: given: attrNames (lib.filterAttrs (name: optional: !optional && !(given ? ${name})) (lib.functionArgs f));

  makeOverridable =
    f:
    let
      mirror = lib.mirrorFunctionArgs f;
      call =
        old:
        let
          result = f old;
          merged = new: old // (if lib.isFunction new then new old else new);
          again = mirror (new: makeOverridable f (merged new));
          onResult = g: makeOverridable (mirror (args: g (f args))) old;
        in
        if isAttrs result then
          result
          // {
            override = again;
            overrideDerivation = g: onResult (package: lib.overrideDerivation package g);
          }
          // lib.optionalAttrs (result ? overrideAttrs) {
            overrideAttrs = change: onResult (package: package.overrideAttrs change);
          }
        else if lib.isFunction result then
          lib.setFunctionArgs result (lib.functionArgs result) // { override = again; }
        else
          result;
    in
    mirror call;

in
rec {
  inherit makeOverridable;

  overrideDerivation =
    package: f:
    let
      changed = derivation (package.drvAttrs // f package);
      extra =
        { inherit (package) meta passthru; }
        // lib.optionalAttrs (package ? __spliced) { __spliced = { } // mapAttrs (_: one: overrideDerivation one f) package.__spliced; };
    in
    lib.flip (extendDerivation (builtins.seq changed.drvPath true)) changed (
      lib.optionalAttrs (package ? meta) { inherit (extra) meta; }
      // lib.optionalAttrs (package ? passthru) { inherit (package) passthru; }
    );

  callPackageWith =
    auto: f: args:
    let
      function = callable f;
      given = intersectAttrs (lib.functionArgs function) auto // args;
      missing = missingOf function given;
    in
    if missing == [ ] then
      makeOverridable function given
    else
      abort "lib.customisation.callPackageWith: Function called without required argument \"${builtins.head missing}\"";

  callPackagesWith =
    auto: f: args:
    let
      function = callable f;
      given = intersectAttrs (lib.functionArgs function) auto // args;
      packages = function given;
      one = name: makeOverridable (lib.mirrorFunctionArgs function (new: (function new).${name})) given;
    in
    if lib.isDerivation packages then
      throw "function `callPackages` was called on a *single* derivation; did you mean to use `callPackage` instead?"
    else
      mapAttrs (name: _: one name) packages;

  extendDerivation =
    condition: extra: package:
    let
      outputs = package.outputs or [ "out" ];
      common = package // builtins.listToAttrs list // { all = map (one: one.value) list; } // extra;
      list = map (name: {
        inherit name;
        value =
          common
          // {
            inherit (package.${name}) type outputName;
            outputSpecified = true;
            drvPath =
              assert condition;
              package.${name}.drvPath;
            outPath =
              assert condition;
              package.${name}.outPath;
          }
          // lib.optionalAttrs (extra ? overrideAttrs) {
            overrideAttrs = change: (extra.overrideAttrs change).${name};
          };
      }) outputs;
    in
    common
    // {
      drvPath =
        assert condition;
        package.drvPath;
      outPath =
        assert condition;
        package.outPath;
    };

  hydraJob =
    package:
    let
      names = package.outputs or [ "out" ];
      common =
        {
          inherit (package) name system meta;
          outputs = names;
        }
        // lib.optionalAttrs (package._hydraAggregate or false) {
          _hydraAggregate = true;
          constituents = map hydraJob (lib.flatten package.constituents);
        }
        // lib.genAttrs names output;
      output =
        outputName:
        common
        // {
          inherit (package.${outputName}) outPath drvPath;
          type = "derivation";
          inherit outputName;
        };
      first = output (builtins.head names);
    in
    if package == null then null else builtins.deepSeq first first;

  makeScope =
    newScope: f:
    let
      self = f self // {
        newScope = scope: newScope (self // scope);
        callPackage = self.newScope { };
        overrideScope = overlay: makeScope newScope (lib.extends overlay f);
        packages = f;
      };
    in
    self;
  makeScopeWithSplicing =
    splicePackages: newScope: otherSplices: keep: extra: f:
    makeScopeWithSplicing' { inherit splicePackages newScope; } { inherit otherSplices keep extra f; };
  makeScopeWithSplicing' =
    { splicePackages, newScope }:
    {
      otherSplices,
      keep ? (_: { }),
      extra ? (_: { }),
      f,
    }@fields:
    let
      spliced =
        extra (splicePackages (renameCrossIndexTo "pkgs" (renameCrossIndexFrom "self" otherSplices) // { pkgsHostTarget = self; }))
        // keep self;
      self = f self // {
        newScope = scope: newScope (spliced // scope);
        callPackage = newScope spliced;
        overrideScope =
          overlay: makeScopeWithSplicing' { inherit splicePackages newScope; } (fields // { f = lib.extends overlay f; });
        packages = f;
      };
    in
    self;

  # Argument names of both functions; what the caller gives may be a function of the result.
  extendMkDerivation =
    {
      constructDrv,
      excludeDrvArgNames ? [ ],
      excludeFunctionArgNames ? [ ],
      extendDrvArgs,
      inheritFunctionArgs ? true,
      transformDrv ? (package: package),
    }:
    lib.setFunctionArgs
      (
        given:
        transformDrv (
          constructDrv (
            final:
            let
              prev = lib.toFunction given final;
            in
            removeAttrs prev excludeDrvArgNames // extendDrvArgs final prev
          )
        )
      )
      (
        removeAttrs (
          lib.optionalAttrs inheritFunctionArgs (removeAttrs (lib.functionArgs constructDrv) excludeDrvArgNames)
          // lib.functionArgs (extendDrvArgs { })
        ) excludeFunctionArgNames
      );

  renameCrossIndexFrom = prefix: set: lib.genAttrs indexes (name: set.${prefix + capital name});
  renameCrossIndexTo =
    prefix: set:
    builtins.listToAttrs (map (name: { name = prefix + capital name; value = set.${name}; }) indexes);
  mapCrossIndex = f: set: lib.genAttrs indexes (name: f set.${name});
}
