# Types of numbers within bounds.
lib:
let
  inherit (lib.types) addCheck int number;

  between =
    type: noun: low: high:
    assert lib.assertMsg (low <= high) "${noun}.between: lowest must be smaller than highest";
    lib.types.addCheck type (value: value >= low && value <= high)
    // {
      name = "${noun}Between";
      description =
        (if noun == "int" then "integer" else "integer or floating point number")
        + " between ${builtins.toJSON low} and ${builtins.toJSON high} (both inclusive)";
    };
in
{
  ints =
    let
      sized = name: bits: low: high: signed:
        addCheck int (value: value >= low && value <= high)
        // {
          inherit name;
          description = "${toString bits} bit ${signed}; between ${toString low} and ${toString high} (both inclusive)";
        };
      unsigned = name: bits: high: sized name bits 0 high "unsigned integer";
      signed = name: bits: low: high: sized name bits low high "signed integer";
    in
    {
      between = between int "int";
      unsigned = addCheck int (value: value >= 0) // {
        name = "unsignedInt";
        description = "unsigned integer, meaning >=0";
        descriptionClass = "nonRestrictiveClause";
      };
      positive = addCheck int (value: value > 0) // {
        name = "positiveInt";
        description = "positive integer, meaning >0";
        descriptionClass = "nonRestrictiveClause";
      };
      u8 = unsigned "unsignedInt8" 8 255;
      u16 = unsigned "unsignedInt16" 16 65535;
      u32 = unsigned "unsignedInt32" 32 4294967295;
      s8 = signed "signedInt8" 8 (-128) 127;
      s16 = signed "signedInt16" 16 (-32768) 32767;
      s32 = signed "signedInt32" 32 (-2147483648) 2147483647;
    };
  numbers = {
    between = between number "number";
    nonnegative = addCheck number (value: value >= 0) // {
      name = "numberNonnegative";
      description = "nonnegative integer or floating point number, meaning >=0";
      descriptionClass = "nonRestrictiveClause";
    };
    positive = addCheck number (value: value > 0) // {
      name = "numberPositive";
      description = "positive integer or floating point number, meaning >0";
      descriptionClass = "nonRestrictiveClause";
    };
  };
}
