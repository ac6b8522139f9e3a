"""The wheel: what is in it, and how `NIXLINT_MYPYC` decides between compiled and pure.

Compiling takes a minute, so here the compiler is missing or refuses; the compiled wheel itself is
built by `.ci/run`, which hands it to `test_contents_of_a_given_wheel` as `NIXLINT_WHEEL`.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

import nixlint.text.span
from nixlint.text.build_info import build_mode, is_compiled

ROOT = Path(__file__).resolve().parent.parent
needs_sources = pytest.mark.skipif(
    not (ROOT / "nixlint").is_dir(), reason="there are no sources beside these tests"
)


def load_hook() -> ModuleType:
    """`hatch_build.py` as a module."""
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the build reads, so that the build cannot touch the working tree."""
    copy = tmp_path_factory.mktemp("project")
    for name in ("nixlint", "lsp", "grammar"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "hatch_build.py", "LICENSE", "README.md"):
        shutil.copyfile(ROOT / name, copy / name)
    return copy


def files_below(directory: Path) -> set[str]:
    return {
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def build(project: Path, dist: Path, mypyc: str, **environment: str) -> tuple[int, str]:
    """Run hatchling; returns its exit code and its output."""
    env = {**os.environ, **environment, "NIXLINT_MYPYC": mypyc}
    result = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)],
        cwd=project,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout


def check_contents(wheel: Path, modules: set[str], compiled: set[str]) -> None:
    """`wheel` holds all sources and data, and exactly `compiled` beside them as machine code.

    All names are paths relative to the project, with the suffix `.py`.
    """
    names = set(ZipFile(wheel).namelist())
    assert names >= modules
    assert {"nixlint/syntax/tables.bin", "nixlint/syntax/nix.lark", "nixlint/py.typed"} <= names
    outside = {name for name in names if name.partition("/")[0] not in ("nixlint", "nixlint_lsp")}
    outside = {name for name in outside if ".dist-info/" not in name}
    extensions = {name for name in names if name.endswith((".so", ".pyd"))}
    found = {name.partition(".")[0] + ".py" for name in extensions - outside}
    assert found == compiled
    if compiled:
        assert {name.partition(".")[0] for name in outside} == {"nixlint__mypyc"}
        assert not wheel.name.endswith("-any.whl")
    else:
        assert outside == set()
        assert wheel.name.endswith("-py3-none-any.whl")


def modules_in(project: Path) -> set[str]:
    """All modules of both packages, by their names in the wheel."""
    found = {f"nixlint/{name}" for name in files_below(project / "nixlint")}
    found |= {f"nixlint_lsp/{name}" for name in files_below(project / "lsp/nixlint_lsp")}
    return {name for name in found if name.endswith(".py")}


def test_version_says_how_it_runs() -> None:
    origin = nixlint.text.span.__file__
    assert origin is not None
    assert is_compiled() == (not origin.endswith(".py"))
    assert build_mode() == ("compiled" if is_compiled() else "interpreted")


def test_all_or_none_is_compiled() -> None:
    """Each source of the installed package that has a compiled twin says the same."""
    package = Path(nixlint.__file__).parent
    n_compiled = sum(1 for path in package.rglob("*") if path.suffix in (".so", ".pyd"))
    assert (n_compiled > 0) == is_compiled()


@needs_sources
def test_what_is_compiled() -> None:
    files = set(load_hook().compiled_files(ROOT))
    assert "nixlint/syntax/nodes.py" in files
    assert "nixlint/text/build_info.py" in files
    assert "nixlint/text/arrays.py" not in files
    assert not [file for file in files if file.endswith(("__init__.py", "__main__.py"))]
    rooms = (
        "text",
        "diagnostics",
        "syntax",
        "semantic",
        "evaluate",
        "project",
        "rules",
        "analysis",
    )
    folders = tuple(f"nixlint/{room}/" for room in rooms)
    assert not [file for file in files if not file.startswith(folders)]


