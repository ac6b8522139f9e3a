"""Reading git's index."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nixlint.project.tree.git_index import parse_index, read_git_index
from nixlint.project.tree.gitignore import IgnoreChain
from nixlint.project.tree.walk import walk
from tests.project_harness import index_bytes, write_index
from tests.running import write_tree

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(root: Path, *arguments: str) -> None:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    options = ("-c", "user.name=x", "-c", "user.email=x@y", "-c", "protocol.file.allow=always")
    subprocess.run(
        ["git", *options, *arguments], cwd=root, check=True, capture_output=True, env=environment
    )


NAMES = ["a.nix", "dir/b.nix", "dir/deep/c", "dir/deep/cc", "with space/ä.nix", "x" * 300]


def test_own_bytes(tmp_path: Path) -> None:
    index = parse_index("/r", index_bytes(NAMES), 20)
    assert index is not None
    assert index.files == set(NAMES)
    assert index.directories == {"", "dir", "dir/deep", "with space"}
    assert index.tracks("/r/a.nix") is True
    assert index.tracks("/r/dir") is True
    assert index.tracks("/r") is True
    assert index.tracks("/r/new") is False
    assert index.tracks("/elsewhere") is None


def test_submodules_are_opaque() -> None:
    index = parse_index("/r", index_bytes(["sub"], 0o160000), 20)
    assert index is not None
    assert index.opaque == {"sub"}
    assert index.tracks("/r/sub/x.nix") is None


@pytest.mark.parametrize("cut", [0, 3, 11, 40, 80])
def test_what_is_cut_off_is_unknown(tmp_path: Path, cut: int) -> None:
    write_index(tmp_path, NAMES)
    path = tmp_path / ".git" / "index"
    path.write_bytes(path.read_bytes()[:cut])
    assert read_git_index(str(tmp_path)) is None


def test_no_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert read_git_index(str(tmp_path)) is None


@needs_git
@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_versions(tmp_path: Path, version: str) -> None:
    write_tree(tmp_path, dict.fromkeys(NAMES[:5], "1"))
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "index.version", version)
    git(tmp_path, "add", "a.nix", "dir")
    if version == "3":
        # Only entries with further flags make git write version 3.
        git(tmp_path, "add", "-N", NAMES[4])
    git(tmp_path, "update-index", "--index-version", version)
    data = (tmp_path / ".git" / "index").read_bytes()
    assert data[7] == int(version)
    index = read_git_index(str(tmp_path / "dir"))
    assert index is not None and index.root == str(tmp_path)
    assert index.files == set(NAMES[:5] if version == "3" else NAMES[:4])


@needs_git
def test_sha256(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a": "1", "b": "2"})
    git(tmp_path, "init", "-q", "--object-format=sha256")
    git(tmp_path, "add", "a")
    index = read_git_index(str(tmp_path))
    assert index is not None and index.files == {"a"}


@needs_git
def test_worktrees_and_submodules(tmp_path: Path) -> None:
    main = write_tree(tmp_path / "main", {"a": "1"})
    git(main, "init", "-q")
    git(main, "add", "a")
    git(main, "commit", "-qm", "x")
    git(main, "worktree", "add", "-q", "../tree")
    (tmp_path / "tree" / "b").write_text("2")
    git(tmp_path / "tree", "add", "b")
    index = read_git_index(str(tmp_path / "tree"))
    assert index is not None and index.files == {"a", "b"}
    git(main, "submodule", "add", "-q", str(main), "sub")
    index = read_git_index(str(main / "sub"))
    assert index is not None and index.files == {"a"}
    index = read_git_index(str(main))
    assert index is not None and index.opaque == {"sub"}


@needs_git
def test_a_split_index_is_unknown(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a": "1"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "a")
    git(tmp_path, "update-index", "--split-index")
    assert read_git_index(str(tmp_path)) is None


def test_walk(tmp_path: Path) -> None:
    files = {
        "a.nix": "1",
        "ignored.nix": "1",
        "dir/b.yml": "1",
        "dir/.gitignore": "c*\n",
        "dir/c.nix": "1",
        ".gitignore": "/ignored.nix\n",
        ".git/x.nix": "1",
        "result/x.nix": "1",
        "link -> a.nix": "",
        "dangling -> nowhere": "",
        "loop -> .": "",
    }
    write_tree(tmp_path, files)
    found = walk(str(tmp_path))
    assert found is not None
    names = [os.path.relpath(path, tmp_path) for path in found]
    assert names == [".gitignore", "a.nix", "link", "dir/.gitignore", "dir/b.yml"]
    assert IgnoreChain(None, None).ignores("/x", False) is False
