# github:vic/import-tree: all Nix files below some places, as a module that imports them or as a
# list. The tree is a callable set; every combinator returns a changed one.
{ ... }:
let
  isPathLike = value: builtins.isPath value || builtins.isString value || (builtins.isAttrs value && value ? outPath);
  isDirectory = value: isPathLike value && builtins.readFileType value == "directory";
  isTree = value: builtins.isAttrs value && value ? __config.__functor;

  matches = pattern: path: builtins.match pattern path != null;

  usual = lib: path: lib.hasSuffix ".nix" path && !(lib.hasInfix "/_" path);

  # The files of a tree, as its settings say, below `root` and the added paths.
  files =
    settings: lib: root:
    let
      starts = lib.flatten [ settings.paths root ];

      found =
        place:
        if isTree place then
          (place.withLib lib).files
        else if builtins.isAttrs place && place ? outPath then
          found place.outPath
        else if isDirectory place then
          lib.filesystem.listFilesRecursive place
        else
          [ place ];

      # The filters see paths from the start they lie below.
      prefixes = map toString (builtins.filter isDirectory starts);
      relative =
        file:
        let
          text = toString file;
          above = builtins.filter (prefix: lib.hasPrefix prefix text) prefixes;
        in
        if above == [ ] then text else lib.removePrefix (builtins.head above) text;

      first = if settings.initial == null then usual lib else settings.initial;
      accepts =
        file:
        if isPathLike file then
          first (relative file) && settings.accept (relative file)
        else
          (settings.initial == null || settings.initial file) && settings.accept file;
    in
    map settings.change (builtins.filter accepts (lib.flatten (map found starts)));

  start = {
    lib = null;
    finish = null;
    initial = null;
    accept = _: true;
    change = value: value;
    paths = [ ];
    api = { };
  };

  call =
    settings: argument:
    let
      # A module's arguments: the tree itself stands in `imports`.
      root = if builtins.isAttrs argument && argument ? options then [ ] else argument;
    in
    if settings.finish == null then
      { imports = [ ({ lib, ... }: { imports = files settings lib root; }) ]; }
    else if settings.lib == null then
      throw "You need to call withLib before trying to read the tree."
    else
      settings.finish (files settings settings.lib root);

  tree =
    settings:
    let
      this = tree settings;
      refine = changes: tree (settings // changes);
      both = extra: refine { accept = value: settings.accept value && extra value; };
    in
    builtins.mapAttrs (_: method: method this) settings.api
    // {
      __config = settings // {
        # Marks the set as a tree.
        __functor = _: changed: tree (changed settings);
      };
      __functor = _: call settings;

      filter = both;
      filterNot = reject: both (value: !(reject value));
      match = pattern: both (matches pattern);
      matchNot = pattern: both (value: !(matches pattern value));
      map = f: refine { change = value: f (settings.change value); };
      addPath = path: refine { paths = settings.paths ++ [ path ]; };
      addAPI = api: refine { api = settings.api // api; };
      withLib = lib: refine { inherit lib; };
      initFilter = initial: refine { inherit initial; };
      pipeTo = finish: refine { inherit finish; };
      leafs = refine { finish = list: list; };
      result = this [ ];
      files = this.leafs.result;
      new = tree start;
    };
in
tree start // { __import = tree start; }
