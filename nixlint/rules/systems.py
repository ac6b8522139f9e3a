"""The names of systems, and what is often written instead."""

from __future__ import annotations

from typing import Final

from nixlint.rules.unresolved import nearest_of

_KNOWN: Final = (
    "i686-cygwin x86_64-cygwin x86_64-darwin aarch64-darwin i686-freebsd x86_64-freebsd "
    "aarch64-freebsd aarch64-genode i686-genode x86_64-genode x86_64-solaris javascript-ghcjs "
    "aarch64-linux arc-linux armv5tel-linux armv6l-linux armv7a-linux armv7l-linux i686-linux "
    "loongarch64-linux m68k-linux sh4-linux microblaze-linux microblazeel-linux mips-linux "
    "mips64-linux mips64el-linux mipsel-linux powerpc-linux powerpc64-linux powerpc64le-linux "
    "riscv32-linux riscv64-linux s390-linux s390x-linux x86_64-linux mmix-mmixware "
    "aarch64-netbsd armv6l-netbsd armv7a-netbsd armv7l-netbsd i686-netbsd m68k-netbsd "
    "mipsel-netbsd powerpc-netbsd riscv32-netbsd riscv64-netbsd x86_64-netbsd aarch64_be-none "
    "aarch64-none arm-none armv6l-none avr-none i686-none microblaze-none microblazeel-none "
    "mips-none mips64-none msp430-none or1k-none m68k-none powerpc-none powerpcle-none "
    "riscv32-none riscv64-none rx-none s390-none s390x-none vc4-none x86_64-none i686-openbsd "
    "x86_64-openbsd x86_64-redox wasm64-wasi wasm32-wasi aarch64-windows x86_64-windows "
    "i686-windows aarch64-uefi x86_64-uefi i686-darwin armv7a-darwin armv5tel-darwin "
    "powerpc-darwin aarch64-android i686-gnu mips64el-freebsd aarch64-openbsd x86_64-gnu "
    "aarch64_be-linux powerpcle-linux sparc64-linux alpha-linux armv8l-linux"
)
_COMMON: Final = (
    "x86_64-linux aarch64-linux x86_64-darwin aarch64-darwin i686-linux armv7l-linux armv6l-linux "
    "riscv64-linux"
)
_PROCESSORS: Final = {
    "amd64": "x86_64",
    "x64": "x86_64",
    "x86": "x86_64",
    "x86_64": "x86_64",
    "arm64": "aarch64",
    "aarch64": "aarch64",
}
_KERNELS: Final = {"linux": "linux", "darwin": "darwin", "macos": "darwin", "osx": "darwin"}


def is_system(name: str) -> bool:
    """Whether nixpkgs knows a system of that name, or knew it once."""
    return name in _KNOWN.split()


def meant_system(name: str) -> str:
    """The system that was probably meant by a name that is none, or empty."""
    plain = name.lower().replace("x86-64", "x86_64")
    words = plain.replace("_64", "@64").replace("_", "-").replace("@", "_").split("-")
    if len(words) == 2:
        first, second = words
        if first in _KERNELS:
            first, second = second, first
        if first in _PROCESSORS and second in _KERNELS:
            meant = _PROCESSORS[first] + "-" + _KERNELS[second]
            return meant if meant != name else ""
    return nearest_of(name, _COMMON.split()) if len(name) >= 8 else ""
