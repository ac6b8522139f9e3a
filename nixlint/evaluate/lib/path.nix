# Paths: a root with a relative path below it, and relative paths as strings ("subpaths").
lib:
let
  inherit (builtins) concatStringsSep filter isList isPath isString length substring typeOf;

  # Names of a relative path, without empty ones and ".".
  parts = text: filter (name: isString name && name != "" && name != ".") (builtins.split "/+" text);
  render = names: if names == [ ] then "./." else "./${concatStringsSep "/" names}";

  # Why a value is no subpath, or null.
  reject =
    value:
    if !isString value then
      "The given value is of type ${typeOf value}, but a string was expected"
    else if value == "" then
      "The given string is empty"
    else if substring 0 1 value == "/" then
      "The given string \"${value}\" starts with a `/`, representing an absolute path"
    else if builtins.match "(.*/)?\\.\\.(/.*)?" value != null then
      "The given string \"${value}\" contains a `..` component, which is not allowed in subpaths"
    else
      null;

  namesOf =
    path:
    let
      up = at: below: if dirOf at == at then { root = at; names = below; } else up (dirOf at) ([ (baseNameOf at) ] ++ below);
    in
    up path [ ];

  needPath = who: argument: value: lib.throwIfNot (isPath value) "lib.path.${who}: ${argument} is of type ${typeOf value}, but a path was expected";
  sameRoot =
    who: left: right:
    lib.throwIfNot (left.root == right.root) "lib.path.${who}: the paths have different filesystem roots";
in
{
  append =
    path: sub:
    needPath "append" "The first argument" path (
      lib.throwIf (reject sub != null) "lib.path.append: Second argument is not a valid subpath string:\n    ${toString (reject sub)}" (
        path + ("/" + sub)
      )
    );

  hasPrefix =
    left:
    needPath "hasPrefix" "The first argument" left (
      right:
      needPath "hasPrefix" "The second argument" right (
        let
          a = namesOf left;
          b = namesOf right;
        in
        sameRoot "hasPrefix" a b (lib.take (length a.names) b.names == a.names)
      )
    );

  removePrefix =
    left:
    needPath "removePrefix" "The first argument" left (
      right:
      needPath "removePrefix" "The second argument" right (
        let
          a = namesOf left;
          b = namesOf right;
          count = length a.names;
        in
        sameRoot "removePrefix" a b (
          if lib.take count b.names == a.names then
            render (lib.drop count b.names)
          else
            throw "lib.path.removePrefix: The first path argument \"${toString left}\" is not a component-wise prefix of the second path argument \"${toString right}\"."
        )
      )
    );

  splitRoot =
    path:
    needPath "splitRoot" "The argument" path (
      let
        split = namesOf path;
      in
      {
        inherit (split) root;
        subpath = render split.names;
      }
    );

  hasStorePathPrefix =
    path:
    needPath "hasStorePathPrefix" "The argument" path (
      let
        store = lib.splitString "/" (lib.removePrefix "/" builtins.storeDir);
        names = (namesOf path).names;
        count = length store;
        name = builtins.elemAt names count;
      in
      length names > count
      && lib.take count names == store
      # Two forms: <hash>-<name>, and the hash of content-addressed placeholders.
      && (
        builtins.match ".{32}-.+" name != null
        || (builtins.match "[0-9a-z]{52}" name != null)
      )
    );

  subpath = {
    isValid = value: reject value == null;
    join =
      subpaths:
      render (
        builtins.concatLists (
          lib.imap0 (
            index: value:
            if reject value == null then
              parts value
            else
              throw "lib.path.subpath.join: Element at index ${toString index} is not a valid subpath string:\n    ${reject value}"
          ) subpaths
        )
      );
    normalise =
      value:
      lib.throwIf (reject value != null) "lib.path.subpath.normalise: Argument is not a valid subpath string:\n    ${toString (reject value)}" (
        render (parts value)
      );
    components =
      value:
      lib.throwIf (reject value != null) "lib.path.subpath.components: Argument is not a valid subpath string:\n    ${toString (reject value)}" (
        parts value
      );
  };
}
