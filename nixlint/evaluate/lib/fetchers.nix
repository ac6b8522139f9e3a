# Hashes of what fetchers download.
lib:
let
  fake = {
    hash = lib.fakeHash;
    sha256 = lib.fakeSha256;
    sha512 = lib.fakeSha512;
  };
in
rec {
  proxyImpureEnvVars = [
    "http_proxy" "https_proxy" "ftp_proxy" "all_proxy" "no_proxy" "HTTP_PROXY" "HTTPS_PROXY"
    "FTP_PROXY" "ALL_PROXY" "NO_PROXY" "NIX_SSL_CERT_FILE"
  ];

  normalizeHash =
    {
      hashTypes ? [ "sha256" ],
      required ? true,
    }:
    args:
    let
      names = [ "hash" ] ++ hashTypes;
      given = builtins.filter (name: args ? ${name}) names;
      name = builtins.head given;
      value = args.${name};
    in
    if args ? outputHash then
      args
    else if given == [ ] then
      lib.throwIf required "fetcher called without `hash`" args
    else if builtins.length given > 1 then
      throw "fetcher called with mutually-incompatible arguments: ${builtins.concatStringsSep ", " given}"
    else
      removeAttrs args names
      // {
        outputHash = if value == "" then fake.${name} else value;
        outputHashAlgo = if name == "hash" then null else name;
      };

  withNormalizedHash =
    {
      hashTypes ? [ "sha256" ],
    }:
    fetcher:
    let
      args = lib.functionArgs fetcher;
      optional = args.outputHash or false;
    in
    lib.setFunctionArgs (
      given: fetcher (normalizeHash { inherit hashTypes; required = !optional; } given)
    ) (removeAttrs args [ "outputHash" "outputHashAlgo" ] // { hash = optional; });
}
