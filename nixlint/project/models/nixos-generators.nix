# github:nix-community/nixos-generators: images of NixOS configurations.
{ ... }:
{
  nixosGenerate =
    args:
    __nixlint.open "an image is built only by Nix" {
      _type = "nixlint-configuration";
      class = "nixos";
      inherit args;
    };
}
