"""Builds the lower floors of nixlint as machine code with mypyc.

Two ways in:

- `pip install .` and every other wheel build run `CustomBuildHook`. It compiles in a temporary
  copy, so the working tree stays clean. The environment variable `NIXLINT_MYPYC` decides:
  `0` builds a pure Python wheel, `1` makes a failed compilation an error, and unset tries and
  falls back to the pure wheel with one line that says why. Editable installs stay interpreted.
- `python hatch_build.py --inplace DIR` puts the compiled packages into the directory `DIR`, for
  `PYTHONPATH=DIR`. It compiles again only the modules whose C code changed.
  `--only nixlint/text nixlint/syntax` compiles those and leaves the rest interpreted.

What is compiled stands in `pyproject.toml`, next to the name of this file.
"""

from __future__ import annotations

import argparse
import atexit
import filecmp
import hashlib
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
import textwrap
import tomllib
from concurrent.futures import ThreadPoolExecutor
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.config import BuilderConfig
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # Only the wheel needs hatchling, `--inplace` does not.
    HAVE_HATCHLING = False
else:
    HAVE_HATCHLING = True

BUILD_REQUIREMENTS = [
    "librt>=0.16; platform_python_implementation == 'CPython'",
    "mypy[mypyc]==2.4.1; platform_python_implementation == 'CPython'",
    "mypy_extensions>=1.0",
    "setuptools>=68",
]
BUILD_INFO = "nixlint/text/build_info.py"
"""Says in which mode nixlint runs, and is therefore part of every build."""
GROUP = "nixlint"
WORK = ".build"
"""The directory inside `DIR` that holds C files and objects; it also marks `DIR` as ours."""
NEVER_COMPILED = ("__init__.py", "__main__.py")


