# Platforms, reduced to what flakes and modules ask of them: names, and predicates on them.
lib:
let
  # Processors: bits, family, and whether the big end comes first.
  cpu = bits: family: { inherit bits family; big = false; };
  big = bits: family: cpu bits family // { big = true; };
  cpus = {
    i686 = cpu 32 "x86";
    x86_64 = cpu 64 "x86";
    aarch64 = cpu 64 "arm";
    aarch64_be = big 64 "arm";
    arm = cpu 32 "arm";
    armv5tel = cpu 32 "arm";
    armv6l = cpu 32 "arm";
    armv7a = cpu 32 "arm";
    armv7l = cpu 32 "arm";
    arc = cpu 32 "arc";
    avr = { family = "avr"; };
    javascript = cpu 32 "javascript";
    loongarch64 = cpu 64 "loongarch";
    m68k = big 32 "m68k";
    microblaze = big 32 "microblaze";
    microblazeel = cpu 32 "microblaze";
    mips = big 32 "mips";
    mipsel = cpu 32 "mips";
    mips64 = big 64 "mips";
    mips64el = cpu 64 "mips";
    mmix = big 64 "mmix";
    msp430 = { family = "msp430"; };
    or1k = big 32 "or1k";
    powerpc = big 32 "power";
    powerpcle = cpu 32 "power";
    powerpc64 = big 64 "power";
    powerpc64le = cpu 64 "power";
    riscv32 = cpu 32 "riscv";
    riscv64 = cpu 64 "riscv";
    rx = cpu 32 "rx";
    s390 = big 32 "s390";
    s390x = big 64 "s390";
    sh4 = cpu 32 "sh";
    vc4 = cpu 32 "vc4";
    wasm32 = cpu 32 "wasm";
    wasm64 = cpu 64 "wasm";
  };

  names = builtins.concatMap (kernel: map (name: "${name}-${kernel.name}") kernel.cpus) [
    { name = "cygwin"; cpus = [ "i686" "x86_64" ]; }
    { name = "darwin"; cpus = [ "x86_64" "aarch64" ]; }
    { name = "freebsd"; cpus = [ "i686" "x86_64" "aarch64" ]; }
    { name = "genode"; cpus = [ "aarch64" "i686" "x86_64" ]; }
    { name = "solaris"; cpus = [ "x86_64" ]; }
    { name = "ghcjs"; cpus = [ "javascript" ]; }
    {
      name = "linux";
      cpus = [
        "aarch64" "arc" "armv5tel" "armv6l" "armv7a" "armv7l" "i686" "loongarch64" "m68k" "sh4"
        "microblaze" "microblazeel" "mips" "mips64" "mips64el" "mipsel" "powerpc" "powerpc64"
        "powerpc64le" "riscv32" "riscv64" "s390" "s390x" "x86_64"
      ];
    }
    { name = "mmixware"; cpus = [ "mmix" ]; }
    {
      name = "netbsd";
      cpus = [
        "aarch64" "armv6l" "armv7a" "armv7l" "i686" "m68k" "mipsel" "powerpc" "riscv32" "riscv64"
        "x86_64"
      ];
    }
    {
      name = "none";
      cpus = [
        "aarch64_be" "aarch64" "arm" "armv6l" "avr" "i686" "microblaze" "microblazeel" "mips"
        "mips64" "msp430" "or1k" "m68k" "powerpc" "powerpcle" "riscv32" "riscv64" "rx" "s390"
        "s390x" "vc4" "x86_64"
      ];
    }
    { name = "openbsd"; cpus = [ "i686" "x86_64" ]; }
    { name = "redox"; cpus = [ "x86_64" ]; }
    { name = "wasi"; cpus = [ "wasm64" "wasm32" ]; }
    { name = "windows"; cpus = [ "aarch64" "x86_64" "i686" ]; }
    { name = "uefi"; cpus = [ "aarch64" "x86_64" ]; }
  ];

  split =
    system:
    let
      parts = builtins.match "([^-]+)-(.+)" system;
      name = builtins.head parts;
    in
    if parts == null || !(cpus ? ${name}) then
      throw "systems: \"${system}\" is not known to this model of lib"
    else
      {
        cpu = { inherit name; } // cpus.${name};
        kernel = builtins.elemAt parts 1;
      };

  predicatesOf =
    system:
    let
      inherit (split system) cpu kernel;
      family = wanted: cpu.family == wanted;
      bits = wanted: (cpu.bits or null) == wanted;
      on = builtins.elem kernel;
    in
    {
      isx86 = family "x86";
      isi686 = cpu.name == "i686";
      isx86_32 = family "x86" && bits 32;
      isx86_64 = family "x86" && bits 64;
      isAarch = family "arm";
      isAarch32 = family "arm" && bits 32;
      isAarch64 = family "arm" && bits 64;
      isArmv7 = builtins.elem cpu.name [ "armv7a" "armv7l" ];
      isArc = family "arc";
      isAvr = family "avr";
      isJavaScript = family "javascript";
      isLoongArch64 = family "loongarch" && bits 64;
      isM68k = family "m68k";
      isMicroBlaze = family "microblaze";
      isMips = family "mips";
      isMips32 = family "mips" && bits 32;
      isMips64 = family "mips" && bits 64;
      isMmix = family "mmix";
      isMsp430 = family "msp430";
      isOr1k = family "or1k";
      isPower = family "power";
      isPower64 = family "power" && bits 64;
      isRiscV = family "riscv";
      isRiscV32 = family "riscv" && bits 32;
      isRiscV64 = family "riscv" && bits 64;
      isRx = family "rx";
      isS390 = family "s390";
      isS390x = cpu.name == "s390x";
      isSh4 = cpu.name == "sh4";
      isVc4 = family "vc4";
      isWasm = family "wasm";
      is32bit = bits 32;
      is64bit = bits 64;
      isBigEndian = cpu.big or false;
      # AVR has no order of bytes.
      isLittleEndian = !(cpu.big or false) && cpu.family != "avr";
      isLinux = on [ "linux" ];
      isDarwin = on [ "darwin" ];
      isMacOS = on [ "darwin" ];
      isiOS = false;
      isFreeBSD = on [ "freebsd" ];
      isNetBSD = on [ "netbsd" ];
      isOpenBSD = on [ "openbsd" ];
      isBSD = on [ "freebsd" "netbsd" "openbsd" ];
      isSunOS = on [ "solaris" ];
      isCygwin = on [ "cygwin" ];
      isWindows = on [ "windows" ];
      isWasi = on [ "wasi" ];
      isRedox = on [ "redox" ];
      isGenode = on [ "genode" ];
      isGhcjs = on [ "ghcjs" ];
      isNone = on [ "none" ];
      isUefi = on [ "uefi" ];
      isUnix = on [ "darwin" "freebsd" "netbsd" "openbsd" "linux" "solaris" "cygwin" "redox" ];
      isAndroid = false;
      isMusl = false;
      isStatic = on [ "wasi" ];
      isGnu = on [ "linux" ];
    };

  filterNames = test: builtins.filter (name: test (predicatesOf name)) names;
  doublesOf = builtins.mapAttrs (_: predicate: filterNames (facts: facts.${predicate})) {
    arm = "isAarch32";
    armv7 = "isArmv7";
    aarch = "isAarch";
    aarch64 = "isAarch64";
    x86 = "isx86";
    i686 = "isi686";
    x86_64 = "isx86_64";
    microblaze = "isMicroBlaze";
    mips = "isMips";
    mmix = "isMmix";
    power = "isPower";
    riscv = "isRiscV";
    riscv32 = "isRiscV32";
    riscv64 = "isRiscV64";
    rx = "isRx";
    vc4 = "isVc4";
    or1k = "isOr1k";
    m68k = "isM68k";
    arc = "isArc";
    sh4 = "isSh4";
    s390 = "isS390";
    s390x = "isS390x";
    loongarch64 = "isLoongArch64";
    js = "isJavaScript";
    bigEndian = "isBigEndian";
    littleEndian = "isLittleEndian";
    cygwin = "isCygwin";
    darwin = "isDarwin";
    freebsd = "isFreeBSD";
    illumos = "isSunOS";
    linux = "isLinux";
    netbsd = "isNetBSD";
    openbsd = "isOpenBSD";
    unix = "isUnix";
    wasi = "isWasi";
    redox = "isRedox";
    windows = "isWindows";
    genode = "isGenode";
    uefi = "isUefi";
    embedded = "isNone";
  };

  # Names that stand for a double in other worlds.
  toDouble = text: if builtins.match "[^-]+-[^-]+-.*" text == null then text else throw "systems.elaborate: this model knows only names like x86_64-linux";
in
rec {
  doubles = doublesOf // {
    all = names;
    none = [ ];
  };

  # The platforms that nixpkgs' own flake has outputs for.
  flakeExposed = [
    "x86_64-linux" "aarch64-linux" "x86_64-darwin" "armv6l-linux" "armv7l-linux" "i686-linux"
    "aarch64-darwin" "powerpc64le-linux" "riscv64-linux" "x86_64-freebsd"
  ];

  systemToAttrs = value: if builtins.isString value then { system = value; } else value;

  elaborate =
    value:
    let
      given = systemToAttrs value;
      system = toDouble (given.system or given.config);
      parts = split system;
    in
    builtins.seq parts.cpu (predicatesOf system)
    // {
      inherit system;
      parsed = {
        cpu = { inherit (parts.cpu) name; } // lib.optionalAttrs (parts.cpu ? bits) { inherit (parts.cpu) bits; };
        kernel.name = parts.kernel;
      };
    }
    // removeAttrs given [ "parsed" ];

  equals = left: right: (elaborate left).system == (elaborate right).system;
}
