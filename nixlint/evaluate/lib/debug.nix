# Functions that print while something is evaluated, and tests of values.
lib:
let
  inherit (builtins) deepSeq isAttrs isList seq trace;

  # The value with everything below the depth cut off.
  cut =
    depth: value:
    let
      short = inner: if isList inner && inner != [ ] then "[…]" else if isAttrs inner && inner != { } then "{…}" else inner;
    in
    if depth == 0 then
      short value
    else if isList value then
      map (cut (depth - 1)) value
    else if isAttrs value then
      builtins.mapAttrs (_: cut (depth - 1)) value
    else
      value;
in
rec {
  inherit (builtins) addErrorContext trace unsafeGetAttrPos;

  traceIf = condition: message: value: if condition then trace message value else value;
  traceValFn = f: value: trace (f value) value;
  traceVal = traceValFn (value: value);
  traceSeq = shown: value: trace (deepSeq shown shown) value;
  traceSeqN =
    depth: shown: value:
    trace (lib.generators.toPretty { } (let text = cut depth shown; in deepSeq text text)) value;
  traceValSeqFn = f: value: traceValFn f (deepSeq value value);
  traceValSeq = traceValSeqFn (value: value);
  traceValSeqNFn = f: depth: value: traceSeqN depth (f value) value;
  traceValSeqN = traceValSeqNFn (value: value);
  traceFnSeqN =
    depth: name: f: value:
    let
      result = f value;
    in
    traceSeqN (depth + 1) { fn = name; from = value; to = result; } result;

  # Tests are sets of { expr; expected; }; what comes back are those that differ.
  runTests =
    tests:
    let
      chosen = tests.tests or [ ];
      isTest = name: lib.hasPrefix "test" name || builtins.elem name chosen;
      failed = name: test:
        if isTest name && (chosen == [ ] || builtins.elem name chosen) && test.expr != test.expected then
          [ { inherit name; inherit (test) expected; result = test.expr; } ]
        else
          [ ];
    in
    builtins.concatLists (lib.mapAttrsToList failed (removeAttrs tests [ "tests" ]));
  testAllTrue = expr: {
    inherit expr;
    expected = map (_: true) expr;
  };
  throwTestFailures =
    { failures, description ? "tests", ... }:
    if failures == [ ] then null else seq description (throw "${toString (builtins.length failures)} ${description} failed");
}