class BuildError(Exception):
    """The compiled build failed. The message is one line; `details` is the whole output."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


# What to build.


def wheel_config(root: Path) -> dict[str, Any]:
    """The `[tool.hatch.build.targets.wheel]` table of `pyproject.toml`."""
    with open(root / "pyproject.toml", "rb") as file:
        config: dict[str, Any] = tomllib.load(file)["tool"]["hatch"]["build"]["targets"]["wheel"]
    return config


def compiled_files(root: Path) -> list[str]:
    """The files that become machine code, relative to `root`, with `/`, sorted.

    Raises `BuildError` when `pyproject.toml` names a file that does not exist.
    """
    config = wheel_config(root)["hooks"]["custom"]
    interpret = set(config["interpret"])
    found: set[str] = set()
    for name in [*config["compile"], *interpret]:
        path = root / name
        if path.is_dir():
            found.update(file.relative_to(root).as_posix() for file in path.rglob("*.py"))
        elif path.is_file():
            found.add(name)
        else:
            raise BuildError(f"pyproject.toml names {name} to be built, but it does not exist")
    return sorted(
        file
        for file in found - interpret
        if not file.endswith(NEVER_COMPILED) and "__pycache__" not in file
    )


def is_extension(path: Path) -> bool:
    return path.name.endswith(tuple(EXTENSION_SUFFIXES))


# Compiling into a directory.


def sync_sources(root: Path, target: Path) -> bool:
    """Make the packages in `target` equal to those in `root`; extension modules are left alone.

    Returns whether anything had to change.
    """
    changed = False
    forced = wheel_config(root).get("force-include", {})
    wanted = {target / inside: root / file for file, inside in forced.items()}
    for package in wheel_config(root)["packages"]:
        base = root / package
        for file in base.rglob("*"):
            if file.is_file() and "__pycache__" not in file.parts and not is_extension(file):
                wanted[target / base.name / file.relative_to(base)] = file
    for package in wheel_config(root)["packages"]:
        for file in list((target / Path(package).name).rglob("*")):
            if file.is_file() and file not in wanted and not is_extension(file):
                file.unlink()
                changed = True
    for copy, original in wanted.items():
        if not copy.exists() or not filecmp.cmp(copy, original, shallow=False):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(original, copy)
            changed = True
    return changed


def find_compiler() -> None:
    """See to it that setuptools finds a C compiler, or raise `BuildError`."""
    import setuptools  # noqa: F401 - puts its own distutils in place.

    # isort: split
    from distutils import ccompiler, sysconfig

    compiler: Any = ccompiler.new_compiler()
    if compiler.compiler_type != "unix":
        return
    sysconfig.customize_compiler(compiler)
    command = compiler.compiler_so[0]
    if shutil.which(command):
        return
    if "CC" in os.environ:
        raise BuildError(f"the C compiler `{command}` named by CC was not found")
    for other in ("cc", "gcc", "clang"):
        if shutil.which(other):
            os.environ["CC"] = other
            return
    raise BuildError(f"no C compiler was found (looked for {command}, cc, gcc and clang)")


class ObjectCache:
    """Replaces a compiler's `compile`: skips objects that are current, runs the rest in parallel.

    An object is current when its source, all generated headers and the command are what they
    were when it was made.
    """

    def __init__(self, compiler: Any, headers: Path) -> None:
        self.compiler = compiler
        self.headers = hashlib.sha256()
        for header in sorted(headers.rglob("*.h")):
            self.headers.update(header.read_bytes())

    def __call__(
        self,
        sources: list[str],
        output_dir: str | None = None,
        macros: list[Any] | None = None,
        include_dirs: list[str] | None = None,
        debug: int = 0,
        extra_preargs: list[str] | None = None,
        extra_postargs: list[str] | None = None,
        depends: list[str] | None = None,
    ) -> list[str]:
        """The objects of `sources`; the signature is that of distutils."""
        macros, objects, extra, pp_opts, build = self.compiler._setup_compile(
            output_dir, macros, include_dirs, sources, depends, extra_postargs
        )
        cc_args = self.compiler._get_cc_args(pp_opts, debug, extra_preargs)
        command = repr((self.compiler.compiler_so, cc_args, extra)).encode()

        def make(obj: str) -> None:
            source, extension = build[obj]
            digest = self.headers.copy()
            digest.update(command + Path(source).read_bytes())
            stamp = Path(obj + ".stamp")
            if stamp.exists() and Path(obj).exists() and stamp.read_text() == digest.hexdigest():
                return
            stamp.unlink(missing_ok=True)
            self.compiler._compile(obj, source, extension, cc_args, extra, pp_opts)
            stamp.write_text(digest.hexdigest())

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(make, objects))
        result: list[str] = objects
        return result


def compile_tree(files: list[str], target: Path) -> None:
    """Compile `files` of the packages in `target`, and remove extension modules of other files.

    Runs mypyc in this process and changes the current directory to `target`.
    Raises `BuildError`, `SystemExit` (from mypyc, after it printed what is wrong) or an
    error of setuptools.
    """
    if platform.python_implementation() != "CPython":
        raise BuildError(f"mypyc needs CPython, this is {platform.python_implementation()}")
    find_compiler()
    from mypyc.build import mypycify
    from setuptools import Distribution
    from setuptools.command.build_ext import build_ext

    work = target / WORK
    generated = work / "c"
    os.chdir(target)
    extensions = mypycify(
        ["--config-file=", f"--cache-dir={os.devnull}", "--ignore-missing-imports", *files],
        opt_level="3",
        debug_level="0",
        multi_file=True,
        separate=False,
        group_name=GROUP,
        target_dir=f"{WORK}/c",
    )
    for extension in extensions:
        # A warning that a newer compiler invents is no reason to lose the compiled build.
        flags = extension.extra_compile_args
        extension.extra_compile_args = [flag for flag in flags if flag != "-Werror"]

    def build_extensions() -> None:
        if command.compiler.compiler_type == "unix":
            command.compiler.compile = ObjectCache(command.compiler, generated)
        build_ext.build_extensions(command)

    command = build_ext(Distribution({"name": GROUP, "ext_modules": extensions}))
    command.build_extensions = build_extensions
    command.build_lib = str(target)
    command.build_temp = str(work / "o")
    command.parallel = os.cpu_count()
    command.ensure_finalized()
    command.run()

    made = {Path(path).resolve() for path in command.get_outputs()}
    for file in list(target.rglob("*")):
        if is_extension(file) and file.resolve() not in made:
            file.unlink()


def prepare(target: Path, description: str) -> None:
    """Create `target`, or check that it is ours; drop work that differs in `description`."""
    work = target / WORK
    if target.exists() and any(target.iterdir()) and not work.is_dir():
        raise BuildError(f"{target} is not empty and was not made by this command")
    stamp = work / "description"
    if not stamp.exists() or stamp.read_text() != description:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        stamp.write_text(description)


def build_in_place(root: Path, target: Path, only: tuple[str, ...] = ()) -> int:
    """Copy the packages to `target` and compile them there; returns how many modules.

    `only` are the beginnings of the names of the files to compile; none means all.
    After an error no extension module is left: what remains then is a correct interpreted copy,
    not a mixture of old and new. When nothing changed since the last success, nothing is done.
    """
    files = compiled_files(root)
    if only:
        files = [file for file in files if file.startswith((*only, BUILD_INFO))]
    script = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    environment = [os.environ.get(name, "") for name in ("CC", "CFLAGS", "LDFLAGS")]
    prepare(target, "\n".join([sys.version, script, *environment]))
    done = target / WORK / "done"
    changed = sync_sources(root, target)
    if not changed and done.exists() and done.read_text() == "\n".join(files):
        return len(files)
    done.unlink(missing_ok=True)
    try:
        compile_tree(files, target)
        check = "from nixlint.text.build_info import is_compiled; assert is_compiled()"
        subprocess.run([sys.executable, "-c", check], cwd=target, check=True)
    except BaseException:
        for file in list(target.rglob("*")):
            if is_extension(file):
                file.unlink()
        raise
    done.write_text("\n".join(files))
    return len(files)


# The wheel.


def requested_mode() -> str:
    """`NIXLINT_MYPYC`: `"0"`, `"1"` or empty."""
    mode = os.environ.get("NIXLINT_MYPYC", "")
    if mode not in ("", "0", "1"):
        raise SystemExit(f"NIXLINT_MYPYC must be 0, 1 or unset, not {mode!r}")
    return mode


def reason_of(output: str) -> str:
    """The line of a failed build's output that says most: the first error, or else the last."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["no output"]
    errors = [line for line in lines if "error:" in line.lower()]
    reason = (errors or lines[-1:])[0].removeprefix("error: ")
    return textwrap.shorten(reason, 200, placeholder=" …")


