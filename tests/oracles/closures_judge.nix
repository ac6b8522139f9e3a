# The module files of the configurations of a flake, as nixpkgs' `lib` collects them.
#
# `request` is a JSON file; see `closures_judge.py`. Inputs that are not at hand are *stubs*: a set
# with every name that the repository selects, each of them the same stub; it is also a function,
# a module without contents, and a place in a directory that does not exist. nixpkgs,
# home-manager and nix-darwin are stubs whose functions that build configurations run the real
# `evalModules`. Definitions of options that nobody declares are kept as free-form values.
{ request }:
let
  asked = builtins.fromJSON (builtins.readFile request);
  inherit (asked) root;
  inherit (builtins) mapAttrs;

  # Files: what is missing, or below the place of a stub, is a stub.

  nowhere = builtins.storeDir + "/00000000000000000000000000000000-nixlint-stub";
  startsWith = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  placeOf =
    value:
    let
      text = builtins.unsafeDiscardStringContext (
        if builtins.isAttrs value && value ? outPath then toString value.outPath else toString value
      );
      parts = builtins.match "(${builtins.storeDir}/[^/]+)(.*)" text;
      stored = builtins.head parts;
    in
    # `"${./folder}"` is a place in the store.
    if parts == null || startsWith nowhere text then
      text
    else
      (asked.stored.${stored} or (throw "nixlint-stored ${stored}")) + builtins.elemAt parts 1;
  isDirectory = text: readFileType text == "directory";
  readFileType =
    place:
    let
      text = placeOf place;
      type = (builtins.readDir (dirOf text)).${baseNameOf text} or "unknown";
    in
    if !builtins.pathExists text then
      "unknown"
    else if type == "symlink" && builtins.pathExists (text + "/.") then "directory" else type;
  imported =
    value:
    let
      place = placeOf value;
      file = if isDirectory place then place + "/default.nix" else place;
    in
    if startsWith nowhere place then
      foreign place
    else if !builtins.pathExists file then
      builtins.trace "nixlint-missing ${file}" stub
    else if startsWith (root + "/") file then
      builtins.trace "nixlint-read ${file}" (builtins.scopedImport scope (/. + file))
    else
      builtins.scopedImport scope (/. + file);
  fetched =
    what:
    let
      text = builtins.toJSON what;
      isFor = name: builtins.match ".*${name}.*" text != null;
    in
    nowhere
    + (
      if isFor "home-manager" then
        "/home-manager"
      else if isFor "nixpkgs" || isFor "nixexprs" then
        "/nixpkgs"
      else if isFor "darwin" then
        "/nix-darwin"
      else
        "/fetched"
    );
  fetchedTree = what: stub // { outPath = fetched what; };
  builtins' =
    builtins
    // {
      import = imported;
      scopedImport = more: place: builtins.scopedImport (scope // more) (/. + placeOf place);
      inherit readFileType;
      pathExists =
        value:
        let
          place = placeOf value;
        in
        startsWith nowhere place || builtins.pathExists place;
      readFile =
        value:
        let
          place = placeOf value;
        in
        if builtins.pathExists place then builtins.readFile place else "{}";
      readDir =
        value:
        let
          place = placeOf value;
        in
        if builtins.pathExists place then removeAttrs (builtins.readDir place) [ ".git" ] else { };
      fetchTarball = fetched;
      fetchurl = fetched;
      fetchGit = fetchedTree;
      fetchTree = fetchedTree;
      fetchMercurial = fetchedTree;
      getFlake = _: stub;
      warn = _: value: value;
      addDrvOutputDependencies = text: text;
      currentSystem = "x86_64-linux";
    };
  scope = {
    builtins = builtins';
    import = imported;
    inherit (builtins') scopedImport fetchTarball fetchGit fetchTree fetchMercurial;
    __nixPath = [ ];
    __findFile = _: name: nowhere + "/" + name;
  };

  # Stubs.

  everyName = names: value: builtins.listToAttrs (map (name: { inherit name value; }) names);
  stub =
    removeAttrs (everyName asked.names stub) [ "_type" "nixlintConfiguration" ]
    // everyName asked.sets (everyName asked.members stub)
    // builders lib
    // {
      type = "derivation";
      name = "stub";
      outPath = nowhere + "/value";
      nixlintStub = true;
      __functionArgs = { };
      __functor =
        _: argument:
        if argument ? config && argument ? options && argument ? lib then { } else stub;
      lib = stubLib;
    }
    // plain;
  ownOfStubs = [ "type" "name" "outPath" "nixlintStub" "__functionArgs" "__functor" ];
  stubLib = stub // { lib = stubLib; };
  isStub = value: builtins.isAttrs value && value ? nixlintStub;
  # Names of which a message of Nix told what they must be.
  plain = mapAttrs (
    _: kind:
    {
      boolean = false;
      list = [
        stub
        stub
        stub
      ];
      string = "stub";
      integer = 0;
    }
    .${kind}
  ) asked.plain;
  flakeStub = name: removeAttrs stub [ "type" "name" ] // {
    _type = "flake";
    outPath = nowhere + "/" + name;
  };

  # What is imported from below the place of a stub.
  foreign =
    place:
    let
      parts = builtins.filter (part: builtins.isString part && part != "") (
        builtins.split "/" (builtins.substring (builtins.stringLength nowhere) (-1) place)
      );
      part = number: if builtins.length parts > number then builtins.elemAt parts number else "";
      rest = lib.removeSuffix "/default.nix" (lib.concatStringsSep "/" (lib.drop 1 parts));
    in
    if part 0 == "nixpkgs" && (rest == "" || rest == "default.nix") then
      args: overlaid (args.overlays or [ ]) (packages (args.system or args.localSystem or "x86_64-linux"))
    else if part 0 == "nixpkgs" && rest == "lib" then
      lib
    else if lib.hasSuffix "nixos/lib/eval-config.nix" rest then
      lib.nixosSystem
    else if part 0 == "nixpkgs" && rest == "nixos" then
      args: lib.nixosSystem (args // { modules = [ args.configuration ]; })
    else if part 0 == "systems" then
      builtins.filter (
        system: rest == "default" || lib.hasSuffix (lib.removePrefix "default" rest) system
      ) asked.systems
    else if part 0 == "home-manager" && rest == "" then
      _: homeManager
    else if part 0 == "home-manager" && rest == "modules" then
      homeManager.lib.homeManagerConfiguration
    else
      stub;

  # nixpkgs.

  boolean = value: if builtins.isBool value then value else false;
  # Overlays that are stubs, or return one, add nothing.
  cleaned = value: if isStub value then { } else value;
  extensible =
    lib:
    lib
    // {
      extend =
        overlay:
        if isStub overlay then
          extensible lib
        else
          extensible (lib.extend (final: prev: cleaned (overlay final prev)));
    };
  lib = extensible extended;
  extended = (imported asked.lib).extend (
    final: prev:
    {
      modules = prev.modules // {
        mkIf = condition: prev.modules.mkIf (boolean condition);
      };
      # Submodules are left alone.
      evalModules = evaluatedBy prev.evalModules;
      fixedPoints = prev.fixedPoints // rec {
        composeExtensions =
          first: second: final: prev:
          let
            added = if isStub first then { } else cleaned (first final prev);
            more = if isStub second then { } else cleaned (second final (prev // added));
          in
          added // more;
        composeManyExtensions = prev.lists.foldr composeExtensions (_: _: { });
      };
      attrsets = prev.attrsets // {
        optionalAttrs = condition: prev.attrsets.optionalAttrs (boolean condition);
      };
      lists = prev.lists // {
        optional = condition: prev.lists.optional (boolean condition);
        optionals = condition: prev.lists.optionals (boolean condition);
      };
      strings = prev.strings // {
        optionalString = condition: prev.strings.optionalString (boolean condition);
      };
    }
    // builders final
  );
  builders = lib: {
    nixosSystem = configured lib "nixos";
    nixosSystemFull = configured lib "nixos";
    nixosGenerate = configured lib "nixos";
    darwinSystem = configured lib "darwin";
    homeManagerConfiguration = configured lib "homeManager";
    nixOnDroidConfiguration = configured lib null;
    makeSystemConfig = configured lib null;
  };
  packages =
    given:
    let
      system = if builtins.isString given then given else given.system or "x86_64-linux";
      isDarwin = lib.hasSuffix "-darwin" system;
      platform = {
        inherit system isDarwin;
        isLinux = !isDarwin;
        isAarch64 = lib.hasPrefix "aarch64" system;
        isx86_64 = lib.hasPrefix "x86_64" system;
      };
      argumentsOf =
        function: more:
        mapAttrs (name: _: pkgs.${name} or stub) (lib.functionArgs function) // more;
      pkgs = removeAttrs stub (builtins.attrNames lib ++ ownOfStubs ++ [ "outputs" "inputs" ]) // {
        inherit lib system;
        path = nowhere + "/nixpkgs";
        stdenv = stub // platform // {
          hostPlatform = stub // platform;
          buildPlatform = stub // platform;
        };
        config = { };
        formats = builtins.scopedImport { __nixlint.unknown = throw; } asked.formats lib;
        nixos = configuration: lib.nixosSystem { modules = lib.toList configuration; };
        callPackage =
          what: more:
          let
            function = if builtins.isFunction what || isStub what then what else imported what;
          in
          function (argumentsOf function more);
      };
    in
    pkgs;
  # Overlays count only where the configurations cannot be found without them.
  overlaid =
    overlays: pkgs:
    if !asked.overlays then
      pkgs
    else
      let
        final = builtins.foldl' (prev: overlay: prev // overlay final prev) pkgs (
          builtins.filter (overlay: !isStub overlay) overlays
        );
      in
      final;
  nixpkgs = flakeStub "nixpkgs" // {
    inherit lib;
    legacyPackages = lib.genAttrs asked.systems packages;
  };

  homeManagerLib =
    lib:
    if asked.homeManager == null then
      lib.extend (_: _: { hm = stub; })
    else
      imported (asked.homeManager + "/modules/lib/stdlib-extended.nix") lib;
  homeManager = flakeStub "home-manager" // {
    lib = stub // {
      hm = (homeManagerLib lib).hm;
    };
    nixosModules = everyName [ "home-manager" "default" ] { };
    darwinModules = everyName [ "home-manager" "default" ] { };
  };
  nixDarwin = flakeStub "nix-darwin" // {
    lib = stub;
  };

  # Configurations.

  # A value for everything that options hold which nobody declares.
  tree = lib.mkOptionType {
    name = "nixlintTree";
    check = _: true;
    merge = mergedTree;
    emptyValue.value = stub;
  };
  mergedTree =
    place: definitions:
    let
      values = map (definition: definition.value) definitions;
      isPart = value: builtins.isAttrs value && !(value ? outPath) && !(value ? __functor);
    in
    if builtins.all isPart values then
      lib.zipAttrsWith (
        name: below:
        let
          merged = lib.mergeDefinitions (place ++ [ name ]) tree below;
        in
        if merged.isDefined then merged.mergedValue else stub
      ) (map ({ file, value }: mapAttrs (_: value: { inherit file value; }) value) definitions)
    else if builtins.all builtins.isList values then
      builtins.concatLists values
    else
      lib.last values;

  # `evalModules` with a `config` that has more than what is declared: other definitions are
  # taken from a second evaluation, and what is not even defined is a stub. The names of `config`
  # are known before anything is evaluated, or else arguments of modules would need all modules.
  evaluatedBy =
    evalModules: args:
    let
      specialArgs = {
        inherit config;
      }
      // args.specialArgs or { };
      own = name: settings: {
        _file = "nixlint-judge";
        key = "nixlint-judge-${name}";
        config._module = settings;
      };
      evaluatedWith =
        module:
        evalModules (
          args
          // {
            inherit specialArgs;
            modules = args.modules or [ ] ++ [ module ];
          }
        );
      declared = evaluatedWith (own "unchecked" { check = lib.mkForce false; });
      everything = evaluatedWith (own "tree" { freeformType = lib.mkOverride 1400 tree; });
      config = prefixed declared.options everything.config // {
        _module = mapAttrs (_: option: option.value) declared.options._module;
      };
    in
    declared
    // {
      inherit config;
      extendModules =
        more:
        evaluatedBy evalModules (
          args
          // {
            modules = args.modules or [ ] ++ more.modules or [ ];
            specialArgs = args.specialArgs or { } // more.specialArgs or { };
          }
        );
    };
  # Below a prefix of declared options.
  prefixed =
    options: values:
    mapAttrs (
      name: fallback:
      if !(options ? ${name}) then
        if values ? ${name} then completed values.${name} else fallback
      else if lib.isOption options.${name} then
        options.${name}.value
      else
        prefixed options.${name} (values.${name} or { })
    ) (everyName asked.names stub // plain // options);
  # Definitions without an option: the names that were missed are stubs.
  completed =
    value:
    if !builtins.isAttrs value || value ? outPath || value ? __functor then
      value
    else
      everyName asked.missed stub
      // lib.getAttrs (builtins.filter (name: plain ? ${name}) asked.missed) plain
      // mapAttrs (_: completed) value;

  base =
    class: pkgs: modules:
    let
      inherit (lib) mkOption types;
      option = type: default: mkOption { inherit type default; };
      part =
        options:
        types.submodule {
          inherit options;
          config._module.freeformType = tree;
        };
      parts = options: option (types.attrsOf (part options)) { };
    in
    {
      _file = "nixlint-judge";
      key = "nixlint-judge-base";
      options = lib.optionalAttrs (class != "homeManager") {
        home-manager.users = option (types.attrsOf types.deferredModule) { };
        home-manager.sharedModules = option (types.listOf types.raw) [ ];
        home-manager.extraSpecialArgs = option types.attrs { };
        specialisation = parts { configuration = option types.deferredModule { }; };
        containers = parts { config = option types.deferredModule { }; };
        microvm.vms = parts { config = option (types.nullOr types.deferredModule) null; };
      };
      config._module.args = mapAttrs (_: lib.mkOptionDefault) {
        inherit pkgs modules;
        baseModules = [ ];
        extraModules = [ ];
      };
    };

  configured =
    ownLib: class: args:
    let
      own = args.lib or ownLib;
      system = args.system or (if class == "darwin" then "aarch64-darwin" else "x86_64-linux");
      pkgs = args.pkgs or (packages (if system == null then "x86_64-linux" else system));
      special = (args.specialArgs or { }) // (args.extraSpecialArgs or { });
      evaluated =
        (if class == "homeManager" then homeManagerLib own else own).evalModules {
          inherit class;
          modules = [
            (base class pkgs (args.modules or [ ]))
          ]
          ++ args.modules or [ ]
          ++ args.extraModules or [ ]
          ++ args.imports or [ ]
          ++ (if args ? configuration then [ args.configuration ] else [ ]);
          specialArgs = {
            modulesPath = nowhere + "/nixpkgs/nixos/modules";
          }
          // special;
        };
      inherit (evaluated) config;
      inside =
        kind: modules: specialArgs:
        configured own kind { inherit pkgs modules specialArgs; };
      same = modules: inside "nixos" modules special;
      users = evaluated.config.home-manager;
    in
    evaluated
    // {
      inherit pkgs;
      nixlintConfiguration = {
        inherit (evaluated) graph;
        # Which files define that there are such.
        definedIn = mapAttrs (_: option: option.files) {
          hm = evaluated.options.home-manager.users;
          specialisation = evaluated.options.specialisation;
          container = evaluated.options.containers;
          microvm = evaluated.options.microvm.vms;
        };
        inner =
          if class == "homeManager" || class == null then
            { }
          else
            {
              hm = mapAttrs (
                name: module:
                inside "homeManager" ([ module ] ++ users.sharedModules) (
                  {
                    osConfig = config;
                    nixosConfig = config;
                    darwinConfig = config;
                    inherit name;
                  }
                  // users.extraSpecialArgs
                )
              ) users.users;
              specialisation = mapAttrs (
                _: one: same [ one.configuration ]
              ) evaluated.config.specialisation;
              container = mapAttrs (_: one: same [ one.config ]) evaluated.config.containers;
              microvm = mapAttrs (_: one: same [ one.config ]) (
                lib.filterAttrs (_: one: one.config != null) evaluated.config.microvm.vms
              );
            };
      };
    };

  # The flake.

  flakeAt =
    { place, inputs }:
    let
      given = mapAttrs (name: input name) inputs;
      function = (imported (place + "/flake.nix")).outputs;
      outputs = function (
        mapAttrs (name: _: flakeStub name) (builtins.functionArgs function)
        // removeAttrs given (if place == root then [ ] else asked.omitted)
        // {
          self = result;
        }
      );
      result = outputs // {
        _type = "flake";
        inherit outputs;
        inputs = given // { self = result; };
        outPath = place;
        sourceInfo = {
          outPath = place;
          lastModifiedDate = "20260101000000";
        };
        rev = "0000000000000000000000000000000000000000";
        shortRev = "0000000";
        lastModified = 0;
        lastModifiedDate = "20260101000000";
        narHash = "";
      };
    in
    result;
  input =
    name: what:
    if what.kind == "nixpkgs" then
      nixpkgs
    else if what.kind == "homeManager" then
      homeManager
    else if what.kind == "darwin" then
      nixDarwin
    else if what.kind == "flake" then
      flakeAt { inherit (what) place inputs; }
    else if what.kind == "systems" then
      flakeStub "systems/${what.set}"
    else if what.kind == "source" then
      { outPath = what.place; }
    else
      flakeStub name;

  outputs =
    if asked.entry.kind == "flake" then
      (flakeAt {
        place = root;
        inherit (asked) inputs;
      }).outputs
    else
      {
        ${asked.entry.name} =
          if asked.entry.kind == "module" then
            configured lib asked.entry.class { modules = [ (/. + asked.entry.file) ]; }
          else
            called (imported asked.entry.file);
      };
  called = value: if builtins.isFunction value then value { } else value;

  hive =
    let
      nodes = outputs.colmena or outputs;
      meta = nodes.meta or { };
    in
    mapAttrs (
      name: node:
      lib.nixosSystem {
        modules = [ (nodes.defaults or { }) node ];
        specialArgs = {
          inherit name;
          nodes = stub;
        }
        // meta.specialArgs or { }
        // meta.nodeSpecialArgs.${name} or { };
      }
    ) (removeAttrs nodes [ "meta" "defaults" "network" ]);

  at = path: value: lib.foldl (value: name: value.${name}) value path;
  # Some outputs lie below `legacyPackages.SYSTEM`, too.
  perSystem =
    output:
    lib.foldl (found: packages: packages.${output} or { } // found) { } (
      builtins.attrValues (outputs.legacyPackages or { })
    );
  wanted =
    let
      output = builtins.head asked.path;
      rest = builtins.tail asked.path;
    in
    if output == "colmena" then
      at rest hive
    else if outputs ? ${output} then
      at asked.path outputs
    else
      at rest (perSystem output);
  marked =
    if isStub wanted then
      null
    else if wanted ? nixlintConfiguration then
      wanted.nixlintConfiguration
    else if wanted ? graph then
      {
        inherit (wanted) graph;
        inner = { };
      }
    else
      null;

  # The modules of a graph: key and file.
  modulesOf =
    graph:
    let
      keyed = list: lib.filter (one: !one.disabled) list;
      all = builtins.genericClosure {
        startSet = keyed graph;
        operator = one: keyed one.imports;
      };
    in
    map (one: {
      key = toString one.key;
      file = toString one.file;
    }) all;

  answers = {
    # null: known only to what is not at hand.
    names = mapAttrs (
      _: value:
      if isStub value then
        null
      else if builtins.isAttrs value then
        builtins.attrNames value
      else
        [ ]
    ) (builtins.intersectAttrs (everyName asked.outputs null) outputs);
    modules = if marked == null then null else modulesOf marked.graph;
    inner =
      if marked == null then
        { }
      else
        mapAttrs (label: inside: {
          names = builtins.attrNames inside;
          files = map toString marked.definedIn.${label};
        }) marked.inner;
    innerModules =
      modulesOf marked.inner.${asked.label}.${asked.name}.nixlintConfiguration.graph;
  };
in
answers.${asked.question}
