# What packages say about themselves.
lib:
let
  eachPackage = f: builtins.mapAttrs (_: value: if lib.isDerivation value then f value else value);
  addMeta = fields: package: package // { meta = (package.meta or { }) // fields; };

  # Pattern of attributes against the parsed platform; a string is the platform's name.
  matches =
    platform: wanted:
    if !(builtins.isAttrs wanted) then
      platform.system == wanted
    else
      lib.matchAttrs (if wanted ? parsed then wanted else { parsed = wanted; }) platform;
in
rec {
  addMetaAttrs = fields: package: if package ? overrideAttrs then package.overrideAttrs (old: { meta = (old.meta or { }) // fields; }) else addMeta fields package;
  dontDistribute = addMetaAttrs { hydraPlatforms = [ ]; };

  setName = name: package: package // { inherit name; };
  updateName = f: package: package // { name = f package.name; };
  appendToName =
    suffix:
    updateName (
      name:
      let
        parts = builtins.parseDrvName name;
      in
      "${parts.name}-${suffix}-${parts.version}"
    );
  mapDerivationAttrset = eachPackage;

  defaultPriority = 5;
  setPrio = number: addMetaAttrs { priority = number; };
  lowPrio = setPrio 10;
  lowPrioSet = eachPackage lowPrio;
  hiPrio = setPrio (-10);
  hiPrioSet = eachPackage hiPrio;

  platformMatch = matches;
  availableOn =
    platform: package:
    (if package ? meta.platforms then builtins.any (matches platform) package.meta.platforms else true)
    && builtins.all (bad: !(matches platform bad)) (package.meta.badPlatforms or [ ]);

  licensesSpdx = builtins.listToAttrs (
    builtins.concatMap (
      license: lib.optional (license ? spdxId && !(license.deprecated or false)) (lib.nameValuePair license.spdxId license)
    ) (builtins.attrValues lib.licenses)
  );
  getLicenseFromSpdxId =
    id:
    getLicenseFromSpdxIdOr id (
      lib.warn "getLicenseFromSpdxId: No license matches the given SPDX ID: ${id}" { shortName = id; spdxId = id; }
    );
  getLicenseFromSpdxIdOr =
    let
      lowercase = lib.mapAttrs' (id: license: lib.nameValuePair (lib.toLower id) license) licensesSpdx;
    in
    id: default: lowercase.${lib.toLower id} or default;

  getExe =
    package:
    getExe' package (
      package.meta.mainProgram or (
        lib.warn
          "getExe: Package \"${package.name or package.pname or "«unnamed»"}\" does not have the meta.mainProgram attribute. We'll assume that the main program has the same name for now."
          (lib.getName package)
      )
    );
  getExe' =
    package: name:
    if !(lib.isDerivation package) then
      throw "lib.meta.getExe': The first argument is of type ${builtins.typeOf package}, but it should be a derivation instead."
    else if builtins.match ".*/.*" name != null then
      throw "lib.meta.getExe': The second argument \"${name}\" is a nested path with a \"/\" character, but it should just be the name of the executable instead."
    else
      "${lib.getBin package}/bin/${name}";

  cpeFullVersionWithVendor = vendor: version: {
    inherit vendor version;
    update = "*";
  };
}
