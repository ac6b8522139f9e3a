"""Hashes as Nix writes them: SRI, base 16, Nix's base 32, base 64.

A hash is an algorithm's name and its bytes. Nothing here computes the hash of a file.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

SIZES: Final = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64, "blake3": 32}
"""The number of bytes of a hash, by algorithm."""
BASE32: Final = "0123456789abcdfghijklmnpqrsvwxyz"
"""Nix's own alphabet: without `e`, `o`, `t` and `u`."""

BASE16_FORM: Final = "base16"
BASE32_FORM: Final = "nix32"
BASE64_FORM: Final = "base64"
SRI_FORM: Final = "sri"

_VALUES: Final = {char: index for index, char in enumerate(BASE32)}


class HashError(Exception):
    """What is wrong with the text of a hash, in one sentence without a full stop."""


class Hash:
    """An algorithm (a key of `SIZES`), the bytes, and the form the hash was written in."""

    __slots__ = ("algorithm", "digest", "form")

    def __init__(self, algorithm: str, digest: bytes, form: str = SRI_FORM) -> None:
        self.algorithm = algorithm
        self.digest = digest
        self.form = form

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Hash)
            and self.algorithm == other.algorithm
            and self.digest == other.digest
        )

    def __hash__(self) -> int:
        return hash((self.algorithm, self.digest))

    def __repr__(self) -> str:
        return f"Hash({self.sri!r})"

    @property
    def sri(self) -> str:
        """`sha256-…=`, as in `hash` and `narHash`."""
        return f"{self.algorithm}-{base64.b64encode(self.digest).decode('ascii')}"

    @property
    def base16(self) -> str:
        """Lower-case hexadecimal digits, without the algorithm."""
        return self.digest.hex()

    @property
    def base32(self) -> str:
        """Nix's base 32, without the algorithm."""
        return base32_encode(self.digest)

    @property
    def is_placeholder(self) -> bool:
        """Whether it is a stand-in for a hash not known yet: nothing but zeros."""
        return not any(self.digest)


def base32_length(size: int) -> int:
    """The number of characters that `size` bytes take in Nix's base 32."""
    return (size * 8 + 4) // 5


def base32_encode(data: bytes) -> str:
    """`data` in Nix's base 32, which begins with the last bits."""
    number = int.from_bytes(data, "little")
    length = base32_length(len(data))
    return "".join([BASE32[(number >> (5 * index)) & 31] for index in range(length - 1, -1, -1)])


def base32_decode(text: str, size: int) -> bytes:
    """The inverse of `base32_encode`, for `size` bytes; raises `HashError`."""
    number = 0
    for char in text:
        value = _VALUES.get(char)
        if value is None:
            raise HashError(f"'{char}' is no digit of Nix's base 32")
        number = number << 5 | value
    if number >> (8 * size):
        raise HashError(f"the base-32 hash '{text}' has bits beyond its {size} bytes")
    return number.to_bytes(size, "little")


def parse_hash(text: str, algorithm: str = "") -> Hash:
    """The hash that `text` writes: `sha256-…` (SRI), `sha256:…`, or only the digits.

    `algorithm` is the one known from the context; it must be given when the text has none, and
    agree with the text when it has one. Raises `HashError`.
    """
    named, separator, rest = text.partition(":")
    if not separator:
        named, separator, rest = text.partition("-")
    if not separator:
        named, rest = algorithm, text
        if not named:
            raise HashError(f"hash '{text}' does not say its algorithm")
    if named not in SIZES:
        known = ", ".join(SIZES)
        raise HashError(f"unknown hash algorithm '{named}', expected one of {known}")
    if algorithm and named != algorithm:
        raise HashError(f"hash '{text}' should be a {algorithm} hash")
    return _digits(rest, named, separator == "-")


def parse_sri(text: str) -> Hash:
    """The hash of an SRI text, as `narHash` must be; raises `HashError`."""
    named, separator, rest = text.partition("-")
    if not separator:
        raise HashError(f"hash '{text}' is not SRI (as sha256-…)")
    if named not in SIZES:
        known = ", ".join(SIZES)
        raise HashError(f"unknown hash algorithm '{named}', expected one of {known}")
    return _digits(rest, named, True)


def _digits(text: str, algorithm: str, sri: bool) -> Hash:
    size = SIZES[algorithm]
    if not sri and len(text) == 2 * size:
        try:
            return Hash(algorithm, binascii.unhexlify(text.encode("ascii", "replace")), BASE16_FORM)
        except binascii.Error:
            raise HashError(f"'{text}' is no hexadecimal number") from None
    if not sri and len(text) == base32_length(size):
        return Hash(algorithm, base32_decode(text, size), BASE32_FORM)
    if not sri and len(text) != (size + 2) // 3 * 4:
        raise HashError(f"'{text}' does not have the length of a {algorithm} hash")
    digest = _base64(text)
    if len(digest) != size:
        raise HashError(f"'{text}' encodes {len(digest)} bytes, but a {algorithm} hash has {size}")
    return Hash(algorithm, digest, SRI_FORM if sri else BASE64_FORM)


def _base64(text: str) -> bytes:
    """Decode as Nix does: everything after the first `=` is ignored, padding may be missing."""
    digits = text.partition("=")[0]
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise HashError(f"'{text}' is no base-64 text") from None
