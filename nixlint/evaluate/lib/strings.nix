# Strings.
lib:
let
  inherit (builtins)
    concatStringsSep elem elemAt filter genList head isAttrs isList isPath isString length
    match replaceStrings split stringLength substring tail typeOf
    ;

  lower = lib.stringToCharacters "abcdefghijklmnopqrstuvwxyz";
  upper = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  printable = " " + ''!"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~'';
  codes =
    builtins.listToAttrs (
      genList (index: {
        name = substring index 1 printable;
        value = index + 32;
      }) (stringLength printable)
    )
    // {
      "\t" = 9;
      "\n" = 10;
      "\r" = 13;
    };
  unreserved = lib.stringToCharacters "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
  blank = "[ \t\r\n]*";

  # Text without context, as a pattern needs it.
  bare = builtins.unsafeDiscardStringContext;

  # Nothing here can be part of a path literal, which would be copied to the store.
  refusePath =
    name: value:
    lib.warnIf (isPath value) "lib.strings.${name}: an argument is a path; paths have no parts of strings";

  hex2 = code: lib.optionalString (code < 16) "0" + lib.toHexString code;

  option = yes: no: flag: if flag then yes else no;

  # Numbers with the blanks around them that toInt allows.
  intIn =
    name: text:
    let
      parts = match "[[:space:]]*(-?)(0*)([[:digit:]]+)[[:space:]]*" text;
    in
    if parts == null then throw "${name}: Could not convert ${escapeNixString text} to int." else parts;

  escapeNixString =
    value: replaceStrings [ "$" ] [ "\\$" ] (builtins.toJSON value);

  reserved = [ "assert" "else" "if" "in" "inherit" "let" "or" "rec" "then" "with" ];

  sharedPrefix =
    a: b:
    let
      limit = lib.min (stringLength a) (stringLength b);
      walk =
        index: if index < limit && substring index 1 a == substring index 1 b then walk (index + 1) else index;
    in
    walk 0;
  sharedSuffix =
    a: b:
    let
      sizeA = stringLength a;
      sizeB = stringLength b;
      limit = lib.min sizeA sizeB;
      walk =
        count:
        if count < limit && substring (sizeA - count - 1) 1 a == substring (sizeB - count - 1) 1 b then
          walk (count + 1)
        else
          count;
    in
    walk 0;
