"""Running the command line in this process, and writing trees of files."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from nixlint.cli.main import main


class Result:
    """What a run of `nixlint` left behind."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.bytes = out
        self.out = out.decode("utf-8", "surrogateescape")
        self.err = err.decode("utf-8", "surrogateescape")

    def __repr__(self) -> str:
        return f"exit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def nixlint(
    *arguments: str, cwd: Path, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> Result:
    """Run `nixlint` with these arguments in the directory `cwd`."""
    # The wrappers close what they wrap when they go, so they must stay until the end.
    out, err = io.BytesIO(), io.BytesIO()
    out_text = io.TextIOWrapper(out, "utf-8", write_through=True)
    err_text = io.TextIOWrapper(err, "utf-8", write_through=True)
    patch = pytest.MonkeyPatch()
    with patch.context() as inside:
        inside.chdir(cwd)
        for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "FORCE_HYPERLINK"):
            inside.delenv(name, raising=False)
        for name, value in (environment or {}).items():
            inside.setenv(name, value)
        inside.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
        inside.setattr(sys, "stdout", out_text)
        inside.setattr(sys, "stderr", err_text)
        with pytest.raises(SystemExit) as exit_info:
            main(list(arguments))
        out_text.flush()
        err_text.flush()
        code = exit_info.value.code
    assert isinstance(code, int)
    return Result(code, out.getvalue(), err.getvalue())


def concise(*arguments: str, cwd: Path, stdin: bytes = b"") -> list[str]:
    """The findings of a run, one `path:line:column rule` each; there must be no error."""
    result = nixlint("check", "--format", "concise", *arguments, cwd=cwd, stdin=stdin)
    assert result.code in (0, 1), result
    found = []
    for line in result.out.splitlines():
        place, rest = line.split(": ", 1)
        found.append(f"{place} {rest.split('[')[1].split(']')[0]}")
    return found


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Create files below `root`; a name that ends in `/` is a directory, `a -> b` a link."""
    for name, content in files.items():
        if " -> " in name:
            link, target = name.split(" -> ")
            (root / link).parent.mkdir(parents=True, exist_ok=True)
            (root / link).symlink_to(target)
            continue
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Give up root's rights for a while: root reads everything, so nothing is unreadable."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
