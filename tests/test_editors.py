"""Real editors against the real server: what a user does, and what comes of it.

Each script in `editors/` opens the project of `fixtures/lsp/editors`, edits, hovers, completes an
option, applies a fix, goes to a definition in another file and renames an option in two files.
It leaves what it saw in a JSON file, and all editors must have seen the same.
The settings are those of `docs/editors.md`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.editors_harness import PROJECT, command_under_test, copied_project, environment

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE / "editors"
MANUAL = HERE.parent / "docs/editors.md"
EXTENSION = HERE.parent / "lsp/vscode/package.json"
EMACS_PACKAGES = Path("/usr/share/emacs/site-lisp/elpa-src")
ALE = Path("/usr/share/vim-ale")
MOON = "🌙"
IN_ALE = "luna"
"""ALE takes the columns of the protocol for bytes, so there must be as many of these."""
SECONDS = 150

HOST_FIXED = """\
{ pkgs, ... }:
let
  welcome = "good 🌙 evening";
in
{
  services.greeter.enable = true;
  services.greeter.message = welcome;
  services.greeter.port = 80;
  environment.systemPackages = [ pkgs.git ];
  system.stateVersion = "25.11";
}"""


def neovim(_project: Path) -> list[str]:
    script = SCRIPTS / "neovim.lua"
    return ["nvim", "--headless", "--clean", "-n", "host.nix", "-c", f"luafile {script}"]


def emacs(_project: Path) -> list[str]:
    folders = [part for path in sorted(EMACS_PACKAGES.iterdir()) for part in ("-L", str(path))]
    return ["emacs", "-Q", "--batch", *folders, "-l", str(SCRIPTS / "eglot.el")]


def vim(_project: Path) -> list[str]:
    start = ["vim", "-es", "-N", "-u", "NONE", "-i", "NONE", "--cmd", f"set rtp+={ALE}"]
    return [*start, "-S", str(SCRIPTS / "ale.vim")]


EDITORS = {"neovim": neovim, "emacs": emacs, "vim": vim}
PACKAGES = {"neovim": "neovim", "emacs": "emacs-nox elpa-eglot", "vim": "vim-nox vim-ale"}
"""What Debian calls them."""


def is_here(name: str) -> bool:
    """Whether an editor is installed, with its client of the protocol."""
    if name == "emacs":
        return shutil.which(name) is not None and any(EMACS_PACKAGES.glob("eglot-*"))
    if name == "vim":
        return shutil.which(name) is not None and ALE.is_dir()
    return shutil.which("nvim") is not None


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, under git as flakes are."""
    return copied_project(tmp_path)


def settings(name: str) -> str:
    """The settings for an editor in the manual."""
    text = MANUAL.read_text("utf-8")
    found = re.search(rf"<!-- settings:{name} -->\n```[a-z]+\n(.*?)```\n", text, re.DOTALL)
    assert found is not None
    return found[1]


def run(name: str, project: Path, tmp_path: Path) -> dict[str, Any]:
    """Let an editor work, and return what it saw."""
    result = tmp_path / "result.json"
    chosen = tmp_path / "settings"
    chosen.write_text(settings(name), "utf-8")
    # The settings name the command `nixlint`; here it is the one under test.
    command = command_under_test(tmp_path / "bin")
    surroundings = environment(tmp_path) | {
        "NIXLINT_RESULT": str(result),
        "NIXLINT_SETTINGS": str(chosen),
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        EDITORS[name](project),
        cwd=project,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    said = f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    assert result.is_file(), said
    seen: dict[str, Any] = json.loads(result.read_text("utf-8"))
    assert "error" not in seen, f"{seen['error']}\n{said}"
    return seen


@pytest.mark.parametrize("name", EDITORS)
def test_editor(name: str, project: Path, tmp_path: Path) -> None:
    if not is_here(name):
        pytest.skip(f"{name} is not installed (Debian: {PACKAGES[name]})")
    fixed = HOST_FIXED
    if name == "vim":
        host = project / "host.nix"
        host.write_text(host.read_text("utf-8").replace(MOON, IN_ALE), "utf-8")
        fixed = fixed.replace(MOON, IN_ALE)
    seen = run(name, project, tmp_path)
    # Columns in bytes: the moon before `unused` has four.
    unused = "3:34 unused-let-binding"
    assert seen["diagnostics"] == [unused]
    assert seen["edited"] == [unused, "8:27 undefined-variable"]
    for part in ("services.greeter.port", "16 bit unsigned integer", "7070", "Where to listen."):
        assert part in seen["hover"]
    assert {"enable", "message"} <= set(seen["completion"])
    assert seen["fixed"] == fixed
    assert seen["definition"] == "greeter.nix:12"
    host, module = seen["renamed"]["host.nix"], seen["renamed"]["modules/greeter.nix"]
    assert host == fixed.replace("greeter.message", "greeter.greeting")
    before = (PROJECT / "modules/greeter.nix").read_text("utf-8")
    after = before.replace("    message =", "    greeting =").replace("cfg.message", "cfg.greeting")
    assert module.strip() == after.strip()


def test_settings_of_other_editors() -> None:
    helix = tomllib.loads(settings("helix"))
    server = helix["language-server"]["nixlint"]
    assert [server["command"], *server["args"]] == ["nixlint", "lsp"]
    assert json.loads(settings("kate"))["servers"]["nix"]["command"] == ["nixlint", "lsp"]
    defaults = json.loads(EXTENSION.read_text("utf-8"))["contributes"]["configuration"]
    assert defaults["properties"]["nixlint.command"]["default"] == ["nixlint", "lsp"]
