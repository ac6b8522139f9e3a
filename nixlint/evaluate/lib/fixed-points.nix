# Fixed points and overlays.
_:
let
  # Both overlays in turn; the second sees what the first made.
  composeExtensions =
    first: second: final: prev:
    let
      one = first final prev;
    in
    one // second final (prev // one);
in
rec {
  inherit composeExtensions;

  fix =
    f:
    let
      result = f result;
    in
    result;

  fix' =
    f:
    let
      result = f result // { __unfix__ = f; };
    in
    result;

  converge =
    f: x:
    let
      next = f x;
    in
    if next == x then x else converge f next;

  extends =
    overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;

  composeManyExtensions =
    overlays: final: prev:
    builtins.foldl' (acc: overlay: acc // overlay final (prev // acc)) { } overlays;

  makeExtensible = makeExtensibleWithCustomName "extend";

  makeExtensibleWithCustomName =
    extender: f:
    fix' (
      self:
      f self
      // {
        ${extender} = overlay: makeExtensibleWithCustomName extender (extends overlay f);
      }
    );

  # An overlay from a function of both stages, of the previous stage only, or from a plain set.
  toExtension =
    value:
    if builtins.isFunction value then
      final: prev:
      let
        partial = value prev;
      in
      if builtins.isFunction partial then value final prev else partial
    else
      _final: _prev: value;
}
