"""Builtins for hashes, and the places in the store that follow from a hash alone."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

from nixlint.evaluate.builtins.arguments import (
    forced_attrs,
    forced_name,
    forced_text,
    spread_last,
)
from nixlint.evaluate.builtins.table import Table
from nixlint.evaluate.builtins.text_bytes import to_bytes
from nixlint.evaluate.builtins.texts import (
    inexact,
)
from nixlint.evaluate.files import STORE, is_inexact
from nixlint.evaluate.values import (
    STRING,
    Code,
    Machine,
    Value,
    VAttrs,
    VString,
    VUnknown,
    fail,
    unknown_at,
)

ALPHABET: Final = "0123456789abcdfghijklmnpqrsvwxyz"
SIZES: Final = {"md5": 16, "sha1": 20, "sha256": 32, "sha512": 64}


def digest(algorithm: str, data: bytes) -> bytes | None:
    """The hash of the bytes; None when the algorithm is unknown here."""
    if algorithm == "sha256":
        return hashlib.sha256(data).digest()
    if algorithm == "sha1":
        return hashlib.sha1(data, usedforsecurity=False).digest()
    if algorithm == "sha512":
        return hashlib.sha512(data).digest()
    if algorithm == "md5":
        return hashlib.md5(data, usedforsecurity=False).digest()
    return None


def nix32(data: bytes) -> str:
    """The bytes in the base-32 notation of Nix."""
    length = (len(data) * 8 - 1) // 5 + 1
    number = int.from_bytes(data, "little")
    out: list[str] = []
    for position in range(length - 1, -1, -1):
        out.append(ALPHABET[(number >> (position * 5)) & 31])
    return "".join(out)


def from_nix32(text: str, size: int) -> bytes | None:
    """The bytes of such a text; None when it is not well-formed."""
    number = 0
    for char in text:
        digit = ALPHABET.find(char)
        if digit < 0:
            return None
        number = number * 32 + digit
    if number >> (size * 8):
        return None
    return number.to_bytes(size, "little")


def text_store_path(name: str, data: bytes, references: list[str]) -> str:
    """Where `builtins.toFile` puts a text that refers to those store paths."""
    kind = "text"
    for reference in sorted(references):
        kind += ":" + reference
    inner = hashlib.sha256(data).hexdigest()
    whole = hashlib.sha256(to_bytes(f"{kind}:sha256:{inner}:{STORE}:{name}")).digest()
    folded = bytearray(20)
    for index, byte in enumerate(whole):
        folded[index % 20] ^= byte
    return f"{STORE}/{nix32(bytes(folded))}-{name}"


def hash_text(algorithm: str, data: bytes, site: Code) -> Value:
    """The hash in base 16. Raises `NixError` for what is no algorithm."""
    made = digest(algorithm, data)
    if made is not None:
        return VString(made.hex())
    if algorithm == "blake3":
        return unknown_at("BLAKE3 is an experimental feature", site, STRING)
    raise fail(f"unknown hash type '{algorithm}'", site)


def prim_hash_string(m: Machine, args: list[Value], site: Code) -> Value:
    """`hashString algorithm string`."""
    algorithm = forced_name(m, args[0], site)
    if isinstance(algorithm, VUnknown):
        return algorithm.derived(STRING)
    assert isinstance(algorithm, VString)
    if algorithm.text not in SIZES and algorithm.text != "blake3":
        raise fail(f"unknown hash type '{algorithm.text}'", site)
    text = forced_text(m, args[1], site)
    if isinstance(text, VUnknown):
        return spread_last(text, prim_hash_string, args, site, STRING)
    assert isinstance(text, VString)
    if is_inexact(text.text):
        return inexact(site, STRING)
    return hash_text(algorithm.text, to_bytes(text.text), site)


class _Hash:
    def __init__(self, algorithm: str, data: bytes) -> None:
        self.algorithm = algorithm
        self.data = data


def _decoded(text: str, algorithm: str) -> _Hash | None:
    """A hash in any notation; None when it is not certain what it is."""
    sri = False
    for name in SIZES:
        if text.startswith(name + "-"):
            sri = True
        if text.startswith((name + "-", name + ":")):
            if algorithm and algorithm != name:
                return None
            algorithm = name
            text = text[len(name) + 1 :]
            break
    size = SIZES.get(algorithm)
    if size is None:
        return None
    data: bytes | None = None
    try:
        if not sri and len(text) == size * 2:
            data = bytes.fromhex(text)
        elif not sri and len(text) == (size * 8 - 1) // 5 + 1:
            data = from_nix32(text, size)
        elif len(text) == (size + 2) // 3 * 4:
            data = base64.b64decode(to_bytes(text), validate=True)
    except ValueError:
        return None
    if data is None or len(data) != size:
        return None
    return _Hash(algorithm, data)


def prim_convert_hash(m: Machine, args: list[Value], site: Code) -> Value:
    """`convertHash { hash, hashAlgo ? …, toHashFormat }`."""
    given = forced_attrs(m, args[0], site)
    if isinstance(given, VUnknown):
        return given.derived(STRING)
    assert isinstance(given, VAttrs)
    values: list[str] = []
    for name in ("hash", "toHashFormat", "hashAlgo"):
        value = given.get(name)
        if value is None:
            if name != "hashAlgo":
                raise fail(f"attribute '{name}' missing", site)
            values.append("")
            continue
        text = forced_name(m, value, site)
        if isinstance(text, VUnknown):
            return text.derived(STRING)
        assert isinstance(text, VString)
        values.append(text.text)
    found = _decoded(values[0], values[2])
    notation = values[1]
    if found is not None:
        encoded = base64.b64encode(found.data).decode("ascii")
        if notation == "base16":
            return VString(found.data.hex())
        if notation in ("nix32", "base32"):
            return VString(nix32(found.data))
        if notation == "base64":
            return VString(encoded)
        if notation == "sri":
            return VString(f"{found.algorithm}-{encoded}")
    return unknown_at("the hash cannot be read with certainty", site, STRING)


def register(table: Table) -> None:
    """Adds the builtins of this room."""
    table.add("hashString", 2, prim_hash_string)
    table.add("convertHash", 1, prim_convert_hash)
