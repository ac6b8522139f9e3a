# Types of options. What the module analysis reads of a type: `name`, `description`, `check`,
# `merge`, `emptyValue`, `nestedTypes`, `getSubOptions`, `getSubModules`, `functor`.
lib:
let
  inherit (builtins)
    all attrNames concatMap elem filter head isAttrs isBool isFloat isInt isList isPath isString
    length map mapAttrs
    ;
  inherit (lib) mergeEqualOption mergeOneOption showOption;

  equal = mergeEqualOption;
  values = lib.getValues;

  isNoun = class: class == "noun";
  isNounOrBoth = class: class == "noun" || class == "conjunction";
  isNounOrComposite = class: class == "noun" || class == "composite";

  # The description as part of a longer one: in parentheses unless its class fits.
  phrase =
    fits: type:
    if fits (type.descriptionClass or null) then type.description else "(${type.description})";

  # What is left of definitions per attribute, each merged with the element's type.
  mergeEach =
    type: loc: defs:
    lib.modules.mergeDefinitions loc type defs;

  perName =
    defs:
    builtins.zipAttrsWith (_: found: found) (
      map (def: mapAttrs (_: value: { inherit (def) file; inherit value; }) def.value) defs
    );

  isType = wanted: value: (value._type or null) == wanted;

  self = rec {
    inherit isType;
    setType = name: set: set // { _type = name; };
    isOptionType = isType "option-type";
    types = self;

    defaultFunctor = name: {
      inherit name;
      type = lib.types.${name} or null;
      wrapped = null;
      payload = null;
      binOp = _: _: null;
    };
    # Both declarations of an option must have the same type, up to what the functor can merge.
    defaultTypeMerge =
      left: right:
      let
        wrapped = left.wrapped.typeMerge right.wrapped.functor;
        payload = left.binOp left.payload right.payload;
        some = (left ? wrapped && left.wrapped != null) && (right ? wrapped && right.wrapped != null);
        hasPayload = left.payload != null && right.payload != null;
      in
      if left.name != right.name then
        null
      else if some && !hasPayload then
        (if wrapped == null then null else left.type wrapped)
      else if hasPayload then
        (if payload == null then null else left.type payload)
      else
        left.type;

    mkOptionType =
      {
        name,
        description ? null,
        descriptionClass ? null,
        check ? (_: true),
        merge ? lib.mergeDefaultOption,
        emptyValue ? { },
        getSubOptions ? (_: { }),
        getSubModules ? null,
        substSubModules ? (_: null),
        typeMerge ? defaultTypeMerge functor,
        functor ? defaultFunctor name,
        deprecationMessage ? null,
        nestedTypes ? { },
      }:
      {
        _type = "option-type";
        inherit
          name check merge emptyValue getSubOptions getSubModules substSubModules typeMerge functor
          deprecationMessage nestedTypes descriptionClass
          ;
        description = if description == null then name else description;
      };

    optionDescriptionPhrase = phrase;
    addCheck = type: extra: type // { check = value: type.check value && extra value; };
    uniq = unique { message = ""; };
    unique =
      { message }:
      type:
      mkOptionType {
        name = "unique";
        inherit (type) description descriptionClass check emptyValue getSubOptions getSubModules;
        merge = lib.mergeUniqueOption { inherit message; inherit (type) merge; };
        substSubModules = modules: uniq (type.substSubModules modules);
        functor = elemTypeFunctor "unique" { elemType = type; } // {
          type = payload: unique { inherit message; } payload.elemType;
        };
        nestedTypes.elemType = type;
      };

    raw = mkOptionType {
      name = "raw";
      description = "raw value";
      descriptionClass = "noun";
      merge = mergeOneOption;
    };
    unspecified = mkOptionType {
      name = "unspecified";
      description = "unspecified value";
      descriptionClass = "noun";
    };
    anything = mkOptionType {
      name = "anything";
      description = "anything";
      descriptionClass = "noun";
      merge =
        loc: defs:
        let
          kinds = map (
            def:
            if lib.isStringLike def.value && !isString def.value && isAttrs def.value then
              "stringCoercibleSet"
            else
              builtins.typeOf def.value
          ) defs;
          common = head kinds;
          branches = {
            set = (attrsOf anything).merge;
            stringCoercibleSet = mergeOneOption;
            lambda =
              at: functions: argument:
              anything.merge (at ++ [ "<function body>" ]) (
                map (def: { inherit (def) file; value = def.value argument; }) functions
              );
          };
        in
        if !(all (kind: kind == common) kinds) then
          throw "The option `${showOption loc}' has conflicting option types in ${lib.showFiles (lib.getFiles defs)}"
        else
          (branches.${common} or equal) loc defs;
    };

    bool = mkOptionType {
      name = "bool";
      description = "boolean";
      descriptionClass = "noun";
      check = isBool;
      merge = equal;
    };
    boolByOr = mkOptionType {
      name = "boolByOr";
      description = "boolean (merged using or)";
      descriptionClass = "noun";
      check = isBool;
      merge = _: defs: builtins.any (value: value) (values defs);
    };
    int = mkOptionType {
      name = "int";
      description = "signed integer";
      descriptionClass = "noun";
      check = isInt;
      merge = equal;
    };
    ints = (import ./type-numbers.nix lib).ints;
    numbers = (import ./type-numbers.nix lib).numbers;
    port = ints.u16;
    float = mkOptionType {
      name = "float";
      description = "floating point number";
      descriptionClass = "noun";
      check = isFloat;
      merge = equal;
    };
    number = either int float;

    str = mkOptionType {
      name = "str";
      description = "string";
      descriptionClass = "noun";
      check = isString;
      merge = equal;
    };
    nonEmptyStr = mkOptionType {
      name = "nonEmptyStr";
      description = "non-empty string";
      descriptionClass = "noun";
      check = value: isString value && builtins.match "[ \t\n]*" value == null;
      inherit (str) merge;
    };
    singleLineStr =
      let
        inner = strMatching "[^\n\r]*\n?";
      in
      mkOptionType {
        name = "singleLineStr";
        description = "(optionally newline-terminated) single-line string";
        descriptionClass = "noun";
        inherit (inner) check;
        merge = loc: defs: lib.removeSuffix "\n" (equal loc defs);
      };
    strMatching =
      pattern:
      mkOptionType {
        name = "strMatching ${lib.strings.escapeNixString pattern}";
        description = "string matching the pattern ${pattern}";
        descriptionClass = "noun";
        check = value: isString value && builtins.match pattern value != null;
        inherit (str) merge;
        functor = defaultFunctor "strMatching" // {
          type = payload: strMatching payload.pattern;
          payload = { inherit pattern; };
          binOp = left: right: if left == right then left else null;
        };
      };
    separatedString =
      separator:
      mkOptionType {
        name = "separatedString";
        description = "strings concatenated with ${builtins.toJSON separator}";
        descriptionClass = "noun";
        check = isString;
        merge = _: defs: builtins.concatStringsSep separator (values defs);
        functor = defaultFunctor "separatedString" // {
          payload = { sep = separator; };
          type = payload: separatedString payload.sep;
          binOp = left: right: if left.sep == right.sep then { inherit (left) sep; } else null;
        };
      };
    lines = separatedString "\n";
    commas = separatedString ",";
    envVar = separatedString ":";
    passwdEntry =
      type:
      addCheck type (text: builtins.match ".*[:\n].*" text == null)
      // {
        name = "passwdEntry ${type.name}";
        description = "${phrase isNoun type}, not containing newlines or colons";
        descriptionClass = "nonRestrictiveClause";
      };

    attrs = mkOptionType {
      name = "attrs";
      description = "attribute set";
      check = isAttrs;
      merge = _: builtins.foldl' (set: def: set // def.value) { };
      emptyValue.value = { };
    };
    package = mkOptionType {
      name = "package";
      descriptionClass = "noun";
      check = value: lib.isDerivation value || lib.isStorePath value;
      merge =
        loc: defs:
        let
          value = mergeOneOption loc defs;
        in
        if builtins.isPath value || (isString value && !builtins.hasContext value) then lib.toDerivation value else value;
    };
    shellPackage = package // { check = value: lib.isDerivation value && value ? shellPath; };
    pkgs = addCheck (
      unique { message = "A Nixpkgs pkgs set can not be merged with another pkgs set."; } attrs
      // {
        name = "pkgs";
        descriptionClass = "noun";
        description = "Nixpkgs package set";
      }
    ) (value: (value._type or null) == "pkgs");

    path = pathWith { absolute = true; };
    pathInStore = pathWith { inStore = true; };
    externalPath = pathWith { absolute = true; inStore = false; };
    pathWith =
      {
        inStore ? null,
        absolute ? null,
      }:
      let
        inside = text: builtins.match "${builtins.storeDir}/[0-9a-z]{32}-.+" text != null;
        hold = wanted: text: fact: wanted == null || wanted == fact text;
        wording =
          lib.optionalString (absolute != null) (if absolute then "absolute " else "relative ")
          + "path"
          + lib.optionalString (inStore != null) (if inStore then " in the Nix store" else " not in the Nix store");
      in
      assert lib.assertMsg (!(inStore == true && absolute == false)) "In pathWith, inStore means the path must be absolute";
      mkOptionType {
        name = "path";
        description = wording;
        descriptionClass = "noun";
        merge = equal;
        functor = defaultFunctor "path" // {
          type = pathWith;
          payload = { inherit inStore absolute; };
          binOp = left: right: if left == right then left else null;
        };
        check =
          value:
          lib.isStringLike value
          && (inStore != false || isString value)
          && hold inStore (toString value) inside
          && hold absolute (toString value) (text: builtins.substring 0 1 text == "/");
      };

    listOf =
      elemType:
      mkOptionType rec {
        name = "listOf";
        description = "list of ${phrase isNounOrComposite elemType}";
        descriptionClass = "composite";
        check = isList;
        merge =
          loc: defs:
          map (one: one.value) (
            filter (one: one ? value) (
              builtins.concatLists (
                lib.imap1 (
                  n: def:
                  lib.imap1 (
                    m: value:
                    (mergeEach elemType (loc ++ [ "[definition ${toString n}-entry ${toString m}]" ]) [
                      { inherit (def) file; inherit value; }
                    ]).optionalValue
                  ) def.value
                ) defs
              )
            )
          );
        emptyValue.value = [ ];
        getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "*" ]);
        inherit (elemType) getSubModules;
        substSubModules = modules: listOf (elemType.substSubModules modules);
        functor = elemTypeFunctor name { inherit elemType; } // { type = payload: listOf payload.elemType; };
        nestedTypes.elemType = elemType;
      };
    nonEmptyListOf =
      elemType:
      let
        list = addCheck (listOf elemType) (value: value != [ ]);
      in
      list
      // {
        description = "non-empty ${phrase isNoun list}";
        emptyValue = { };
        substSubModules = modules: nonEmptyListOf (elemType.substSubModules modules);
      };

    attrsOf = elemType: attrsWith { inherit elemType; };
    lazyAttrsOf = elemType: attrsWith { inherit elemType; lazy = true; };
    attrsWith =
      {
        elemType,
        lazy ? false,
        placeholder ? "name",
      }:
      mkOptionType {
        name = if lazy then "lazyAttrsOf" else "attrsOf";
        description = (if lazy then "lazy attribute set" else "attribute set") + " of ${phrase isNounOrComposite elemType}";
        descriptionClass = "composite";
        check = isAttrs;
        merge =
          loc: defs:
          let
            merged = mapAttrs (name: found: mergeEach elemType (loc ++ [ name ]) found) (perName defs);
            lazily = mapAttrs (_: one: one.optionalValue.value or elemType.emptyValue.value or one.mergedValue) merged;
            present = lib.filterAttrs (_: one: one.isDefined) merged;
          in
          if lazy then lazily else mapAttrs (_: one: one.mergedValue) present;
        emptyValue.value = { };
        getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<${placeholder}>" ]);
        inherit (elemType) getSubModules;
        substSubModules =
          modules: attrsWith { elemType = elemType.substSubModules modules; inherit lazy placeholder; };
        functor = (elemTypeFunctor "attrsWith" { inherit elemType lazy placeholder; }) // {
          type = attrsWith;
          binOp =
            left: right:
            let
              merged = left.elemType.typeMerge right.elemType.functor;
              word = if left.placeholder == right.placeholder || right.placeholder == "name" then left.placeholder else if left.placeholder == "name" then right.placeholder else null;
            in
            if merged == null || left.lazy != right.lazy || word == null then
              null
            else
              { elemType = merged; inherit (left) lazy; placeholder = word; };
        };
        nestedTypes.elemType = elemType;
      };
    loaOf =
      elemType:
      mkOptionType {
        name = "loaOf";
        description = "list or attribute set of ${elemType.description}s";
        inherit (attrsOf elemType) merge check getSubOptions getSubModules;
        deprecationMessage = "Mixing lists with attribute values is no longer possible; please use `types.attrsOf` instead.";
        nestedTypes.elemType = elemType;
      };
    attrTag =
      tags:
      let
        shown = lib.concatMapStringsSep ", " lib.strings.escapeNixIdentifier (attrNames tags);
        options = mapAttrs (
          name: option:
          builtins.addErrorContext "while checking that attrTag tag ${lib.strings.escapeNixIdentifier name} is an option" (
            if lib.isOption option then
              option // { declarations = option.declarations or [ ]; }
            else
              throw "In attrTag, each tag value must be an option, but tag ${lib.strings.escapeNixIdentifier name} is no option."
          )
        ) tags;
      in
      mkOptionType {
        name = "attrTag";
        description = "attribute-tagged union with choices: ${shown}";
        descriptionClass = "noun";
        getSubOptions =
          prefix:
          mapAttrs (
            name: option:
            let
              loc = prefix ++ [ name ];
            in
            option // { inherit loc; }
          ) options;
        check = value: isAttrs value && length (attrNames value) == 1 && tags ? ${head (attrNames value)};
        merge =
          loc: defs:
          let
            tag = head (attrNames (head defs).value);
            option = tags.${tag};
            used = map (def: head (attrNames def.value)) defs;
            inner = mergeEach option.type (loc ++ [ tag ]) (
              map (def: { inherit (def) file; value = def.value.${tag}; }) defs
            );
          in
          # The value is what fails, not the set around it.
          {
            ${tag} =
              if !(all (name: name == tag) used) then
                throw "The option `${showOption loc}` is defined both as `${tag}` and `${lib.findFirst (name: name != tag) "" used}`, in ${lib.showFiles (lib.getFiles defs)}."
          else
            (option.apply or (value: value)) inner.mergedValue;
          };
        nestedTypes = options;
        functor = defaultFunctor "attrTag" // {
          type = payload: attrTag payload.tags;
          payload = { tags = options; };
          binOp = left: right: { tags = left.tags // right.tags; };
        };
      };

    nullOr =
      elemType:
      mkOptionType rec {
        name = "nullOr";
        description = "null or ${phrase isNounOrBoth elemType}";
        descriptionClass = "conjunction";
        check = value: value == null || elemType.check value;
        merge =
          loc: defs:
          let
            nulls = lib.count (def: def.value == null) defs;
          in
          if nulls == length defs then
            null
          else if nulls != 0 then
            throw "The option `${showOption loc}` is defined both null and not null, in ${lib.showFiles (lib.getFiles defs)}."
          else
            elemType.merge loc defs;
        emptyValue.value = null;
        inherit (elemType) getSubOptions getSubModules;
        substSubModules = modules: nullOr (elemType.substSubModules modules);
        functor = elemTypeFunctor name { inherit elemType; } // { type = payload: nullOr payload.elemType; };
        nestedTypes.elemType = elemType;
      };
    functionTo =
      elemType:
      mkOptionType {
        name = "functionTo";
        description = "function that evaluates to a(n) ${phrase isNounOrComposite elemType}";
        descriptionClass = "composite";
        check = lib.isFunction;
        merge = loc: defs: {
          __functionArgs = builtins.foldl' (
            left: right: lib.zipAttrsWith (_: all (flag: flag)) [ left right ]
          ) { } (map (def: lib.functionArgs def.value) defs);
          __functor =
            _: argument:
            (mergeEach elemType (loc ++ [ "<function body>" ]) (
              map (def: { inherit (def) file; value = def.value argument; }) defs
            )).mergedValue;
        };
        getSubOptions = prefix: elemType.getSubOptions (prefix ++ [ "<function body>" ]);
        inherit (elemType) getSubModules;
        substSubModules = modules: functionTo (elemType.substSubModules modules);
        functor = elemTypeFunctor "functionTo" { inherit elemType; } // { type = payload: functionTo payload.elemType; };
        nestedTypes.elemType = elemType;
      };
    either =
      first: second:
      mkOptionType rec {
        name = "either";
        # Behind a clause with a comma, another comma closes it.
        description =
          if first.descriptionClass or null == "nonRestrictiveClause" then
            "${first.description}, or ${phrase isNounOrBoth second}"
          else
            "${phrase isNounOrBoth first} or ${
              phrase (class: isNounOrBoth class || class == "composite") second
            }";
        descriptionClass = "conjunction";
        check = value: first.check value || second.check value;
        merge =
          loc: defs:
          let
            found = values defs;
          in
          if all first.check found then
            first.merge loc defs
          else if all second.check found then
            second.merge loc defs
          else
            equal loc defs;
        typeMerge =
          other:
          let
            left = first.typeMerge (head other.payload.elemType).functor;
            right = second.typeMerge (builtins.elemAt other.payload.elemType 1).functor;
          in
          if other.name == name && left != null && right != null then either left right else null;
        functor = defaultFunctor name // {
          wrapped = [ first second ];
          payload.elemType = [ first second ];
        };
        nestedTypes = {
          left = first;
          right = second;
        };
      };
    oneOf =
      choices:
      if choices == [ ] then
        throw "List cannot be empty in oneOf call"
      else
        builtins.foldl' either (head choices) (builtins.tail choices);
    coercedTo =
      from: f: to:
      assert lib.assertMsg (from.getSubModules == null) "coercedTo: coercedType must not have submodules (it’s a ${from.description})";
      mkOptionType rec {
        name = "coercedTo";
        description = "${phrase isNoun to} or ${phrase isNoun from} convertible to it";
        check = value: (from.check value && to.check (f value)) || to.check value;
        merge =
          loc: defs:
          to.merge loc (
            map (def: def // { value = if from.check def.value then f def.value else def.value; }) defs
          );
        inherit (to) emptyValue getSubOptions getSubModules;
        substSubModules = modules: coercedTo from f (to.substSubModules modules);
        typeMerge = _: null;
        functor = defaultFunctor name // { wrapped = to; };
        nestedTypes = {
          coercedType = from;
          finalType = to;
        };
      };
    enum =
      choices:
      let
        show =
          value:
          if isString value then ''"${value}"'' else if isInt value then toString value else if isBool value then lib.boolToString value else "<${builtins.typeOf value}>";
      in
      mkOptionType rec {
        name = "enum";
        description =
          if choices == [ ] then
            "impossible (empty enum)"
          else if length choices == 1 then
            "value ${show (head choices)} (singular enum)"
          else
            "one of ${lib.concatMapStringsSep ", " show choices}";
        descriptionClass = if length choices < 2 then "noun" else "conjunction";
        check = value: elem value choices;
        merge = equal;
        functor = defaultFunctor name // {
          payload.values = choices;
          type = payload: enum payload.values;
          binOp = left: right: { values = lib.unique (left.values ++ right.values); };
        };
      };

    submodule =
      modules:
      submoduleWith {
        shorthandOnlyDefinesConfig = true;
        modules = lib.toList modules;
      };
    submoduleWith =
      {
        modules,
        specialArgs ? { },
        shorthandOnlyDefinesConfig ? false,
        description ? null,
        class ? null,
      }@fields:
      let
        evaluate = more: prefix: lib.evalModules {
          inherit class specialArgs prefix;
          modules = modules ++ more;
        };
        freeform = import ./freeform.nix lib { inherit modules specialArgs; };
      in
      mkOptionType {
        name = "submodule";
        description =
          if description != null then
            description
          else if freeform ? description then
            "open submodule of ${
              phrase isNounOrComposite freeform
            }"
          else
            "submodule";
        check = value: isAttrs value || lib.isFunction value || path.check value;
        # The values of a submodule are its own evaluation of modules.
        merge =
          loc: defs:
          evaluate (map (
            def:
            if shorthandOnlyDefinesConfig && isAttrs def.value then
              { _file = def.file; config = def.value; }
            else
              { _file = def.file; imports = [ def.value ]; }
          ) defs) loc;
        emptyValue.value = { };
        getSubOptions = prefix: (evaluate [ ] prefix).options;
        getSubModules = modules;
        substSubModules = others: submoduleWith (fields // { modules = others; });
        nestedTypes = { };
        functor = defaultFunctor "submodule" // {
          type = submoduleWith;
          payload = { inherit modules class specialArgs shorthandOnlyDefinesConfig description; };
          binOp =
            left: right:
            let
              twice = what: throw "Declarations of a submodule differ in ${what}.";
              # What both say has to be the same.
              either =
                name:
                if left.${name} == null || left.${name} == right.${name} then
                  right.${name}
                else if right.${name} == null then
                  left.${name}
                else
                  twice "`${name}`";
            in
            {
              class = either "class";
              modules = left.modules ++ right.modules;
              specialArgs =
                if builtins.intersectAttrs left.specialArgs right.specialArgs == { } then
                  left.specialArgs // right.specialArgs
                else
                  twice "`specialArgs`";
              shorthandOnlyDefinesConfig = either "shorthandOnlyDefinesConfig";
              description = either "description";
            };
        };
      };
    deferredModule = deferredModuleWith { };
    deferredModuleWith =
      {
        staticModules ? [ ],
      }:
      mkOptionType {
        name = "deferredModule";
        description = "module";
        descriptionClass = "noun";
        check = value: isAttrs value || lib.isFunction value || path.check value;
        merge = loc: defs: {
          imports =
            staticModules
            ++ map (
              def: lib.setDefaultModuleLocation "${def.file}, via option ${showOption loc}" def.value
            ) defs;
        };
        inherit (submoduleWith { modules = staticModules; }) getSubOptions getSubModules;
        substSubModules = modules: deferredModuleWith { staticModules = modules; };
        functor = defaultFunctor "deferredModuleWith" // {
          type = deferredModuleWith;
          payload = { inherit staticModules; };
          binOp = left: right: { staticModules = lib.unique (left.staticModules ++ right.staticModules); };
        };
      };

    optionType = mkOptionType {
      name = "optionType";
      description = "optionType";
      descriptionClass = "noun";
      check = value: (value._type or null) == "option-type";
      merge =
        loc: defs:
        if length defs == 1 then
          (head defs).value
        else
          builtins.foldl' (
            left: right:
            let
              merged = left.typeMerge right.functor;
            in
            if merged == null then throw "The option `${showOption loc}' has conflicting option types." else merged
          ) (head defs).value (map (def: def.value) (builtins.tail defs));
    };
    optionDeclaration = mkOptionType {
      name = "optionDeclaration";
      description = "option declaration";
      descriptionClass = "noun";
      check = value: isAttrs value && (value._type or null) == "option";
      merge = mergeOneOption;
    };
    mergeTypes =
      left: right:
      assert isType "option-type" left && isType "option-type" right;
      let
        merged = left.typeMerge right.functor;
      in
      if merged == null then setType "merge-error" { error = "Cannot merge types"; } else merged;
    luaInline = mkOptionType {
      name = "luaInline";
      description = "inline lua";
      descriptionClass = "noun";
      check = isType "lua-inline";
      merge = equal;
    };
    fileset = mkOptionType {
      name = "fileset";
      description = "fileset";
      descriptionClass = "noun";
      check = lib.fileset.isFileset;
      merge = _: defs: lib.fileset.unions (values defs);
      emptyValue.value = lib.fileset.empty;
    };
    serializableValueWith =
      {
        typeName,
        nullable ? true,
      }:
      let
        base = oneOf [ bool int float str path (attrsOf value) (listOf value) ];
        value = (if nullable then nullOr base else base) // {
          description = "${typeName} value";
          descriptionClass = "conjunction";
        };
      in
      value;
    json = serializableValueWith { typeName = "JSON"; };
    toml = serializableValueWith { typeName = "TOML"; nullable = false; };
  };

  # How types with one element type merge with others of their kind.
  elemTypeFunctor =
    name: payload:
    self.defaultFunctor name
    // {
      inherit payload;
      wrapped = payload.elemType or null;
      binOp =
        left: right:
        let
          merged = left.elemType.typeMerge right.elemType.functor;
        in
        if merged == null then null else { elemType = merged; };
    };
in
self
