# github:notashelf/nvf: Neovim configured by modules. Its `lib` is not that of nixpkgs.
{ unknown, ... }:
{
  lib = {
    nvim = unknown "nvf makes packages";
    neovimConfiguration = unknown "nvf makes packages";
  };
}
