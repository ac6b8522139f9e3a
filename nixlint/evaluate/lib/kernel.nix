# Answers to the questions of the kernel's configuration.
lib:
let
  answer = tristate: {
    inherit tristate;
    optional = false;
  };
in
{
  option = value: value // { optional = true; };
  yes = answer "y";
  no = answer "n";
  module = answer "m";
  unset = answer null;
  freeform = value: {
    freeform = value;
    optional = false;
  };
  whenHelpers =
    version:
    let
      since = lib.versionAtLeast version;
      before = lib.versionOlder version;
    in
    {
      whenAtLeast = low: lib.mkIf (since low);
      whenOlder = high: lib.mkIf (before high);
      whenBetween = low: high: lib.mkIf (since low && before high);
    };
}
