"""What a rule is, and what it may look at.

A rule is one file: a docstring with the headings *What it does*, *Why it matters*, *Example*,
*Use instead* and *Fix safety* (read from the source by `analysis/explain.py`), and one class.
Its registry line in `rules/registry.py` makes it known.
"""

from __future__ import annotations

from nixlint.diagnostics.model import Diagnostic, Edit, Fix, Note
from nixlint.semantic.build import build_model
from nixlint.semantic.model import SemanticModel
from nixlint.semantic.shapes import name_of
from nixlint.syntax.errors import ParseError
from nixlint.syntax.nodes import EXPR_CALL, ExprCall, Node, unparen
from nixlint.syntax.tree import Tree
from nixlint.text.span import Span


class FileContext:
    """Everything about the file under check. Offsets are code points.

    `path` is the path as the user gave it (or the name given for stdin); `real_path` the absolute
    path of the file on disk, or None when there is no such file. `target_nix` is the version of
    Nix whose rules hold, as `(major, minor)`. `model` is built when first asked for.
    """

    def __init__(
        self, path: str, tree: Tree, target_nix: tuple[int, int], real_path: str | None = None
    ) -> None:
        self.path = path
        self.real_path = real_path
        self.tree = tree
        self.text = tree.text
        self.target_nix = target_nix
        self.diagnostics: list[Diagnostic] = []
        self.memo: dict[str, object] = {}
        """What rules have found out about the file and share with others."""
        self._model: SemanticModel | None = None
        self._calls: dict[str, list[ExprCall]] | None = None

    @property
    def model(self) -> SemanticModel:
        """Scopes, definitions, references and the kind of the file."""
        model = self._model
        if model is None:
            model = build_model(self.tree, self.path)
            self._model = model
        return model

    def calls(self, name: str) -> list[ExprCall]:
        """The calls of what is written as a variable, or a selection that ends in the name."""
        calls = self._calls
        if calls is None:
            calls = {}
            text = self.text
            for node in self.tree.nodes(EXPR_CALL):
                assert isinstance(node, ExprCall)
                called = name_of(unparen(node.fn), text)
                known = calls.get(called)
                if known is None:
                    calls[called] = [node]
                else:
                    known.append(node)
            self._calls = calls
        return calls.get(name, [])

    def unlink(self) -> None:
        """Lets go of what was found out about the file; see `SemanticModel.unlink`."""
        self.memo.clear()
        self._calls = None
        if self._model is not None:
            self._model.unlink()
            self._model = None

    def text_of(self, node: Node) -> str:
        """The source text of a node."""
        return self.text[node.start : node.end]

    def report(
        self,
        rule: Rule,
        span: Span,
        message: str,
        notes: list[Note] | None = None,
        fix: Fix | None = None,
        tag: str = "",
    ) -> None:
        """Records a finding of `rule` at `span`."""
        self.diagnostics.append(
            Diagnostic(rule.name, rule.severity, message, span, notes, fix, tag)
        )


class Rule:
    """The base of all rules; see the module's docstring.

    `name` is the kebab-case name of the bad pattern, `severity` one of `error`, `warning`, `hint`,
    `enabled` whether it runs without being asked for, `aliases` what other tools call it.
    A rule that looks at single nodes lists their kinds in `kinds` and overrides `check`;
    one that looks at the file as a whole overrides `check_file` and sets `whole_file`;
    one that looks at what lies around the file sets `needs_disk`;
    one about a whole project derives from `ProjectRule` of `project_base.py`;
    one that documents an error of the parser sets `fix_applicability` if the repair may be offered
    as a fix, and may override `explain_error`.
    """

    def __init__(self) -> None:
        self.name = ""
        self.severity = "warning"
        self.enabled = True
        self.kinds: tuple[int, ...] = ()
        self.whole_file = False
        self.whole_project = False
        self.needs_disk = False
        self.aliases: tuple[str, ...] = ()
        self.fix_applicability = ""

    def check(self, node: Node, ctx: FileContext) -> None:
        """Looks at one node of one of `kinds`."""

    def check_file(self, ctx: FileContext) -> None:
        """Looks at the whole file, once."""

    def explain_error(self, error: ParseError, ctx: FileContext) -> None:
        """Turns an error of the parser into a finding, with the parser's own repair as its fix."""
        notes = [Note(message, Span(start, end)) for message, start, end in error.notes]
        fix = None
        if error.edits and self.fix_applicability:
            edits = [Edit(Span(start, end), text) for start, end, text in error.edits]
            fix = Fix(error.title, edits, self.fix_applicability)
        ctx.report(self, Span(error.start, error.end), error.message, notes, fix)
