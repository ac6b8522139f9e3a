# The type that modules have for what they do not declare, or null. It is read without evaluating
# the modules: what depends on that is unknown.
lib:
{
  modules,
  specialArgs ? { },
}:
let
  inherit (builtins) concatMap functionArgs head isAttrs isFunction length mapAttrs;

  given = { inherit lib specialArgs; } // specialArgs;
  later = (import ./opaque.nix { }).config;

  load =
    module:
    if isFunction module then
      module (given // mapAttrs (name: _: given.${name} or later.${name}) (functionArgs module))
    else if isAttrs module then
      (if module ? __functor then load (module.__functor module) else module)
    else
      load (import module);

  find =
    module:
    let
      loaded = load module;
      own = loaded.freeformType or loaded.config._module.freeformType or null;
      mine = if own == null then [ ] else [ own ];
    in
    mine ++ concatMap find (loaded.imports or [ ]);

  found = concatMap find modules;
in
if found == [ ] then
  null
else if length found == 1 then
  head found
else
  later.freeformType
