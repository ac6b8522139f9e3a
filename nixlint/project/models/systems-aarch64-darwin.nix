# github:nix-systems/aarch64-darwin: importing it gives a list.
{ ... }: { __import = [ "aarch64-darwin" ]; }
