"""What Nix itself brings along, and since when.

Taken from Nix's sources, release by release, from 2.0 on. The versions before count as 2.0.
"""

from __future__ import annotations

from typing import Final

_OLDEST: Final = (2, 0)

# Names that are in scope everywhere, and members of `builtins` as well.
_GLOBALS: Final = (
    "abort baseNameOf builtins derivation derivationStrict dirOf false fetchGit fetchMercurial "
    "fetchTarball fetchTree fromTOML import isNull map null placeholder removeAttrs scopedImport "
    "throw toString true break"
)

# Members of `builtins`; in scope everywhere as `__name`.
_MEMBERS: Final = (
    "add addErrorContext all any attrNames attrValues catAttrs compareVersions concatLists "
    "concatStringsSep currentSystem currentTime deepSeq div elem elemAt exec fetchurl filter "
    "filterSource findFile foldl' fromJSON functionArgs genList genericClosure getAttr getEnv "
    "hasAttr hasContext hashString head importNative intersectAttrs isAttrs isBool isFloat "
    "isFunction isInt isList isString langVersion length lessThan listToAttrs match mul nixPath "
    "nixVersion parseDrvName partition path pathExists readDir readFile replaceStrings seq sort "
    "split splitVersion storeDir storePath stringLength sub substring tail toFile toJSON toPath "
    "toXML trace tryEval typeOf unsafeDiscardOutputDependency unsafeDiscardStringContext "
    "unsafeGetAttrPos"
)

# What came later: `major.minor name name …`.
_LATER: Final = (
    "2.1 bitAnd bitOr bitXor concatMap fromTOML mapAttrs",
    "2.3 appendContext getContext hashFile isPath",
    "2.4 ceil fetchTree floor getFlake",
    "2.5 groupBy",
    "2.6 zipAttrsWith",
    "2.8 fetchClosure",
    "2.9 break",
    "2.10 traceVerbose",
    "2.14 readFileType",
    "2.18 flakeRefToString outputOf parseFlakeRef",
    "2.19 addDrvOutputDependencies convertHash",
    "2.23 warn",
)

# Members of `builtins` that only relatives of Nix have.
_ELSEWHERE: Final = {
    "filterAttrs": "Determinate Nix",
    "parallel": "Determinate Nix",
    "wasm": "Determinate Nix",
    "wasi": "Determinate Nix",
}

# Functions of nixpkgs that are often taken for builtins.
_IN_LIB: Final = (
    "any concatMapStrings concatMapStringsSep concatStrings const escapeShellArg escapeShellArgs "
    "evalModules filterAttrs filterAttrsRecursive flatten flip fix foldl foldlAttrs foldr forEach "
    "genAttrs getExe getAttrFromPath hasInfix hasPrefix hasSuffix id imap0 imap1 importJSON "
    "importTOML init last makeBinPath makeExtensible makeOverridable mapAttrs' mapAttrsRecursive "
    "mapAttrsToList max min mkDefault mkForce mkIf mkMerge mkOption nameValuePair nixosSystem "
    "optional optionalAttrs optionalString optionals pipe range recursiveUpdate remove "
    "removePrefix removeSuffix reverseList singleton splitString stringAsChars stringToCharacters "
    "subtractLists take toInt toList toLower toUpper traceVal trim unique updateManyAttrs "
    "versionAtLeast versionOlder zipAttrs zipLists"
)


class _Tables:
    """The tables above, taken apart."""

    def __init__(self) -> None:
        self.members: dict[str, tuple[int, int]] = {}
        self.globals: dict[str, tuple[int, int]] = {}
        later: dict[str, tuple[int, int]] = {}
        for line in _LATER:
            words = line.split()
            major, minor = words[0].split(".")
            for word in words[1:]:
                later[word] = (int(major), int(minor))
        names = _GLOBALS.split()
        for name in names:
            self.globals[name] = later.get(name, _OLDEST)
            self.members[name] = later.get(name, _OLDEST)
        for name in _MEMBERS.split():
            self.members[name] = _OLDEST
        for name, version in later.items():
            self.members[name] = version
        for name, version in self.members.items():
            if name not in self.globals:
                self.globals["__" + name] = version
        self.lib = frozenset(_IN_LIB.split())


_tables: list[_Tables] = []


def _load() -> _Tables:
    if not _tables:
        _tables.append(_Tables())
    return _tables[0]


def is_global(name: str) -> bool:
    """Whether some version of Nix has that name in scope everywhere."""
    return name in _load().globals


def global_since(name: str) -> tuple[int, int] | None:
    """The first `(major, minor)` version of Nix with that name in scope everywhere."""
    return _load().globals.get(name)


def member_since(name: str) -> tuple[int, int] | None:
    """The first `(major, minor)` version of Nix that has `builtins.name`."""
    return _load().members.get(name)


def global_names() -> list[str]:
    """All names that are in scope everywhere, without those spelled `__name`."""
    return [name for name in _load().globals if not name.startswith("__")]


def member_names() -> list[str]:
    """All members of `builtins`."""
    return list(_load().members)


def relative_with(name: str) -> str | None:
    """The relative of Nix that has `builtins.name`, if only such a one has."""
    return _ELSEWHERE.get(name)


def is_in_lib(name: str) -> bool:
    """Whether nixpkgs has `lib.name`; knows only what is often taken for a builtin."""
    return name in _load().lib
