# References to flakes, for versions of Nix that have these functions.
_: {
  parseFlakeRef = builtins.parseFlakeRef;
  flakeRefToString = builtins.flakeRefToString;
}
