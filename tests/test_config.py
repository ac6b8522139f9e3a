"""`nixlint.toml`: which file it governs, what it means, and how it fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nixlint.analysis import selection
from nixlint.analysis.config import Config, ConfigError, Overrides
from nixlint.analysis.config_file import _Reader, load
from nixlint.analysis.resolver import Resolver
from nixlint.analysis.selection import Layer
from nixlint.rules import registry
from tests.running import concise, nixlint, write_tree

UNUSED_LET = "let a = 1; in 2\n"
UNUSED_WITH = "with builtins; 1\n"

ERRORS = [
    # (text, what is reported, in order)
    ('selct = ["ALL"]', ["1: unknown key `selct`: did you mean `select`?"]),
    ("extend_select = []", ["1: unknown key `extend_select`: did you mean `extend-select`?"]),
    ("zzz = 1", ["1: unknown key `zzz`: known keys: select, extend-select"]),
    (
        '\n\nselect = ["unused-wiht"]',
        ["3: unknown rule `unused-wiht`: did you mean `unused-with`?"],
    ),
    (
        'ignore = [\n  "unused-with",\n  "qqqqqq",\n]',
        ["3: unknown rule `qqqqqq`: `nixlint rules` lists all rules"],
    ),
    (
        "select = 1",
        ['1: `select` must be a list of strings, such as ["unused-with"], not a number'],
    ),
    ("select = [1]", ["1: `select` must be a list of strings", "without a number in it"]),
    ('select = "ALL"', ["not a string"]),
    ('respect-gitignore = "no"', ["1: `respect-gitignore` must be true or false, not a string"]),
    ("unsafe-fixes = 1", ["must be true or false, not a number"]),
    ("exclude = { a = 1 }", ["`exclude` must be a list of strings", "not a table"]),
    ('exclude = ["!"]', ["1: `!` in `exclude` is not a valid pattern"]),
    ("target-nix = 2.8", ['1: `target-nix` must be a version of Nix in quotes, such as "2.18"']),
    ('target-nix = "new"', ['not "new"']),
    (
        '[severity]\nunused-with = "fatal"',
        ['2: the severity of `unused-with` must be one of "error"'],
    ),
    (
        '[severity]\nunused-with = "off"',
        ['2: to switch `unused-with` off, write ignore = ["unused'],
    ),
    ('[severity]\nunused-wit = "error"', ["2: unknown rule `unused-wit`: did you mean"]),
    ('severity = "error"', ["1: `severity` must be a table"]),
    ('[per-file-ignores]\n"pkgs/**" = ["x-y-z"]', ["2: unknown rule `x-y-z`"]),
    ('[per-file-ignores]\n"pkgs/**" = "names"', ["2: `pkgs/**` must be a list of strings"]),
    ("per-file-ignores = []", ["`per-file-ignores` must be a table", "not a list"]),
    ("select = [", ["1: not valid TOML"]),
    ("\nselect =\n", ["2: not valid TOML: invalid value (column"]),
    ("a = 1\na = 2", ["not valid TOML: cannot overwrite a value"]),
    ("x = 1979-05-27", ["unknown key `x`"]),
    ('selct = 1\nignroe = 2\nselect = ["nope-nope"]', ["1: ", "2: ", "3: "]),
]


@pytest.mark.parametrize(("text", "expected"), ERRORS, ids=[text for text, _ in ERRORS])
def test_errors_say_where_and_what_to_do(tmp_path: Path, text: str, expected: list[str]) -> None:
    path = tmp_path / "nixlint.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(str(path), str(tmp_path))
    shown = "\n".join(caught.value.messages())
    for part in expected:
        assert part in shown


CHANNELS = [
    # (name of the file, its text, what is reported)
    ("c.toml", None, "`c.toml` cannot be read: No such file or directory"),
    ("c.toml", "releases = ", "`c.toml` is no TOML: "),
    ("c.json", "{", "`c.json` is no JSON: "),
    ("c.json", "[]", "in `c.json`, the content must be a table"),
    ("c.json", '{"release": {}}', "in `c.json`, `release` is unknown (known: releases, "),
    ("c.toml", "releases = 1", "in `c.toml`, `releases` must be a table of strings"),
    ("c.toml", "rolling = [1]", "in `c.toml`, `rolling` must be a list of strings"),
    ("c.toml", 'releases = { "26.13" = "2027-01-01" }', "`26.13` is no release, such as 26.05"),
    ("c.toml", 'releases = { "26.11" = "2027-02-30" }', "the end of `26.11` must be a date"),
]


@pytest.mark.parametrize(("name", "text", "expected"), CHANNELS)
def test_faults_of_a_table_of_releases(
    tmp_path: Path, name: str, text: str | None, expected: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    path = tmp_path / "nixlint.toml"
    path.write_text(f'[flake]\nchannels = "{name}"\n')
    with pytest.raises(ConfigError) as caught:
        load(str(path), str(tmp_path))
    shown = "\n".join(caught.value.messages())
    assert expected in shown and "nixlint.toml:2:" in shown


def test_not_utf8_and_not_a_file(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a/nixlint.toml": b"select = []\n# \xff\n", "b/nixlint.toml/": ""})
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path / "a/nixlint.toml"), str(tmp_path))
    assert ":2: not valid UTF-8" in caught.value.messages()[0]
    with pytest.raises(ConfigError) as caught:
        load(str(tmp_path / "b/nixlint.toml"), str(tmp_path))
    assert "is not a regular file" in caught.value.messages()[0]


def test_byte_order_mark_and_crlf(tmp_path: Path) -> None:
    path = tmp_path / "nixlint.toml"
    path.write_bytes(b'\xef\xbb\xbfignore = ["names"]\r\ntarget-nix = "2.18.1"\r\n')
    config = load(str(path), str(tmp_path))
    assert config.layer.ignore == ["names"]
    assert config.target_nix == (2, 18)


def test_a_broken_file_costs_only_the_files_it_governs(tmp_path: Path) -> None:
    tree = {
        "good.nix": UNUSED_LET,
        "sub/nixlint.toml": "selct = []\n",
        "sub/a.nix": UNUSED_LET,
        "sub/b.nix": UNUSED_LET,
        "sub/own/nixlint.toml": "",
        "sub/own/c.nix": UNUSED_LET,
    }
    result = nixlint("check", "--format", "concise", cwd=write_tree(tmp_path, tree))
    assert result.code == 2
    assert result.err.count("unknown key `selct`") == 1
    assert "sub/nixlint.toml:1: unknown key" in result.err
    assert "not checked" in result.err
    assert [line.split(":")[0] for line in result.out.splitlines()] == [
        "good.nix",
        "sub/own/c.nix",
    ]


def test_the_closest_file_wins_and_does_not_merge(tmp_path: Path) -> None:
    tree = {
        "nixlint.toml": 'ignore = ["unused-let-binding"]\n',
        "a.nix": UNUSED_LET,
        "sub/nixlint.toml": 'ignore = ["unused-with"]\n',
        "sub/a.nix": UNUSED_LET,
        "sub/w.nix": UNUSED_WITH,
        "sub/deep/a.nix": UNUSED_LET,
    }
    assert concise(cwd=write_tree(tmp_path, tree)) == [
        "sub/a.nix:1:5 unused-let-binding",
        "sub/deep/a.nix:1:5 unused-let-binding",
    ]


def test_search_stops_at_the_root_of_the_repository(tmp_path: Path) -> None:
    tree = {
        "nixlint.toml": 'ignore = ["unused-let-binding"]\n',
        "repo/.git/HEAD": "",
        "repo/sub/a.nix": UNUSED_LET,
        "loose/a.nix": UNUSED_LET,
    }
    assert concise(cwd=write_tree(tmp_path, tree)) == [
        "repo/sub/a.nix:1:5 unused-let-binding",
    ]


def test_the_hidden_name_wins(tmp_path: Path) -> None:
    tree = {
        "a.nix": UNUSED_LET,
        ".nixlint.toml": "",
        "nixlint.toml": 'ignore = ["unused-let-binding"]\n',
    }
    assert concise(cwd=write_tree(tmp_path, tree)) == ["a.nix:1:5 unused-let-binding"]


def test_config_and_isolated(tmp_path: Path) -> None:
    tree = {
        "a.nix": UNUSED_LET,
        "nixlint.toml": 'ignore = ["unused-let-binding"]\n',
        "other.toml": 'exclude = ["b.nix"]\n',
        "b.nix": UNUSED_LET,
    }
    write_tree(tmp_path, tree)
    assert concise(cwd=tmp_path) == []
    assert concise("--isolated", cwd=tmp_path) == [
        "a.nix:1:5 unused-let-binding",
        "b.nix:1:5 unused-let-binding",
    ]
    assert concise("--config", "other.toml", cwd=tmp_path) == ["a.nix:1:5 unused-let-binding"]
    missing = nixlint("check", "--config", "nowhere.toml", cwd=tmp_path)
    assert missing.code == 2
    assert "nowhere.toml: cannot read it: No such file" in missing.err


def test_severity_and_per_file_ignores(tmp_path: Path) -> None:
    tree = {
        "nixlint.toml": "\n".join(
            [
                'severity = { names = "hint", unused-with = "error" }',
                "[per-file-ignores]",
                '"gen/" = ["unused-let-binding"]',
                '"*.gen.nix" = ["names"]',
            ]
        ),
        "a.nix": "let a = 1; in with builtins; 2\n",
        "gen/a.nix": "let a = 1; in with builtins; 2\n",
        "b.gen.nix": "let a = 1; in with builtins; 2\n",
    }
    result = nixlint("check", "--format", "concise", cwd=write_tree(tmp_path, tree))
    assert [line.split(": ")[0:2] for line in result.out.splitlines()] == [
        ["a.nix:1:5", "hint[unused-let-binding]"],
        ["a.nix:1:15", "error[unused-with]"],
        ["gen/a.nix:1:15", "error[unused-with]"],
    ]


@pytest.mark.parametrize(
    ("layers", "on", "off"),
    [
        ([Layer()], ["unused-with", "expected-token"], []),
        ([Layer(select=["unused-with"])], ["unused-with"], ["unused-let-binding"]),
        ([Layer(select=["names"], ignore=["unused-with"])], ["unused-rec"], ["unused-with"]),
        # The more specific selector wins, whichever list it stands in.
        ([Layer(select=["unused-with"], ignore=["names"])], ["unused-with"], ["unused-rec"]),
        ([Layer(select=["ALL"], ignore=["names"])], ["expected-token"], ["unused-with"]),
        ([Layer(extend_select=["ALL"], ignore=["ALL"])], [], ["unused-with", "expected-token"]),
        ([Layer(select=["DEFAULT"])], ["unused-with"], []),
        # The command line comes after the file.
        ([Layer(ignore=["unused-with"]), Layer(select=["unused-with"])], ["unused-with"], []),
        ([Layer(select=["names"]), Layer(ignore=["unused-with"])], ["unused-rec"], ["unused-with"]),
        ([Layer(select=["syntax"]), Layer(extend_select=["unused-with"])], ["unused-with"], []),
        ([Layer(select=[])], [], ["unused-with", "expected-token"]),
    ],
)
def test_selection(layers: list[Layer], on: list[str], off: list[str]) -> None:
    chosen = selection.resolve(layers)
    assert set(on) <= chosen.enabled
    assert not set(off) & chosen.enabled


def test_names_of_other_tools_are_selectors() -> None:
    for name in registry.rule_names():
        for alias in selection.rule_of(name).aliases:
            if alias not in registry.rule_names() and alias not in selection.themes():
                assert name in selection.expand(alias)[1]


def test_what_a_check_need_not_load() -> None:
    rules = [registry.load_rule(name) for name in registry.rule_names()]
    assert {rule.name for rule in rules if not rule.enabled} == registry.OFF
    looks = [r.name for r in rules if r.kinds or r.whole_file or r.whole_project]
    idle = {r.name for r in rules if r.enabled and r.name not in looks}
    assert idle == registry.ON_DEMAND
    assert selection.default_rules() == {rule.name for rule in rules if rule.enabled}


def test_resolver_remembers(tmp_path: Path) -> None:
    write_tree(tmp_path, {"nixlint.toml": "", "a/b/": "", "a/c/": ""})
    resolver = Resolver(Overrides())
    first = resolver.for_directory(str(tmp_path / "a/b"))
    assert resolver.for_directory(str(tmp_path / "a/c")) is first
    assert first.path == str(tmp_path / "nixlint.toml")


def test_command_line_selectors_are_checked(tmp_path: Path) -> None:
    result = nixlint("check", "--select", "unused-with,unused-wiht", cwd=tmp_path)
    assert result.code == 2
    assert "unknown rule `unused-wiht`: did you mean `unused-with`?" in result.err
    result = nixlint("check", "--exclude", "!", cwd=tmp_path)
    assert result.code == 2
    assert "`!` is not a valid pattern" in result.err


def test_the_documented_example_is_valid(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parent.parent / "docs" / "configuration.md").read_text()
    path = tmp_path / "nixlint.toml"
    path.write_text(text.split("```toml\n")[1].split("```")[0])
    config = load(str(path), str(tmp_path))
    assert config.exclude == ["vendor/", "*.gen.nix", "generated/"]
    assert config.severities == {"unused-formal": "hint"}
    assert config.project is not None
    assert config.project.policy_for("nixpkgs").max_age_days == 30
    assert config.project.policy_for("disko").max_age_days == 180
    general = path.read_text().split("[sources]")[0]
    keys = set(re.findall(r"^\[?([a-z-]+)(?: =|\])", general, re.MULTILINE))
    tables = {"sources", "options", "project", "flake", "lsp"}
    assert keys - {"unused-formal"} == set(config_keys()) - tables


def config_keys() -> list[str]:
    """Every key there is."""
    return list(_Reader(Config(None, "/"), "").readers)
