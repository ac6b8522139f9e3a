# github:nix-community/haumea: a directory of files as a tree of what they evaluate to.
{ lib, ... }:
let
  inherit (builtins) filter head length mapAttrs readDir removeAttrs tail;

  # `__x` is seen by its siblings, `_x` within the tree, and `x` by everyone.
  nameOf =
    entry: kind:
    let
      stripped = lib.removePrefix "_" (lib.removePrefix "_" entry);
      extension = builtins.match "(.+)\\.[^.]+" stripped;
    in
    if stripped == "" then
      null
    else
      {
        inherit stripped;
        name = if kind == "regular" && extension != null then head extension else stripped;
        visibility =
          if lib.hasPrefix "__" entry then
            "super"
          else if lib.hasPrefix "_" entry then
            "root"
          else
            "public";
      };

  withArguments =
    importer: inputs: path:
    let
      content = importer path;
      f = if lib.isFunction content then content else _: content;
    in
    f (mapAttrs (name: _: inputs.${name}) (lib.functionArgs f));

  loaders = {
    default = withArguments import;
    scoped = inputs: withArguments (builtins.scopedImport inputs) inputs;
    verbatim = _: import;
    path = _: path: path;
    callPackage = inputs: path: lib.callPackageWith inputs path { };
  };

  matchers = rec {
    always = loader: {
      matches = _: true;
      inherit loader;
    };
    extension = suffix: loader: {
      matches = file: lib.hasSuffix ".${suffix}" file && builtins.stringLength file > builtins.stringLength suffix + 1;
      inherit loader;
    };
    regex = pattern: f: {
      matches = file: builtins.match pattern file != null;
      loader = inputs: path: f (builtins.match pattern (baseNameOf path)) inputs path;
    };
    nix = extension "nix";
    json = extension "json" (_: lib.importJSON);
    toml = extension "toml" (_: lib.importTOML);
  };

  disjoint =
    left: right:
    left
    // right
    // mapAttrs (name: _: throw "attribute ${name} is in both sets") (builtins.intersectAttrs left right);
  mergeMapped = merge: f: set: builtins.foldl' merge { } (builtins.attrValues (mapAttrs f set));

  # Transformers get the path to a directory in the tree, and what it holds.
  transformers = {
    liftDefault = _: set: disjoint (removeAttrs set [ "default" ]) (set.default or { });
    prependUnderscore =
      _: lib.mapAttrs' (
        name: lib.nameValuePair (if builtins.match "[A-Za-z_].*" name != null then name else "_${name}")
      );
    hoistAttrs =
      from: to: cursor:
      let
        key = if cursor == [ ] then to else from;
      in
      mergeMapped lib.recursiveUpdate (
        file: value:
        if value ? ${from} then
          { ${file} = removeAttrs value [ from ]; ${key} = { ${file} = value.${from}; }; }
        else
          { ${file} = value; }
      );
    hoistLists =
      from: to: cursor:
      let
        key = if cursor == [ ] then to else from;
        join = left: right: left // right // { ${key} = builtins.concatLists (builtins.catAttrs key [ left right ]); };
      in
      mergeMapped join (
        file: value:
        if value ? ${from} then
          { ${file} = removeAttrs value [ from ]; ${key} = value.${from}; }
        else
          { ${file} = value; }
      );
  };

  # What somebody at `place` sees of a node; outsiders are at null.
  show =
    transform: place: cursor: node:
    let
      inside = place != null;
      near = inside && lib.take (length cursor) place == cursor;
      seen = child: child.visibility == "public" || (if child.visibility == "root" then inside else near);
    in
    if node.isFile then
      node.content
    else
      transform cursor (
        mapAttrs (name: show transform place (cursor ++ [ name ])) (lib.filterAttrs (_: seen) node.children)
      );

  load =
    {
      src,
      loader ? loaders.default,
      inputs ? { },
      transformer ? [ ],
    }:
    let
      steps = lib.flatten transformer;
      transform = cursor: value: builtins.foldl' (result: step: step cursor result) value steps;
      found = if lib.isFunction loader then [ (matchers.nix loader) ] else loader;
      reserved = filter (name: inputs ? ${name}) [ "self" "super" "root" ];

      file =
        path: place: which:
        lib.fix (
          this:
          which.loader (
            inputs
            // {
              self = this;
              root = show transform place [ ] top;
              super = lib.getAttrFromPath place (show transform place [ ] top);
            }
          ) path
        );

      directory =
        folder: place:
        let
          entry =
            name: kind:
            let
              parsed = nameOf name kind;
              fitting = filter (one: one.matches parsed.stripped) found;
              path = folder + "/${name}";
            in
            if parsed == null then
              [ ]
            else if kind == "directory" then
              [
                (lib.nameValuePair parsed.name {
                  isFile = false;
                  inherit (parsed) visibility;
                  children = directory path (place ++ [ parsed.name ]);
                })
              ]
            else if kind == "regular" && fitting != [ ] then
              [
                (lib.nameValuePair parsed.name {
                  isFile = true;
                  inherit (parsed) visibility;
                  content = file path place (head fitting);
                })
              ]
            else
              [ ];
          add =
            set: pair:
            if set ? ${pair.name} then
              throw "haumea failed when traversing ${toString folder}: two entries are called ${pair.name}"
            else
              set // { ${pair.name} = pair.value; };
        in
        builtins.foldl' add { } (builtins.concatLists (builtins.attrValues (mapAttrs entry (readDir folder))));

      top = {
        isFile = false;
        visibility = "public";
        children = directory src [ ];
      };
    in
    if reserved != [ ] then
      throw "'${head reserved}' cannot be used as the name of an input"
    else
      show transform null [ ] top;
in
{
  lib = {
    inherit load loaders matchers transformers;
    loadEvalTests =
      args:
      let
        tests = load args;
        failures = lib.runTests (tests // { tests = builtins.attrNames tests; });
      in
      if failures == [ ] then { } else throw (lib.generators.toPretty { } failures);
  };
}
