# Attribute sets.
lib:
let
  inherit (builtins) attrNames catAttrs elemAt head isAttrs length listToAttrs mapAttrs tail;

  pair = name: value: { inherit name value; };

  # The first of the named outputs that the package has, unless an output was chosen already.
  firstOutput =
    wanted: package:
    let
      present = builtins.filter (name: package ? ${name}) wanted;
    in
    if package.outputSpecified or false || present == [ ] then package else package.${head present};

  output =
    name: package:
    if package.outputSpecified or false then package else package.${name} or package.out or package;
in
rec {
  inherit (builtins)
    attrNames attrValues catAttrs getAttr hasAttr intersectAttrs isAttrs listToAttrs mapAttrs
    removeAttrs
    ;

  attrByPath =
    path: default: set:
    if path == [ ] then
      set
    else if set ? ${head path} then
      attrByPath (tail path) default set.${head path}
    else
      default;

  hasAttrByPath =
    path: set:
    path == [ ] || (set ? ${head path} && hasAttrByPath (tail path) set.${head path});

  longestValidPathPrefix =
    path: set:
    if path != [ ] && set ? ${head path} then
      [ (head path) ] ++ longestValidPathPrefix (tail path) set.${head path}
    else
      [ ];

  setAttrByPath =
    path: value:
    let
      level = depth: if depth == length path then value else { ${elemAt path depth} = level (depth + 1); };
    in
    level 0;

  getAttrFromPath =
    path:
    attrByPath path (abort "cannot find attribute '${builtins.concatStringsSep "." path}'");

  concatMapAttrs = f: set: mergeAttrsList (builtins.attrValues (mapAttrs f set));

  # Each update is { path; update }; the deeper ones run first, on values that exist.
  updateManyAttrsByPath =
    updates: value:
    let
      at =
        depth: exists: old: pending:
        let
          parts = lib.partition (one: length one.path == depth) pending;
          deeper = builtins.groupBy or lib.groupBy (one: elemAt one.path depth) parts.wrong;
          child =
            name: inner:
            if exists then at (depth + 1) (old ? ${name}) old.${name} inner else at (depth + 1) false null inner;
          children = mapAttrs child deeper;
          base =
            if parts.wrong == [ ] then
              (if exists then old else throw "updateManyAttrsByPath: ${showAttrPath (head parts.right).path} does not exist, but its old value is used")
            else if !exists then
              children
            else if isAttrs old then
              old // children
            else
              throw "updateManyAttrsByPath: ${showAttrPath (lib.take depth (head parts.wrong).path)} is no attribute set";
        in
        lib.foldl (acc: one: one.update acc) base parts.right;
    in
    at 0 true value updates;

  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: genAttrs names (name: set.${name});

  filterAttrs =
    keep: set: removeAttrs set (builtins.filter (name: !(keep name set.${name})) (attrNames set));

  filterAttrsRecursive =
    keep: set:
    mapAttrs (_: value: if isAttrs value then filterAttrsRecursive keep value else value) (filterAttrs keep set);

  foldlAttrs =
    f: start: set:
    builtins.foldl' (acc: name: f acc name set.${name}) start (attrNames set);

  # The sets from the last to the first; each name has its own accumulator.
  foldAttrs =
    f: start: sets:
    lib.foldr (
      set: acc: acc // mapAttrs (name: value: f value (acc.${name} or start)) set
    ) { } sets;

  collect =
    wanted: value:
    if wanted value then
      [ value ]
    else if isAttrs value then
      builtins.concatMap (collect wanted) (builtins.attrValues value)
    else
      [ ];

  cartesianProduct =
    lists:
    builtins.foldl' (
      done: name: builtins.concatMap (set: map (value: set // { ${name} = value; }) lists.${name}) done
    ) [ { } ] (attrNames lists);
  mapCartesianProduct = f: lists: map f (cartesianProduct lists);

  nameValuePair = pair;
  mapAttrs' = f: set: listToAttrs (mapAttrsToList f set);
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  attrsToList = mapAttrsToList pair;

  mapAttrsRecursive = mapAttrsRecursiveCond (_: true);
  mapAttrsRecursiveCond =
    enter: f: set:
    let
      below =
        path:
        mapAttrs (
          name: value:
          let
            here = path ++ [ name ];
          in
          if isAttrs value && enter value then below here value else f here value
        );
    in
    below [ ] set;

  mapAttrsToListRecursive = mapAttrsToListRecursiveCond (_: _: true);
  mapAttrsToListRecursiveCond =
    enter: f: set:
    let
      below =
        path: value:
        builtins.concatMap (
          name:
          let
            here = path ++ [ name ];
            inner = value.${name};
          in
          if isAttrs inner && enter here inner then below here inner else [ (f here inner) ]
        ) (attrNames value);
    in
    below [ ] set;

  genAttrs = names: f: listToAttrs (map (name: pair name (f name)) names);
  genAttrs' = values: f: listToAttrs (map f values);

  isDerivation = value: (value.type or null) == "derivation";
  toDerivation =
    path:
    let
      stored = builtins.storePath path;
      result = {
        type = "derivation";
        name = lib.sanitizeDerivationName (builtins.substring 33 (-1) (baseNameOf stored));
        outPath = stored;
        outputs = [ "out" ];
        out = result;
        outputName = "out";
      };
    in
    result;

  optionalAttrs = condition: set: if condition then set else { };

  zipAttrsWithNames = names: f: sets: genAttrs names (name: f name (catAttrs name sets));
  zipAttrsWith =
    builtins.zipAttrsWith
      or (f: sets: zipAttrsWithNames (builtins.concatMap attrNames sets) f sets);
  zipAttrs = zipAttrsWith (_: values: values);

  # The later set wins. By halves, so that long lists cost less than a plain fold.
  mergeAttrsList =
    sets:
    let
      merge =
        from: to:
        let
          middle = (from + to) / 2;
        in
        if to - from < 2 then elemAt sets from else merge from middle // merge middle to;
    in
    if sets == [ ] then { } else merge 0 (length sets);

  # Stops descending where `stop path left right` holds; there the right side wins.
  recursiveUpdateUntil =
    stop: left: right:
    let
      update =
        path:
        zipAttrsWith (
          name: values:
          let
            here = path ++ [ name ];
          in
          if length values == 1 || stop here (elemAt values 1) (head values) then
            head values
          else
            update here values
        );
    in
    update [ ] [ right left ];
  recursiveUpdate = recursiveUpdateUntil (_: left: right: !(isAttrs left && isAttrs right));

  matchAttrs =
    pattern: set:
    assert isAttrs pattern;
    builtins.all (
      name:
      let
        want = pattern.${name};
        have = set.${name};
      in
      set ? ${name} && (if isAttrs want then isAttrs have && matchAttrs want have else want == have)
    ) (attrNames pattern);

  overrideExisting = old: new: mapAttrs (name: value: new.${name} or value) old;

  showAttrPath =
    path:
    if path == [ ] then
      "<root attribute path>"
    else
      builtins.concatStringsSep "." (map lib.strings.escapeNixIdentifier path);

  getOutput = output;
  getFirstOutput = firstOutput;
  getBin = output "bin";
  getLib = output "lib";
  getDev = output "dev";
  getMan = output "man";
  getStatic = firstOutput [ "static" "lib" "out" ];
  getInclude = firstOutput [ "include" "dev" "out" ];
  chooseDevOutputs = map getDev;

  recurseIntoAttrs = set: set // { recurseForDerivations = true; };
  dontRecurseIntoAttrs = set: set // { recurseForDerivations = false; };

  # Names that both sides have fail, but only when they are used.
  unionOfDisjoint =
    left: right:
    let
      both = builtins.intersectAttrs left right;
      names = builtins.concatStringsSep " " (attrNames both);
    in
    left // right // mapAttrs (name: _: throw "unionOfDisjoint: collision on ${name}; complete list: ${names}") both;
}
