# What of nixpkgs' packages builds configurations; everything else of them is known only to Nix.
let
  open = __nixlint.open "a configuration is evaluated only by Nix";
  test = module: open {
    _type = "nixlint-test";
    args.modules = [ module ];
  };
in
{
  nixos =
    configuration:
    open {
      _type = "nixlint-configuration";
      class = "nixos";
      args.modules = if builtins.isList configuration then configuration else [ configuration ];
    };
  nixosTest = test;
  testers = {
    nixosTest = test;
    runNixOSTest = test;
  };

  # The packages with overlays applied.
  overlaid =
    packages: overlays:
    let
      final = builtins.foldl' (prev: overlay: prev // overlay final prev) packages overlays;
    in
    final;
}
