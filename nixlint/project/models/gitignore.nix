# github:hercules-ci/gitignore.nix: sources without what git ignores.
{ unknown, ... }:
{
  lib = {
    gitignoreSource = _: unknown "the source is filtered by gitignore.nix";
    gitignoreFilter = _: _: _: unknown "gitignore.nix decides which files are left out";
    gitignoreFilterWith = _: _: _: unknown "gitignore.nix decides which files are left out";
    gitignoreSourceWith = _: unknown "the source is filtered by gitignore.nix";
  };
}
