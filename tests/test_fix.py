"""Fixing: what is written, what is refused, and that nothing is lost on the way."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from nixlint.analysis import fix, reading, selection
from nixlint.analysis.check_file import RuleSet
from nixlint.analysis.config import NEWEST_NIX, Settings
from nixlint.analysis.diff import unified_diff
from nixlint.analysis.outcome import INTERNAL
from nixlint.analysis.reading import WriteError, read_file, write_file
from nixlint.analysis.run import rule_set
from nixlint.analysis.selection import Layer
from nixlint.analysis.verify import Change, harm
from nixlint.diagnostics.model import SAFE, UNSAFE, Diagnostic, Edit, Fix
from nixlint.rules import registry
from nixlint.rules.base import FileContext, Rule
from nixlint.syntax.nodes import EXPR_LIST, EXPR_PAREN, Node
from nixlint.syntax.parser import parse
from nixlint.text.build_info import is_compiled
from nixlint.text.source import decode
from nixlint.text.span import Span
from tests.rule_harness import FIXTURES, RULE_FIXTURES, SYNTAX_FIXTURES, Case
from tests.running import nixlint, write_tree

LET = "let unused = 1; used = 2; in used\n"
LET_FIXED = "let used = 2; in used\n"


# Change: from old offsets to new ones.


def change_of(before: str, *edits: tuple[int, int, str]) -> Change:
    return Change(before, [Edit(Span(start, end), text) for start, end, text in edits])


def test_change_applies_edits_in_any_order() -> None:
    assert change_of("abcdef", (4, 5, ""), (0, 1, "XY"), (2, 2, "-")).text == "XYb-cdf"


@pytest.mark.parametrize("edits", [[(0, 3, ""), (2, 4, "")], [(2, 9, "x")], [(0, 9, "")]])
def test_change_refuses_edits_that_make_no_sense(edits: list[tuple[int, int, str]]) -> None:
    with pytest.raises(ValueError, match="edit"):
        change_of("abcdef", *edits)


def test_change_maps_what_was_not_touched() -> None:
    change = change_of("aa bb cc dd", (3, 5, "XYZ"), (9, 9, "+"))
    assert change.text == "aa XYZ cc +dd"
    assert change.to_new(0, 2) == 0
    assert change.to_new(3, 5) is None
    assert change.to_new(6, 8) == 7
    # Text put right before it may have grown together with it.
    assert change.to_new(9, 11) is None
    assert change.is_new(3, 6)
    assert not change.is_new(0, 2)
    assert change.is_new(10, 11)
    assert change.is_new(11, 13)
    assert not change.is_new(7, 9)


def test_change_trims_what_an_edit_keeps() -> None:
    change = change_of("let in foo bar", (0, 14, "foo bar"))
    assert change.text == "foo bar"
    assert change.to_new(7, 10) == 0
    assert [(edit.span.start, edit.span.end) for edit in change.edits] == [(0, 7)]


# Harm: (before, after, reason or None), as one edit, or several split at `|`.

SAFE_CHANGES = [
    # What rules do when they are right.
    ("let in x: x", "x: x", None),
    ("let a = 1; b = 2; in b", "let b = 2; in b", None),
    ("x: { a = x; }", "x: { a = x; b = 1; }", None),
    ("x: { x = x; }", "x: { inherit x; }", None),
    ("x: let inherit x; in x", "x: x", None),
    ("x: rec { a = x; }", "x: { a = x; }", None),
    ("attrNames", "builtins.attrNames", None),
    ("s: { x = s.x; }", "s: { inherit (s) x; }", None),
    ("(x: x) 1", "(y: y) 1", None),
    ("let a.b = 1; a.c = 2; in a", "let a.c = 2; in a", None),
    ("# c\nlet in 1", "# c\n1", None),
    ("{ a = /* c */ 1; }", "{ /* c */ a = 1; }", None),
    ("with builtins; 1", "1", None),
    # Text that no longer parses.
    ("let a = 1; in(a)", "let a = 1; ina", "make a syntax error"),
    ("[ 1 ]", "[ 1 ", "make a syntax error"),
    ("if(a)then 1 else 2", "ifathen 1 else 2", "make a syntax error"),
    # Names that mean something else (users.md S4-S6, S11, S13, S15, D5).
    ("f: x: [ (f(x)) ]", "f: x: [ fx ]", "use the name `fx`, which is not bound there"),
    ("p: q: [ (p)(q) ]", "p: q: [ pq ]", "use the name `pq`, which is not bound there"),
    ("x: (x)-1", "x: x-1", "use the name `x-1`, which is not bound there"),
    ("x: let y = x; in x: y", "x: x: x", "change what the name `x` means"),
    ("let a = 1; in let b = a; in b", "let in let b = a; in b", "change what the name `a` means"),
    ("x: y: x", "x: x: x", "change what the name `x` means"),
    ("rec { a = b; b = 1; }", "{ a = b; b = 1; }", "change what the name `b` means"),
    ("b: { a = b; b = 1; }", "b: rec { a = b; b = 1; }", "change what the name `b` means"),
    ("with a: a; x", "x", "change what the name `x` means"),
    ("a: with a; x", "a: x", "change what the name `x` means"),
    ("a: b: with a; with b; x", "a: b: with b; x", "change what the name `x` means"),
    ("a: with a; x", "a: let x = 1; in with a; x", "change what the name `x` means"),
    ("a: 1", "a: b", "use the name `b`, which is not bound there"),
    ("let map = 1; in map", "let in map", "change what the name `map` means"),
    ("{ a }: 1", "[ a ]", "use the name `a`, which is not bound there"),
    # Comments.
    ("[ 1 /* one */ ]", "[ 1 ]", "lose the comment `/* one */`"),
    ("let # why\nin 1", "1", "lose the comment `# why`"),
    ("# same\n1 # same\n", "1 # same\n", "lose the comment `# same`"),
    ("{ a = 1; # a\n}", "{ a = 1; # a }", "make a syntax error"),
]  # fmt: skip


def judge(before: str, after: str, applicability: str, rule: str = "some-rule") -> str | None:
    """What `harm` says about the step from one text to another, as a single edit."""
    old = FileContext("x.nix", parse(before), NEWEST_NIX)
    new = FileContext("x.nix", parse(after), NEWEST_NIX)
    edit = Edit(Span(0, len(before)), after)
    change = Change(before, [edit])
    assert change.text == after
    made = Fix("Mend it", change.edits if change.edits else [edit], applicability)
    return harm(old, new, change, [Diagnostic(rule, "warning", "m", Span(0, 1), None, made)])


@pytest.mark.parametrize(("before", "after", "expected"), SAFE_CHANGES)
def test_harm_of_safe_fixes(before: str, after: str, expected: str | None) -> None:
    reason = judge(before, after, SAFE)
    if expected is not None and reason is not None and "means" in expected:
        # Which of two names is noticed first does not matter.
        assert reason.split("`")[0] in (expected.split("`")[0], "turn the name ")
    else:
        assert reason == expected


@pytest.mark.parametrize(
    ("before", "removed", "expected"),
    [
        # Two edits each, as rules make them: the code between them was not edited.
        ("f: x: fx: [ (f(x)) ]", "()", "turn the name `f` into something else"),
        ("p: q: pq: [ (p)(q) ]", "()", "turn the name `p` into something else"),
        ("x: x-1: (x)-1", "()", "turn the name `x` into something else"),
        ('a: "a"', '"', "turn something else into the name `a`"),
        ("f: x: (f) (x)", "()", None),
        ("a: b: [ (a) (b) ]", "()", None),
    ],
)
def test_harm_of_removing_characters(before: str, removed: str, expected: str | None) -> None:
    edits = [Edit(Span(i, i + 1), "") for i, char in enumerate(before) if char in removed]
    change = Change(before, edits)
    old = FileContext("x.nix", parse(before), NEWEST_NIX)
    new = FileContext("x.nix", parse(change.text), NEWEST_NIX)
    made = Fix("Remove them", edits, SAFE)
    found = Diagnostic("some-rule", "warning", "m", Span(0, 1), None, made)
    assert harm(old, new, change, [found]) == expected


def test_an_unsafe_fix_may_take_comments_inside_what_it_removes() -> None:
    before, after = "let\n  # about a\n  a = 1;\n  b = 2;\nin b", "let\n  b = 2;\nin b"
    assert judge(before, after, SAFE) == "lose the comment `# about a`"
    assert judge(before, after, UNSAFE) is None
    # But no others.
    assert judge("[ 1 # one\n 2 ]", "[ 1  2 ]", UNSAFE) is None
    assert judge("1 # one\n", "1 # on\n", UNSAFE) == "lose the comment `# one`"


def test_a_fix_about_suppressions_may_change_its_comment() -> None:
    before, after = "1 # nixlint: ignore[a, b]\n", "1 # nixlint: ignore[a]\n"
    assert judge(before, after, SAFE, "unused-suppression") is None
    assert judge(before, after, SAFE) is not None


def test_a_repair_must_leave_fewer_syntax_errors() -> None:
    def repair(before: str, after: str) -> str | None:
        rule = parse(before).errors[0].rule
        return judge(before, after, UNSAFE, rule)

    assert repair("{ a = 1 }", "{ a = 1; }") is None
    assert repair("{ a = 1 }", "{ a = 1 ) }") == "leave as many syntax errors as there were"
    # Errors of meaning come to light when the last one of syntax is gone.
    assert repair("{ a = 1; a = 2; a = 3 }", "{ a = 1; a = 2; a = 3; }") is None
    assert judge("{ a = 1; b = 2; }", "{ a = 1; a = 2; }", SAFE) == "make a syntax error"
    assert judge("{ a = 1 }", "{ a = 1; ) }", SAFE) is None
    assert judge("{ a = 1 }", "{ a = ; b = ; }", SAFE) == "make a syntax error"


# The fixer, with rules made for the purpose.


class BadRule(Rule):
    """Says that every list is wrong, and breaks it; parentheses it removes blindly."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "bad-rule"
        self.kinds = (EXPR_LIST, EXPR_PAREN)

    def check(self, node: Node, ctx: FileContext) -> None:
        edits = [Edit(Span(node.start, node.start + 1), "")]
        if node.kind == EXPR_PAREN:
            edits.append(Edit(Span(node.end - 1, node.end), ""))
        ctx.report(self, node.span, "wrong", None, Fix("Break it", edits, SAFE))


