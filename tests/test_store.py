"""Hashes and store paths, against known values and the installed Nix."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixlint.project.references.hashes import (
    BASE32_FORM,
    SIZES,
    Hash,
    HashError,
    base32_decode,
    base32_encode,
    parse_hash,
    parse_sri,
)
from nixlint.project.store import (
    cache_candidates,
    find_source,
    locate,
    source_for,
    store_path_of_file_hash,
    store_path_of_nar_hash,
)

FEATURES = ["--extra-experimental-features", "nix-command flakes"]
EMPTY = hashlib.sha256(b"").digest()


def test_forms() -> None:
    """The hash of nothing, in the forms the Nix manual and every fetcher show it in."""
    found = Hash("sha256", EMPTY)
    assert found.base16 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert found.base32 == "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"
    assert found.sri == "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    for text in (found.base16, found.base32, found.sri[7:], found.sri):
        assert parse_hash(text, "sha256") == found
    for text in (f"sha256:{found.base16}", f"sha256:{found.base32}", found.sri):
        assert parse_hash(text) == found
    assert parse_sri(found.sri) == found
    assert parse_hash(found.base32, "sha256").form == BASE32_FORM
    assert not found.is_placeholder
    assert Hash("sha1", bytes(20)).is_placeholder


@pytest.mark.parametrize(
    ("text", "algorithm", "message"),
    [
        ("", "sha256", "length of a sha256 hash"),
        ("abc", "", "does not say its algorithm"),
        ("abc", "sha1", "length of a sha1 hash"),
        ("sha3-abc", "", "unknown hash algorithm 'sha3'"),
        ("sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha256", "should be a sha256 hash"),
        ("sha256-AAAA", "", "3 bytes"),
        ("sha256-?", "", "base-64"),
        ("g" * 40, "sha1", "hexadecimal"),
        ("e" * 32, "sha1", "base 32"),
        ("z" * 52, "sha256", "beyond"),
        ("\N{FULLWIDTH DIGIT ONE}" * 40, "sha1", "hexadecimal"),
    ],
)
def test_no_hashes(text: str, algorithm: str, message: str) -> None:
    with pytest.raises(HashError, match=message):
        parse_hash(text, algorithm)


def test_sri_only() -> None:
    with pytest.raises(HashError, match="not SRI"):
        parse_sri("0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73")


@given(st.sampled_from(sorted(SIZES)), st.data())
def test_hashes_round_trip(algorithm: str, data: st.DataObject) -> None:
    size = SIZES[algorithm]
    found = Hash(algorithm, data.draw(st.binary(min_size=size, max_size=size)))
    assert base32_decode(base32_encode(found.digest), size) == found.digest
    for text in (found.base16, found.base32, base64.b64encode(found.digest).decode()):
        assert parse_hash(text, algorithm) == found
    assert parse_hash(found.sri) == found


@given(st.text(max_size=60), st.sampled_from(["", "sha1", "sha256"]))
def test_texts_raise_nothing_else(text: str, algorithm: str) -> None:
    with contextlib.suppress(HashError):
        parse_hash(text, algorithm)


def make_tree(root: Path) -> Path:
    tree = root / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "flake.nix").write_text("{ outputs = _: { }; }")
    (tree / "sub/ü").write_bytes(b"\x00\xff")
    (tree / "run").write_text("#!/bin/sh\n")
    (tree / "run").chmod(0o755)
    (tree / "link").symlink_to("sub")
    return tree


def answer(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.nix
def test_paths_against_nix(tmp_path: Path) -> None:
    """The store path that `builtins.path` and `nix-store` give a tree, from its narHash alone."""
    tree = make_tree(tmp_path)
    nar_hash = answer("nix", *FEATURES, "hash", "path", str(tree))
    expression = f'builtins.path {{ path = {tree}; name = "source"; }}'
    path = answer("nix-instantiate", "--eval", "-E", expression).strip('"')
    assert store_path_of_nar_hash(nar_hash) == path
    found = parse_sri(nar_hash)
    assert store_path_of_nar_hash(f"sha256:{found.base32}") == path
    assert store_path_of_nar_hash(found.base16) == path
    other = f'builtins.path {{ path = {tree}; name = "a-name"; }}'
    named = answer("nix-instantiate", "--eval", "-E", other).strip('"')
    assert store_path_of_nar_hash(nar_hash, "a-name") == named
    added = answer("nix-store", "--add-fixed", "--recursive", "sha256", str(tree))
    assert store_path_of_nar_hash(nar_hash, "tree") == added
    assert locate({"type": "github", "narHash": nar_hash}) == (
        path if os.path.exists(path) else None
    )


@pytest.mark.nix
def test_copied_stores(tmp_path: Path) -> None:
    """What `nix copy` and `nix flake archive` put below a directory is found there."""
    tree = make_tree(tmp_path)
    path = answer("nix", *FEATURES, "store", "add-path", "--name", "source", str(tree))
    nar_hash = answer("nix", *FEATURES, "hash", "path", str(tree))
    assert store_path_of_nar_hash(nar_hash) == path
    copy = tmp_path / "copy"
    subprocess.run(
        ["nix", *FEATURES, "copy", "--no-check-sigs", "--to", str(copy), path], check=True
    )
    archive = tmp_path / "archive"
    subprocess.run(
        ["nix", *FEATURES, "flake", "archive", "--to", str(archive),
         f"path:{tree}"],
        check=True, env={**os.environ, "HOME": str(tmp_path)},
    )  # fmt: skip
    for cache in (copy, archive):
        found = [place for place in cache_candidates(str(cache), path) if os.path.exists(place)]
        assert found == [str(cache) + path]
        assert (Path(found[0]) / "flake.nix").is_file()


@pytest.mark.nix
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_files_against_nix(algorithm: str, tmp_path: Path) -> None:
    file = tmp_path / "archive.tar.gz"
    file.write_bytes(b"\x1f\x8b")
    digest = hashlib.new(algorithm, file.read_bytes()).hexdigest()
    added = answer("nix-store", "--add-fixed", algorithm, str(file))
    expected = answer("nix-store", "--print-fixed-path", algorithm, digest, "archive.tar.gz")
    assert added == expected
    flat = store_path_of_file_hash(f"{algorithm}:{digest}", "archive.tar.gz")
    assert flat == expected


@pytest.mark.nix
@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
def test_conversions_against_nix(algorithm: str) -> None:
    digest = hashlib.new(algorithm, b"nixlint").digest()
    found = Hash(algorithm, digest)
    convert = ["nix", *FEATURES, "hash"]
    assert answer(*convert, "to-base32", "--type", algorithm, found.base16) == found.base32
    assert answer(*convert, "to-sri", "--type", algorithm, found.base32) == found.sri
    assert answer(*convert, "to-base16", found.sri) == found.base16


NAR_HASH = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_where_sources_are_found(tmp_path: Path) -> None:
    store = str(tmp_path / "nix/store")
    path = store_path_of_nar_hash(NAR_HASH, store=store)
    base = os.path.basename(path)
    locked: dict[str, str | int | bool] = {
        "type": "github", "owner": "NixOS", "repo": "nixpkgs", "narHash": NAR_HASH
    }  # fmt: skip
    assert find_source("nixpkgs", locked, store=store) is None
    # A copy of the store, given by its root, by its store, or by the directory of the entries.
    for folder in (path.lstrip("/"), f"store/{base}", base):
        copy = tmp_path / f"copy{len(folder)}"
        (copy / folder).mkdir(parents=True)
        found = find_source("nixpkgs", locked, store=store, caches=[str(tmp_path), str(copy)])
        assert found is not None
        assert (found.path, found.how, found.exact) == (str(copy / folder), "cache", True)
    # The store comes before its copies, and a checkout of the configuration before the store.
    os.makedirs(path)
    found = find_source("nixpkgs", locked, store=store, caches=[str(copy)])
    assert found is not None
    assert (found.path, found.how, found.exact) == (path, "store", True)
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for key in ("nixpkgs", "github:nixos/nixpkgs", "github:NixOS/nixpkgs/nixos-24.05"):
        found = find_source("nixpkgs", locked, sources={key: str(checkout)}, store=store)
        assert found is not None
        assert (found.path, found.how, found.exact) == (str(checkout), "sources", False)
    found = find_source("nixpkgs", locked, sources={"other": str(checkout)}, store=store)
    assert found is not None
    assert found.how == "store"
    gone = {"nixpkgs": str(tmp_path / "gone")}
    assert find_source("nixpkgs", locked, sources=gone, store=store) is None


def test_names_reach_inputs_of_the_root_only() -> None:
    attrs: dict[str, str | int | bool] = {"type": "git", "url": "https://example.org/a.git"}
    assert source_for("", [attrs], {"": "/x", "a": "/y"}) is None
    assert source_for("", [None, attrs], {"git+https://example.org/a": "/z"}) == "/z"
    assert source_for("", [attrs], {"https://example.org/a.git": "/z"}) == "/z"
    assert source_for("a", [attrs], {"%:%": "/x", "a": "/y"}) == "/y"


def test_paths_are_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    relative: dict[str, str | int | bool] = {"type": "path", "path": "./x/../sub"}
    found = find_source("a", relative, directory=str(tmp_path))
    assert found is not None
    assert (found.path, found.exact) == (str(tmp_path / "sub"), True)
    assert find_source("a", relative) is None
    found = find_source("a", {"type": "path", "path": str(tmp_path), "narHash": "nonsense"})
    assert found is not None
    assert (found.path, found.exact) == (str(tmp_path), False)
    assert find_source("a", {"type": "path", "path": str(tmp_path / "gone")}) is None
    assert find_source("a", None) is None
    assert locate({"type": "tarball", "url": "https://example.org/a.tar.gz"}) is None
