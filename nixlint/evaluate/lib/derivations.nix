# Derivations.
lib: {
  addDrvOutputDependencies = builtins.addDrvOutputDependencies;
  inherit (builtins) unsafeDiscardOutputDependency;

  lazyDerivation =
    {
      derivation,
      meta ? null,
      passthru ? { },
      outputs ? [ "out" ],
    }@args:
    let
      checked =
        if (derivation.type or null) != "derivation" then
          throw "lazyDerivation: input must be a derivation."
        else if derivation.outputs != outputs then
          throw "lib.lazyDerivation: The derivation ${derivation.name or "<unknown>"} has outputs that don't match the assumed outputs."
        else
          derivation;
    in
    {
      type = "derivation";
      inherit (checked) outPath outputName drvPath name system;
      inherit outputs;
      meta = args.meta or checked.meta;
    }
    // lib.genAttrs outputs (name: checked.${name})
    // passthru;

  optionalDrvAttr = condition: value: if condition then value else null;

  warnOnInstantiate =
    message: package:
    let
      loud = removeAttrs package [ "meta" "name" "type" "outputName" ];
    in
    package // builtins.mapAttrs (_: lib.warn message) loud;
}
