# Sets of files. A set is a root directory with a tree: `true` stands for everything below, and
# `false` for nothing; a set of names holds the trees of a directory's entries.
lib:
let
  inherit (builtins) attrNames isAttrs isPath isString mapAttrs pathExists readDir typeOf;
  inherit (lib.filesystem) pathType;

  make = root: tree: {
    _type = "fileset";
    inherit root tree;
  };
  none = make null false;

  isSet = value: (value._type or null) == "fileset";

  # Sets from paths: the directory of a file with that one name, or the whole directory.
  coerce =
    who: value:
    if isSet value then
      value
    else if value ? _isLibCleanSourceWith then
      throw "${who} is a `lib.sources`-based value, but it should be a file set or a path instead. Convert it with `lib.fileset.fromSource`."
    else if !isPath value then
      throw "${who} is of type ${typeOf value}, but it should be a file set or a path instead."
    else if !(pathExists value) then
      throw "${who} (${toString value}) is a path that does not exist. To create a file set from a path that may not exist, use `lib.fileset.maybeMissing`."
    else
      ofPath value;

  ofPath =
    path: if pathType path == "directory" then make path true else make (dirOf path) { ${baseNameOf path} = true; };

  names =
    path:
    let
      up = at: below: if dirOf at == at then below else up (dirOf at) ([ (baseNameOf at) ] ++ below);
    in
    up path [ ];

  # The tree below a directory further up.
  hang = path: tree: lib.setAttrByPath path tree;
  common =
    a: b:
    let
      shared = lib.lists.commonPrefix (names a) (names b);
    in
    {
      # Up from one of them by what is not shared.
      root = lib.foldl' (path: _: dirOf path) a (lib.drop (builtins.length shared) (names a));
      a = lib.drop (builtins.length shared) (names a);
      b = lib.drop (builtins.length shared) (names b);
    };

  # Both sets seen from the same root.
  align =
    f: a: b:
    let
      at = common a.root b.root;
      left = hang at.a a.tree;
      right = hang at.b b.tree;
    in
    make at.root (f at.root left right);

  # Everything, spelled out by name one level down.
  spell = path: tree: if tree == true then mapAttrs (_: _: true) (readDir path) else if tree == false then { } else tree;

  unite =
    path: a: b:
    if a == true || b == true then
      true
    else if a == false then
      b
    else if b == false then
      a
    else
      mapAttrs (name: _: unite (path + "/${name}") (a.${name} or false) (b.${name} or false)) (a // b);
  meet =
    path: a: b:
    if a == true then
      b
    else if b == true then
      a
    else if a == false || b == false then
      false
    else
      mapAttrs (name: tree: meet (path + "/${name}") tree b.${name}) (builtins.intersectAttrs b a);
  without =
    path: a: b:
    if a == false || b == true then
      false
    else if b == false then
      a
    else
      mapAttrs (name: tree: without (path + "/${name}") tree (b.${name} or false)) (spell path a);

  # The paths of the files, in the order of the names.
  files =
    path: tree:
    if tree == false then
      [ ]
    else if isAttrs tree || pathType path == "directory" then
      builtins.concatMap (
        name:
        let
          inner = (spell path tree).${name};
          kind = (readDir path).${name} or "missing";
          here = path + "/${name}";
        in
        if inner == false || kind == "missing" then
          [ ]
        else if kind == "directory" then
          files here inner
        else
          [ here ]
      ) (attrNames (spell path tree))
    else
      [ path ];

  listing = set: if set.root == null then [ ] else files set.root set.tree;

  pick =
    keep: path: kinds:
    mapAttrs (
      name: kind:
      let
        here = path + "/${name}";
      in
      if kind == "directory" then pick keep here (readDir here) else keep { inherit name; type = kind; hasExt = extension: lib.hasSuffix ".${extension}" name; }
    ) kinds;

  tracked =
    who: path:
    let
      stored = builtins.fetchGit { url = path; shallow = true; };
      copy =
        store: root:
        mapAttrs (name: kind: if kind == "directory" then copy (store + "/${name}") (root + "/${name}") else true) (readDir store);
    in
    if !isPath path then
      throw "${who}: Expected the argument to be a path, but it's a ${typeOf path} instead."
    else if !(pathExists (path + "/.git")) then
      throw "${who}: Expected the argument (${toString path}) to point to a local working tree of a Git repository, but it's not."
    else
      make path (copy stored.outPath path);
in
rec {
  # Paths count as sets of files, too.
  isFileset = value: isSet value || (isPath value && pathExists value);
  empty = none;

  maybeMissing =
    path:
    if !isPath path then
      throw "lib.fileset.maybeMissing: Argument is of type ${typeOf path}, but it should be a path instead."
    else if pathExists path then
      ofPath path
    else
      none;

  union =
    first: second:
    unions [ (coerce "lib.fileset.union: First argument" first) (coerce "lib.fileset.union: Second argument" second) ];
  unions =
    sets:
    if !(builtins.isList sets) then
      throw "lib.fileset.unions: Argument is of type ${typeOf sets}, but it should be a list instead."
    else
      builtins.foldl' (
        left: right:
        if left.root == null then
          right
        else if right.root == null then
          left
        else
          align unite left right
      ) none (lib.imap0 (index: coerce "lib.fileset.unions: Element ${toString index}") sets);
  intersection =
    first: second:
    let
      a = coerce "lib.fileset.intersection: First argument" first;
      b = coerce "lib.fileset.intersection: Second argument" second;
    in
    builtins.seq b (if a.root == null || b.root == null then none else align meet a b);
  difference =
    positive: negative:
    let
      a = coerce "lib.fileset.difference: First argument (positive set)" positive;
      b = coerce "lib.fileset.difference: Second argument (negative set)" negative;
    in
    builtins.seq b (if a.root == null || b.root == null then a else align without a b);

  fileFilter =
    keep: path:
    if !(lib.isFunction keep) then
      throw "lib.fileset.fileFilter: First argument is of type ${typeOf keep}, but it should be a function instead."
    else if isSet path then
      throw "lib.fileset.fileFilter: Second argument is a file set, but it should be a path instead."
    else if !isPath path then
      throw "lib.fileset.fileFilter: Second argument is of type ${typeOf path}, but it should be a path instead."
    else if !(pathExists path) then
      throw "lib.fileset.fileFilter: Second argument (${toString path}) is a path that does not exist."
    else if pathType path == "directory" then
      make path (pick keep path (readDir path))
    else
      make (dirOf path) (pick keep (dirOf path) { ${baseNameOf path} = pathType path; });

  fromSource =
    source:
    let
      root = source.origSrc or source;
      filter = source.filter or (_: _: true);
      walk =
        path:
        mapAttrs (
          name: kind:
          let
            here = path + "/${name}";
          in
          if !(filter (toString here) kind) then false else if kind == "directory" then walk here else true
        ) (readDir path);
    in
    if isSet source then
      throw "lib.fileset.fromSource: The source origin of the argument is a file set, but a path was expected."
    else if !isPath root then
      throw "lib.fileset.fromSource: The source origin of the argument is of type ${typeOf root}, but it should be a path instead."
    else if !(pathExists root) then
      throw "lib.fileset.fromSource: The source origin (${toString root}) of the argument is a path that does not exist."
    else if pathType root == "directory" then
      make root (walk root)
    else
      ofPath root;

  toList = set: listing (coerce "lib.fileset.toList: Argument" set);

  toSource =
    { root, fileset }:
    let
      set = coerce "lib.fileset.toSource: `fileset`" fileset;
      # Strings of the paths to keep, and of the directories on the way.
      kept = builtins.listToAttrs (
        builtins.concatMap (
          file:
          let
            up = at: if at == root || dirOf at == at then [ ] else [ { name = toString at; value = true; } ] ++ up (dirOf at);
          in
          up file
        ) (listing set)
      );
      filter = path: _: kept ? ${path};
    in
    if !isPath root then
      throw "lib.fileset.toSource: `root` is of type ${typeOf root}, but it should be a path instead."
    else if !(pathExists root) then
      throw "lib.fileset.toSource: `root` (${toString root}) is a path that does not exist."
    else if pathType root != "directory" then
      throw "lib.fileset.toSource: `root` (${toString root}) is a file, but it should be a directory instead."
    else if set.root != null && !(lib.path.hasPrefix root set.root) then
      throw "lib.fileset.toSource: `fileset` could contain files in ${toString set.root}, which is not under the `root` (${toString root})."
    else
      lib.cleanSourceWith {
        name = "source";
        src = root;
        inherit filter;
      };

  gitTracked = tracked "lib.fileset.gitTracked";
  gitTrackedWith =
    {
      recurseSubmodules ? false,
    }:
    path:
    if builtins.isBool recurseSubmodules then
      tracked "lib.fileset.gitTrackedWith" path
    else
      throw "lib.fileset.gitTrackedWith: Expected the attribute `recurseSubmodules` of the first argument to be a boolean.";

  trace =
    set: value: builtins.trace (lib.concatMapStringsSep "\n" toString (listing (coerce "lib.fileset.trace: Argument" set))) value;
  traceVal = set: trace set set;
}
