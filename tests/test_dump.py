"""The forms of `nixlint parse` other than `nix` (`nixlint/syntax/dump.py`)."""

from __future__ import annotations

import json
from typing import Any

from nixlint.syntax.dump import dump_json, dump_tokens, dump_tree
from nixlint.syntax.ids import TERMINALS
from nixlint.syntax.nodes import KIND_NAMES
from nixlint.syntax.parser import parse
from nixlint.text.source import decode
from tests.oracles.cases import ROOT
from tests.oracles.corpus import find_files

TEXT = """{ lib, ... }@args:
rec {
  a."b" = ./c + "é${lib}";
  inherit (args) x;
}
"""

TREE = """Root 1:1-6:1
  ExprLambda 1:1-5:2
    LambdaArg 1:1-1:18
      Formals 1:1-1:13 ...
        Formal 1:3-1:6
          Name 1:3-1:6 "lib"
      Name 1:14-1:18 "args"
    ExprAttrs 2:1-5:2 rec
      Binding 3:3-3:27
        AttrPath 3:3-3:8
          AttrName 3:3-3:4 "a"
          AttrName 3:5-3:8 string
            ExprString 3:5-3:8 "\\"b\\""
        ExprBinOp 3:11-3:26 PLUS +
          ExprPath 3:11-3:14 "./c"
          ExprString 3:17-3:26
            Interpolation 3:19-3:25
              ExprVar 3:21-3:24 "lib"
      Inherit 4:3-4:20 from
        ExprVar 4:12-4:16 "args"
        AttrName 4:18-4:19 "x"
"""


def test_tree() -> None:
    assert dump_tree(parse(TEXT)) == TREE


def test_errors_follow_the_tree() -> None:
    text = "{\n  a = ;\n}"
    lines = dump_tree(parse(text)).splitlines()
    assert [line for line in lines if line.startswith("error ")] == [
        "error 2:6-2:6 expected-token: " + parse(text).errors[0].message
    ]
    assert any("ErrorNode 2:" in line for line in lines)


def test_tokens() -> None:
    text = '{ a = "b"; } # c'
    assert dump_tokens(parse(text)).splitlines() == [
        '1:1-1:2 LBRACE "{"',
        '1:2-1:3 WS " "',
        '1:3-1:4 ID "a"',
        '1:4-1:5 WS " "',
        '1:5-1:6 ASSIGN "="',
        '1:6-1:7 WS " "',
        '1:7-1:8 DQUOTE "\\""',
        '1:8-1:9 STR "b"',
        '1:9-1:10 DQUOTE "\\""',
        '1:10-1:11 SEMICOLON ";"',
        '1:11-1:12 WS " "',
        '1:12-1:13 RBRACE "}"',
        '1:13-1:14 WS " "',
        '1:14-1:17 COMMENT "# c"',
        "1:17-1:17 $END",
    ]


def test_tokens_of_broken_text() -> None:
    lines = dump_tokens(parse("{ a = 1 }")).splitlines()
    assert "1:8-1:8 SEMICOLON (empty)" in lines
    lines = dump_tokens(parse("[ 1 ) ]")).splitlines()
    assert '1:5-1:6 SKIPPED ")" (skipped)' in lines


def kinds(node: Any) -> set[str]:
    found: set[str] = set()
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if "kind" in item:
                found.add(item["kind"])
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return found


def test_json() -> None:
    dumped = json.loads(dump_json(parse(TEXT)))
    assert dumped["version"] == 1
    assert dumped["errors"] == []
    body = dumped["root"]["expr"]["body"]
    assert body["recursive"] is True
    binding, inherit = body["binds"]
    assert [name["form"] for name in binding["path"]["names"]] == ["identifier", "string"]
    assert binding["value"]["op"] == "PLUS"
    assert binding["value"]["left"] == {
        "kind": "ExprPath",
        "range": {"start": {"line": 3, "column": 11}, "end": {"line": 3, "column": 14}},
        "text": "./c",
    }
    assert inherit["source"]["text"] == "args"


def test_json_of_every_construct() -> None:
    """The recorded fixtures use every kind of node, and all of them can be dumped."""
    found: set[str] = set()
    for path in find_files([ROOT / "fixtures/syntax"]):
        found |= kinds(json.loads(dump_json(parse(decode(path.read_bytes())))))
    assert found == set(KIND_NAMES)


def test_json_of_errors_and_odd_text() -> None:
    dumped = json.loads(dump_json(parse('[ "\udc80\u2028" ')))
    assert dumped["root"]["expr"]["items"][0]["text"] == '"\udc80\u2028"'
    assert dumped["errors"][0]["rule"] == "expected-token"
    dump_json(parse('"\udc80"')).encode("utf-8")


def test_depth() -> None:
    text = "[" * 4000 + "1" + "]" * 4000
    tree = parse(text)
    lines = dump_tree(tree).splitlines()
    assert len(lines) == 4002
    assert lines[-1].strip().startswith("(4001) ExprInt")
    assert max(map(len, lines)) < 200
    assert dump_json(tree).count('"ExprList"') == 4000
    assert len(dump_tokens(tree).splitlines()) == 8002


def test_terminals_have_names() -> None:
    for line in dump_tokens(parse(TEXT)).splitlines():
        assert line.split(" ")[1] in TERMINALS
