"""Results that are kept from one check to the next: the same as without, whatever changes."""

from __future__ import annotations

import builtins
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nixlint
from nixlint.analysis.cache import CheckCache, plain
from nixlint.analysis.check_project import Projects
from nixlint.analysis.config import Overrides
from nixlint.analysis.discover import discover
from nixlint.analysis.files_run import Run
from nixlint.analysis.outcome import FileOutcome, pack_diagnostic
from nixlint.analysis.resolver import Resolver
from nixlint.analysis.run import CHECK, Task
from nixlint.project.disk_cache import FOLDER, TAG, DiskCache, key_of
from nixlint.project.settings import ProjectSettings
from nixlint.text import disk
from nixlint.text.build_info import is_compiled
from tests.running import nixlint as run_nixlint

HASH: Final = "sha256-" + "A" * 43 + "="
FILES: Final = {
    "flake.nix": """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
  inputs.extra.url = "github:someone/extra";
  inputs.dead.url = "github:someone/dead";
  outputs = { self, nixpkgs, extra, ... }: {
    nixosConfigurations = builtins.mapAttrs
      (name: _: nixpkgs.lib.nixosSystem {
        modules = [ (./hosts + "/${name}") ./common.nix extra.nixosModules.default ];
      })
      (builtins.readDir ./hosts);
  };
}
""",
    "flake.lock": """\
{
  "nodes": {
    "dead": {
      "locked": { "lastModified": 1, "narHash": "HASH", "owner": "someone", "repo": "dead",
        "rev": "1111111111111111111111111111111111111111", "type": "github" },
      "original": { "owner": "someone", "repo": "dead", "type": "github" }
    },
    "extra": {
      "locked": { "lastModified": 1, "narHash": "HASH", "owner": "someone", "repo": "extra",
        "rev": "2222222222222222222222222222222222222222", "type": "github" },
      "original": { "owner": "someone", "repo": "extra", "type": "github" }
    },
    "nixpkgs": {
      "locked": { "lastModified": 1764000000, "narHash": "HASH", "owner": "NixOS",
        "repo": "nixpkgs", "rev": "3333333333333333333333333333333333333333", "type": "github" },
      "original": { "owner": "NixOS", "ref": "nixos-25.11", "repo": "nixpkgs", "type": "github" }
    },
    "root": { "inputs": { "dead": "dead", "extra": "extra", "nixpkgs": "nixpkgs" } }
  },
  "root": "root",
  "version": 7
}
""".replace("HASH", HASH),
    "nixlint.toml": '[sources]\nextra = "../extra"\n',
    "common.nix": """\
{ lib, ... }: {
  imports = [ ./modules/on.nix ];
  options.my.level = lib.mkOption { type = lib.types.int; default = 1; };
}
""",
    "modules/on.nix": "{ ... }: { my.level = 2; }\n",
    "modules/off.nix": "{ ... }: { my.level = 3; }\n",
    "hosts/one/default.nix": "{ ... }: { my.level = 2; environment.etc.x.source = ./note; }\n",
    "hosts/two/default.nix": "{ pkgs, ... }: let unused = 1; in { my.level = 4; }\n",
    "hosts/one/note": "text\n",
    "lib/helper.nix": "# nixlint: ignore[unused-file] a person uses it\n{ }\n",
    "tool.sh": "nix-build ./other.nix\n",
    "other.nix": "import ./modules/absent.nix\n",
    "../extra/flake.nix": """\
{ outputs = { self }: { nixosModules.default = ./module.nix; }; }
""",
    "../extra/module.nix": "{ ... }: { my.level = 2; }\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return _written(tmp_path / "work")


def _written(root: Path) -> Path:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _git(root, "init", "-q")
    _git(root, "add", ".")
    return root


def _git(root: Path, *arguments: str) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


class Run1:
    """One check of a directory: what was found, and how much of it was known before."""

    def __init__(self, root: Path, cache: Path | None, jobs: int = 1) -> None:
        overrides = Overrides()
        resolver = Resolver(overrides)
        targets = discover([str(root)], resolver).targets
        run = Run(Task(CHECK), overrides, jobs)
        if cache is not None:
            run.cache = CheckCache(DiskCache(str(cache)), targets)
            self.known_files = sum(run.cache.knows(target) for target in targets)
        run.start(targets)
        projects = Projects(targets, resolver, run.cache)
        found = list(projects.outcomes(targets, run.task, run.outcomes))
        run.finish()
        run.close()
        self.targets = len(targets)
        self.project_known = all(one._project is None for one in projects.by_root.values())
        self.found = [_shown(outcome) for outcome in found]
        assert not [problem for outcome in found for problem in outcome.problems]

    @property
    def rules(self) -> set[str]:
        return {str(one[0]) for _, found in self.found for one in found}


def _shown(outcome: FileOutcome) -> tuple[str, list[Any]]:
    return outcome.path, [pack_diagnostic(each) for each in outcome.diagnostics]


def test_the_second_check_knows_everything(project: Path, tmp_path: Path) -> None:
    cold = Run1(project, None)
    assert {"unused-file", "unused-let-binding", "missing-path"} <= cold.rules
    first = Run1(project, tmp_path / "cache")
    second = Run1(project, tmp_path / "cache")
    assert first.known_files == 0 and second.known_files == second.targets
    assert second.project_known and not first.project_known
    assert cold.found == first.found == second.found


def test_processes_give_the_same(project: Path, tmp_path: Path) -> None:
    cold = Run1(project, None)
    assert Run1(project, None, 2).found == cold.found
    assert Run1(project, tmp_path / "cache", 2).found == cold.found
    assert Run1(project, tmp_path / "cache", 2).found == cold.found


def _write(name: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)

    return change


def _same_size_and_time(root: Path) -> None:
    path = root / "modules/on.nix"
    status = path.stat()
    path.write_text(path.read_text().replace("2", "9"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _tracked(name: str, text: str) -> Callable[[Path], None]:
    def change(root: Path) -> None:
        _write(name, text)(root)
        _git(root, "add", "-f", name)

    return change


def _remove(name: str) -> Callable[[Path], None]:
    return lambda root: (root / name).unlink()


def _untrack(root: Path) -> None:
    _git(root, "rm", "-q", "--cached", "modules/on.nix")


def _link(root: Path) -> None:
    (root / "modules/on.nix").unlink()
    (root / "modules/on.nix").symlink_to("off.nix")


def _directory(root: Path) -> None:
    (root / "modules/off.nix").unlink()
    (root / "modules/off.nix").mkdir()


CHANGES: Final[dict[str, Callable[[Path], None]]] = {
    "a file": _write("modules/on.nix", "{ ... }: { my.level = 5; }\n"),
    "a file, keeping its size and time": _same_size_and_time,
    "a host": _tracked("hosts/three/default.nix", '{ ... }: { my.level = "x"; }\n'),
    "a host git does not track": _write("hosts/three/default.nix", "{ ... }: { my.level = 9; }\n"),
    "a missing file": _write("modules/absent.nix", "1\n"),
    "a removed file": _remove("modules/off.nix"),
    "a link": _link,
    "a directory in the place of a file": _directory,
    "what git tracks": _untrack,
    "what git ignores": _write(".gitignore", "modules/off.nix\nlib\n"),
    "the configuration": _write(
        "nixlint.toml", '[sources]\nextra = "../extra"\n\n[flake]\nrequire-ref = "rev"\n'
    ),
    "the rules": _write("nixlint.toml", 'ignore = ["unused-file"]\n'),
    "the lock": _write("flake.lock", FILES["flake.lock"][:-3]),
    "a missing lock": _remove("flake.lock"),
    "the sources of an input": _write("../extra/module.nix", "{ ... }: { my.level = 8; }\n"),
    "the list of an input": _write("../extra/flake.nix", "{ outputs = _: { }; }\n"),
    "a script": _write("tool.sh", "nix-build ./modules/off.nix\n"),
    "a comment": _write("lib/helper.nix", "{ }\n"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(project: Path, tmp_path: Path, what: str) -> None:
    cache = tmp_path / "cache"
    before = Run1(project, cache)
    assert Run1(project, cache).found == before.found
    CHANGES[what](project)
    after = Run1(project, cache)
    assert after.found == Run1(project, None).found
    assert after.found != before.found, "this change shows nothing"
    assert Run1(project, cache).found == after.found


def test_the_day_is_seen(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "cache"
    _write("nixlint.toml", "[flake]\nmax-age-days = 900\n")(project)
    monkeypatch.setenv("NIXLINT_TODAY", "2025-12-01")
    before = Run1(project, cache)
    monkeypatch.setenv("NIXLINT_TODAY", "2029-12-01")
    after = Run1(project, cache)
    assert after.found == Run1(project, None).found != before.found


def test_another_directory_is_seen(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are shown as the user gave them."""
    cache = tmp_path / "cache"
    Run1(project, cache)
    monkeypatch.chdir(project)
    assert Run1(Path("."), cache).found == Run1(Path("."), None).found


EDITS: Final = (
    ("modules/on.nix", "{ ... }: { my.level = 2; }\n"),
    ("modules/on.nix", "{ ... }: { my.level = 4; }\n"),
    ("modules/on.nix", "{ ... }: { my.typo = 4; }\n"),
    ("modules/new.nix", "{ a, ... }: { }\n"),
    ("modules/new.nix", None),
    ("hosts/two/default.nix", "{ ... }: { imports = [ ../../modules/new.nix ]; }\n"),
    ("hosts/two/default.nix", FILES["hosts/two/default.nix"]),
    ("hosts/two/default.nix", None),
    ("../extra/module.nix", "{ ... }: { my.level = 7; }\n"),
    ("../extra/module.nix", None),
    ("common.nix", "{ }\n"),
    ("common.nix", FILES["common.nix"]),
    (".gitignore", "modules\n"),
    (".gitignore", None),
    ("", None),
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=st.lists(st.sampled_from(EDITS), min_size=1, max_size=4))
def test_cached_and_uncached_agree(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, str | None]]
) -> None:
    place = tmp_path_factory.mktemp("edits")
    root = _written(place / "work")
    for name, text in edits:
        path = root / name
        if not name:
            _git(root, "add", "-A")
        elif text is not None:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        elif path.exists():
            path.unlink()
        assert Run1(root, place / "cache").found == Run1(root, None).found


def _entry(cache: Path) -> Path:
    (entry,) = [path for path in (cache / FOLDER).rglob("*") if path.is_file()]
    return entry


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[: len(data) // 2],
        lambda data: data + b"x",
        lambda data: bytes(len(data)),
        lambda data: data[:40] + bytes([data[40] ^ 255]) + data[41:],
        lambda data: b"not ours at all",
    ],
)
def test_a_damaged_entry_is_no_entry(
    project: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    cache = tmp_path / "cache"
    before = Run1(project, cache)
    entry = _entry(cache)
    entry.write_bytes(damage(entry.read_bytes()))
    after = Run1(project, cache)
    assert after.known_files == 0
    assert after.found == before.found
    assert Run1(project, cache).known_files == after.targets


def test_an_entry_of_another_version_is_no_entry(project: Path, tmp_path: Path) -> None:
    import marshal

    store = DiskCache(str(tmp_path / "cache"))
    before = Run1(project, tmp_path / "cache")
    entry = _entry(tmp_path / "cache")
    key = entry.parent.name + entry.name
    content = store.get(key)
    assert content is not None
    store.put(key, marshal.dumps(("another version", *marshal.loads(content)[1:])))
    after = Run1(project, tmp_path / "cache")
    assert after.known_files == 0 and after.found == before.found


def test_a_place_that_cannot_be_written_is_no_cache(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    place = tmp_path / "file" / "cache"
    assert Run1(project, place).found == Run1(project, None).found
    assert (tmp_path / "file").read_text() == ""


def test_a_home_that_does_not_exist_is_not_made(tmp_path: Path) -> None:
    store = DiskCache(str(tmp_path / "homeless-shelter" / ".cache" / "nixlint"))
    store.put(key_of("x"), b"data")
    assert list(tmp_path.iterdir()) == []


def test_entries_come_and_go(tmp_path: Path) -> None:
    store = DiskCache(str(tmp_path / "cache"))
    assert store.get(key_of("a")) is None
    store.put(key_of("a"), b"one")
    store.put(key_of("a"), b"two")
    store.put(key_of("b"), b"")
    assert store.get(key_of("a")) == b"two" and store.get(key_of("b")) == b""
    assert (tmp_path / "cache" / TAG).read_text().startswith("Signature: 8a477f597d28d172789f06886")
    old = os.path.getmtime(tmp_path / "cache" / TAG) - 90 * 86400
    for path in (tmp_path / "cache").rglob("*"):
        os.utime(path, (old, old))
    store.put(key_of("c"), b"three")
    assert store.get(key_of("a")) is None and store.get(key_of("c")) == b"three"
    assert store.clear() == 1 and store.get(key_of("c")) is None


def test_options_of_the_command_line(project: Path, tmp_path: Path) -> None:
    named, variable = tmp_path / "named", tmp_path / "variable"
    env = {"NIXLINT_NO_CACHE": "", "NIXLINT_CACHE_DIR": str(variable)}
    plain_run = run_nixlint("check", "--no-cache", ".", cwd=project, environment=env)
    assert not variable.exists()
    run_nixlint("check", ".", cwd=project, environment=env)
    assert variable.is_dir()
    warm = run_nixlint("check", ".", cwd=project, environment=env)
    assert (warm.code, warm.out) == (plain_run.code, plain_run.out)
    run_nixlint("check", "--cache-dir", str(named), ".", cwd=project, environment=env)
    assert named.is_dir()
    done = run_nixlint("clean", cwd=project, environment=env)
    assert done.code == 0 and done.out == f"Deleted 1 file from {variable}\n"
    done = run_nixlint("clean", "--cache-dir", str(tmp_path / "none"), cwd=project)
    assert done.code == 0 and done.out == "There is no cache.\n"


def test_the_cache_is_in_the_users_cache_directory(project: Path, tmp_path: Path) -> None:
    env = {
        "NIXLINT_NO_CACHE": "",
        "NIXLINT_CACHE_DIR": "",
        "XDG_CACHE_HOME": "",
        "HOME": str(tmp_path),
    }
    run_nixlint("check", ".", cwd=project, environment=env)
    assert (tmp_path / ".cache" / "nixlint" / TAG).is_file()
    env["XDG_CACHE_HOME"] = str(tmp_path / "xdg")
    run_nixlint("check", ".", cwd=project, environment=env)
    assert (tmp_path / "xdg" / "nixlint" / TAG).is_file()


def test_fixing_uses_no_cache(project: Path, tmp_path: Path) -> None:
    env = {"NIXLINT_NO_CACHE": "", "NIXLINT_CACHE_DIR": str(tmp_path / "cache")}
    run_nixlint("check", "--fix", ".", cwd=project, environment=env)
    assert not (tmp_path / "cache").exists()


def test_every_setting_is_part_of_the_key() -> None:
    before = repr(plain(ProjectSettings()))
    fields = [name for name in dir(ProjectSettings()) if not name.startswith("_")]
    seen = 0
    for name in fields:
        made = ProjectSettings()
        value = getattr(made, name)
        if callable(value):
            continue
        seen += 1
        if isinstance(value, dict):
            value["x"] = "y"
        elif isinstance(value, list):
            value.append("x")
        elif value is None:
            setattr(made, name, 7 if name == "today" else ["x"] if name != "channels" else {"x": 1})
        else:
            value.max_age_days = 3
        assert repr(plain(made)) != before, name
    assert seen >= 7


# The door to the disk.

QUIET: Final = {
    # Answers the question `GIT` as a whole.
    "project/tree/git_index.py",
    # Records what it reads by itself.
    "analysis/reading.py",
    # Files of nixlint itself.
    "syntax/tables.py",
    # Keeps stamps for the language server.
    "project/project.py",
    # Reads what was kept under the digest of a source, which is computed through the door.
    "project/disk_cache.py",
}


@pytest.mark.skipif(is_compiled(), reason="compiled functions have no frames")
def test_the_disk_is_asked_through_the_door_only(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a recorded check asks of the disk in another way would make kept results wrong."""
    package = os.path.dirname(nixlint.__file__) + os.sep
    wrong: set[tuple[str, int, str]] = set()

    def watched(name: str, function: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            frame = sys._getframe(1) if disk.recording() is not None else None
            while frame is not None and "importlib" not in frame.f_code.co_filename:
                file = frame.f_code.co_filename
                if file.startswith(package):
                    inside = file[len(package) :].replace(os.sep, "/")
                    if inside != "text/disk.py" and inside not in QUIET:
                        wrong.add((inside, frame.f_lineno, name))
                    break
                frame = frame.f_back
            return function(*args, **more)

        return call

    for name in ("stat", "lstat", "listdir", "scandir", "readlink", "open"):
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))
    monkeypatch.setattr(builtins, "open", watched("open", builtins.open))
    Run1(project, tmp_path / "cache")
    fixtures = Path(__file__).resolve().parent.parent / "fixtures" / "projects"
    for name in ("first-look", "unused-flake-input", "unpinned-source", "option-conflict"):
        Run1(Path(shutil.copytree(fixtures / name, tmp_path / name)), tmp_path / "cache")
    assert not wrong
