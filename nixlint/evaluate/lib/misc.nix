# Old functions that nobody should start to use.
lib:
let
  inherit (builtins) any head isAttrs isInt isList length tail;

  dependencies =
    package: (package.propagatedBuildInputs or [ ]) ++ (package.propagatedNativeBuildInputs or [ ]);

  closure =
    packages:
    map (one: one.value) (
      builtins.genericClosure {
        startSet = map (value: { key = value.outPath; inherit value; }) (builtins.filter (one: one != null) packages);
        operator = one: map (value: { key = value.outPath; inherit value; }) (builtins.filter (value: value != null) (dependencies one.value));
      }
    );
in
rec {
  fakeHash = "sha256-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
  fakeSha256 = lib.strings.replicate 64 "0";
  fakeSha512 = lib.strings.replicate 128 "0";

  maybeEnv =
    name: default:
    let
      value = builtins.getEnv name;
    in
    if value == "" then default else value;

  defaultMergeArg = left: right: if isAttrs right then right else if isAttrs left then left else right;
  defaultMerge = left: right: left // right;

  maybeAttr = name: default: set: set.${name} or default;
  maybeAttrNullable = name: default: set: if set == null then default else set.${name} or default;
  ifEnable =
    condition: value:
    if condition then value else if isList value then [ ] else if isAttrs value then { } else null;
  condConcat =
    name: list: checker:
    let
      first = head list;
      rest = tail list;
    in
    if list == [ ] then
      name
    else if checker first then
      condConcat (name + head rest) (tail rest) checker
    else
      condConcat name (tail rest) checker;

  # What is in `acc` already does not come back.
  uniqList =
    { inputList, acc ? [ ] }: lib.drop (length acc) (uniqListExt { inherit inputList; outputList = acc; });
  uniqListExt =
    {
      inputList,
      outputList ? [ ],
      getter ? (value: value),
      compare ? (left: right: left == right),
    }:
    builtins.foldl' (
      kept: value: if any (one: compare (getter one) (getter value)) kept then kept else kept ++ [ value ]
    ) outputList inputList;

  nvs = name: value: builtins.listToAttrs [ (lib.nameValuePair name value) ];
  setAttr = set: name: value: set // { ${name} = value; };
  setAttrMerge = name: default: set: f: setAttr set name (f (set.${name} or default));

  closePropagation = closure;
  closePropagationFast = closure;

  nixType =
    value:
    if isAttrs value then
      (if value ? outPath then "derivation" else "attrs")
    else if lib.isFunction value then
      "function"
    else if isList value then
      "list"
    else if value == true then
      "bool"
    else if value == false then
      "bool"
    else if value == null then
      "null"
    else if isInt value then
      "int"
    else
      "string";

  imap = lib.imap1;
}
