# Where the files of a package come from.
lib:
let
  make = name: fields: { shortName = name; isSource = false; } // fields;
in
builtins.mapAttrs make {
  fromSource.isSource = true;
  binaryNativeCode = { };
  binaryBytecode = { };
  binaryFirmware = { };
  obfuscatedCode = { };
}
