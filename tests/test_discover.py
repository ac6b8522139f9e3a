"""From paths to files: git's ignore files, excludes, links, and things that are no files."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from nixlint.analysis.config import Overrides
from nixlint.analysis.discover import Discovery, discover
from nixlint.analysis.resolver import Resolver
from tests.running import as_ordinary_user, nixlint, write_tree


def found(root: Path, *arguments: str, **overrides: object) -> list[str]:
    """The files discovered from `root`, as they are shown; nothing must have gone wrong."""
    discovery = discovered(root, *arguments, **overrides)
    assert [problem for problem in discovery.problems if problem.fails] == []
    return [target.shown for target in discovery.targets]


def discovered(root: Path, *arguments: str, **overrides: object) -> Discovery:
    here = Path.cwd()
    os.chdir(root)
    try:
        given = Overrides()
        for name, value in overrides.items():
            setattr(given, name, value)
        return discover(list(arguments) or ["."], Resolver(given))
    finally:
        os.chdir(here)


GITIGNORE = [
    # (tree, what is found)
    ({"a.nix": "", "b.txt": "", "sub/c.nix": "", "README": ""}, ["a.nix", "sub/c.nix"]),
    ({".gitignore": "a.nix\n", "a.nix": "", "sub/a.nix": "", "b.nix": ""}, ["b.nix"]),
    ({".gitignore": "/a.nix\n", "a.nix": "", "sub/a.nix": ""}, ["sub/a.nix"]),
    ({".gitignore": "build/\n", "build/a.nix": "", "sub/build/a.nix": "", "b.nix": ""}, ["b.nix"]),
    # A deeper file decides before a higher one.
    ({".gitignore": "*.g.nix\n", "s/.gitignore": "!a.g.nix\n", "s/a.g.nix": "", "b.g.nix": ""},
     ["s/a.g.nix"]),
    # Nothing inside an ignored directory can come back.
    ({".gitignore": "o/\n", "o/.gitignore": "!a.nix\n", "o/a.nix": "", "b.nix": ""}, ["b.nix"]),
    ({"s/.gitignore": "a.nix\n", "s/a.nix": "", "a.nix": ""}, ["a.nix"]),
    ({".gitignore": "# a.nix\n\\#b.nix\n", "a.nix": "", "#b.nix": ""}, ["a.nix"]),
    # What git cannot read, it skips.
    ({".gitignore": "!\n[z-a]\nb.nix\n", "a.nix": "", "b.nix": ""}, ["a.nix"]),
    ({".git/info/exclude": "b.nix\n", "a.nix": "", "b.nix": ""}, ["a.nix"]),
    # A worktree or a submodule has its files elsewhere.
    ({"w/.git": "gitdir: ../main/.git/worktrees/w\n", "main/.git/worktrees/w/commondir": "../..\n",
      "main/.git/info/exclude": "b.nix\n", "w/a.nix": "", "w/b.nix": ""}, ["w/a.nix"]),
    # A repository inside another is not governed by the outer one.
    ({".git/HEAD": "", ".gitignore": "a.nix\n", "in/.git/HEAD": "", "in/a.nix": "", "a.nix": ""},
     ["in/a.nix"]),
    ({"result/a.nix": "", "result-bin/a.nix": "", ".direnv/a.nix": "", ".git/a.nix": "",
      "node_modules/a.nix": "", "sub/result/a.nix": "", "result.nix": "", "result-x.nix": ""},
     ["result-x.nix", "result.nix"]),
    ({"z.nix": "", "a/z.nix": "", "a.nix": "", "B.nix": "", "a-b/c.nix": ""},
     ["B.nix", "a/z.nix", "a-b/c.nix", "a.nix", "z.nix"]),
    ({"x.nix/a.nix": ""}, ["x.nix/a.nix"]),
]  # fmt: skip


@pytest.mark.parametrize(("tree", "expected"), GITIGNORE)
def test_walk(tmp_path: Path, tree: dict[str, str], expected: list[str]) -> None:
    assert found(write_tree(tmp_path, tree)) == expected


def test_agrees_with_git(tmp_path: Path) -> None:
    """Git itself lists the same files."""
    tree = {
        ".gitignore": "*.tmp.nix\n/only-root.nix\ndocs/**/gen\n!keep.tmp.nix\n",
        "a.nix": "", "b.tmp.nix": "", "keep.tmp.nix": "", "only-root.nix": "",
        "s/only-root.nix": "", "s/.gitignore": "c*.nix\n!cc.nix\n", "s/c.nix": "", "s/cc.nix": "",
        "docs/x/gen/a.nix": "", "docs/gen/b.nix": "", "docs/x/general/a.nix": "", "ü é.nix": "",
    }  # fmt: skip
    write_tree(tmp_path, tree)
    try:
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("git is not installed")
    command = ["git", "ls-files", "-coz", "--exclude-standard", "*.nix"]
    listed = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    assert sorted(found(tmp_path)) == sorted(listed.decode().rstrip("\0").split("\0"))


def test_a_subdirectory_obeys_the_whole_repository(tmp_path: Path) -> None:
    tree = {".git/HEAD": "", ".gitignore": "gen.nix\n", "a/gen.nix": "", "a/b.nix": ""}
    assert found(write_tree(tmp_path, tree), "a") == ["a/b.nix"]
    # Whoever names an ignored directory means it.
    (tmp_path / ".gitignore").write_text("a/\n")
    assert found(tmp_path, "a") == ["a/b.nix", "a/gen.nix"]
    assert found(tmp_path) == []


def test_respect_gitignore_can_be_switched_off(tmp_path: Path) -> None:
    tree = {".gitignore": "a.nix\n", "a.nix": "", "b.nix": ""}
    assert found(write_tree(tmp_path, tree), respect_gitignore=False) == ["a.nix", "b.nix"]
    (tmp_path / "nixlint.toml").write_text("respect-gitignore = false\n")
    assert found(tmp_path) == ["a.nix", "b.nix"]


def test_excludes(tmp_path: Path) -> None:
    tree = {
        "nixlint.toml": 'exclude = ["vendor/"]\nextend-exclude = ["*.gen.nix", "/top.nix"]\n',
        "vendor/a.nix": "", "sub/vendor/a.nix": "", "x.gen.nix": "", "top.nix": "", "s/top.nix": "",
        "vendor/nixlint.toml": "exclude = []\n",
    }  # fmt: skip
    write_tree(tmp_path, tree)
    assert found(tmp_path) == ["s/top.nix"]
    assert found(tmp_path, exclude=["s/"]) == []
    assert found(tmp_path / "s", exclude=["s/"]) == ["top.nix"]


def test_a_named_file_is_checked_unless_forced(tmp_path: Path) -> None:
    tree = {
        ".git/HEAD": "", "nixlint.toml": 'exclude = ["vendor/"]\n', "vendor/a.nix": "",
        ".gitignore": "gen/\n", "gen/b.nix": "", "c.nix": "", "noext": "",
    }  # fmt: skip
    write_tree(tmp_path, tree)
    named = ["vendor/a.nix", "gen/b.nix", "c.nix", "noext"]
    assert found(tmp_path, *named) == named
    assert found(tmp_path, *named, force_exclude=True) == ["c.nix", "noext"]
    (tmp_path / "nixlint.toml").write_text('exclude = ["vendor/"]\nforce-exclude = true\n')
    assert found(tmp_path, *named) == ["c.nix", "noext"]


def test_paths_are_shown_as_given_and_checked_once(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/b.nix": "", "a/c.nix": "", "d.nix": ""})
    assert found(tmp_path, "./a//b.nix", "a") == ["a/b.nix", "a/c.nix"]
    assert found(tmp_path, "d.nix", ".") == ["d.nix", "a/b.nix", "a/c.nix"]
    assert found(tmp_path, str(tmp_path / "a")) == [f"{tmp_path}/a/b.nix", f"{tmp_path}/a/c.nix"]
    assert found(tmp_path / "a", "../d.nix", "..") == ["../d.nix", "../a/b.nix", "../a/c.nix"]


def test_links(tmp_path: Path) -> None:
    tree = {
        "repo/a.nix": "", "repo/link.nix -> a.nix": "", "repo/loop -> .": "", "repo/up -> ..": "",
        "repo/self.nix -> self.nix": "", "repo/out.nix -> ../outside.nix": "", "outside.nix": "",
        "repo/result -> ../store": "", "store/s.nix": "", "repo/gone.nix -> nowhere.nix": "",
        "repo/dir.nix -> ../store": "", "repo/in.nix -> template": "", "repo/template": "",
        "repo/deep/loop -> ../deep": "", "repo/deep/d.nix": "",
    }  # fmt: skip
    write_tree(tmp_path, tree)
    assert found(tmp_path / "repo") == ["a.nix", "deep/d.nix", "in.nix"]
    # By name, a link is as good as what it leads to.
    assert found(tmp_path / "repo", "result", "out.nix") == ["result/s.nix", "out.nix"]


def test_not_files(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": "", "empty.nix/": ""})
    os.mkfifo(tmp_path / "pipe.nix")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "sock.nix"))
        discovery = discovered(tmp_path)
        assert [target.shown for target in discovery.targets] == ["a.nix"]
        messages = {problem.path: problem.message for problem in discovery.problems}
        assert messages == {
            "pipe.nix": "is a named pipe (FIFO), not a regular file",
            "sock.nix": "is a socket, not a regular file",
        }
    named = discovered(tmp_path, "empty.nix", "pipe.nix", "/dev/null", "nowhere.nix", "", "a.nix")
    assert [target.shown for target in named.targets] == ["a.nix"]
    assert [(p.path, p.message) for p in named.problems] == [
        ("empty.nix", "is a directory, and there is no Nix file in it"),
        ("pipe.nix", "is a named pipe (FIFO), not a regular file"),
        ("/dev/null", "is a device, not a regular file"),
        ("nowhere.nix", "no such file or directory"),
        ('""', "no such file or directory"),
    ]


def test_unreadable_directory(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": "", "closed/b.nix": "", "z.nix": ""})
    for directory in (tmp_path, *tmp_path.parents[:3]):
        directory.chmod(0o755)
    (tmp_path / "closed").chmod(0)
    try:
        with as_ordinary_user():
            discovery = discovered(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o755)
    assert [target.shown for target in discovery.targets] == ["a.nix", "z.nix"]
    assert [(p.path, p.message) for p in discovery.problems] == [
        ("closed", "cannot read it: permission denied")
    ]


def test_nothing_to_check(tmp_path: Path) -> None:
    result = nixlint("check", cwd=tmp_path)
    assert result.code == 0
    assert "no Nix files found" in result.err


def test_a_deep_tree(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 300)
    deep.mkdir(parents=True)
    (deep / "a.nix").write_text("1")
    assert len(found(tmp_path)) == 1
