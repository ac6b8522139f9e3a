# Modules and the properties of definitions. The evaluation of modules itself (`evalModules`) is
# no business of this model: it comes back as a marked set with the arguments.
lib:
let
  inherit (builtins) concatMap head isAttrs length map mapAttrs;

  normal = 100;
  middle = 1000;

  kind = value: value._type or null;

  # Definitions are sets with the field `value`; one layer of a property is taken off.
  priorityOf = def: if kind def.value == "override" then def.value.priority else normal;
  orderOf = def: if kind def.value == "order" then def.value.priority else middle;

  discharge =
    value:
    if kind value == "merge" then
      concatMap discharge value.contents
    else if kind value == "if" then
      if !(builtins.isBool value.condition) then
        throw "‘mkIf’ called with a non-Boolean condition"
      else if value.condition then
        discharge value.content
      else
        [ ]
    else
      [ value ];

  pushDown =
    config:
    if kind config == "merge" then
      concatMap pushDown config.contents
    else if kind config == "if" then
      map (mapAttrs (_: lib.mkIf config.condition)) (pushDown config.content)
    else if kind config == "override" then
      map (mapAttrs (_: lib.mkOverride config.priority)) (pushDown config.content)
    else
      [ config ];

  strongest =
    defs:
    let
      highestPrio = builtins.foldl' (least: def: lib.min least (priorityOf def)) 9999 defs;
      chosen = builtins.filter (def: priorityOf def == highestPrio) defs;
    in
    {
      values = map (
        def: if kind def.value == "override" then def // { value = def.value.content; } else def
      ) chosen;
      inherit highestPrio;
    };

  # A module in data form with fixed fields.
  unify =
    file: key: module:
    let
      explicit = module ? config || module ? options;
      known = [
        "_class" "_file" "key" "disabledModules" "imports" "options" "config" "meta" "freeformType"
      ];
      bad = builtins.attrNames (removeAttrs module known);
      addMeta =
        config: if module ? meta then lib.mkMerge [ config { meta = module.meta; } ] else config;
      addFreeform =
        config:
        if module ? freeformType then
          lib.mkMerge [ config { _module.freeformType = module.freeformType; } ]
        else
          config;
    in
    if explicit && bad != [ ] then
      throw "Module `${key}' has an unsupported attribute `${head bad}'."
    else
      {
        _file = toString module._file or file;
        _class = module._class or null;
        key = toString module.key or key;
        disabledModules = module.disabledModules or [ ];
        imports = module.imports or [ ] ++ (if explicit then [ ] else module.require or [ ]);
        options = module.options or { };
        config = addFreeform (
          if explicit then
            addMeta (module.config or { })
          else
            removeAttrs module [
              "_class" "_file" "key" "disabledModules" "require" "imports" "freeformType"
            ]
        );
      };

  rename =
    {
      from,
      to,
      visible,
      warn,
      use,
      withPriority ? true,
      condition ? true,
    }:
    { config, options, ... }:
    let
      old = lib.getAttrFromPath from options;
      new = lib.attrByPath to (abort "Renaming error: option `${lib.showOption to}' does not exist.");
      newType = (lib.attrByPath to { } options).type or (lib.types.submodule { });
      forward =
        if withPriority then
          lib.modules.mkAliasAndWrapDefsWithPriority
        else
          lib.mkAliasAndWrapDefinitions;
      message = "The option `${lib.showOption from}' defined in ${lib.showFiles old.files} has been renamed to `${lib.showOption to}'.";
    in
    {
      # The type is needed at once, as by the original.
      options = lib.setAttrByPath from (
        builtins.seq newType (
          lib.mkOption {
            inherit visible;
            description = "Alias of {option}`${lib.showOption to}`.";
            apply = _: use (new config);
            type = newType;
          }
        )
      );
      config = lib.mkIf condition (
        lib.mkMerge [
          (lib.optionalAttrs (options ? warnings) {
            warnings = lib.optional (warn && old.isDefined) message;
          })
          (forward (lib.setAttrByPath to) old)
        ]
      );
    };

  # Wrapped options forward only what somebody defined.
  whenDefined = option: lib.mkIf (lib.isOption option && option.isDefined);
