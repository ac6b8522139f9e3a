# Licenses that configurations name. The table: SPDX identifier and full name.
lib:
let
  table = {
    agpl3Only = [ "AGPL-3.0-only" "GNU Affero General Public License v3.0 only" ];
    agpl3Plus = [ "AGPL-3.0-or-later" "GNU Affero General Public License v3.0 or later" ];
    apsl20 = [ "APSL-2.0" "Apple Public Source License 2.0" ];
    artistic2 = [ "Artistic-2.0" "Artistic License 2.0" ];
    asl20 = [ "Apache-2.0" "Apache License 2.0" ];
    boost = [ "BSL-1.0" "Boost Software License 1.0" ];
    bsd0 = [ "0BSD" "BSD Zero Clause License" ];
    bsd2 = [ "BSD-2-Clause" "BSD 2-clause \"Simplified\" License" ];
    bsd3 = [ "BSD-3-Clause" "BSD 3-clause \"New\" or \"Revised\" License" ];
    bsdOriginal = [ "BSD-4-Clause" "BSD 4-clause \"Original\" or \"Old\" License" ];
    cc-by-30 = [ "CC-BY-3.0" "Creative Commons Attribution 3.0" ];
    cc-by-40 = [ "CC-BY-4.0" "Creative Commons Attribution 4.0" ];
    cc-by-sa-30 = [ "CC-BY-SA-3.0" "Creative Commons Attribution Share Alike 3.0" ];
    cc-by-sa-40 = [ "CC-BY-SA-4.0" "Creative Commons Attribution Share Alike 4.0" ];
    cc0 = [ "CC0-1.0" "Creative Commons Zero v1.0 Universal" ];
    cddl = [ "CDDL-1.0" "Common Development and Distribution License 1.0" ];
    epl10 = [ "EPL-1.0" "Eclipse Public License 1.0" ];
    epl20 = [ "EPL-2.0" "Eclipse Public License 2.0" ];
    eupl12 = [ "EUPL-1.2" "European Union Public License 1.2" ];
    fdl13Plus = [ "GFDL-1.3-or-later" "GNU Free Documentation License v1.3 or later" ];
    gpl2 = [ "GPL-2.0" "GNU General Public License v2.0" ];
    gpl2Only = [ "GPL-2.0-only" "GNU General Public License v2.0 only" ];
    gpl2Plus = [ "GPL-2.0-or-later" "GNU General Public License v2.0 or later" ];
    gpl3 = [ "GPL-3.0" "GNU General Public License v3.0" ];
    gpl3Only = [ "GPL-3.0-only" "GNU General Public License v3.0 only" ];
    gpl3Plus = [ "GPL-3.0-or-later" "GNU General Public License v3.0 or later" ];
    isc = [ "ISC" "ISC License" ];
    lgpl2 = [ "LGPL-2.0" "GNU Library General Public License v2" ];
    lgpl21 = [ "LGPL-2.1" "GNU Lesser General Public License v2.1" ];
    lgpl21Only = [ "LGPL-2.1-only" "GNU Lesser General Public License v2.1 only" ];
    lgpl21Plus = [ "LGPL-2.1-or-later" "GNU Lesser General Public License v2.1 or later" ];
    lgpl2Plus = [ "LGPL-2.0-or-later" "GNU Library General Public License v2 or later" ];
    lgpl3 = [ "LGPL-3.0" "GNU Lesser General Public License v3.0" ];
    lgpl3Only = [ "LGPL-3.0-only" "GNU Lesser General Public License v3.0 only" ];
    lgpl3Plus = [ "LGPL-3.0-or-later" "GNU Lesser General Public License v3.0 or later" ];
    libpng = [ "Libpng" "libpng License" ];
    lppl13c = [ "LPPL-1.3c" "LaTeX Project Public License v1.3c" ];
    mit = [ "MIT" "MIT License" ];
    mit0 = [ "MIT-0" "MIT No Attribution" ];
    mpl11 = [ "MPL-1.1" "Mozilla Public License 1.1" ];
    mpl20 = [ "MPL-2.0" "Mozilla Public License 2.0" ];
    ncsa = [ "NCSA" "University of Illinois/NCSA Open Source License" ];
    ofl = [ "OFL-1.1" "SIL Open Font License 1.1" ];
    openssl = [ "OpenSSL" "OpenSSL License" ];
    postgresql = [ "PostgreSQL" "PostgreSQL License" ];
    psfl = [ "Python-2.0" "Python Software Foundation License version 2" ];
    ruby = [ "Ruby" "Ruby License" ];
    unlicense = [ "Unlicense" "The Unlicense" ];
    vim = [ "Vim" "Vim License" ];
    wtfpl = [ "WTFPL" "Do What The F*ck You Want To Public License" ];
    x11 = [ "X11" "X11 License" ];
    zlib = [ "Zlib" "zlib License" ];
  };

  # Deprecated by SPDX, for it does not say whether later versions count.
  deprecated = [ "apsl20" "gpl2" "gpl3" "lgpl2" "lgpl21" "lgpl3" ];

  # Without an identifier, or not free.
  others = {
    bsl11 = { fullName = "Business Source License 1.1"; spdxId = "BUSL-1.1"; url = "https://spdx.org/licenses/BUSL-1.1.html"; free = false; redistributable = true; };
    cc-by-nc-40 = { fullName = "Creative Commons Attribution Non Commercial 4.0 International"; spdxId = "CC-BY-NC-4.0"; url = "https://spdx.org/licenses/CC-BY-NC-4.0.html"; free = false; };
    cc-by-nc-sa-20 = { fullName = "Creative Commons Attribution Non Commercial Share Alike 2.0"; spdxId = "CC-BY-NC-SA-2.0"; url = "https://spdx.org/licenses/CC-BY-NC-SA-2.0.html"; free = false; };
    cc-by-nc-sa-40 = { fullName = "Creative Commons Attribution Non Commercial Share Alike 4.0"; spdxId = "CC-BY-NC-SA-4.0"; url = "https://spdx.org/licenses/CC-BY-NC-SA-4.0.html"; free = false; };
    elastic20 = { fullName = "Elastic License 2.0"; spdxId = "Elastic-2.0"; url = "https://spdx.org/licenses/Elastic-2.0.html"; free = false; };
    free = { fullName = "Unspecified free software license"; };
    publicDomain = { fullName = "Public Domain"; };
    sspl = { fullName = "Server Side Public License"; spdxId = "SSPL-1.0"; url = "https://spdx.org/licenses/SSPL-1.0.html"; free = false; redistributable = true; };
    unfree = { fullName = "Unfree"; free = false; };
    unfreeRedistributable = { fullName = "Unfree redistributable"; free = false; redistributable = true; };
    unfreeRedistributableFirmware = { fullName = "Unfree redistributable firmware"; };
  };

  complete =
    name: fields:
    {
      shortName = name;
      licenseType = "simple";
      free = true;
      redistributable = fields.free or true;
      deprecated = builtins.elem name deprecated;
    }
    // (
      if fields ? spdxId then { url = "https://spdx.org/licenses/${fields.spdxId}.html"; } else { }
    )
    // fields;

  known = builtins.mapAttrs (_: row: {
    spdxId = builtins.head row;
    fullName = builtins.elemAt row 1;
  }) table;
in
builtins.mapAttrs complete (known // others)
