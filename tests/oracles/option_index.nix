# The options of a tree of modules, as Nix evaluates them with nixpkgs' `lib` and packages that are
# only names: for each option its name, type, and what it says of itself. Everything is an argument.
{
  libDir,
  tree,
  kind,
  models,
}:
let
  base = import libDir;
  lib =
    if kind == "homeManager" then
      import (tree + "/modules/lib/stdlib-extended.nix") base
    else if kind == "nixvim" then
      base.extend (import (tree + "/lib/overlay.nix"))
    else
      base;

  linux = kind != "darwin";
  platform = {
    system = if linux then "x86_64-linux" else "aarch64-darwin";
    isLinux = linux;
    isDarwin = !linux;
    isx86_64 = linux;
    isAarch64 = !linux;
  };
  # Types of settings, and modules that others take from nixpkgs, are the same on both sides.
  scope = {
    __nixlint.unknown = throw;
  };
  pkgs = {
    inherit lib;
    inherit (platform) system;
    path = models + "/nixpkgs";
    stdenv = {
      hostPlatform = platform;
      inherit (platform) isLinux isDarwin;
    };
    formats = builtins.scopedImport scope (models + "/formats.nix") lib;
  };

  own = {
    _module.args.pkgs = lib.mkForce pkgs;
    _module.check = false;
  };
  modules = {
    homeManager =
      import (tree + "/modules/modules.nix") {
        inherit lib pkgs;
        check = false;
      }
      ++ [
        {
          home.username = "user";
          home.homeDirectory = "/home/user";
          home.stateVersion = "26.05";
        }
      ];
    darwin = import (tree + "/modules/module-list.nix") ++ [
      {
        _module.args.baseModules = [ ];
        _module.args.modules = [ ];
      }
    ];
    nixvim = [
      (tree + "/modules/top-level")
      {
        isDocs = true;
        nixpkgs.hostPlatform.system = platform.system;
      }
    ];
  };
  evaluated = lib.evalModules {
    modules = [ own ] ++ modules.${kind};
    specialArgs = {
      modulesPath = toString (tree + "/modules");
    }
    // (if kind == "nixvim" then { inherit lib; } else { });
  };

  list =
    options:
    lib.concatMap (
      option:
      let
        visible = option.visible or true;
        below = option.type.getSubOptions option.loc;
        follow = visible == true || visible == "transparent";
      in
      [
        {
          inherit (option) loc;
          name = lib.showOption option.loc;
          type = option.type.description;
          readOnly = option.readOnly or false;
          internal = option.internal or false;
          visible = visible != false && visible != "transparent";
          hasDefault = option ? default || option ? defaultText;
        }
      ]
      ++ (if follow && below != { } then list below else [ ])
    ) (lib.collect lib.isOption options);
in
list evaluated.options
