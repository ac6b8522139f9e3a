# Texts in the formats of configuration files.
lib:
let
  inherit (builtins)
    attrNames concatStringsSep isAttrs isBool isFloat isFunction isInt isList isPath isString
    typeOf
    ;
  inherit (lib) concatMapStrings mapAttrsToList optionalString;

  # A value that says itself how it is printed.
  isPretty = value: isAttrs value && value ? __pretty && value ? val;

  luaName = name: builtins.match "[A-Za-z_][A-Za-z0-9_]*" name != null && !(builtins.elem name luaWords);
  luaWords = [
    "and" "break" "do" "else" "elseif" "end" "false" "for" "function" "if" "in" "local" "nil" "not"
    "or" "repeat" "return" "then" "true" "until" "while"
  ];

  # Nested sets as [path, value] pairs: git writes `section "sub.section"`.
  gitLeaves =
    path: value:
    if isAttrs value && !(lib.isDerivation value) then
      builtins.concatLists (mapAttrsToList (name: gitLeaves ([ name ] ++ path)) value)
    else if builtins.length path > 1 then
      [ { inherit path value; } ]
    else
      [ { inherit path value; } ];
in
rec {
  mkValueStringDefault =
    _:
    value:
    let
      refuse = what: abort "generators.mkValueStringDefault: ${what} not supported: ${toPretty { } value}";
    in
    if isInt value then
      toString value
    else if lib.isDerivation value then
      toString value
    else if isString value then
      value
    else if isBool value then
      lib.boolToString value
    else if value == null then
      "null"
    else if isList value then
      refuse "lists"
    else if isAttrs value then
      refuse "attrsets"
    else if isFunction value then
      refuse "functions"
    else if isFloat value then
      lib.strings.floatToString value
    else
      refuse "this value is";

  mkKeyValueDefault =
    { mkValueString ? mkValueStringDefault { } }:
    separator: key: value:
    "${lib.escape [ separator ] key}${separator}${mkValueString value}";

  toKeyValue =
    {
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
      indent ? "",
    }:
    let
      line = key: value: indent + mkKeyValue key value + "\n";
      lines =
        key: value: map (line key) (if listsAsDuplicateKeys then lib.toList value else [ value ]);
    in
    set: lib.concatStrings (builtins.concatLists (mapAttrsToList lines set));

  toINI =
    {
      mkSectionName ? (name: lib.escape [ "[" "]" ] name),
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }:
    sections:
    lib.concatMapAttrsStringSep "\n" (
      name: keys: "[${mkSectionName name}]\n" + toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } keys
    ) sections;

  toINIWithGlobalSection =
    {
      mkSectionName ? (name: lib.escape [ "[" "]" ] name),
      mkKeyValue ? mkKeyValueDefault { } "=",
      listsAsDuplicateKeys ? false,
    }@options:
    {
      globalSection,
      sections ? { },
    }:
    optionalString (globalSection != { }) (
      toKeyValue { inherit mkKeyValue listsAsDuplicateKeys; } globalSection + "\n"
    )
    + toINI options sections;

  toGitINI =
    set:
    let
      section =
        name:
        let
          split = lib.splitString "." name;
          rest = concatStringsSep "." (builtins.tail split);
        in
        if builtins.tail split == [ ] then builtins.head split else "${builtins.head split} \"${rest}\"";
      text =
        value:
        let
          escaped = builtins.replaceStrings [ "\n" "\\" "\"" ] [ "\\n" "\\\\" "\\\"" ] value;
        in
        ''"${escaped}"'';
      string = value: if isString value then text value else mkValueStringDefault { } value;
      line = key: value: if isList value then lib.concatMapStringsSep "\n" (line key) value else "\t${key} = ${string value}";
      leaves = gitLeaves [ ] set;
      place =
        leaf:
        if builtins.length leaf.path > 1 then
          { ${concatStringsSep "." (lib.reverseList (builtins.tail leaf.path))}.${builtins.head leaf.path} = leaf.value; }
        else
          { ${builtins.head leaf.path} = leaf.value; };
    in
    toINI {
      mkSectionName = section;
      mkKeyValue = line;
    } (builtins.foldl' lib.recursiveUpdate { } (map place leaves));

  mkDconfKeyValue = mkKeyValueDefault {
    mkValueString = value: toString (lib.gvariant.mkValue value);
  } "=";
  toDconfINI = toINI { mkKeyValue = mkDconfKeyValue; };

  # Below the depth values are cut off, or the evaluation fails.
  withRecursion =
    {
      depthLimit,
      throwOnDepthLimit ? true,
    }:
    let
      special = [ "__functor" "__functionArgs" "__toString" "__pretty" "override" "__pretty" ];
      transform =
        depth: name:
        if depthLimit != null && depth > depthLimit then
          (if throwOnDepthLimit then throw "Exceeded maximum eval-depth limit of ${toString depthLimit} while trying to evaluate with `generators.withRecursion'!" else _: "<unevaluated>")
        else
          step depth name;
      step =
        depth: name: value:
        let
          inner = transform (depth + 1);
          pretty = isPretty value;
        in
        if builtins.elem name special then
          value
        else if pretty then
          value
        else if isAttrs value then
          builtins.mapAttrs inner value
        else if isList value then
          map (inner "") value
        else
          value;
    in
    assert isInt depthLimit;
    step 0 "";

  toPretty =
    {
      allowPrettyValues ? false,
      multiline ? true,
      indent ? "",
    }:
    let
      print =
        indent: value:
        let
          break = if multiline then "\n${indent}  " else " ";
          close = if multiline then "\n${indent}" else " ";
          inner = print (indent + "  ");
          arguments = lib.functionArgs value;
          named = mapAttrsToList (name: optional: if optional then name + "?" else name) arguments;
          stringLines = lib.splitString "\n" value;
          quoted = lib.replaceStrings [ "\"" "\\" "\${" ] [ "\\\"" "\\\\" "\\\${" ];
          indented = lib.replaceStrings [ "\${" "''" ] [ "''\${" "'''" ];
          attribute = name: field: "${lib.strings.escapeNixIdentifier name} = ${builtins.addErrorContext "while evaluating an attribute `${name}`" (inner field)};";
        in
        if isInt value then
          toString value
        else if isFloat value then
          builtins.toJSON value
        else if isString value then
          if builtins.length stringLines < 2 || !multiline then
            ''"${lib.replaceStrings [ "\n" ] [ "\\n" ] (quoted value)}"''
          else
            let
              escaped = map indented stringLines;
              last = lib.last escaped;
              body = if last == "" then lib.init escaped else escaped;
            in
            "''" + break + concatStringsSep break body + (if last == "" then close else "") + "''"
        else if value == true then
          "true"
        else if value == false then
          "false"
        else if value == null then
          "null"
        else if isPath value then
          toString value
        else if isList value then
          (if value == [ ] then "[ ]" else "[" + break + lib.concatMapStringsSep break inner value + close + "]")
        else if lib.isFunction value then
          (if arguments == { } then "<function>" else "<function, args: {${concatStringsSep ", " named}}>")
        else if isAttrs value then
          if allowPrettyValues && isPretty value then
            value.__pretty value.val
          else if value == { } then
            "{ }"
          else if lib.isDerivation value then
            "<derivation ${value.name or "???"}>"
          else
            "{" + break + concatStringsSep break (mapAttrsToList attribute value) + close + "}"
        else
          abort "generators.toPretty: should never happen (v = ${toString value})";
    in
    print indent;

  toPlist =
    { escape ? false }:
    value:
    let
      text = if escape then lib.escapeXML else (one: one);
      print =
        indent: one:
        let
          deeper = "\t${indent}";
        in
        if one == null then
          ""
        else if isBool one then
          indent + (if one then "<true/>" else "<false/>")
        else if isInt one then
          "${indent}<integer>${toString one}</integer>"
        else if isString one then
          "${indent}<string>${text one}</string>"
        else if isList one then
          concatStringsSep "\n" [ "${indent}<array>" (lib.concatMapStringsSep "\n" (print deeper) one) "${indent}</array>" ]
        else if isAttrs one then
          concatStringsSep "\n" [ "${indent}<dict>" (dictionary deeper one) "${indent}</dict>" ]
        else if isPath one then
          "${indent}<string>${text (toString one)}</string>"
        else if isFloat one then
          "${indent}<real>${lib.strings.floatToString one}</real>"
        else
          abort "generators.toPlist: should never happen (v = ${typeOf one})";
      dictionary =
        indent: set:
        concatStringsSep "\n" (
          lib.flatten (
            mapAttrsToList (
              name: one:
              lib.optional (one != null) [
                "${indent}<key>${text name}</key>"
                (print indent one)
              ]
            ) set
          )
        );
    in
    ''
      <?xml version="1.0" encoding="UTF-8"?>
      <!DOCTYPE plist PUBLIC "-//Apple Computer//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
      <plist version="1.0">
      ${print "" value}
      </plist>'';

  toDhall =
    options: value:
    let
      inner = toDhall options;
    in
    if isAttrs value then
      "{ ${concatStringsSep ", " (mapAttrsToList (name: one: "${name} = ${inner one}") value)} }"
    else if isList value then
      "[ ${lib.concatMapStringsSep ", " inner value} ]"
    else if isInt value then
      (if value < 0 then "" else "+") + toString value
    else if isBool value then
      (if value then "True" else "False")
    else if isFunction value then
      abort "generators.toDhall: cannot convert a function to Dhall"
    else if value == null then
      abort "generators.toDhall: cannot convert a null to Dhall"
    else
      builtins.toJSON value;

  toLua =
    {
      multiline ? true,
      indent ? "",
      asBindings ? false,
    }@options:
    value:
    let
      deeper = "${indent}  ";
      nested = options // { indent = if asBindings then indent else deeper; asBindings = false; };
      separator = if multiline then ",\n${deeper}" else ", ";
      begin = if multiline then "\n${deeper}" else " ";
      end = if multiline then "\n${indent}" else " ";
      items = list: lib.concatMapStringsSep separator (toLua nested) list;
      binding = name: one: "${indent}${name} = ${toLua nested one}${if multiline then "\n" else " "}";
      isInline = one: (one._type or null) == "lua-inline";
    in
    if asBindings then
      let
        bad = builtins.filter (name: !(luaName name)) (attrNames value);
      in
      if bad != [ ] then
        throw "generators.toLua: Invalid variable name(s) in asBindings: ${concatStringsSep ", " bad}"
      else
        lib.concatStrings (mapAttrsToList binding value)
    else if value == null then
      "nil"
    else if isInt value || isFloat value || isString value || isBool value then
      builtins.toJSON value
    else if isPath value || lib.isDerivation value then
      builtins.toJSON "${value}"
    else if isList value then
      (if value == [ ] then "{}" else "{${begin}${items value}${end}}")
    else if isAttrs value then
      if isInline value then
        "(${value.expr})"
      else if value == { } then
        "{}"
      else
        "{${begin}${concatStringsSep separator (mapAttrsToList (name: one: "[${builtins.toJSON name}] = ${toLua nested one}") value)}${end}}"
    else
      abort "generators.toLua: type ${typeOf value} is unsupported";
  mkLuaInline = expr: {
    _type = "lua-inline";
    inherit expr;
  };

  toJSON = { }: builtins.toJSON;
  toYAML = toJSON;
}
