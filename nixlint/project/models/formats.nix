# `pkgs.formats` of nixpkgs: the types of the settings of programs, as far as `lib` says what they
# are. What makes files of the settings is known only to Nix.
lib:
let
  inherit (lib) types;

  generate = name: value: __nixlint.unknown "files are made only by Nix";
  format = type: { inherit generate type; };

  scalars = [ types.bool types.int types.float types.str ];

  # Values that nest freely.
  nested =
    {
      name,
      nullable ? true,
      more ? [ types.path ],
      fields ? { },
    }:
    let
      choices = types.oneOf (scalars ++ more ++ [ (types.attrsOf value) (types.listOf value) ]);
      value = (if nullable then types.nullOr choices else choices) // { description = "${name} value"; } // fields;
    in
    value;
  simple = args: _: format (nested args);

  scalarOrNull = what: types.nullOr (types.oneOf scalars) // { description = "${what} (null, bool, int, float or string)"; };

  # An atom, or several in a list where the format has a way to write them.
  atomOrList =
    {
      what,
      duplicate,
      joined,
      coerced,
    }:
    let
      one = scalarOrNull what;
      several =
        list: words:
        (if coerced then types.coercedTo one (value: [ value ]) list else types.either one list)
        // { description = "${one.description} or a ${words}"; };
    in
    if duplicate then
      several (types.listOf one) "list of them for duplicate keys"
    else if joined then
      several (types.nonEmptyListOf one) "non-empty list of them"
    else
      one;

  iniAtom =
    args:
    atomOrList {
      what = "INI atom";
      duplicate = args.listsAsDuplicateKeys or false;
      joined = (args.listToValue or null) != null;
      coerced = (args.atomsCoercedToLists or null) == true;
    };
  section = atom: types.attrsOf atom // { description = "section of an INI file (attrs of ${atom.description})"; };
  withAtom = atom: type: format type // { lib.types = { inherit atom; }; };
in
rec {
  json = simple { name = "JSON"; };
  yaml = yaml_1_1;
  yaml_1_1 = simple { name = "YAML 1.1"; };
  yaml_1_2 = simple { name = "YAML 1.2"; };
  cdn = simple { name = "CDN"; };
  plist = simple { name = "Property list (plist)"; };
  toml = simple {
    name = "TOML";
    nullable = false;
  };

  xml = { format ? "badgerfish", ... }:
    if format == "badgerfish" then simple { name = "XML"; } { } else throw "pkgs.formats.xml: Unknown format: ${format}";
  pythonVars = _: format (types.attrsOf (nested { name = "Python"; }));
  elixirConf =
    _:
    format (types.attrsOf (types.attrsOf (nested {
      name = "Elixir";
      more = [ ];
    })));
  lua =
    { asBindings ? false, ... }:
    let
      value = nested {
        name = "lua";
        more = [ types.path types.luaInline ];
        fields.descriptionClass = "noun";
      };
    in
    format (if asBindings then types.attrsOf value else value);

  ini = args: withAtom (iniAtom args) (types.attrsOf (section (iniAtom args)));
  systemd = ini { listsAsDuplicateKeys = true; };
  gitIni =
    args:
    let
      atom = iniAtom { listsAsDuplicateKeys = args.listsAsDuplicateKeys or false; };
    in
    withAtom atom (types.attrsOf (types.attrsOf (types.either atom (types.attrsOf atom))));
  iniWithGlobalSection =
    args:
    let
      atom = iniAtom args;
      part =
        prefix: type:
        lib.mkOption {
          inherit type;
          default = { };
          description = "${prefix}${type.description}";
        };
    in
    withAtom atom (types.submodule {
      options = {
        sections = part "" (types.attrsOf (section atom));
        globalSection = part "global " (section atom);
      };
    });
  keyValue =
    args:
    format (types.attrsOf (atomOrList {
      what = "atom";
      duplicate = args.listsAsDuplicateKeys or false;
      joined = (args.listToValue or null) != null;
      coerced = true;
    }));

  javaProperties =
    _:
    let
      text = from: types.coercedTo from toString types.str;
    in
    format (types.attrsOf (
      types.oneOf (map text [ types.package types.bool types.int types.float ])
      // { description = "string, package, bool, int or float"; }
    ));
  nixConf = _: format (types.attrsOf (types.nullOr (types.oneOf (scalars ++ [ types.path types.package ]))));
}