@needs_sources
def test_a_name_that_does_not_exist_is_an_error(project: Path, tmp_path: Path) -> None:
    hook = load_hook()
    text = (project / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(
        text.replace("nixlint/text/arrays.py", "nixlint/no.py")
    )
    (tmp_path / "nixlint").symlink_to(project / "nixlint")
    with pytest.raises(hook.BuildError, match=r"names nixlint/no\.py .* does not exist"):
        hook.compiled_files(tmp_path)


@needs_sources
def test_the_pure_wheel(project: Path, tmp_path: Path) -> None:
    before = files_below(project)
    code, output = build(project, tmp_path, "0")
    assert code == 0, output
    assert "pure Python" not in output
    check_contents(next(tmp_path.glob("*.whl")), modules_in(project), set())
    assert files_below(project) == before


@needs_sources
def test_without_a_compiler_one_line_and_the_pure_wheel(project: Path, tmp_path: Path) -> None:
    before = files_below(project)
    code, output = build(project, tmp_path, "", CC="no-such-compiler")
    assert code == 0, output
    said = [line for line in output.splitlines() if line.startswith("nixlint: ")]
    assert said == [
        "nixlint: building the pure Python wheel, as compiling failed: the C compiler "
        "`no-such-compiler` named by CC was not found "
        "(NIXLINT_MYPYC=1 shows all of it, NIXLINT_MYPYC=0 does not try)"
    ]
    check_contents(next(tmp_path.glob("*.whl")), modules_in(project), set())
    assert files_below(project) == before


@needs_sources
def test_asked_to_compile_a_failure_is_an_error(project: Path, tmp_path: Path) -> None:
    code, output = build(project, tmp_path, "1", CC="no-such-compiler")
    assert code != 0
    assert "the compiled build failed: the C compiler `no-such-compiler`" in output
    assert list(tmp_path.glob("*.whl")) == []


@needs_sources
def test_another_value_is_refused(project: Path, tmp_path: Path) -> None:
    code, output = build(project, tmp_path, "yes")
    assert code != 0
    assert "NIXLINT_MYPYC must be 0, 1 or unset, not 'yes'" in output


@needs_sources
def test_in_place_leaves_strangers_alone(tmp_path: Path) -> None:
    hook = load_hook()
    (tmp_path / "thesis.txt").write_text("three years")
    with pytest.raises(hook.BuildError, match="is not empty and was not made by this command"):
        hook.build_in_place(ROOT, tmp_path)
    assert files_below(tmp_path) == {"thesis.txt"}


@needs_sources
def test_sources_are_kept_equal(project: Path, tmp_path: Path) -> None:
    """New, changed and removed files arrive; extension modules are left to the compiler."""
    hook = load_hook()
    target = tmp_path / "target"
    assert hook.sync_sources(project, target)
    assert not hook.sync_sources(project, target)
    assert modules_in(project) == files_below(target) & modules_in(project)
    (target / "nixlint/text/span.py").write_text("changed = True\n")
    (target / "nixlint/text/gone.py").write_text("")
    (target / "nixlint/text/span.abi3.so").write_bytes(b"")
    assert hook.sync_sources(project, target)
    assert "class Span" in (target / "nixlint/text/span.py").read_text()
    assert not (target / "nixlint/text/gone.py").exists()
    assert (target / "nixlint/text/span.abi3.so").exists()


@needs_sources
def test_the_reason_of_a_failure_is_one_line() -> None:
    reason_of = load_hook().reason_of
    assert reason_of(
        "x.c:1:10: fatal error: Python.h: No such file\n compilation terminated.\n"
    ) == ("x.c:1:10: fatal error: Python.h: No such file")
    assert reason_of("error: no C compiler\n") == "no C compiler"
    assert reason_of("killed\n\n") == "killed"
    assert reason_of("") == "no output"
    assert len(reason_of("CompileError: gcc " + "-Wflag " * 200)) <= 200


def test_the_version_has_one_source() -> None:
    if (ROOT / "pyproject.toml").exists():
        config = tomllib.loads((ROOT / "pyproject.toml").read_text())
        assert config["project"]["dynamic"] == ["version"]
        assert config["tool"]["hatch"]["version"]["path"] == "nixlint/__init__.py"
    try:
        installed = metadata.version("nixlint")
    except metadata.PackageNotFoundError:
        pytest.skip("nixlint is not installed, only its sources are there")
    assert nixlint.__version__ == installed


@needs_sources
@pytest.mark.skipif("NIXLINT_WHEEL" not in os.environ, reason="NIXLINT_WHEEL names no wheel")
def test_contents_of_a_given_wheel() -> None:
    """The compiled wheel that `.ci/run` built."""
    wheel = Path(os.environ["NIXLINT_WHEEL"])
    compiled = set(load_hook().compiled_files(ROOT))
    check_contents(wheel, modules_in(ROOT), compiled)
