# What `evalModules` gives: its arguments, and much that is known only to Nix.
args:
__nixlint.open "modules are evaluated only by Nix" {
  _type = "nixlint-eval-modules";
  inherit args;
}