class EndlessRule(Rule):
    """Appends a blank line at the end, or takes it away."""

    def __init__(self, grow: bool) -> None:
        super().__init__()
        self.name = "endless-rule"
        self.whole_file = True
        self.grow = grow

    def check_file(self, ctx: FileContext) -> None:
        end = len(ctx.text)
        edit = Edit(Span(end, end), " ")
        if not self.grow and ctx.text.endswith(" "):
            edit = Edit(Span(end - 1, end), "")
        ctx.report(self, Span(0, 1), "never right", None, Fix("Change the end", [edit], SAFE))


def rules_of(*rules: Rule) -> RuleSet:
    """A set of rules that are not in the registry."""
    for rule in rules:
        registry._LOADED[rule.name] = rule
    try:
        return RuleSet([rule.name for rule in rules], frozenset(), {}, frozenset())
    finally:
        for rule in rules:
            del registry._LOADED[rule.name]


interpreted_only = pytest.mark.skipif(
    is_compiled(), reason="a compiled Rule has no interpreted subclasses"
)


@interpreted_only
def test_a_bad_fix_is_left_out_alone() -> None:
    text = "f: x: [ 1 (f(x)) (2) ((3)) ]\n"
    fixed = fix.fix_text("x.nix", text, rules_of(BadRule()), NEWEST_NIX, False)
    assert fixed.text == "f: x: [ 1 f(x) 2 3 ]\n"
    assert fixed.applied == {"bad-rule": 4}
    assert [problem.kind for problem in fixed.problems] == [INTERNAL] * len(fixed.problems)
    assert fixed.problems[0].path == "x.nix:1:7"
    assert "the fix of `bad-rule` was left out, because it would make a syntax error" in (
        fixed.problems[0].message
    )
    assert "report it" in fixed.problems[0].detail


