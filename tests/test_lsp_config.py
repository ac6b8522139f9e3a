"""The table `[lsp]` of `nixlint.toml`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nixlint.analysis.config import Config, ConfigError
from nixlint.analysis.config_file import load
from nixlint.analysis.config_lsp import FEATURES

ERRORS = [
    ("lsp = 1", '1: `lsp` must be a table, such as { formatter = "nixfmt" }'),
    ("[lsp]\nformater = []", "2: `formater` is no key of [lsp]: did you mean `formatter`?"),
    ("[lsp]\nzzz = 1", "2: `zzz` is no key of [lsp]: known keys: features, formatter"),
    ("[lsp]\nformatter = 1", "2: `formatter` must be one of `nixfmt`, `alejandra`, `nixpkgs-fmt`"),
    ("[lsp]\nformatter = []", "2: `formatter` must be one of"),
    ("[lsp]\nformatter = './fmt'", "2: `formatter` must be one of"),
    ("[lsp]\nformatter = ['sh', '-c', 'touch x']", "2: `formatter` must be one of"),
    ("[lsp]\nformatter = ['nixfmt', '--width=9']", "2: `formatter` must be one of"),
    ("[lsp]\nfeatures = 1", "2: `features` must be a table, such as { hover = false }"),
    ("[lsp.features]\nhoover = true", "2: `hoover` is no feature: did you mean `hover`?"),
    ("[lsp.features]\nzzzzz = true", "2: `zzzzz` is no feature: known are diagnostics, codeAction"),
    ("[lsp.features]\nhover = 1", "2: `hover` must be true or false"),
]


def read(folder: Path, text: str) -> Config:
    path = folder / "nixlint.toml"
    path.write_text(text)
    return load(str(path), str(folder))


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_errors(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    (found,) = caught.value.messages()
    assert f":{message}" in found


def test_what_it_says(tmp_path: Path) -> None:
    text = "[lsp]\nformatter = 'alejandra'\n[lsp.features]\nhover = false\nrename = true\n"
    table = read(tmp_path, text).lsp
    assert table is not None
    assert table.formatter == ["alejandra", "--quiet", "-"]
    assert table.features == {"hover": False, "rename": True}
    assert read(tmp_path, "").lsp is None


def test_the_documentation_names_all_features() -> None:
    text = (Path(__file__).parent.parent / "docs" / "configuration.md").read_text("utf-8")
    line = next(line for line in text.splitlines() if line.strip().startswith("`diagnostics`,"))
    assert tuple(re.findall("`([a-zA-Z]+)`", line)) == FEATURES
