# A small module system for the models of libraries that evaluate modules. Modules that are not
# known leave the rest of what they may define unknown; what the others define is taken as known,
# although a module may in principle overrule it.
#
# evalModules { modules; specialArgs; freeform; complete; } gives { config; complete; args; }:
# `freeform` is a function of a path of names that gives the type of undeclared options there, or
# null; `complete` says whether no module is missing from the list.
{ lib, unknown, isKnown, isWhole, knownPart, ... }:
let
  inherit (builtins)
    all any attrNames catAttrs concatLists concatMap elem filter foldl' functionArgs head isAttrs
    isFunction isPath isString length mapAttrs zipAttrsWith
    ;

  textOf = value: builtins.unsafeDiscardStringContext (toString value);
  isCallable = value: isFunction value || (isAttrs value && knownPart value ? __functor);

  # The `_type` of a set; a partly known one has none unless it is written.
  kindOf = value: if isAttrs value then (knownPart value)._type or null else null;
  argumentsOf = f: if isFunction f then functionArgs f else f.__functionArgs or (functionArgs (f.__functor f));

  missing = "a module is not known";

  # Modules.

  normal =
    key: file: value:
    let
      written = knownPart value;
      explicit = written ? config || written ? options;
      special = [ "_class" "_file" "key" "disabledModules" "imports" "freeformType" "meta" ];
      plain = removeAttrs value (special ++ [ "require" ]);
      others = attrNames (removeAttrs written (special ++ [ "config" "options" ]));
    in
    if explicit && others != [ ] then
      throw "Module `${key}' has an unsupported attribute `${head others}'."
    else
    {
      known = true;
      key = if written ? key then textOf written.key else key;
      file = if written ? _file then textOf written._file else file;
      imports = written.imports or [ ];
      options = written.options or { };
      config = if explicit then written.config or { } else plain;
      freeformType = written.freeformType or null;
    };

  load =
    args: parent: index: module:
    let
      anonymous = "${parent}:${toString index}";
      path = textOf module;
      applied =
        f:
        f (args.fixed // mapAttrs (name: _: args.fixed.${name} or args.lazy.${name}) (argumentsOf f));
      made = key: file: value: if isKnown value then checked key file value else hidden key;
      checked =
        key: file: value:
        if isAttrs value then
          (if elem (kindOf value) [ null "module" "merge" ] then normal key file value else normal key file { config = value; })
        else
          throw "module ${file} does not look like a module";
      hidden = key: {
        known = false;
        inherit key;
        imports = [ ];
      };
      fromFile = import module;
    in
    if !(isKnown module) then
      hidden anonymous
    else if isCallable module then
      made anonymous parent (applied module)
    else if isAttrs module then
      made anonymous parent module
    else if isPath module || isString module then
      if !(isKnown fromFile) then
        hidden path
      else
        made path path (if isCallable fromFile then applied fromFile else fromFile)
    else
      throw "Expected a module, but found a value of another type.";

  loadAll = args: parent: list: lib.imap1 (load args parent) list;

  # Breadth first, each key once, as the order of definitions depends on it.
  closure =
    args: modules:
    let
      step =
        state: module:
        if state.seen ? ${module.key} then
          state
        else
          {
            seen = state.seen // { ${module.key} = null; };
            fresh = state.fresh ++ [ module ];
          };
      level =
        seen: found:
        let
          state = foldl' step { inherit seen; fresh = [ ]; } found;
          next = concatMap (module: loadAll args module.key (listPart module.imports)) state.fresh;
        in
        if found == [ ] then [ ] else state.fresh ++ level state.seen next;
    in
    level { } (loadAll args "" (listPart modules));

  listPart = list: if isKnown list then knownPart list else [ ];

  # Definitions: sets of `file` and `value`.

  pushDown =
    { file, value }:
    if !(isKnown value) then
      [ { inherit file value; } ]
    else if kindOf value == "merge" then
      concatMap (value: pushDown { inherit file value; }) (listPart value.contents)
      ++ (if isWhole value.contents then [ ] else [ { inherit file; value = unknown missing; } ])
    else if kindOf value == "if" then
      map (def: def // { value = mapAttrs (_: lib.mkIf value.condition) def.value; }) (
        pushDown { inherit file; value = value.content; }
      )
    else if kindOf value == "override" then
      map (def: def // { value = mapAttrs (_: lib.mkOverride value.priority) def.value; }) (
        pushDown { inherit file; value = value.content; }
      )
    else
      [ { inherit file value; } ];

  discharge =
    def:
    let
      value = def.value;
      type = kindOf value;
    in
    if !(isKnown value) then
      [ def ]
    else if type == "merge" then
      concatMap (value: discharge (def // { inherit value; })) (listPart value.contents)
    else if type == "if" then
      if !(isKnown value.condition) then
        [ (def // { value = unknown "a condition is not known"; }) ]
      else if value.condition then
        discharge (def // { value = value.content; })
      else
        [ ]
    else
      [ def ];

  priorityOf = def: if kindOf def.value == "override" then def.value.priority else 100;
  strongest =
    defs:
    let
      least = foldl' (least: def: lib.min least (priorityOf def)) 9999 defs;
    in
    map (def: if kindOf def.value == "override" then def // { value = def.value.content; } else def) (
      filter (def: priorityOf def == least) defs
    );
  sorted =
    defs:
    let
      rank = def: if kindOf def.value == "order" then def.value.priority else 1000;
      strip = def: if kindOf def.value == "order" then def // { value = def.value.content; } else def;
    in
    if any (def: rank def != 1000) defs then
      map strip (builtins.sort (one: other: rank one < rank other) defs)
    else
      defs;

  hasSubmodule =
    type:
    type.name == "submodule" || any hasSubmodule (builtins.attrValues (type.nestedTypes or { }));

  merge =
    path: type: defs:
    let
      ordered = sorted (strongest defs);
      values = catAttrs "value" ordered;
      element = type.nestedTypes.elemType;
    in
    if type.name == "attrsOf" || type.name == "lazyAttrsOf" then
      mergeAttrs path type ordered
    else if type.name == "submodule" then
      submodule path type ordered
    else if type.name == "nullOr" then
      (if all (value: value == null) values then null else merge path element ordered)
    else if type.name == "listOf" && hasSubmodule type then
      map (value: merge path element [ { file = ""; inherit value; } ]) (concatLists values)
    else if type.name == "functionTo" then
      argument:
      mergeOption { complete = true; } path element (
        map (def: def // { value = def.value argument; }) ordered
      )
    else if hasSubmodule type then
      (if length values == 1 then head values else unknown "several definitions of a kind that is not modelled")
    else if !(all (def: type.check def.value) ordered) then
      throw "A definition for option `${lib.showOption path}' is not of type `${type.description}'."
    else
      type.merge path ordered;

  mergeAttrs =
    path: type: defs:
    let
      element = type.nestedTypes.elemType;
      byName = zipAttrsWith (_: concatLists) (
        map (def: mapAttrs (_: value: discharge { inherit (def) file; inherit value; }) (knownPart def.value)) (
          concatMap pushDown defs
        )
      );
      present = if type.name == "attrsOf" then lib.filterAttrs (_: found: found != [ ]) byName else byName;
      merged = mapAttrs (name: mergeOption { complete = true; } (path ++ [ name ]) element) present;
    in
    if all (def: isWhole def.value) defs then merged else unknown missing // merged;

  # Some of the definitions may be unknown.
  mergeOption =
    { complete }:
    path: type: defs:
    let
      found = filter (def: isKnown def.value) defs;
      whole = complete && length found == length defs;
      hidden = if length found == length defs then unknown missing else (head (filter (def: !(isKnown def.value)) defs)).value;
    in
    if found == [ ] then
      (
        if defs != [ ] || !complete then
          hidden
        else if type ? emptyValue.value then
          type.emptyValue.value
        else
          throw "The option `${lib.showOption path}' was accessed but has no value defined. Try setting the option."
      )
    else if whole then
      merge path type found
    else if type.name == "attrsOf" || type.name == "lazyAttrsOf" then
      hidden // merge path type found
    else if type.name == "listOf" then
      merge path type found ++ hidden
    else if length found == length defs then
      merge path type found
    else
      hidden;

  submodule =
    path: type: defs:
    removeAttrs (evalModules {
      modules = type.getSubModules ++ map (def: if isAttrs def.value then { _file = def.file; config = def.value; } else def.value) defs;
      specialArgs.name = lib.last path;
    }).config [ "_module" ];

  # Options.

  # The trees of declarations, joined: leaves are lists of declarations. A submodule that others
  # declare options into becomes a part of the tree.
  isDeclaration = value: kindOf value == "option";
  expanded =
    value:
    if !(isDeclaration value) then
      [ value ]
    else
      map (
        module:
        if isCallable module then
          (module (mapAttrs (_: _: unknown "an argument of a submodule") (argumentsOf module) // { inherit lib; })).options or { }
        else
          module.options or { }
      ) value.type.getSubModules;
  joined =
    trees:
    mapAttrs (
      _: found:
      let
        declarations = filter isDeclaration found;
      in
      if declarations == [ ] then
        { tree = joined found; }
      else if
        length declarations < length found && all (option: (option.type.name or "") == "submodule") declarations
      then
        { tree = joined (concatMap expanded found); }
      else
        { leaf = declarations; }
    ) (zipAttrsWith (_: found: found) (map knownPart trees));

  # A type named "modules" collects the modules of all declarations and definitions.
  optionOf =
    options:
    let
      types = catAttrs "type" options;
      submodules = filter (type: type.name == "submodule") types;
    in
    foldl' (left: right: left // right) { } options
    // (
      if types == [ ] then
        { type = lib.types.unspecified; }
      else if length types == length submodules && length options > 1 then
        {
          type = lib.types.submoduleWith { modules = concatMap (type: type.getSubModules) submodules; };
        }
      else if length types > 1 then
        {
          type = foldl' (
            left: right:
            let
              joined = left.typeMerge right.functor;
            in
            if left ? modules || joined == null then left else joined
          ) (head types) (builtins.tail types);
        }
      else
        { }
    )
    // {
      collected = concatLists (catAttrs "modules" types);
    };

  evalOption =
    complete: path: declarations: defs:
    let
      option = optionOf declarations;
      discharged = concatMap discharge defs;
      default = {
        file = "<default>";
        value = lib.mkOptionDefault option.default;
      };
      hasOwn = any (def: isKnown def.value && kindOf def.value != "override") discharged;
      value =
        if option.type.name == "modules" then
          option.collected ++ catAttrs "value" discharged ++ (if complete then [ ] else [ (unknown missing) ])
        else if discharged == [ ] && !complete && !(isContainer option.type) && !(option.readOnly or false) then
          unknown missing
        else
          mergeOption { complete = complete || option.readOnly or false; } path option.type (
            discharged ++ (if option ? default && !hasOwn then [ default ] else [ ])
          );
    in
    if option ? apply then option.apply value else value;

  isContainer = type: elem type.name [ "attrsOf" "lazyAttrsOf" "listOf" "submodule" ];

  evalTree =
    settings: path: tree: defs:
    let
      # A set of its own takes properties off before it looks at names.
      own = settings.freeform path != null && path != [ ];
      pushed = map called (
        concatMap pushDown (if own then strongest (concatMap discharge defs) else defs)
      );
      # A set of its own is a submodule, which a function may define.
      called =
        def:
        if own && isKnown def.value && isCallable def.value then
          def // { value = configOf (def.value (mapAttrs (_: _: unknown missing) (argumentsOf def.value) // { inherit lib; config = all'; })); }
        else
          def;
      configOf =
        module:
        if !(isKnown module) || !(isAttrs module) then
          module
        else if knownPart module ? config || knownPart module ? options then
          module.config or { }
        else
          removeAttrs module [ "_file" "imports" "key" ];
      # A function may give such a set, too, where a submodule is declared in parts.
      found = filter (def: isKnown def.value && isAttrs def.value) pushed;
      byName = zipAttrsWith (_: defs: defs) (
        map (def: mapAttrs (_: value: { inherit (def) file; inherit value; }) (knownPart def.value)) found
      );
      hidden = filter (def: !(isWhole def.value && isAttrs def.value)) pushed;
      below = map (def: { file = ""; value = unknown missing; }) hidden;
      declared = mapAttrs (
        name: node:
        if node ? leaf then
          evalOption settings.complete (path ++ [ name ]) node.leaf (byName.${name} or [ ] ++ below)
        else
          evalTree settings (path ++ [ name ]) node.tree (byName.${name} or [ ] ++ below)
      ) tree;
      type = settings.freeform path;
      undeclared = removeAttrs byName (attrNames tree);
      free = mapAttrs (
        name: defs:
        if type == null then
          unknown "the option `${lib.showOption (path ++ [ name ])}' is declared by a module that is not known"
        else
          mergeFree settings (path ++ [ name ]) type (concatMap discharge defs)
      ) undeclared;
      all' = free // declared;
    in
    if hidden == [ ] && (settings.complete || type == null) then all' else unknown missing // all';

  mergeFree =
    settings: path: type: defs:
    if !settings.complete && length defs > 1 then
      # An option that an unknown module declares: sets join.
      if all (def: isKnown def.value && isAttrs def.value) defs then
        mergeOption { complete = false; } path (lib.types.lazyAttrsOf lib.types.raw) defs
      else
        unknown missing
    else
      mergeOption { complete = true; } path type defs;

  evalModules =
    {
      modules,
      specialArgs ? { },
      freeform ? null,
      complete ? true,
    }:
    let
      args = {
        fixed = {
          inherit lib config;
          options = unknown "the declarations of options are not modelled";
        }
        // specialArgs;
        lazy = config._module.args;
      };
      found = closure args modules;
      isComplete = complete && all (module: module.known && isWhole module.imports) found && isWhole modules;
      known = filter (module: module.known) found;
      freeformTypes = filter (type: type != null) (catAttrs "freeformType" known);
      defs = lib.reverseList (map (module: { inherit (module) file; value = module.config; }) known);
      internal = {
        _module.args = lib.mkOption { type = lib.types.lazyAttrsOf lib.types.raw; };
      };
      config = evalTree {
        complete = isComplete;
        freeform =
          if freeform != null then
            freeform
          else
            path: if path == [ ] && freeformTypes != [ ] then head freeformTypes else null;
      } [ ] (joined ([ internal ] ++ catAttrs "options" known)) defs;
    in
    {
      inherit config args;
      complete = isComplete;
    };
in
{
  inherit evalModules;
}
