"""Bad input gets a clear message, and the rest is checked all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nixlint.analysis import reading
from tests.running import as_ordinary_user, concise, nixlint, write_tree

LET = "let a = 1; in 2\n"

TEXTS = [
    # (bytes, the findings, without the path)
    (b"", ["1:1 syntax-error"]),
    (b"\n\n", ["1:1 syntax-error"]),
    (b"# only a comment\n", ["1:1 syntax-error"]),
    (b'{ a = "\xff\xfe"; }\n', ["1:8 invalid-utf8"]),
    (b"\xff", None),
    (b'{ a = "\x00"; }\n', None),
    (b"\x00", None),
    (b"\xef\xbb\xbf{ a = 1; }\n", None),
    (b"{\r\n  a = 1;\r\n}\r\n", []),
    (b"{ a = 1; }\r{ b", None),
    (b"{ a = 1; }", []),
    (b"\xff\xfe{\x00 \x00}\x00", None),
    (b"\x7fELF\x02\x01\x01\x00\x00", None),
    (b"<<<<<<< HEAD\n{ }\n=======\n{ a = 1; }\n>>>>>>> other\n", None),
]


@pytest.mark.parametrize(("data", "expected"), TEXTS)
def test_odd_texts(tmp_path: Path, data: bytes, expected: list[str] | None) -> None:
    write_tree(tmp_path, {"a.nix": data, "b.nix": LET})
    for form in ("full", "concise", "json", "github", "sarif"):
        result = nixlint("check", "--format", form, cwd=tmp_path)
        assert result.code == 1
        assert result.err == ""
        assert "unused-let-binding" in result.out
    found = [line for line in concise(cwd=tmp_path) if line.startswith("a.nix:")]
    if expected is not None:
        shown = [line.removeprefix("a.nix:") for line in found]
        assert [line.split()[1] for line in shown] == [line.split()[1] for line in expected]
    for extra in (["--fix"], ["--fix", "--unsafe-fixes"]):
        fixed = nixlint("check", *extra, "-", cwd=tmp_path, stdin=data)
        assert fixed.code in (0, 1), fixed
        if found == []:
            assert fixed.bytes == data


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET, "closed.nix": LET, "dir.nix/": "", "z.nix": LET})
    os.mkfifo(tmp_path / "pipe.nix")
    for directory in (tmp_path, *tmp_path.parents[:3]):
        directory.chmod(0o755)
    (tmp_path / "closed.nix").chmod(0)
    with as_ordinary_user():
        result = nixlint("check", "--format", "concise", cwd=tmp_path)
    assert result.code == 2
    assert result.err.splitlines() == [
        "error: pipe.nix: is a named pipe (FIFO), not a regular file",
        "error: closed.nix: cannot read it: permission denied",
    ]
    assert [line.split(":")[0] for line in result.out.splitlines()] == ["a.nix", "z.nix"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_files_that_are_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: str
) -> None:
    write_tree(tmp_path, {"a.nix": LET, "huge.nix": "", "z.nix": LET})
    os.truncate(tmp_path / "huge.nix", 100 * 1024 * 1024)
    result = nixlint("check", "--format", "concise", "-j", jobs, cwd=tmp_path)
    assert result.code == 2
    expected = "error: huge.nix: is too large to check (100 MiB, the limit is 64 MiB)\n"
    assert result.err == expected
    assert [line.split(":")[0] for line in result.out.splitlines()] == ["a.nix", "z.nix"]
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    result = nixlint("check", "-", cwd=tmp_path, stdin=b"[ 1 2 3 4 5 6 ]")
    assert result.code == 2
    assert "<stdin>: is too large to check" in result.err


def test_names_no_terminal_should_see(tmp_path: Path) -> None:
    names = [b"esc\x1b[31m.nix", b"new\nline.nix", b"latin\xff.nix", "ünï 🦀.nix".encode()]
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), name))).write_text(LET)
    for form in ("full", "concise", "json", "github", "sarif"):
        for jobs in ("1", "2"):
            result = nixlint("check", "--format", form, "-j", jobs, cwd=tmp_path)
            assert (result.code, result.err) == (1, "")
            assert "\x1b" not in result.out
    concise_out = nixlint("check", "--format", "concise", cwd=tmp_path).out
    assert len(concise_out.splitlines()) == 4
    assert nixlint("check", "--diff", cwd=tmp_path).code == 1
    assert nixlint("check", "--fix", cwd=tmp_path).code == 0


def test_an_encoding_that_cannot_express_the_output(tmp_path: Path) -> None:
    import subprocess
    import sys

    write_tree(tmp_path, {"ü.nix": "let ä = 1; in { ü = x; }\n"})
    done = subprocess.run(
        [sys.executable, "-m", "nixlint", "check", "ü.nix"], cwd=tmp_path, capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == b""
    assert b"\\xfc.nix:1:" in done.stdout


def test_deep_and_wide_files(tmp_path: Path) -> None:
    tree = {
        "brackets.nix": "[" * 100_000,
        "parens.nix": "(" * 20_000 + "1" + ")" * 20_000,
        "names.nix": "{ " + " ".join(f"a{i} = {i};" for i in range(20_000)) + " }",
        "line.nix": "[ " + "undefined " * 3000 + "]",
    }
    write_tree(tmp_path, tree)
    result = nixlint("check", "--format", "concise", cwd=tmp_path)
    assert result.code == 1 and result.err == ""
    assert not any(line.startswith("names.nix") for line in result.out.splitlines())
    assert nixlint("check", "line.nix", cwd=tmp_path).out.count("error[undefined-variable]") == 3000


def test_the_current_directory_is_gone(tmp_path: Path) -> None:
    import subprocess
    import sys

    gone = tmp_path / "gone"
    gone.mkdir()
    script = f"import os; os.chdir({str(gone)!r}); os.rmdir({str(gone)!r})\n"
    script += "from nixlint.cli.main import main; main(['check'])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "error: the current directory does not exist\n"
