# Files and directories.
lib:
let
  inherit (builtins) attrNames pathExists readDir;

  # What readDir says of the path in its directory; the root is a directory.
  # Newer versions of Nix have a function for it, which gives the same. A missing file is an error.
  typeOf =
    path:
    if dirOf path == path then "directory" else (readDir (dirOf path)).${baseNameOf path};
  isKind = kind: path: pathExists path && typeOf path == kind;

  inDirectory = directory: name: directory + "/${name}";
in
rec {
  inherit (builtins) baseNameOf dirOf hashFile isPath readDir;
  readFileType = typeOf;

  pathType = typeOf;
  pathIsDirectory = isKind "directory";
  pathIsRegularFile = isKind "regular";

  haskellPathsInDir =
    root:
    let
      hasCabal = name: pathExists (inDirectory root "${name}/${name}.cabal");
      directories = builtins.filter (name: (readDir root).${name} == "directory" && hasCabal name) (attrNames (readDir root));
    in
    lib.genAttrs directories (inDirectory root);

  # From the directory of the file up to the root.
  locateDominatingFile =
    pattern: file:
    let
      search =
        directory:
        let
          found = builtins.filter (match: match != null) (map (builtins.match pattern) (attrNames (readDir directory)));
          parent = dirOf directory;
        in
        if found != [ ] then
          {
            path = directory;
            matches = found;
          }
        else if parent == directory then
          null
        else
          search parent;
      here = isKind "directory" file;
    in
    search (if here then file else dirOf file);

  listFilesRecursive =
    root:
    lib.flatten (
      lib.mapAttrsToList (
        name: kind:
        let
          path = inDirectory root name;
        in
        if kind == "directory" then listFilesRecursive path else path
      ) (readDir root)
    );

  packagesFromDirectoryRecursive =
    {
      callPackage,
      newScope ? throw "lib.packagesFromDirectoryRecursive: newScope wasn't passed in args",
      directory,
    }@args:
    let
      whole = inDirectory directory "package.nix";
      # A scope of its own for every directory, where the caller can make scopes.
      children =
        call:
        lib.concatMapAttrs (
          name: kind:
          let
            path = inDirectory directory name;
          in
          if kind == "directory" then
            { ${name} = packagesFromDirectoryRecursive (args // call // { directory = path; }); }
          else if kind == "regular" && lib.hasSuffix ".nix" name then
            { ${lib.removeSuffix ".nix" name} = (call.callPackage or callPackage) path { }; }
          else if kind == "regular" then
            { }
          else
            throw "lib.filesystem.packagesFromDirectoryRecursive: Unsupported file type ${kind} at path ${toString path}"
        ) (readDir directory);
    in
    if pathExists whole then
      callPackage whole { }
    else if args ? newScope then
      lib.makeScope newScope (self: children { inherit (self) callPackage newScope; })
    else
      children { };

  resolveDefaultNix =
    path:
    if (builtins.isPath path && isKind "directory" path)
      || (builtins.isString path && (lib.hasSuffix "/" path || isKind "directory" path)) then
      path + "/default.nix"
    else
      path;
}