in
rec {
  evalModules = args: import ./opaque.nix args;

  defaultOverridePriority = normal;
  defaultOrderPriority = middle;

  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkAssert =
    assertion: message: mkIf (if assertion then true else throw "\nFailed assertion: ${message}");
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkOrder = priority: content: {
    _type = "order";
    inherit priority content;
  };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  mkFixStrictness = content: content;
  mkDefinition = fields: fields // { _type = "definition"; };

  mapDefinitionValue =
    f: value:
    let
      type = kind value;
    in
    if type == "merge" then
      value // { contents = map (mapDefinitionValue f) value.contents; }
    else if type == "if" || type == "override" || type == "order" then
      value // { content = mapDefinitionValue f value.content; }
    else if type == "definition" then
      value // { value = mapDefinitionValue f value.value; }
    else
      f value;

  mkAliasIfDef = whenDefined;
  mkAliasAndWrapDefinitions = wrap: option: whenDefined option (wrap (mkMerge option.definitions));
  mkAliasDefinitions = mkAliasAndWrapDefinitions (value: value);
  mkAliasAndWrapDefsWithPriority =
    wrap: option:
    whenDefined option (
      wrap (mkMerge (map (mkOverride (option.highestPrio or normal)) option.definitions))
    );
  mkDerivedConfig = option: f: mkOverride (option.highestPrio or normal) (f option.value);

  pushDownProperties = pushDown;
  dischargeProperties = discharge;
  filterOverrides' = strongest;
  filterOverrides = defs: (strongest defs).values;
  sortProperties =
    defs:
    let
      strip = def: if kind def.value == "order" then def // { value = def.value.content; priority = def.value.priority; } else def;
      byOrder = a: b: (a.priority or middle) < (b.priority or middle);
    in
    builtins.sort byOrder (map strip defs);

  mergeDefinitions =
    loc: type: defs:
    let
      properties =
        def:
        map (
          value:
          if kind value == "definition" then
            value
          else
            {
              inherit (def) file;
              inherit value;
            }
        ) (discharge def.value);
      # A definition that carries its own file can itself be wrapped again.
      flat = concatMap properties defs;
      ranked = strongest flat;
      ordered =
        if builtins.any (def: kind def.value == "order") ranked.values then
          sortProperties ranked.values
        else
          ranked.values;
      mistyped = builtins.filter (def: !(type.check def.value)) ordered;
    in
    rec {
      defsFinal' = {
        values = ordered;
        inherit (ranked) highestPrio;
      };
      defsFinal = ordered;
      isDefined = defsFinal != [ ];
      mergedValue =
        if !isDefined then
          throw "The option `${lib.showOption loc}' was accessed but has no value defined. Try setting the option."
        else if mistyped != [ ] then
          throw "A definition for option `${lib.showOption loc}' is not of type `${type.description}'. Definition values:${lib.options.showDefs mistyped}"
        else
          type.merge loc ordered;
      optionalValue = if isDefined then { value = mergedValue; } else { };
    };

  # For every attribute of the option's definitions: the value, and how strong it is.
  mergeAttrDefinitionsWithPrio =
    option:
    let
      perName = lib.zipAttrs (
        concatMap (
          def: map (mapAttrs (_: value: { inherit (def) file; inherit value; })) (pushDown def.value)
        ) option.definitionsWithLocations
      );
    in
    assert option.type.name == "attrsOf" || option.type.name == "lazyAttrsOf";
    mapAttrs (
      name: defs:
      let
        merged = mergeDefinitions (option.loc ++ [ name ]) option.type.nestedTypes.elemType defs;
      in
      merged.optionalValue // { inherit (merged.defsFinal') highestPrio; }
    ) perName;

  fixupOptionType =
    _loc: option:
    if (option.type.getSubModules or null) == null then
      option // { type = option.type or lib.types.unspecified; }
    else
      option // { type = option.type.substSubModules (option.options or [ ]); options = [ ]; };
  fixMergeModules =
    modules: args: evalModules { inherit modules args; check = false; };

  setDefaultModuleLocation = file: module: {
    _file = file;
    imports = [ module ];
  };
  unifyModuleSyntax = unify;
  applyModuleArgsIfFunction =
    _key: module: args:
    let
      wanted = lib.functionArgs module;
      extra = mapAttrs (name: _: args.${name} or args.config._module.args.${name}) wanted;
    in
    if lib.isFunction module then module (args // extra) else module;

  importApply = file: argument: setDefaultModuleLocation file (import file argument);
  importJSON = file: {
    _file = file;
    config = lib.importJSON file;
  };
  importTOML = file: {
    _file = file;
    config = lib.importTOML file;
  };

  doRename = rename;
  mkRemovedOptionModule =
    path: instead:
    { options, ... }:
    let
      text = "The option definition `${lib.showOption path}' in ${lib.showFiles old.files} no longer has any effect; please remove it.\n${instead}";
      old = lib.getAttrFromPath path options;
    in
    {
      options = lib.setAttrByPath path (
        lib.mkOption {
          visible = false;
          apply = _: throw "The option `${lib.showOption path}' can no longer be used since it's been removed. ${instead}";
        }
      );
      config.assertions = [
        {
          assertion = !old.isDefined;
          message = text;
        }
      ];
    };
  mkRenamedOptionModule =
    from: to:
    rename {
      inherit from to;
      visible = false;
      warn = true;
      use = builtins.trace "Obsolete option `${lib.showOption from}' is used. It was renamed to `${lib.showOption to}'.";
    };
  mkRenamedOptionModuleWith =
    {
      from,
      to,
      sinceRelease,
    }:
    rename {
      inherit from to;
      visible = false;
      warn = sinceRelease != null;
      use = value: value;
    };
  mkMergedOptionModule =
    froms: to: merge:
    { config, options, ... }:
    let
      defined = builtins.filter (from: lib.getAttrFromPath from config != "_mkMergedOptionModule") froms;
      warning =
        from:
        "The option `${lib.showOption from}' defined in ${lib.showFiles (lib.getAttrFromPath from options).files} has been changed to `${lib.showOption to}' that has a different type. Please read `${lib.showOption to}' documentation and update your configuration accordingly.";
    in
    {
      options = lib.foldl' lib.recursiveUpdate { } (
        map (
          from:
          lib.setAttrByPath from (
            lib.mkOption {
              visible = false;
              # Stands for "nobody set it": reading a changed option is no error.
              default = "_mkMergedOptionModule";
            }
          )
        ) froms
      );
      config =
        {
          warnings = map warning (
            builtins.filter (from: lib.attrByPath from "_mkMergedOptionModule" config != "_mkMergedOptionModule") froms
          );
        }
        // lib.setAttrByPath to (mkMerge (lib.optional (defined != [ ]) (merge config)));
    };
  mkChangedOptionModule = from: mkMergedOptionModule [ from ];
  mkAliasOptionModule =
    from: to:
    rename {
      inherit from to;
      visible = true;
      warn = false;
      use = value: value;
    };
  mkAliasOptionModuleMD = mkAliasOptionModule;
}