@interpreted_only
def test_a_rule_that_keeps_failing_is_given_up() -> None:
    fixed = fix.fix_text("x.nix", "[ " * 50 + "]" * 50, rules_of(BadRule()), NEWEST_NIX, False)
    assert len(fixed.problems) == fix.MAX_FAILURES


@interpreted_only
@pytest.mark.parametrize(
    ("grow", "what"), [(False, "undo each other"), (True, "find no end after 100 rounds")]
)
def test_fixes_that_never_end(grow: bool, what: str) -> None:
    fixed = fix.fix_text("x.nix", "1", rules_of(EndlessRule(grow)), NEWEST_NIX, False)
    assert fixed.problems[-1].message == f"the fixes of `endless-rule` {what}"


@interpreted_only
def test_a_rule_that_crashes_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nixlint.rules.names import unused_with

    def crash(self: Rule, node: Node, ctx: FileContext) -> None:
        raise ValueError("boom")

    def crash_on_file(self: Rule, ctx: FileContext) -> None:
        raise ValueError("boom")

    monkeypatch.setattr(unused_with.UnusedWith, "check", crash)
    monkeypatch.setattr(unused_with.UnusedWith, "check_file", crash_on_file)
    write_tree(tmp_path, {"a.nix": "with builtins; let a = 1; in 1", "b.nix": "let b = 1; in 1"})
    result = nixlint("check", "--format", "concise", cwd=tmp_path)
    assert result.code == 2
    assert "error: a.nix: the rule `unused-with` failed: ValueError: boom (test_fix.py" in (
        result.err
    )
    assert "Please report it" in result.err
    assert "a.nix:1:20: warning[unused-let-binding]" in result.out
    assert "b.nix:1:5: warning[unused-let-binding]" in result.out


