# The systems most flakes are made for, in the order of github:nix-systems/default.
[ "aarch64-darwin" "aarch64-linux" "x86_64-darwin" "x86_64-linux" ]
