# github:numtide/flake-utils. In flakes there is no current system, so that none is added.
{ ... }:
let
  inherit (builtins)
    attrNames concatMap elem filter foldl' isAttrs isFunction isPath isString listToAttrs map
    mapAttrs zipAttrsWith
    ;

  defaultSystems = import ./default-systems.nix;

  allSystems = [
    "aarch64-darwin" "aarch64-genode" "aarch64-linux" "aarch64-netbsd" "aarch64-none"
    "aarch64_be-none" "arm-none" "armv5tel-linux" "armv6l-linux" "armv6l-netbsd" "armv6l-none"
    "armv7a-darwin" "armv7a-linux" "armv7a-netbsd" "armv7l-linux" "armv7l-netbsd" "avr-none"
    "i686-cygwin" "i686-darwin" "i686-freebsd13" "i686-genode" "i686-linux" "i686-netbsd"
    "i686-none" "i686-openbsd" "i686-windows" "javascript-ghcjs" "m68k-linux" "m68k-netbsd"
    "m68k-none" "microblaze-linux" "microblaze-none" "microblazeel-linux" "microblazeel-none"
    "mips64el-linux" "mipsel-linux" "mipsel-netbsd" "mmix-mmixware" "msp430-none" "or1k-none"
    "powerpc-netbsd" "powerpc-none" "powerpc64-linux" "powerpc64le-linux" "powerpcle-none"
    "riscv32-linux" "riscv32-netbsd" "riscv32-none" "riscv64-linux" "riscv64-netbsd"
    "riscv64-none" "rx-none" "s390-linux" "s390-none" "s390x-linux" "s390x-none" "vc4-none"
    "wasm32-wasi" "wasm64-wasi" "x86_64-cygwin" "x86_64-darwin" "x86_64-freebsd13"
    "x86_64-genode" "x86_64-linux" "x86_64-netbsd" "x86_64-none" "x86_64-openbsd"
    "x86_64-redox" "x86_64-solaris" "x86_64-windows"
  ];

  update = foldl' (left: right: left // right) { };

  # What `f` says of each system, with the system below every name.
  eachSystem =
    systems: f:
    zipAttrsWith (_: update) (map (system: mapAttrs (_: value: { ${system} = value; }) (f system)) systems);
  eachSystemPassThrough = systems: f: update (map f systems);
  eachSystemMap =
    systems: f:
    listToAttrs (
      map (name: {
        inherit name;
        value = f name;
      }) systems
    );

  isPackage = value: isAttrs value && (value.type or null) == "derivation";

  # Packages below names joined with slashes; sets are entered where nixpkgs enters them.
  flattenTree =
    let
      below =
        path: set:
        concatMap (
          name:
          let
            value = set.${name};
            here = if path == "" then name else "${path}/${name}";
          in
          if isPackage value then
            [
              {
                name = here;
                inherit value;
              }
            ]
          else if isAttrs value && (value.recurseForDerivations or false) == true then
            below here value
          else
            [ ]
        ) (attrNames set);
    in
    tree: listToAttrs (below "" tree);

  # Packages that `nix flake check` may look at on that system.
  filterPackages =
    system: packages:
    let
      fits =
        name:
        let
          value = packages.${name};
          inherit (value) meta;
        in
        isPackage value
        && !(meta.broken or false)
        && elem system (meta.platforms or allSystems)
        && !(elem system (meta.badPlatforms or [ ]));
    in
    listToAttrs (
      map (name: {
        inherit name;
        value = packages.${name};
      }) (filter fits (attrNames packages))
    );

  merge =
    left: right:
    left
    // mapAttrs (
      name: value:
      if left ? ${name} && isAttrs left.${name} && isAttrs value then merge left.${name} value else value
    ) right;
  meld = inputs: foldl' (outputs: part: merge outputs (import part inputs)) { };

  mkApp =
    {
      drv,
      name ? drv.pname or drv.name,
      exePath ? drv.passthru.exePath or "/bin/${name}",
    }:
    {
      type = "app";
      program = "${drv}${exePath}";
    };

  simpleFlake =
    {
      self,
      nixpkgs,
      name,
      config ? { },
      overlay ? null,
      preOverlays ? [ ],
      shell ? null,
      systems ? defaultSystems,
    }:
    let
      loaded = value: if isPath value || isString value then import value else value;
    in
    eachSystem systems (
      system:
      let
        overlays = preOverlays ++ (if overlay == null then [ ] else [ (loaded overlay) ]);
        pkgs = import nixpkgs { inherit config overlays system; };
        packages = pkgs.${name} or { };
        optional = found: set: if found then set else { };
      in
      { legacyPackages = packages; }
      // optional (packages ? defaultPackage) { inherit (packages) defaultPackage; }
      // optional (packages ? checks) { inherit (packages) checks; }
      // (
        if shell != null then
          { devShell = loaded shell { inherit pkgs; }; }
        else
          optional (packages ? devShell) { inherit (packages) devShell; }
      )
    );
in
{
  lib = {
    inherit
      allSystems defaultSystems eachSystem eachSystemMap eachSystemPassThrough filterPackages
      flattenTree meld mkApp simpleFlake
      ;
    eachDefaultSystem = eachSystem defaultSystems;
    eachDefaultSystemMap = eachSystemMap defaultSystems;
    eachDefaultSystemPassThrough = eachSystemPassThrough defaultSystems;
    system = eachSystemMap allSystems (name: name);
  };
}