# Files.


def test_fix_writes_and_reports_the_rest(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET, "b.nix": "undefined_name\n", "c.nix": "1\n"})
    before = (tmp_path / "c.nix").stat().st_mtime_ns
    result = nixlint("check", "--fix", "--format", "full", cwd=tmp_path)
    assert result.code == 1
    assert (tmp_path / "a.nix").read_text() == LET_FIXED
    assert "Fixed 1 problem in 1 file\nFound 1 problem (1 error) in 1 file\n" in result.out
    assert (tmp_path / "c.nix").stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nix", "b.nix", "c.nix"]
    (tmp_path / "b.nix").unlink()
    again = nixlint("check", "--fix", cwd=tmp_path)
    assert (again.code, again.out) == (0, "No problems in 2 files\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"let unused = 1;\r\n    used = 2;\r\nin used", b"let\r\n    used = 2;\r\nin used"),
        (b"# \xff\nlet unused = 1; used = 2; in used", b"# \xff\nlet used = 2; in used"),
        (b"\xef\xbb\xbf# bom\nlet unused = 1; used = 2; in used\n", None),
    ],
)
def test_bytes_survive(tmp_path: Path, before: bytes, after: bytes | None) -> None:
    (tmp_path / "a.nix").write_bytes(before)
    nixlint("check", "--fix", "--select", "names", cwd=tmp_path)
    written = (tmp_path / "a.nix").read_bytes()
    piped = nixlint("check", "--fix", "--select", "names", "-", cwd=tmp_path, stdin=before).bytes
    assert written == piped
    if after is not None:
        squeeze = [line.strip() for line in written.split(b"\n")]
        assert squeeze == [line.strip() for line in after.split(b"\n")]
    assert written.count(b"\r") == before.count(b"\r") and written.endswith(before[-3:])


