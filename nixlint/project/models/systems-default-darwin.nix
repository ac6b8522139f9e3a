# github:nix-systems/default-darwin: importing it gives a list.
{ ... }: { __import = [ "aarch64-darwin" "x86_64-darwin" ]; }
