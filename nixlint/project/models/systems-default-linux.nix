# github:nix-systems/default-linux: importing it gives a list.
{ ... }: { __import = [ "aarch64-linux" "x86_64-linux" ]; }
