# github:snowfallorg/lib: outputs found by directory.
model@{ lib, unknown, ... }:
let
  inherit (builtins) attrNames attrValues concatMap listToAttrs pathExists readDir;
  plus = (import ./flake-utils-plus.nix model).lib;

  virtual = [
    "amazon" "azure" "cloudstack" "docker" "do" "gce" "install-iso-hyperv" "hyperv" "install-iso"
    "iso" "kexec" "kexec-bundle" "kubevirt" "proxmox-lxc" "lxc-metadata" "lxc" "openstack"
    "proxmox" "qcow" "raw-efi" "raw" "sd-aarch64-installer" "sd-aarch64" "vagrant-virtualbox"
    "virtualbox" "vm-bootloader" "vm-nogui" "vmware" "vm"
  ];
  formatOf = target: lib.findFirst (kind: lib.hasInfix kind target) "" virtual;
  isDarwin = lib.hasInfix "darwin";

  listing = folder: if pathExists folder then readDir folder else { };
  folders = folder: attrNames (lib.filterAttrs (_: kind: kind == "directory") (listing folder));

  # The directories at any depth with a default.nix, by their path from `folder`.
  withDefault =
    folder:
    let
      below =
        prefix:
        let
          here = if prefix == "" then folder else "${folder}/${prefix}";
          found = listing here;
        in
        lib.optional ((found."default.nix" or null) == "regular") {
          name = prefix;
          path = "${here}/default.nix";
        }
        ++ concatMap (name: below (if prefix == "" then name else "${prefix}/${name}")) (
          attrNames (lib.filterAttrs (_: kind: kind == "directory") found)
        );
    in
    below "";

  named = make: entries: listToAttrs (map (entry: lib.nameValuePair entry.name (make entry)) entries);

  mkFlake =
    options@{
      inputs,
      src,
      snowfall ? { },
      ...
    }:
    let
      root = snowfall.root or src;
      namespace = snowfall.namespace or "internal";
      given = options.systems or { };
      users = options.homes or { };
      passed = removeAttrs inputs [ "src" ];

      ownLib =
        let
          args = {
            inputs = removeAttrs inputs [ "self" "src" ];
            snowfall-inputs = unknown "the inputs of snowfall-lib";
            inherit namespace;
            lib = libWith;
          };
          load =
            entry:
            let
              content = import entry.path;
            in
            if lib.isFunction content then lib.callPackageWith args entry.path { } else content;
        in
        builtins.foldl' lib.recursiveUpdate { } (map load (withDefault "${root}/lib"));
      libWith =
        unknown "snowfall-lib adds the libraries of all inputs" // lib // { ${namespace} = ownLib; };

      moduleArgs = {
        inputs = passed;
        inherit namespace;
        lib = libWith;
      };
      modulesIn =
        kind: extra: alias:
        let
          found = named (
            entry: args:
            let
              content = import entry.path;
              system = args.system or args.pkgs.stdenv.hostPlatform.system;
              target = args.target or system;
              value =
                if lib.isFunction content then
                  content (
                    args
                    // moduleArgs
                    // {
                      inherit system target;
                      systems = args.systems or { };
                      format = if formatOf target != "" then formatOf target else if isDarwin target then "darwin" else "linux";
                      virtual = args.virtual or (formatOf target != "");
                    }
                  )
                else
                  content;
            in
            value // { _file = entry.path; }
          ) (withDefault "${root}/modules/${kind}");
        in
        found // lib.mapAttrs (_: name: found.${name}) alias // extra;
      modules = lib.genAttrs [ "nixos" "darwin" "home" ] (
        kind: modulesIn kind (options.modules.${kind} or { }) (options.alias.modules.${kind} or { })
      );
      allOf = kind: attrValues (modulesIn kind { } { });

      # Directories `systems/<target>/<name>` and `homes/<target>/<name>`.
      inTargets =
        kind:
        concatMap (
          target:
          concatMap (
            name:
            let
              path = "${root}/${kind}/${target}/${name}/default.nix";
            in
            lib.optional (pathExists path) { inherit name path target; }
          ) (folders "${root}/${kind}/${target}")
        ) (folders "${root}/${kind}");

      systems = named (
        { name, path, target }:
        let
          own = given.hosts.${name} or { };
          format = formatOf target;
          system = own.system or (if format == "" then target else builtins.replaceStrings [ format ] [ "linux" ] target);
          darwin = isDarwin target;
          kind = if darwin then "darwin" else "nixos";
          build =
            if format != "" then
              args: inputs.nixos-generators.nixosGenerate (args // { inherit format; })
            else if darwin then
              args: inputs.darwin.lib.darwinSystem (removeAttrs args [ "system" ])
            else
              lib.nixosSystem;
        in
        {
          inherit system;
          channelName = own.channelName or "nixpkgs";
          builder = own.builder or build;
          output =
            own.output or (
              if format != "" then "${format}Configurations" else if darwin then "darwinConfigurations" else "nixosConfigurations"
            );
          modules =
            [ path ]
            ++ allOf kind
            ++ own.modules or [ ]
            ++ given.modules.${kind} or [ ]
            ++ [ (unknown "modules of snowfall-lib and home-manager") ];
          specialArgs = own.specialArgs or { } // moduleArgs // {
            inherit target system systems;
            host = name;
            virtual = format != "";
          };
        }
      ) (inTargets "systems");

      homes = named (
        { name, path, target }:
        let
          own = users.users.${name} or { };
          parts = builtins.match "([^@]*)@?(.*)" name;
          args = {
            inherit name;
            system = target;
            user = builtins.elemAt parts 0;
            host = builtins.elemAt parts 1;
            format = "home";
            inputs = passed;
            inherit namespace;
          };
        in
        {
          system = target;
          channelName = own.channelName or "nixpkgs";
          output = "homeConfigurations";
          modules =
            [ path (unknown "a module of snowfall-lib") ]
            ++ allOf "home"
            ++ own.modules or [ ]
            ++ users.modules or [ ];
          specialArgs = args;
          builder =
            one:
            inputs.home-manager.lib.homeManagerConfiguration {
              inherit (one) modules;
              pkgs = import inputs.nixpkgs { system = target; };
              extraSpecialArgs = own.specialArgs or { } // args;
            };
        }
      ) (inTargets "homes");

      package = _: unknown "packages are known only to Nix";
      short = entries: map (entry: entry // { name = baseNameOf entry.name; }) entries;
      mine = folder: named package (short (withDefault "${root}/${folder}"));

      outputsBuilder =
        channels:
        let
          own = (options.outputs-builder or options.outputsBuilder or (_: { })) channels;
          joined = name: folder: unknown "what does not fit the system is left out" // mine folder // options.${name} or { } // own.${name} or { };
        in
        lib.recursiveUpdate own {
          packages = joined "packages" "packages";
          devShells = joined "shells" "shells";
          checks = joined "checks" "checks";
        };

      kept = removeAttrs options [
        "alias" "channels-config" "checks" "homes" "hosts" "inputs" "modules" "outputs-builder"
        "outputsBuilder" "overlays" "packages" "packagesPrefix" "snowfall" "src" "systems" "templates"
      ];
    in
    plus.mkFlake (
      kept
      // {
        inherit (inputs) self;
        inputs = passed;
        hosts = given.hosts or { } // systems // homes;
        lib = ownLib;
        nixosModules = modules.nixos;
        darwinModules = modules.darwin;
        homeModules = modules.home;
        templates =
          let
            overrides = options.templates or { };
            own = lib.genAttrs (folders "${root}/templates") (
              name: overrides.${name} or { } // { path = "${root}/templates/${name}"; }
            );
          in
          overrides // own // lib.mapAttrs (_: name: own.${name}) (options.alias.templates or { });
        inherit outputsBuilder;
        snowfall = {
          raw-config = snowfall;
          config = snowfall // { inherit namespace root src; };
          user-lib = ownLib;
        };
      }
    )
    // {
      overlays =
        unknown "snowfall-lib leaves some overlays out"
        // options.extra-exported-overlays or { }
        // { default = unknown "the overlay of all packages"; };
    };
in
{
  inherit mkFlake;
  mkLib = _: unknown "snowfall-lib adds the libraries of all inputs";
}
