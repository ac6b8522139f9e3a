# Directories with a filter, for derivations.
lib:
let
  inherit (builtins) any match pathExists;

  isFiltered = source: source ? _isLibCleanSourceWith;
  parts =
    source:
    if isFiltered source then
      { inherit (source) origSrc filter name; }
    else
      {
        origSrc = source;
        filter = _: _: true;
        name = "source";
      };

  make =
    origSrc: filter: name: {
      inherit origSrc filter name;
      outPath = builtins.path {
        path = origSrc;
        inherit filter name;
      };
      _isLibCleanSourceWith = true;
    };

  below = root: path: lib.removePrefix (toString root + "/") path;

  sourceControl = [ ".git" ".svn" "CVS" ".hg" ".jj" ".pijul" "_darcs" ];

  headOf =
    repository:
    let
      # `.git` of a worktree is a file that says where the directory is.
      read =
        ref: directory:
        let
          file = directory + "/${ref}";
          packed = directory + "/packed-refs";
          common = directory + "/commondir";
          text = lib.fileContents file;
          link = match "ref: (.*)" text;
          lines = builtins.filter builtins.isString (builtins.split "\n" (builtins.readFile packed));
          found = builtins.filter (pair: pair != null) (map (match "([0-9a-f]{40}) ${lib.escapeRegex ref}") lines);
        in
        if lib.pathIsRegularFile directory then
          let
            target = match "gitdir: (.*)" (lib.fileContents directory);
            to = builtins.head target;
          in
          if target == null then { error = "File contains no gitdir reference: ${toString directory}"; } else read ref (if lib.hasPrefix "/" to then to else dirOf directory + "/${to}")
        else if pathExists file then
          (if link == null then { value = text; } else read (builtins.head link) directory)
        else if pathExists packed && found != [ ] then
          { value = builtins.head (builtins.head found); }
        else if pathExists common then
          read ref (directory + "/" + lib.fileContents common)
        else
          { error = "Not a .git directory: ${toString directory}"; };
    in
    read "HEAD" repository;
in
rec {
  inherit (builtins) filterSource;

  # False for what version control and builds leave behind.
  cleanSourceFilter =
    path: kind:
    let
      name = baseNameOf (toString path);
    in
    !(
      (kind == "directory" && builtins.elem name sourceControl)
      || (kind == "regular" && name == ".git")
      || (kind == "symlink" && lib.hasPrefix "result" name && match "result(-.*)?" name != null)
      || kind == "unknown"
      || lib.hasSuffix "~" name
      || match "\\.sw[a-z]" name != null
      || match "\\..*\\.sw[a-z]" name != null
      || lib.hasSuffix ".o" name
      || lib.hasSuffix ".so" name
    );

  cleanSourceWith =
    {
      filter ? (_: _: true),
      src,
      name ? null,
    }:
    let
      inner = parts src;
    in
    make inner.origSrc (path: kind: filter path kind && inner.filter path kind) (
      if name == null then inner.name else name
    );
  cleanSource = src: cleanSourceWith { filter = cleanSourceFilter; inherit src; };

  trace =
    src:
    let
      inner = parts src;
      filter =
        path: kind:
        let
          kept = inner.filter path kind;
        in
        builtins.trace "${inner.name}.filter ${path} = ${lib.boolToString kept}" kept;
    in
    make inner.origSrc filter inner.name // { satisfiesSubpathInvariant = src.satisfiesSubpathInvariant or false; };

  sourceByRegex =
    src: patterns:
    let
      inner = parts src;
    in
    cleanSourceWith {
      filter = path: _: any (pattern: match pattern (below inner.origSrc path) != null) patterns;
      inherit src;
    };
  sourceFilesBySuffices =
    src: suffixes:
    cleanSourceWith {
      filter = path: kind: kind == "directory" || any (suffix: lib.hasSuffix suffix (baseNameOf path)) suffixes;
      inherit src;
    };

  pathHasContext = builtins.hasContext or (path: lib.hasPrefix builtins.storeDir (toString path));
  canCleanSource = src: isFiltered src || !(pathHasContext (toString src));

  pathIsGitRepo = path: headOf path ? value;
  commitIdFromGitRepo =
    path:
    let
      found = headOf path;
    in
    found.value or (throw found.error);

  shortRev = rev: builtins.substring 0 7 rev;
  revOrTag =
    rev: tag:
    if tag != null then
      tag
    else if rev == null then
      "HEAD"
    else
      rev;
  urlToName = url: lib.removeSuffix ".git" (lib.last (lib.splitString "/" (lib.removeSuffix "/" (toString url))));
}
