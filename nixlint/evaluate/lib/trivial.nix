# Small functions on any value. What depends on the release of nixpkgs (`version`, `release`,
# `codeName`, `versionSuffix`, `oldestSupportedRelease`, ...) is left out on purpose: unknown.
lib:
let
  hexDigits = [ "0" "1" "2" "3" "4" "5" "6" "7" "8" "9" "A" "B" "C" "D" "E" "F" ];
  same = x: x;
in
rec {
  inherit (builtins)
    add bitAnd bitOr bitXor ceil deepSeq div floor genericClosure isBool isFloat isInt lessThan
    mul pathExists readFile seq sub
    ;

  id = same;
  const = value: _: value;
  pipe = value: functions: builtins.foldl' (acc: f: f acc) value functions;
  concat = left: right: left ++ right;
  "or" = left: right: left || right;
  and = left: right: left && right;
  xor = left: right: (!left) != (!right);
  bitNot = number: -1 - number;
  boolToString = bool: if bool then "true" else "false";
  boolToYesNo = bool: if bool then "yes" else "no";
  mergeAttrs = left: right: left // right;
  flip = f: a: b: f b a;
  defaultTo = default: value: if value == null then default else value;
  mapNullable = f: value: if value == null then null else f value;

  inNixShell = builtins.getEnv "IN_NIX_SHELL" != "";
  inPureEvalMode = !(builtins ? currentSystem);

  min = a: b: if a < b then a else b;
  max = a: b: if b < a then a else b;
  mod = number: divisor: number - builtins.div number divisor * divisor;

  # -1, 0 or 1.
  compare = a: b: if a < b then -1 else if b < a then 1 else 0;

  splitByAndCompare =
    belongs: whenBoth: whenNeither: a: b:
    if belongs a then
      (if belongs b then whenBoth a b else -1)
    else if belongs b then
      1
    else
      whenNeither a b;

  importJSON = path: builtins.fromJSON (builtins.readFile path);
  importTOML = path: builtins.fromTOML (builtins.readFile path);

  warn =
    message:
    assert builtins.isString message;
    builtins.trace "evaluation warning: ${message}";
  warnIf = condition: message: if condition then warn message else same;
  warnIfNot = condition: message: if condition then same else warn message;
  throwIf = condition: message: if condition then throw message else same;
  throwIfNot = condition: message: if condition then same else throw message;
  info = message: builtins.trace "INFO: ${message}";
  showWarnings = warnings: result: lib.foldr warn result warnings;

  checkListOfEnum =
    message: valid: given:
    let
      wrong = lib.subtractLists valid given;
      show = values: builtins.concatStringsSep ", " (map toString values);
    in
    throwIf (wrong != [ ]) "${message}: ${show wrong} unexpected; valid ones: ${show valid}";

  setFunctionArgs = f: args: {
    __functor = _: f;
    __functionArgs = args;
  };

  functionArgs =
    f:
    if f ? __functor then
      f.__functionArgs or (builtins.functionArgs (f.__functor f))
    else
      builtins.functionArgs f;

  isFunction = f: builtins.isFunction f || (f ? __functor && isFunction (f.__functor f));

  mirrorFunctionArgs =
    model:
    let
      args = functionArgs model;
    in
    f: setFunctionArgs f args;

  toFunction = value: if isFunction value then value else _: value;

  fromHexString =
    text:
    let
      digits = lib.removePrefix "0x" (lib.toLower text);
    in
    (builtins.fromTOML "number = 0x${digits}").number;

  toHexString = number: lib.concatMapStrings (builtins.elemAt hexDigits) (toBaseDigits 16 number);

  # Most significant digit first.
  toBaseDigits =
    base: number:
    let
      digits =
        rest: acc:
        if rest < base then
          [ rest ] ++ acc
        else
          digits (rest / base) ([ (mod rest base) ] ++ acc);
    in
    assert builtins.isInt base && builtins.isInt number;
    assert base >= 2 && number >= 0;
    digits number [ ];
}
