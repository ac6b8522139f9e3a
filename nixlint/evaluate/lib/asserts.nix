# Assertions with messages.
lib: rec {
  assertMsg = condition: message: condition || throw message;
  assertOneOf =
    name: value: allowed:
    let
      show = lib.generators.toPretty { };
    in
    assertMsg (builtins.elem value allowed) "${name} must be one of ${show allowed}, but is: ${show value}";
  assertEachOneOf =
    name: values: allowed:
    let
      show = lib.generators.toPretty { };
    in
    assertMsg (builtins.all (value: builtins.elem value allowed) values)
      "each element in ${name} must be one of ${show allowed}, but is: ${show values}";
  checkAssertWarn =
    assertions: warnings: value:
    let
      failed = map (one: one.message) (builtins.filter (one: !one.assertion) assertions);
    in
    if failed == [ ] then
      lib.showWarnings warnings value
    else
      throw "\nFailed assertions:\n${lib.concatMapStringsSep "\n" (message: "- ${message}") failed}";
}
