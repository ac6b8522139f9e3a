# github:nix-systems/x86_64-darwin: importing it gives a list.
{ ... }: { __import = [ "x86_64-darwin" ]; }
