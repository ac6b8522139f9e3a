# github:nix-systems/aarch64-linux: importing it gives a list.
{ ... }: { __import = [ "aarch64-linux" ]; }
