"""Where the source of an input lies on disk: the store, a copied store, or a checkout.

The store path of a locked input follows from its `narHash` alone, so neither Nix nor the network
is needed to find it. Rules from `src/libstore/store-api.cc` (fixed-output paths).
"""

from __future__ import annotations

import hashlib
import os
from typing import Final

from nixlint.project.references.fetchers import Attr, text_of
from nixlint.project.references.flake_ref import identity
from nixlint.project.references.hashes import HashError, base32_encode, parse_hash
from nixlint.text import disk

STORE: Final = "/nix/store"
_DIGEST_SIZE: Final = 20


def compressed(digest: bytes, size: int = _DIGEST_SIZE) -> bytes:
    """A digest folded to `size` bytes by exclusive or, as in the names of store paths."""
    out = bytearray(size)
    for index, byte in enumerate(digest):
        out[index % size] ^= byte
    return bytes(out)


def make_store_path(kind: str, inner: str, name: str, store: str = STORE) -> str:
    """The store path for a type (`source`, `output:out` …), an inner hash and a name."""
    text = f"{kind}:{inner}:{store}:{name}"
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
    return f"{store}/{base32_encode(compressed(digest))}-{name}"


def store_path_of_nar_hash(nar_hash: str, name: str = "source", store: str = STORE) -> str:
    """The store path of a tree whose archive has the given sha256 hash.

    `nar_hash` is written as SRI, or `sha256:` and any digits. Raises `HashError`.
    """
    parsed = parse_hash(nar_hash, "sha256")
    return make_store_path("source", f"sha256:{parsed.base16}", name, store)


def store_path_of_file_hash(flat_hash: str, name: str, store: str = STORE) -> str:
    """The store path of a single file whose content has the given hash, as `fetchurl` makes it.

    `flat_hash` must say its algorithm. Raises `HashError`.
    """
    parsed = parse_hash(flat_hash)
    text = f"fixed:out:{parsed.algorithm}:{parsed.base16}:"
    inner = hashlib.sha256(text.encode("ascii")).hexdigest()
    return make_store_path("output:out", f"sha256:{inner}", name, store)


class Located:
    """Where a source lies: an absolute path, and how it was found.

    `exact` says that it is certainly the locked version; a checkout may be any.
    """

    __slots__ = ("path", "how", "exact")

    def __init__(self, path: str, how: str, exact: bool) -> None:
        self.path = path
        self.how = how
        self.exact = exact

    def __repr__(self) -> str:
        return f"Located({self.path!r}, {self.how!r}, {self.exact!r})"


def cache_candidates(cache: str, store_path: str) -> list[str]:
    """Where a store path may lie below a copied store.

    `cache` is the root of a copy (with `nix/store` in it, as `nix copy --to DIR` makes it), the
    copied `/nix/store` itself, or a directory that holds just its entries.
    """
    base = os.path.basename(store_path)
    return [
        os.path.join(cache, store_path.lstrip("/")),
        os.path.join(cache, "store", base),
        os.path.join(cache, base),
    ]


def source_for(
    name: str, attrs: list[dict[str, Attr] | None], sources: dict[str, str]
) -> str | None:
    """The checkout that the configuration gives for an input, by name or by repository.

    The keys of `sources` are names of inputs, identities (`github:nixos/nixpkgs`), or URLs.
    `attrs` are the locked and original attributes, as far as there are any. An empty `name` is
    for inputs of inputs, which names do not reach.
    """
    if name and name in sources:
        return sources[name]
    if not sources:
        return None
    wanted: set[str] = set()
    urls: set[str] = set()
    for item in attrs:
        if item is None:
            continue
        known = identity(item)
        if known is not None:
            wanted.add(known)
        url = text_of(item, "url")
        if url is not None:
            urls.add(url)
    for key, path in sources.items():
        if key in urls or key in wanted or _identity_of_key(key) in wanted:
            return path
    return None


def _identity_of_key(key: str) -> str | None:
    from nixlint.project.references.flake_ref import FlakeRefError, parse_flake_ref

    if ":" not in key:
        return None
    try:
        return identity(parse_flake_ref(key).attrs)
    except FlakeRefError:
        return None


def find_source(
    name: str,
    locked: dict[str, Attr] | None,
    original: dict[str, Attr] | None = None,
    sources: dict[str, str] | None = None,
    caches: list[str] | None = None,
    store: str = STORE,
    directory: str | None = None,
) -> Located | None:
    """Find the source of an input on disk; None when it is not there. Never raises.

    What the configuration says (`sources`) comes first, then the store, then the copies of
    stores (`caches`), then the directory a path names; a relative one counts from `directory`,
    the source of the flake that names it.
    """
    checkout = source_for(name, [locked, original], sources or {})
    if checkout is not None:
        return Located(checkout, "sources", False) if disk.exists(checkout) else None
    if locked is None:
        return None
    path = text_of(locked, "path") if locked.get("type") == "path" else None
    if path is not None and not path.startswith("/"):
        if directory is None:
            return None
        target = os.path.normpath(os.path.join(directory, path))
        return Located(target, "path", True) if disk.exists(target) else None
    nar_hash = text_of(locked, "narHash")
    if nar_hash:
        try:
            store_path = store_path_of_nar_hash(nar_hash, "source", store)
        except HashError:
            store_path = ""
        if store_path and disk.exists(store_path):
            return Located(store_path, "store", True)
        for cache in caches or []:
            for candidate in cache_candidates(cache, store_path) if store_path else []:
                if disk.exists(candidate):
                    return Located(candidate, "cache", True)
    if path is not None and disk.exists(path):
        in_store = path.startswith(store + "/")
        return Located(path, "store" if in_store else "path", in_store)
    return None


def locate(
    locked: dict[str, Attr],
    sources: dict[str, str] | None = None,
    caches: list[str] | None = None,
    name: str = "",
    store: str = STORE,
) -> str | None:
    """The absolute path of an input's source (without its `dir`), or None. Never raises."""
    found = find_source(name, locked, None, sources, caches, store)
    return found.path if found is not None else None
