# github:nix-systems/x86_64-linux: importing it gives a list.
{ ... }: { __import = [ "x86_64-linux" ]; }