def test_mode_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.nix"
    path.write_text(LET)
    path.chmod(0o750)
    assert nixlint("check", "--fix", cwd=tmp_path).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def test_links_are_followed_inside_only(tmp_path: Path) -> None:
    tree = {
        "outside.nix": LET, "repo/.git/HEAD": "", "repo/real.nix": LET,
        "repo/in.nix -> real.nix": "", "repo/out.nix -> ../outside.nix": "",
    }  # fmt: skip
    write_tree(tmp_path, tree)
    repo = tmp_path / "repo"
    result = nixlint("check", "--fix", "in.nix", "out.nix", cwd=repo)
    assert result.code == 2
    assert "out.nix: not fixed: it is a link to" in result.err
    assert (tmp_path / "outside.nix").read_text() == LET
    assert (repo / "real.nix").read_text() == LET_FIXED
    assert (repo / "in.nix").is_symlink()
    # What could not be fixed is reported as it is.
    assert "unused-let-binding" in result.out


def test_write_refuses_a_file_that_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.nix"
    path.write_text("changed")
    with pytest.raises(WriteError, match="it changed while it was being checked"):
        write_file(str(path), "before", "after", str(tmp_path))
    assert path.read_text() == "changed"


def test_a_failed_write_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.nix"
    path.write_text(LET)
    monkeypatch.setattr(os, "replace", refuse)
    result = nixlint("check", "--fix", cwd=tmp_path)
    assert result.code == 2
    assert "a.nix: cannot write it: No space left on device" in result.err
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.nix"]
    assert read_file(str(path)) == LET


def test_unsafe_fixes_need_asking(tmp_path: Path) -> None:
    path = tmp_path / "a.nix"
    path.write_text('{\n  a = "x"\n}\n')
    assert nixlint("check", "--fix", cwd=tmp_path).code == 1
    assert path.read_text() == '{\n  a = "x"\n}\n'
    assert nixlint("check", "--unsafe-fixes", cwd=tmp_path).code == 1
    assert path.read_text() == '{\n  a = "x"\n}\n'
    assert nixlint("check", "--fix", "--unsafe-fixes", cwd=tmp_path).code == 0
    assert path.read_text() == '{\n  a = "x";\n}\n'
    path.write_text('{\n  a = "x"\n}\n')
    (tmp_path / "nixlint.toml").write_text("unsafe-fixes = true\n")
    assert nixlint("check", "--fix", cwd=tmp_path).code == 0


def test_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = nixlint("check", "--fix", "-", cwd=tmp_path, stdin=LET.encode())
    assert (result.code, result.out) == (0, LET_FIXED)
    assert result.err == "Fixed 1 problem in 1 file\n"
    result = nixlint("check", "--fix", "-", cwd=tmp_path, stdin=b"undefined_name")
    assert (result.code, result.out) == (1, "undefined_name")
    assert "error[undefined-variable]" in result.err
    # Whatever goes wrong, the text comes back.
    (tmp_path / "nixlint.toml").write_text("selct = 1")
    for arguments in ([], ["--config", "nixlint.toml"], ["--config", "nowhere.toml"]):
        result = nixlint("check", "--fix", "-", *arguments, cwd=tmp_path, stdin=LET.encode())
        assert (result.code, result.out) == (2, LET)
    (tmp_path / "nixlint.toml").unlink()
    monkeypatch.setattr(reading, "MAX_BYTES", 10)
    result = nixlint("check", "--fix", "-", cwd=tmp_path, stdin=LET.encode() * 9)
    assert (result.code, result.out) == (2, LET * 9)


# Diffs.


def test_diff_writes_nothing(tmp_path: Path) -> None:
    write_tree(tmp_path, {"a.nix": LET, "sub/b.nix": "undefined_name\n"})
    result = nixlint("check", "--diff", cwd=tmp_path)
    assert result.code == 1
    assert result.out == f"--- a.nix\n+++ a.nix\n@@ -1 +1 @@\n-{LET}+{LET_FIXED}"
    assert result.err == "Would fix 1 problem in 1 file\n"
    assert (tmp_path / "a.nix").read_text() == LET
    assert nixlint("check", "--diff", "sub", cwd=tmp_path).code == 0