def build_in_subprocess(root: Path, target: Path) -> list[Path]:
    """As `build_in_place`, but in another process, whose output appears only in a `BuildError`."""
    result = subprocess.run(
        [sys.executable, str(root / "hatch_build.py"), "--inplace", str(target)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        raise BuildError(reason_of(result.stdout), result.stdout)
    return [file for file in target.rglob("*") if is_extension(file) and WORK not in file.parts]


if HAVE_HATCHLING:

    class CustomBuildHook(BuildHookInterface[BuilderConfig]):
        """The hook that hatchling loads by the name of this file."""

        def dependencies(self) -> list[str]:
            """What the build needs besides hatchling."""
            return [] if requested_mode() == "0" else BUILD_REQUIREMENTS

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Compile, and add the extension modules to the wheel."""
            mode = requested_mode()
            if version == "editable" or mode == "0":
                return
            root = Path(self.root)
            temporary = Path(tempfile.mkdtemp(prefix="nixlint-build-")).resolve()
            atexit.register(shutil.rmtree, temporary, ignore_errors=True)
            try:
                extensions = build_in_subprocess(root, temporary)
            except BuildError as error:
                if mode == "1":
                    print(error.details, file=sys.stderr)
                    raise SystemExit(f"nixlint: the compiled build failed: {error}") from None
                print(
                    f"nixlint: building the pure Python wheel, as compiling failed: {error} "
                    "(NIXLINT_MYPYC=1 shows all of it, NIXLINT_MYPYC=0 does not try)",
                    file=sys.stderr,
                )
                return
            build_data["pure_python"] = False
            build_data["infer_tag"] = True
            for extension in extensions:
                inside = extension.relative_to(temporary).as_posix()
                build_data["force_include"][str(extension)] = inside


def main() -> None:
    """The command `python hatch_build.py --inplace DIR [--only PREFIX…]`."""
    parser = argparse.ArgumentParser(description="Build nixlint with mypyc into a directory.")
    parser.add_argument("--inplace", metavar="DIR", required=True, type=Path)
    parser.add_argument(
        "--only", metavar="PREFIX", nargs="+", default=[], help="compile only these files"
    )
    arguments = parser.parse_args()
    target: Path = arguments.inplace.resolve()
    root = Path(__file__).resolve().parent
    try:
        n_modules = build_in_place(root, target, tuple(arguments.only))
    except BuildError as error:
        raise SystemExit(f"error: {error}") from None
    print(f"{n_modules} modules compiled; use them with PYTHONPATH={shlex.quote(str(target))}")


if __name__ == "__main__":
    main()