in
rec {
  inherit (builtins)
    compareVersions concatStringsSep elem elemAt filter fromJSON genList head isAttrs isInt isList
    isPath isString match parseDrvName readFile replaceStrings split storeDir stringLength
    substring tail toJSON typeOf unsafeDiscardStringContext
    ;
  inherit escapeNixString;

  join = concatStringsSep;
  concatStrings = concatStringsSep "";
  concatMapStrings = f: list: concatStrings (map f list);
  concatImapStrings = f: list: concatStrings (lib.imap1 f list);
  concatMapStringsSep = separator: f: list: concatStringsSep separator (map f list);
  concatImapStringsSep = separator: f: list: concatStringsSep separator (lib.imap1 f list);
  concatMapAttrsStringSep =
    separator: f: set: concatStringsSep separator (lib.mapAttrsToList f set);
  concatLines = concatMapStrings (line: line + "\n");

  intersperse =
    separator: list:
    if length list < 2 then
      list
    else
      [ (head list) ]
      ++ builtins.concatMap (value: [ separator value ]) (tail list);

  replaceString = from: to: replaceStrings [ from ] [ to ];
  replicate = count: text: concatStrings (lib.lists.replicate count text);

  trim = trimWith { start = true; end = true; };
  trimWith =
    { start ? false, end ? false }:
    text:
    let
      # A pattern that ends with an optional blank would keep it: the last character is none.
      body = "(.*[^ \t\r\n])";
      found = match "${blank}(.*)" (if isString text then text else toString text);
      front = if start then elemAt (split "^${blank}" text) 2 else text;
      back = match "${body}${blank}" front;
    in
    if found == null then
      text
    else if !end then
      front
    else if back == null then
      ""
    else
      head back;

  makeSearchPath =
    subDir: paths:
    concatStringsSep ":" (map (path: path + "/" + subDir) (filter (path: path != null) paths));
  makeSearchPathOutput =
    output: subDir: packages: makeSearchPath subDir (map (lib.getOutput output) packages);
  makeLibraryPath = makeSearchPathOutput "lib" "lib";
  makeIncludePath = makeSearchPathOutput "dev" "include";
  makeBinPath = makeSearchPathOutput "bin" "bin";

  normalizePath =
    text:
    concatStrings (map (part: if isList part then "/" else part) (split "/+" (refusePath "normalizePath" text (toString text))));

  optionalString = condition: text: if condition then text else "";

  hasPrefix =
    prefix: text:
    refusePath "hasPrefix" prefix (substring 0 (stringLength prefix) text == prefix);
  hasSuffix =
    suffix: text:
    let
      rest = stringLength text - stringLength suffix;
    in
    refusePath "hasSuffix" suffix (rest >= 0 && substring rest (-1) text == suffix);
  hasInfix =
    infix: text:
    refusePath "hasInfix" infix (length (split (escapeRegex (bare infix)) "${bare text}") > 1);

  stringToCharacters = text: genList (index: substring index 1 text) (stringLength text);
  stringAsChars = f: text: concatMapStrings f (stringToCharacters text);
  charToInt = char: codes.${char};

  escape = characters: replaceStrings characters (map (char: "\\" + char) characters);
  escapeC =
    characters:
    replaceStrings characters (map (char: "\\x${fixedWidthString 2 "0" (lib.toLower (lib.toHexString (charToInt char)))}") characters);
  escapeURL =
    let
      odd = filter (char: !(elem char unreserved)) (stringToCharacters printable ++ [ "\t" "\n" "\r" ]);
    in
    replaceStrings odd (map (char: "%" + hex2 codes.${char}) odd);
  escapeShellArg =
    value:
    let
      text = toString value;
    in
    if match "[[:alnum:],._+:@%/-]+" text == null then
      "'" + replaceString "'" "'\\''" text + "'"
    else
      text;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  isValidPosixName = name: match "[a-zA-Z_][a-zA-Z0-9_]*" name != null;

  toShellVar =
    name: value:
    let
      pair = key: one: "[${escapeShellArg key}]=${escapeShellArg one}";
    in
    lib.throwIfNot (isValidPosixName name) "toShellVar: ${name} is not a valid shell variable name" (
      if isAttrs value && !isStringLike value then
        "declare -A ${name}=(${concatStringsSep " " (lib.mapAttrsToList pair value)})"
      else if isList value then
        "declare -a ${name}=(${escapeShellArgs value})"
      else
        "${name}=${escapeShellArg value}"
    );
  toShellVars = vars: concatStringsSep "\n" (lib.mapAttrsToList toShellVar vars);

  escapeRegex = escape (stringToCharacters "\\[{()^$?*+|.");
  escapeNixIdentifier =
    name:
    if match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null && !(elem name reserved) then
      name
    else
      escapeNixString name;
  escapeXML =
    replaceStrings [ "\"" "'" "<" ">" "&" ] [ "&quot;" "&apos;" "&lt;" "&gt;" "&amp;" ];

  lowerChars = lower;
  upperChars = upper;
  toLower = replaceStrings upper lower;
  toUpper = replaceStrings lower upper;
  toSentenceCase =
    text:
    lib.throwIfNot (isString text) "toSentenceCase does only accepts string values, but got ${typeOf text}" (
      toUpper (substring 0 1 text) + toLower (substring 1 (-1) text)
    );
  # Words end at blanks, "-", "_" and before capitals.
  toCamelCase =
    text:
    let
      isSeparator = char: elem char [ "_" "-" " " ];
      startsWord = before: char: isSeparator char || (elem before lower && elem char upper);
      strip = replaceStrings [ "_" "-" " " ] [ "" "" "" ];
      words = map (word: lib.addContextFrom text (strip word)) (
        splitStringBy startsWord true text
      );
      nonEmpty = filter (word: word != "") words;
    in
    lib.throwIfNot (isString text) "toCamelCase does only accepts string values, but got ${typeOf text}" (
      if nonEmpty == [ ] then
        ""
      else
        toLower (head nonEmpty) + concatMapStrings toSentenceCase (tail nonEmpty)
    );

  appendContext = builtins.appendContext;
  addContextFrom = source: target: substring 0 0 source + target;

  splitString =
    separator: text:
    let
      parts = filter isString (split (escapeRegex (bare (toString separator))) (bare (toString text)));
    in
    map (addContextFrom text) parts;

  # `starts before char` says whether a new part begins at `char`.
  splitStringBy =
    starts: keep: text:
    let
      size = stringLength text;
      walk =
        index: from: parts:
        if index >= size then
          parts ++ [ (substring from (size - from) text) ]
        else if starts (if index > 0 then substring (index - 1) 1 text else "") (substring index 1 text) then
          walk (index + 1) (if keep then index else index + 1) (parts ++ [ (substring from (index - from) text) ])
        else
          walk (index + 1) from parts;
    in
    if size == 0 then [ "" ] else walk 0 0 [ ];

  removePrefix =
    prefix: text:
    refusePath "removePrefix" prefix (
      if hasPrefix prefix text then substring (stringLength prefix) (-1) text else text
    );
  removeSuffix =
    suffix: text:
    refusePath "removeSuffix" suffix (
      if hasSuffix suffix text then substring 0 (stringLength text - stringLength suffix) text else text
    );

  versionOlder = left: right: builtins.compareVersions left right < 0;
  versionAtLeast = left: right: builtins.compareVersions left right >= 0;
  getName =
    package: if isString package then (parseDrvName package).name else package.pname or (parseDrvName package.name).name;
  getVersion =
    package:
    if isString package then (parseDrvName package).version else package.version or (parseDrvName package.name).version;
  nameFromURL =
    url: separator:
    let
      file = lib.last (splitString "/" url);
      name = head (splitString separator file);
    in
    assert name != file;
    name;

  cmakeOptionType =
    type: feature: value:
    assert elem (toUpper type) [ "FILEPATH" "PATH" "STRING" "BOOL" "INTERNAL" ];
    assert isString feature;
    assert isString value;
    "-D${feature}:${toUpper type}=${value}";
  cmakeBool =
    feature: flag:
    assert isString feature;
    assert builtins.isBool flag;
    cmakeOptionType "bool" feature (option "TRUE" "FALSE" flag);
  cmakeFeature = cmakeOptionType "string";
  mesonOption =
    feature: value:
    assert isString feature;
    assert isString value;
    "-D${feature}=${value}";
  mesonBool =
    feature: flag:
    assert isString feature;
    assert builtins.isBool flag;
    mesonOption feature (lib.boolToString flag);
  mesonEnable =
    feature: flag:
    assert isString feature;
    assert builtins.isBool flag;
    mesonOption feature (option "enabled" "disabled" flag);
  enableFeature =
    flag: feature:
    assert isString feature;
    "--${option "enable" "disable" flag}-${feature}";
  enableFeatureAs =
    flag: feature: value: enableFeature flag feature + optionalString flag "=${value}";
  withFeature =
    flag: feature:
    assert isString feature;
    "--${option "with" "without" flag}-${feature}";
  withFeatureAs = flag: feature: value: withFeature flag feature + optionalString flag "=${value}";

  fixedWidthString =
    width: filler: text:
    let
      missing = width - stringLength text;
    in
    assert lib.assertMsg (missing >= 0) "fixedWidthString: requested string length (${toString width}) must not be shorter than actual length (${toString (stringLength text)})";
    replicate missing filler + text;
  fixedWidthNumber = width: number: fixedWidthString width "0" (toString number);
  floatToString =
    number:
    let
      text = toString number;
    in
    lib.warnIf (builtins.fromJSON text != number) "Imprecise conversion from float to string ${text}" text;

  isConvertibleWithToString =
    value:
    if isList value then
      builtins.all isConvertibleWithToString value
    else
      isStringLike value || value == null || builtins.isBool value || builtins.isInt value || builtins.isFloat value;
  isStringLike =
    value: isString value || isPath value || value ? outPath || value ? __toString;
  isStorePath =
    value:
    isStringLike value
    && (
      let
        text = toString value;
      in
      substring 0 1 text == "/"
      && dirOf text == builtins.storeDir
    );

  toInt =
    text:
    let
      parts = intIn "toInt" text;
      zeros = elemAt parts 1;
    in
    if zeros != "" then
      throw "toInt: Ambiguity in interpretation of ${escapeNixString text} between octal and zero padded integer."
    else
      builtins.fromJSON (head parts + elemAt parts 2);
  toIntBase10 =
    text:
    let
      parts = match "[[:space:]]*0*(-?[[:digit:]]+)[[:space:]]*" text;
    in
    if parts == null then
      throw "toIntBase10: Could not convert ${escapeNixString text} to int."
    else
      builtins.fromJSON (head parts);

  fileContents = path: removeSuffix "\n" (builtins.readFile path);

  sanitizeDerivationName =
    let
      allowed = match "[a-zA-Z0-9+_?=-][a-zA-Z0-9+._?=-]*";
    in
    name:
    let
      text = bare (toString name);
      # No dots in front; every run of characters that are not allowed becomes one dash.
      undotted = elemAt (match "[.]*(.*)" text) 0;
      dashed = concatStrings (map (part: if isList part then "-" else part) (split "[^a-zA-Z0-9+._?=-]+" undotted));
      # The store allows 211 characters in a name, and four are for ".drv".
      short = substring (lib.max (stringLength dashed - 207) 0) (-1) dashed;
    in
    if stringLength text <= 207 && allowed text != null then
      text
    else if short == "" then
      "unknown"
    else
      short;

  levenshtein =
    a: b:
    let
      sizeA = stringLength a;
      sizeB = stringLength b;
      # One row of the table after the other, each from the one before it.
      rows = builtins.foldl' (
        row: i:
        builtins.foldl' (
          done: j:
          let
            same = substring (i - 1) 1 a == substring (j - 1) 1 b;
            cost =
              if same then
                elemAt row (j - 1)
              else
                1 + lib.min (elemAt row (j - 1)) (lib.min (elemAt row j) (elemAt done (j - 1)));
          in
          builtins.seq cost (done ++ [ cost ])
        ) [ i ] (lib.range 1 sizeB)
      ) (genList (index: index) (sizeB + 1)) (lib.range 1 sizeA);
    in
    elemAt rows sizeB;
  levenshteinAtMost = limit: a: b: levenshtein a b <= limit;
  commonPrefixLength = sharedPrefix;
  commonSuffixLength = sharedSuffix;
}
