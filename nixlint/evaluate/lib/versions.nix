# Versions like "1.2.3".
lib:
let
  part = index: version: builtins.elemAt (builtins.splitVersion version) index;
in
rec {
  inherit (builtins) compareVersions splitVersion;
  major = part 0;
  minor = part 1;
  patch = part 2;
  majorMinor = version: builtins.concatStringsSep "." (lib.take 2 (splitVersion version));
  pad =
    count: version:
    let
      number = builtins.head (lib.splitString "-" version);
      suffix = lib.removePrefix number version;
      parts = lib.take count (splitVersion number);
    in
    builtins.concatStringsSep "." (parts ++ lib.replicate (count - builtins.length parts) "0") + suffix;
}
