# Declarations of options, and how their definitions merge when the type does not say.
lib:
let
  inherit (builtins) all concatMap head isAttrs isBool isList isString length map tail;

  literal = text: {
    _type = "literalExpression";
    inherit text;
  };

  unknownModule = "<unknown-file>";

  values = map (def: def.value);
  files = map (def: def.file);
  show = option: "`${showOption option}'";

  # Parts that documentation writes with < > or * stay as they are.
  showOption =
    parts:
    builtins.concatStringsSep "." (
      map (
        part:
        if builtins.match "[*]|<.*>" part != null then
          part
        else
          lib.strings.escapeNixIdentifier part
      ) parts
    );

  showDefs =
    defs:
    lib.concatMapStrings (
      def:
      let
        pretty = lib.generators.toPretty { } (lib.generators.withRecursion { depthLimit = 10; throwOnDepthLimit = false; } def.value);
        tried = builtins.tryEval pretty;
        lines = lib.splitString "\n" tried.value;
        few = if length lines > 5 then lib.take 5 lines ++ [ "..." ] else lines;
      in
      "\n- In `${def.file}'" + lib.optionalString tried.success ": ${builtins.concatStringsSep "\n    " few}"
    ) defs;

  unique =
    { message ? "" }:
    loc: defs:
    if length defs == 1 then
      (head defs).value
    else if defs == [ ] then
      throw "This case should never happen."
    else
      throw "The option ${show loc} is defined multiple times while it's expected to be unique.\n${message}\nDefinition values:${showDefs defs}";
in
rec {
  inherit showDefs showOption unknownModule;

  isOption = lib.isType "option";
  mkOption =
    {
      default ? null,
      defaultText ? null,
      example ? null,
      description ? null,
      relatedPackages ? null,
      type ? null,
      apply ? null,
      internal ? null,
      visible ? null,
      readOnly ? null,
    }@fields:
    fields // { _type = "option"; };

  mkEnableOption =
    name:
    mkOption {
      default = false;
      example = true;
      description = "Whether to enable ${name}.";
      type = lib.types.bool;
    };

  mkPackageOption =
    pkgs: name:
    {
      nullable ? false,
      default ? name,
      example ? null,
      extraDescription ? "",
      pkgsText ? "pkgs",
    }:
    let
      path = lib.toList name;
      defaultPath = lib.toList default;
      title = builtins.concatStringsSep "." path;
      missing = throw "${builtins.concatStringsSep "." defaultPath} cannot be found in ${pkgsText}";
    in
    mkOption (
      {
        description = "The ${title} package to use." + lib.optionalString (extraDescription != "") " ${extraDescription}";
        type = (if nullable then lib.types.nullOr else (type: type)) lib.types.package;
      }
      // lib.optionalAttrs (default != null) {
        default = lib.attrByPath defaultPath missing pkgs;
        defaultText = literal (lib.showAttrPath ([ pkgsText ] ++ defaultPath));
      }
      // lib.optionalAttrs (nullable && default == null) { default = null; }
      // lib.optionalAttrs (example != null) {
        example =
          if isList example then literal (lib.showAttrPath ([ pkgsText ] ++ example)) else literal example;
      }
    );

  mkSinkUndeclaredOptions =
    fields:
    mkOption (
      {
        internal = true;
        visible = false;
        default = false;
        description = "Sink for option definitions.";
        type = lib.mkOptionType {
          name = "sink";
          check = _: true;
          merge = _: _: false;
        };
        apply = _: throw "Option value is not readable because the option is not declared.";
      }
      // fields
    );

  mergeDefaultOption =
    loc: defs:
    let
      list = values defs;
      function = lib.isFunction;
    in
    if length list == 1 then
      head list
    else if all function list then
      # As the original: the results are taken for definitions, so this fails when it is called.
      argument: mergeDefaultOption loc (map (f: f argument) list)
    else if all isList list then
      builtins.concatLists list
    else if all isAttrs list then
      builtins.foldl' (left: right: left // right) { } list
    else if all isBool list then
      builtins.any (one: one) list
    else if all isString list then
      lib.concatStrings list
    else if all builtins.isInt list && all (one: one == head list) list then
      head list
    else
      throw "Cannot merge definitions of ${show loc}. Definition values:${showDefs defs}";
  mergeOneOption = unique { };
  mergeUniqueOption =
    {
      message,
      merge ? null,
    }:
    if merge == null then
      unique { inherit message; }
    else
      loc: defs: if length defs == 1 then merge loc defs else unique { inherit message; } loc defs;
  mergeEqualOption =
    loc: defs:
    if defs == [ ] then
      abort "This case should never happen."
    else if length defs == 1 then
      (head defs).value
    else
      (builtins.foldl' (
        first: def:
        if def.value != first.value then
          throw "The option ${show loc} has conflicting definition values:${showDefs [ first def ]}\nUse `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these definitions."
        else
          first
      ) (head defs) (tail defs)).value;

  getValues = values;
  getFiles = files;

  # What the manual of a set of options lists, one entry per option.
  optionAttrSetToDocList = optionAttrSetToDocList' [ ];
  optionAttrSetToDocList' =
    _: options:
    concatMap (
      option:
      let
        name = showOption option.loc;
        doc =
          {
            inherit (option) loc;
            inherit name;
            description = option.description or null;
            declarations = builtins.filter (file: file != unknownModule) option.declarations;
            internal = option.internal or false;
            visible = if isBool (option.visible or true) then option.visible or true else option.visible == "shallow";
            readOnly = option.readOnly or false;
            type = option.type.description or "unspecified";
          }
          // lib.optionalAttrs (option ? example) {
            example = builtins.addErrorContext "while evaluating the example of option `${name}`" (renderOptionValue option.example);
          }
          // lib.optionalAttrs (option ? defaultText || option ? default) {
            default = renderOptionValue (option.defaultText or option.default);
          }
          // lib.optionalAttrs (option ? relatedPackages && option.relatedPackages != null) {
            inherit (option) relatedPackages;
          };
        below = option.type.getSubOptions option.loc;
        nested = below != { } && (option.visible or true) == true;
      in
      [ doc ] ++ lib.optionals nested (optionAttrSetToDocList' option.loc below)
    ) (lib.collect isOption options);

  scrubOptionValue =
    value:
    if lib.isDerivation value then
      {
        type = "derivation";
        drvPath = value.name;
        outPath = value.name;
        inherit (value) name;
      }
    else if isList value then
      map scrubOptionValue value
    else if isAttrs value then
      builtins.mapAttrs (_: scrubOptionValue) (removeAttrs value [ "_args" ])
    else
      value;
  renderOptionValue =
    value:
    if value ? _type && value ? text then
      value
    else
      literal (lib.generators.toPretty { multiline = true; allowPrettyValues = true; } value);

  literalExpression =
    text: if isString text then literal text else throw "literalExpression expects a string.";
  literalCode =
    language: text:
    lib.warn "literalCode is deprecated, use literalExpression or literalMD instead" (
      literalMD "```${language}\n${text}\n```\n"
    );
  literalMD =
    text:
    if isString text then
      {
        _type = "literalMD";
        inherit text;
      }
    else
      throw "literalMD expects a string.";

  showFiles = names: builtins.concatStringsSep " and " (map (name: "`${name}'") names);
  showOptionWithDefLocs =
    option: "${showOption option.loc}, with values defined in:\n${lib.concatMapStringsSep "\n" (file: "  - ${file}") option.files}\n";
}
