# Values of GVariant, as dconf stores them.
lib:
let
  inherit (builtins) concatStringsSep head isAttrs isBool isFloat isInt isList isString typeOf;

  make = type: value: {
    _type = "gvariant";
    inherit type value;
    __toString = self: "@${self.type} ${toString self.value}";
  };
  withText = print: one: one // { __toString = print; };

  names = {
    arrayOf = type: "a${type}";
    maybeOf = type: "m${type}";
    tupleOf = types: "(${lib.concatStrings types})";
    dictionaryEntryOf = types: "{${lib.concatStrings types}}";
    string = "s";
    boolean = "b";
    uchar = "y";
    int16 = "n";
    uint16 = "q";
    int32 = "i";
    uint32 = "u";
    int64 = "x";
    uint64 = "t";
    double = "d";
    variant = "v";
  };

  number = type: value: withText (self: if self.type == names.int32 then toString self.value else "@${self.type} ${toString self.value}") (make type value);
  quote = builtins.replaceStrings [ "\\" "\n" "'" ] [ "\\\\" "\\n" "\\'" ];
in
rec {
  type = names;
  isGVariant = value: (value._type or null) == "gvariant";

  intConstructors =
    let
      entry = min: max: name: constructor: { inherit name constructor min max; type = names.${lib.toLower (lib.removePrefix "mk" name)}; };
    in
    [
      (entry (-2147483648) 2147483647 "mkInt32" mkInt32)
      (entry 0 4294967295 "mkUint32" mkUint32)
      (entry (-9223372036854775807 - 1) 9223372036854775807 "mkInt64" mkInt64)
      (entry 0 null "mkUint64" mkUint64)
      (entry (-32768) 32767 "mkInt16" mkInt16)
      (entry 0 65535 "mkUint16" mkUint16)
      (entry 0 255 "mkUchar" mkUchar)
    ];

  mkValue =
    value:
    if isGVariant value then
      value
    else if isBool value then
      mkBoolean value
    else if isFloat value then
      mkDouble value
    else if isString value then
      mkString value
    else if isList value then
      mkArray value
    else if isAttrs value && (value._type or null) == "gvariant" then
      value
    else if isInt value then
      throw "Please use one of the integer constructors (mkInt32, mkUint32, ...) instead of a plain integer ${toString value}."
    else
      throw "The GVariant type of a ${typeOf value} can't be inferred.";

  mkArray =
    values:
    let
      list = map mkValue values;
      elementType = lib.throwIfNot (builtins.all (one: one.type == (head list).type) list) "Elements in a list should have same type." (head list).type;
    in
    withText (self: "@${self.type} [${lib.concatMapStringsSep "," toString self.value}]") (
      make (names.arrayOf elementType) list
    );
  mkEmptyArray = elementType: withText (self: "@${self.type} []") (make (names.arrayOf elementType) [ ]);
  mkVariant =
    inner:
    let
      value = mkValue inner;
    in
    withText (self: "<${toString self.value}>") (make names.variant value);
  mkDictionaryEntry =
    name: inner:
    let
      key = mkValue name;
      value = mkValue inner;
    in
    withText (self: "@${self.type} {${concatStringsSep "," (map toString self.value)}}") (
      make (names.dictionaryEntryOf [ key.type value.type ]) [ key value ]
    );
  mkMaybe =
    elementType: inner:
    withText (self: if self.value == null then "@${self.type} nothing" else "just ${toString self.value}") (
      make (names.maybeOf elementType) inner
    );
  mkNothing = elementType: mkMaybe elementType null;
  mkJust =
    inner:
    let
      value = mkValue inner;
    in
    mkMaybe value.type value;
  mkTuple =
    inner:
    let
      values = map mkValue inner;
    in
    withText (self: "@${self.type} (${lib.concatMapStringsSep "," toString self.value})") (
      make (names.tupleOf (map (one: one.type) values)) values
    );
  mkBoolean = value: withText (self: if self.value then "true" else "false") (make names.boolean value);
  mkString = value: withText (self: "'${quote self.value}'") (make names.string value);
  mkObjectpath = value: withText (self: "objectpath '${quote self.value}'") (make names.string value);
  mkUchar = number names.uchar;
  mkInt16 = number names.int16;
  mkUint16 = number names.uint16;
  mkInt32 = number names.int32;
  mkUint32 = number names.uint32;
  mkInt64 = number names.int64;
  mkUint64 = number names.uint64;
  mkDouble = value: withText (self: toString self.value) (make names.double value);
}
