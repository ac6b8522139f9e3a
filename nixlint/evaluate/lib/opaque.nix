# What `evalModules` gives: its arguments, and much that is known only to Nix. Its options have the
# same mark, for those who can read them from the modules.
args:
let
  open = __nixlint.open "modules are evaluated only by Nix";
  mark = open {
    _type = "nixlint-eval-modules";
    inherit args;
  };
in
open {
  _type = "nixlint-eval-modules";
  inherit args;
  options = mark;
}