DIFFS = [
    ("a\n", "b\n"),
    ("a", "b"),
    ("a\n", "a"),
    ("a", "a\n"),
    ("", "a\n"),
    ("a\n", ""),
    ("\n\n\n", "\n"),
    ("a\r\nb\r\n", "a\r\nc\r\n"),
    ("".join(f"{i}\n" for i in range(100)), "".join(f"{i}\n" for i in range(100) if i % 30)),
    ("x\n" * 50, "x\n" * 49 + "y\n"),
    ("a\u2028b\n\x0c\nc", "a\u2028b\n\x0c\nd"),
    ("\udcff\nb\n", "\udcff\nc\n"),
]


@pytest.mark.parametrize(("before", "after"), DIFFS)
def test_patch_understands_diffs(tmp_path: Path, before: str, after: str) -> None:
    diff = unified_diff("a.nix", before, after)
    path = tmp_path / "a.nix"
    path.write_bytes(before.encode("utf-8", "surrogateescape"))
    command = ["patch", "--binary", "-s", "-p0"]
    data = diff.encode("utf-8", "surrogateescape")
    try:
        subprocess.run(command, cwd=tmp_path, input=data, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("patch is not installed")
    written = path.read_bytes() if path.exists() else b""
    assert decode(written) == after
    assert unified_diff("a.nix", after, after) == ""


def test_a_long_diff_takes_no_long_time() -> None:
    before = "".join(f"line {i};\n" for i in range(20_000))
    after = before.replace("line 10000;\n", "").replace("line 10;\n", "line ten;\n")
    assert unified_diff("a.nix", before, after).count("\n@@") == 2


def test_parallel_fixing_gives_the_same(tmp_path: Path) -> None:
    names = [f"{i:03}.nix" for i in range(60)]
    for directory in ("one", "two"):
        write_tree(tmp_path / directory, dict.fromkeys(names, LET))
    for name in names[::7]:
        (tmp_path / "one" / name).write_text("undefined_name")
        (tmp_path / "two" / name).write_text("undefined_name")
    one = nixlint("check", "--fix", "-j", "1", cwd=tmp_path / "one")
    two = nixlint("check", "--fix", "-j", "3", cwd=tmp_path / "two")
    assert (one.code, one.out, one.err) == (two.code, two.out, two.err)
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert os.listdir(tmp_path / "one").sort() == os.listdir(tmp_path / "two").sort()


# Every fixture of every room goes through the fixer.

TEXTS = sorted(path for path in FIXTURES.rglob("*.nix") if path.is_file())


def text_of(path: Path) -> str:
    """The text of a fixture, without the marks that only its own tests understand."""
    if any(path.is_relative_to(f) for f in (RULE_FIXTURES, *SYNTAX_FIXTURES)):
        return Case(path).text
    return decode(path.read_bytes())


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("folder", sorted({str(p.parent.relative_to(FIXTURES)) for p in TEXTS}))
def test_fixing_fixtures(folder: str, unsafe: bool) -> None:
    """No fix is refused, none makes a syntax error, and fixing twice is fixing once."""
    rules = rule_set(Settings(selection.resolve([Layer(select=["ALL"])]), {}, NEWEST_NIX))
    for path in TEXTS:
        if path.parent != FIXTURES / folder:
            continue
        text = text_of(path)
        fixed = fix.fix_text(path.name, text, rules, NEWEST_NIX, unsafe)
        assert fixed.problems == [], path
        before, after = parse(text), parse(fixed.text)
        if not [error for error in before.errors if error.fatal]:
            assert not [error for error in after.errors if error.fatal], path
        again = fix.fix_text(path.name, fixed.text, rules, NEWEST_NIX, unsafe)
        assert again.text == fixed.text, path
        if not unsafe:
            kept = [fixed.text[span.start : span.end] for span in after.comments()]
            comments = [text[span.start : span.end] for span in before.comments()]
            assert [c for c in comments if c not in kept and "nixlint:" not in c] == [], path
