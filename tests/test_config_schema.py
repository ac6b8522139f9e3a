"""The schema of `nixlint.toml` says what its reader says."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

from docs.schema import schema
from nixlint.analysis.config import ConfigError
from nixlint.analysis.config_file import load

VALIDATOR = jsonschema.Draft7Validator(schema())
PAGE = Path(__file__).resolve().parent.parent / "docs" / "configuration.md"
WRONG = """
selct = ["ALL"]
---
select = "ALL"
---
select = ["no-such-rule"]
---
ignore = [1]
---
exclude = "vendor/"
---
force-exclude = "yes"
---
target-nix = "1.9"
---
target-nix = 2.18
---
per-file-ignores = ["names"]
---
per-file-ignores = { "a.nix" = ["no-such-rule"] }
---
severity = { names = "off" }
---
severity = { no-such-rule = "hint" }
---
sources = { nixpkgs = 1 }
---
sources = ["../nixpkgs"]
---
[project]
entry-point = []
---
[project]
entry-points = "box.nix"
---
[project.entry-points]
nix = []
---
[options]
home = "home.json"
---
[flake]
max-age-days = -1
---
[flake]
max-age = 1
---
[flake]
require-ref = "branch"
---
[flake.inputs.nixpkgs]
caches = []
---
[lsp]
feature = {}
---
[lsp.features]
hovering = true
---
[lsp]
formatter = ["nixfmt", "-s"]
---
[lsp]
formatter = "sh"
"""
RIGHT = """
select = ["ALL", "names", "unused-with", "unused_with"]
target-nix = "2.18.1"
---
[project]
entry-points = []
---
[project.entry-points]
home-manager = []
---
[lsp]
formatter = "nixfmt"
"""


def cases(text: str) -> list[str]:
    return [case.strip() for case in text.split("---")]


@pytest.mark.parametrize("text", cases(WRONG))
def test_wrong(text: str, tmp_path: Path) -> None:
    assert not VALIDATOR.is_valid(tomllib.loads(text))
    path = tmp_path / "nixlint.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        load(str(path), str(tmp_path))


@pytest.mark.parametrize("text", cases(RIGHT))
def test_right(text: str, tmp_path: Path) -> None:
    VALIDATOR.validate(tomllib.loads(text))
    path = tmp_path / "nixlint.toml"
    path.write_text(text)
    load(str(path), str(tmp_path))


def test_the_page_about_the_configuration() -> None:
    found = re.search(r"```toml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert found is not None
    # What is switched off by a comment is an example, too.
    text = re.sub(r"(?m)^# ", "", found[1])
    table = tomllib.loads(text)
    VALIDATOR.validate(table)
    assert set(table) == set(schema()["properties"])


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
