"""The command line: options, exit codes, streams, colors, signals."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nixlint import __version__
from nixlint.analysis import files_run, parallel
from nixlint.analysis.cache import Recorded, recorded
from nixlint.analysis.discover import Target
from nixlint.analysis.run import Task
from nixlint.cli.main import COMMANDS
from nixlint.cli.terminal import Progress
from nixlint.rules import registry
from nixlint.text.build_info import build_mode
from tests.running import concise, nixlint, write_tree

LET = "let a = 1; in 2\n"
COMMAND = [sys.executable, "-m", "nixlint"]


# Exit codes.


@pytest.mark.parametrize(
    ("tree", "arguments", "code"),
    [
        ({"a.nix": "1\n"}, [], 0),
        ({"a.nix": LET}, [], 1),
        ({"a.nix": LET}, ["--exit-zero"], 0),
        ({"a.nix": "{ a = 1"}, [], 1),
        ({"a.nix": LET}, ["nowhere.nix"], 2),
        ({"a.nix": LET}, ["a.nix", "nowhere.nix"], 2),
        ({"a.nix": LET}, ["a.nix", "nowhere.nix", "--exit-zero"], 2),
        ({"a.nix": LET, "nixlint.toml": "x = 1"}, [], 2),
        ({"a.nix": LET, "nixlint.toml": "x = 1"}, ["--isolated"], 1),
        ({"a.nix": LET}, ["--select", "no-such-rule"], 2),
        ({"a.nix": LET}, ["--no-such-option"], 2),
        ({"a.nix": LET}, ["--format", "xml"], 2),
        ({"a.nix": LET}, ["--jobs", "0"], 2),
        ({"a.nix": LET}, ["-", "a.nix"], 2),
        ({"a.nix": LET}, ["--stdin-filename", "b.nix"], 2),
        ({"a.nix": LET}, ["--config", "x", "--isolated"], 2),
        ({"a.nix": LET}, ["--ignore", "unused-let-binding"], 0),
        ({"a.nix": LET}, ["--select", "unused-with"], 0),
        # A file that does not parse was not checked for anything, and that is always told.
        ({"a.nix": "{ a = 1"}, ["--select", "unused-with"], 1),
        ({"a.nix": "{ a = 1"}, ["--ignore", "syntax"], 0),
        ({}, [], 0),
    ],
)
def test_exit_code(tmp_path: Path, tree: dict[str, str], arguments: list[str], code: int) -> None:
    result = nixlint("check", *arguments, cwd=write_tree(tmp_path, tree))
    assert result.code == code, result
    assert "Traceback" not in result.err


def test_findings_go_to_stdout_and_the_rest_to_stderr(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET})
    result = nixlint("check", "a.nix", "nowhere.nix", cwd=tmp_path)
    assert result.err == "error: nowhere.nix: no such file or directory\n"
    assert result.out.startswith("warning[unused-let-binding]: ")
    assert result.out.endswith("Found 1 problem (1 warning) in 1 file; 1 can be fixed with --fix\n")


def test_quiet(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET, "empty/": "", "b.nix": "1"})
    result = nixlint("check", "-q", cwd=tmp_path)
    assert (result.code, result.err) == (1, "")
    assert result.out.startswith("warning[") and "Found" not in result.out
    assert nixlint("check", "-q", "b.nix", cwd=tmp_path).out == ""
    assert nixlint("check", "-q", "empty", cwd=tmp_path).err == ""
    assert nixlint("check", "-q", "nowhere", cwd=tmp_path).err != ""


def test_without_a_command(tmp_path: Path) -> None:
    result = nixlint(cwd=tmp_path)
    assert result.code == 2
    assert all(name in result.out + result.err for name in COMMANDS)


def test_help_and_version(tmp_path: Path) -> None:
    assert nixlint("--version", cwd=tmp_path).out == f"nixlint {__version__} ({build_mode()})\n"
    help_text = nixlint("--help", cwd=tmp_path).out
    assert all(name in help_text for name in COMMANDS)
    for name in COMMANDS:
        result = nixlint(name, "--help", cwd=tmp_path)
        assert result.code == 0
        assert f"Usage: nixlint {name}" in result.out


def test_a_mistyped_command(tmp_path: Path) -> None:
    result = nixlint("chek", cwd=tmp_path)
    assert result.code == 2
    assert "no such command `chek`: did you mean `check`?" in result.err
    result = nixlint("flake.nix", cwd=tmp_path)
    assert "did you mean `nixlint check flake.nix`?" in result.err


# Standard input.


def test_stdin(tmp_path: Path) -> None:
    found = concise("-", cwd=tmp_path, stdin=LET.encode())
    assert found == ["<stdin>:1:5 unused-let-binding"]
    found = concise("-", "--stdin-filename", "x/y.nix", cwd=tmp_path, stdin=LET.encode())
    assert found == ["x/y.nix:1:5 unused-let-binding"]


def test_stdin_is_configured_by_its_name(tmp_path: Path) -> None:
    tree = {
        "nixlint.toml": '[per-file-ignores]\n"gen.nix" = ["names"]\n',
        "s/nixlint.toml": 'exclude = ["x.nix"]\n',
    }
    write_tree(tmp_path, tree)

    def run(name: str, *arguments: str) -> list[str]:
        return concise("-", "--stdin-filename", name, *arguments, cwd=tmp_path, stdin=LET.encode())

    assert run("a.nix") == ["a.nix:1:5 unused-let-binding"]
    assert run("gen.nix") == []
    assert run("s/x.nix") == ["s/x.nix:1:5 unused-let-binding"]
    assert run("s/x.nix", "--force-exclude") == []
    fixed = nixlint(
        "check", "-", "--fix", "--force-exclude", "--stdin-filename", "s/x.nix",
        cwd=tmp_path, stdin=LET.encode(),
    )  # fmt: skip
    assert (fixed.code, fixed.out) == (0, LET)


# Options.


def test_selection(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": "let a = 1; in with builtins; 2\n"})
    both = ["a.nix:1:5 unused-let-binding", "a.nix:1:15 unused-with"]
    assert concise(cwd=tmp_path) == both
    assert concise("--select", "unused-with", cwd=tmp_path) == both[1:]
    assert concise("--select=unused-with,unused-let-binding", cwd=tmp_path) == both
    select_both = ["--select", "unused-with", "--extend-select", "unused-let-binding"]
    assert concise(*select_both, cwd=tmp_path) == both
    assert concise("--ignore", "unused-with", cwd=tmp_path) == both[:1]
    assert concise("--select", "names", "--ignore", "unused-with", cwd=tmp_path)[0] == both[0]


def test_exclude(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET, "gen/b.nix": LET})
    assert concise("--exclude", "gen", cwd=tmp_path) == ["a.nix:1:5 unused-let-binding"]
    found = concise("--exclude", "gen", "--force-exclude", "gen/b.nix", cwd=tmp_path)
    assert found == []


def test_statistics(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET, "b.nix": LET, "c.nix": "with builtins; 1"})
    result = nixlint("check", "--statistics", cwd=tmp_path)
    assert result.code == 1
    lines = result.out.splitlines()
    assert lines[0].startswith("2  unused-let-binding  (2 with a fix)")
    assert lines[1].startswith("1  unused-with")
    assert lines[2].startswith("Found 3 problems")
    numbers = json.loads(nixlint("check", "--statistics", "--format=json", cwd=tmp_path).out)
    assert numbers["rules"][0] == {"rule": "unused-let-binding", "count": 2, "fixable": 2}


@pytest.mark.parametrize("form", ["full", "concise", "json", "github", "sarif"])
def test_every_format_runs(tmp_path: Path, form: str) -> None:
    write_tree(tmp_path, {"a.nix": LET, "broken.nix": "{ a = 1"})
    result = nixlint("check", "--output-format", form, cwd=tmp_path)
    assert result.code == 1 and result.err == ""
    assert "unused-let-binding" in result.out
    assert result.out.endswith("\n")


def test_parallel_output_is_the_same(tmp_path: Path) -> None:
    tree = {f"d{i % 7}/{i}.nix": LET if i % 5 else "{ a = ; }" for i in range(90)}
    write_tree(tmp_path, tree)
    one = nixlint("check", "-j", "1", "--format", "json", cwd=tmp_path)
    four = nixlint("check", "-j", "4", "--format", "json", cwd=tmp_path)
    assert (one.code, one.out) == (four.code, four.out)
    assert len(json.loads(one.out)["diagnostics"]) == 90
    for name in tree:
        (tmp_path / name).write_text("1")
    for jobs in ("1", "4"):
        assert nixlint("check", "-j", jobs, cwd=tmp_path).out == "No problems in 90 files\n"


def test_parallel_output_of_projects_is_the_same(tmp_path: Path) -> None:
    """Findings about the project join those of files that were checked before they were known."""
    spoiled = {
        "commented.nix": "# nixlint: ignore-file[option-type-mismatch] why\n{ my.name = 3; }\n",
        "broken.nix": "{ lib, ... }: { my.flag = ; }\n",
        "wrong.nix": "{ lib, ... }: let unused = 1; in { my.flag = 3; }\n",
        "lost.nix": "{ lib, ... }: { options.lost = lib.mkOption { }; }\n",
        "nixlint.toml": 'severity = { unused-module = "error" }\n',
        "flake.nix": """{
          inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-24.11";
          outputs = { nixpkgs, ... }: {
            nixosConfigurations.host = nixpkgs.lib.nixosSystem {
              modules = [ ./flag.nix ./wrong.nix ./commented.nix ];
            };
          };
        }""",
        "flag.nix": """{ lib, ... }: {
          options.my.flag = lib.mkOption { type = lib.types.bool; };
          options.my.name = lib.mkOption { type = lib.types.str; };
        }""",
    }
    write_tree(tmp_path, spoiled)
    alone = nixlint("check", "-j", "1", "--no-cache", "--format", "json", cwd=tmp_path)
    several = nixlint("check", "-j", "3", "--no-cache", "--format", "json", cwd=tmp_path)
    assert (alone.code, alone.out) == (several.code, several.out)
    found = {(each["path"], each["rule"]) for each in json.loads(alone.out)["diagnostics"]}
    assert ("wrong.nix", "option-type-mismatch") in found
    assert ("wrong.nix", "unused-let-binding") in found
    assert not [path for path, _ in found if path == "commented.nix"]


@pytest.mark.skipif(sys.platform != "linux", reason="workers must inherit the patch")
@pytest.mark.parametrize("flake", [False, True])
def test_a_worker_that_dies_costs_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flake: bool
) -> None:
    def die(target: Target, task: Task) -> Recorded:
        if target.shown == "17.nix":
            os._exit(9)
        return recorded(target, task)

    monkeypatch.setattr(parallel, "recorded", die)
    monkeypatch.setattr(files_run, "recorded", die)
    write_tree(tmp_path, {f"{i}.nix": LET for i in range(40)})
    if flake:
        write_tree(tmp_path, {"flake.nix": "{ outputs = _: { }; }"})
    result = nixlint("check", "-j", "2", "--format", "concise", cwd=tmp_path)
    assert result.code == 2
    assert len(result.out.splitlines()) == 39
    assert result.err.startswith("error: 17.nix: the process that checked this file died")


# Rules.


def test_rule(tmp_path: Path) -> None:
    for name in registry.rule_names():
        result = nixlint("rule", name, cwd=tmp_path)
        assert result.code == 0
        assert result.out.startswith(f"# {name}\n")
        assert "## What it does" in result.out
    facts = json.loads(nixlint("rule", "unused-with", "--format", "json", cwd=tmp_path).out)
    assert facts["name"] == "unused-with" and facts["theme"] == "names"
    assert "## Example" in facts["documentation"]


def test_rule_by_the_name_another_tool_has_for_it(tmp_path: Path) -> None:
    for name in registry.rule_names():
        for alias in registry.load_rule(name).aliases:
            assert f"# {name}\n" in nixlint("rule", alias, cwd=tmp_path).out
    wrong = nixlint("rule", "unused-wiht", cwd=tmp_path)
    assert wrong.code == 2
    assert "there is no rule `unused-wiht`: did you mean `unused-with`?" in wrong.err


def test_rules(tmp_path: Path) -> None:
    text = nixlint("rules", cwd=tmp_path).out
    listed = re.findall(r"^  ([a-z0-9-]+) ", text, re.MULTILINE)
    assert sorted(listed) == sorted(registry.rule_names())
    facts = json.loads(nixlint("rules", "--format", "json", cwd=tmp_path).out)
    assert [each["name"] for each in facts] == list(registry.rule_names())
    assert all(each["summary"] for each in facts)
    assert {each["fix"] for each in facts} <= {"safe", "unsafe", "sometimes", "none"}


# Parse.


def test_parse(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": "{ a = ./b; }\n", "broken.nix": "{ a = 1"})
    tree = nixlint("parse", "a.nix", cwd=tmp_path)
    assert tree.code == 0 and tree.out.startswith("Root ")
    assert json.loads(nixlint("parse", "a.nix", "--format=json", cwd=tmp_path).out)["version"] == 1
    assert "ID" in nixlint("parse", "--format=tokens", "a.nix", cwd=tmp_path).out
    printed = nixlint("parse", "--format=nix", "a.nix", cwd=tmp_path)
    assert printed.out == f"{{ a = {tmp_path}/b; }}\n"
    based = nixlint("parse", "--format=nix", "--base-dir=/base", "a.nix", cwd=tmp_path)
    assert based.out == "{ a = /base/b; }\n"
    home = nixlint("parse", "--format=nix", "--home=/h", "-", cwd=tmp_path, stdin=b"~/x")
    assert home.out == "/h/x\n"
    broken = nixlint("parse", "broken.nix", cwd=tmp_path)
    assert broken.code == 1
    assert "error[expected-token]" in broken.err and broken.out.startswith("Root ")
    assert nixlint("parse", "--format=nix", "broken.nix", cwd=tmp_path).out == ""
    twice = nixlint("parse", "--format=nix", "-", cwd=tmp_path, stdin=b"{ a = 1; a = 2; }")
    assert (twice.code, twice.out) == (1, "") and "duplicate-attribute" in twice.err
    missing = nixlint("parse", "nowhere.nix", cwd=tmp_path)
    assert missing.code == 2
    assert "nowhere.nix" in missing.err


def test_parse_with_lark(tmp_path: Path) -> None:
    pytest.importorskip("lark")
    text = b"{ a = 1; b = x: [ x ./y ]; }\n"
    lark = nixlint("parse", "--engine=lark", "-", cwd=tmp_path, stdin=text)
    native = nixlint("parse", "-", cwd=tmp_path, stdin=text)
    assert (lark.code, lark.out) == (0, native.out)


# The terminal.


@pytest.mark.parametrize(
    ("arguments", "environment", "colored"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"CLICOLOR_FORCE": "1"}, True),
        ([], {"FORCE_COLOR": "0"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        (["--format", "json", "--color", "always"], {}, False),
        (["--format", "concise", "--color", "always"], {}, True),
    ],
)
def test_color(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], colored: bool
) -> None:
    write_tree(tmp_path, {"a.nix": LET})
    result = nixlint("check", *arguments, cwd=tmp_path, environment=environment)
    assert ("\x1b[" in result.out) == colored


def at_terminal(arguments: list[str], cwd: Path, **environment: str) -> tuple[int, str]:
    """Run a command at a terminal of its own; its exit code and everything it wrote."""
    controller, terminal = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], cwd=cwd, stdin=terminal, stdout=terminal, stderr=terminal,
        env={**os.environ, "TERM": "xterm", "CI": "", "NO_COLOR": "", **environment},
    )  # fmt: skip
    os.close(terminal)
    pieces = []
    while True:
        try:
            piece = os.read(controller, 65536)
        except OSError:
            break
        if not piece:
            break
        pieces.append(piece)
    os.close(controller)
    return process.wait(), b"".join(pieces).decode()


def test_a_terminal_gets_colors_and_links(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET})
    code, text = at_terminal(["check"], tmp_path)
    assert code == 1
    assert "\x1b[1;33m" in text and "\x1b]8;;https://" in text
    code, text = at_terminal(["check"], tmp_path, CI="true")
    assert "\x1b[1;33m" in text and "\x1b]8;;" not in text
    code, text = at_terminal(["check"], tmp_path, TERM="dumb")
    assert "\x1b" not in text
    assert "Checking files" not in text


def test_progress_appears_late_and_goes_away(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    progress = Progress(3, True)
    progress.step()
    assert capsys.readouterr().err == ""
    now[0] += 1.5
    progress.step()
    assert capsys.readouterr().err == "\r\x1b[KChecking files: 2/3"
    progress.clear()
    assert capsys.readouterr().err == "\r\x1b[K"
    quiet = Progress(3, False)
    now[0] += 10
    quiet.step()
    quiet.clear()
    assert capsys.readouterr().err == ""


# Ends that come early.


def test_a_broken_pipe_is_quiet(tmp_path: Path) -> None:
    write_tree(tmp_path, {f"{i}.nix": LET * 1 for i in range(400)})
    process = subprocess.Popen(
        [*COMMAND, "check", "-j", "1"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert errors == b""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_an_error(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET})
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*COMMAND, "check"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr == b"error: cannot write the output: No space left on device\n"


@pytest.mark.parametrize(("closed", "code"), [("<&-", 1), (">&-", 1), ("2>&-", 1), (">&- 2>&-", 1)])
def test_closed_streams(tmp_path: Path, closed: str, code: int) -> None:
    write_tree(tmp_path, {"a.nix": LET})
    command = f"{shlex.join(COMMAND)} check a.nix {closed}"
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


def listen_to_interrupts() -> None:
    """A process started in the background by a shell ignores SIGINT, and its children with it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_an_interrupt(tmp_path: Path, jobs: str) -> None:
    write_tree(tmp_path, {f"{i}.nix": "[ " + "(x: x) " * 4000 + "]" for i in range(300)})
    process = subprocess.Popen(
        [*COMMAND, "check", "--select", "names", "-j", jobs],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=listen_to_interrupts,
    )  # fmt: skip
    time.sleep(1.0)
    os.killpg(process.pid, signal.SIGINT)
    _out, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Traceback" not in errors
