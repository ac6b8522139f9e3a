# Command lines from sets.
lib:
let
  inherit (builtins) concatMap isAttrs isBool isList stringLength typeOf;

  gnu =
    {
      isLong ? (name: stringLength name > 1),
      explicitBool ? false,
      formatArg ? lib.generators.mkValueStringDefault { },
    }:
    name:
    let
      long = isLong name;
    in
    {
      option = if long then "--${name}" else "-${name}";
      sep = if long then "=" else "";
      inherit explicitBool formatArg;
    };

  line =
    format: settings:
    let
      each =
        name: value:
        let
          how = format name;
          inherit (how) option sep explicitBool;
          print = how.formatArg or (lib.generators.mkValueStringDefault { });
          one =
            item:
            if item == null || (!explicitBool && item == false) then
              [ ]
            else if !explicitBool && item == true then
              [ option ]
            else if sep != null then
              [ (option + sep + print item) ]
            else
              [ option (print item) ];
        in
        if isList value then concatMap one value else one value;
    in
    builtins.concatLists (lib.mapAttrsToList each settings);

  classic =
    {
      mkOptionName ? (name: if stringLength name == 1 then "-${name}" else "--${name}"),
      mkBool ? (name: value: lib.optional value (mkOptionName name)),
      mkList ? (name: values: concatMap (mkOption name) values),
      mkOption ? (
        name: value:
        if value == null then
          [ ]
        else if optionValueSeparator == null then
          [ (mkOptionName name) (lib.generators.mkValueStringDefault { } value) ]
        else
          [ "${mkOptionName name}${optionValueSeparator}${lib.generators.mkValueStringDefault { } value}" ]
      ),
      optionValueSeparator ? null,
    }:
    settings:
    builtins.concatLists (
      lib.mapAttrsToList (
        name: value:
        if isBool value then
          mkBool name value
        else if isList value then
          mkList name value
        else
          mkOption name value
      ) settings
    );
in
{
  toCommandLine = line;
  toCommandLineShell = format: settings: lib.escapeShellArgs (line format settings);
  toCommandLineGNU = options: line (gnu options);
  toCommandLineShellGNU = options: settings: lib.escapeShellArgs (line (gnu options) settings);
  toGNUCommandLine = classic;
  toGNUCommandLineShell = options: settings: lib.escapeShellArgs (classic options settings);
}
