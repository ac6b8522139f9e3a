"""What a flake.nix says, as `file.py` gives it back. All spans are in code points."""

from __future__ import annotations

from nixlint.diagnostics.model import Fix, Note
from nixlint.syntax.nodes import ExprAttrs, ExprLambda, Node
from nixlint.syntax.tree import Tree
from nixlint.text.span import Span

Attr = str | int | bool


class FlakeInput:
    """One input, or one override of an input's input.

    `span` is that of the first binding about it. Pieces that are not given are None.
    """

    def __init__(self, name: str, name_span: Span, span: Span) -> None:
        self.name = name
        self.name_span = name_span
        self.span = span
        self.bindings: list[Node] = []
        """Every Binding that says something about it; together they are the whole input."""
        self.url: str | None = None
        """As written; a path literal is `path:` and the path seen from the flake."""
        self.url_node: Node | None = None
        self.url_span: Span | None = None
        self.url_is_path = False
        self.attrs: dict[str, Attr] = {}
        """The attributes of a reference in attribute form (`type = "github"; owner = …`), with
        `url` if that is given, too. Empty for an input that is only given by its `url`."""
        self.attr_spans: dict[str, Span] = {}
        """Where the values of all attributes stand that are written out."""
        self.follows: str | None = None
        """As written; an empty string means the flake itself."""
        self.follows_span: Span | None = None
        self.is_flake = True
        self.flake_span: Span | None = None
        self.inputs: dict[str, FlakeInput] = {}
        """Overrides of its own inputs, to any depth."""
        self.implicit = False
        """Whether it is only named as an argument of `outputs`, and nowhere declared."""
        self.computed = False
        """Whether something about it is not written out, or misplaced: then nothing is sure."""

    def __repr__(self) -> str:
        return f"FlakeInput({self.name!r}, url={self.url!r}, follows={self.follows!r})"


class FlakeProblem:
    """Something that Nix refuses about the file, for the rule of that name to report."""

    def __init__(self, rule: str, message: str, span: Span) -> None:
        self.rule = rule
        self.message = message
        self.span = span
        self.notes: list[Note] = []
        self.fix: Fix | None = None

    def __repr__(self) -> str:
        return f"{self.span.start}-{self.span.end} {self.rule}: {self.message}"


class FlakeFile:
    """A flake.nix that has been read."""

    def __init__(self, tree: Tree, path: str) -> None:
        self.tree = tree
        self.path = path
        self.root: ExprAttrs | None = None
        """The set that the file is; None if it is something else."""
        self.description: str | None = None
        self.description_span: Span | None = None
        self.inputs: dict[str, FlakeInput] = {}
        """By name, in the order of the text, the implicit ones last."""
        self.inputs_node: Node | None = None
        """The (first) literal set of `inputs = { … }`; None if there is none."""
        self.self_attrs: dict[str, Attr] = {}
        """`inputs.self.submodules` and the like."""
        self.outputs: Node | None = None
        """The value of `outputs`, without parentheses around it."""
        self.outputs_lambda: ExprLambda | None = None
        self.outputs_span: Span | None = None
        """Where the name `outputs` stands."""
        self.nix_config: dict[str, Node] = {}
        """The values of the settings."""
        self.nix_config_spans: dict[str, Span] = {}
        """Where their names stand."""
        self.problems: list[FlakeProblem] = []
        self.complete = True
        """Whether the names of all inputs, and of all overrides, are known."""

    def declared(self) -> list[FlakeInput]:
        """The inputs without the implicit ones."""
        return [found for found in self.inputs.values() if not found.implicit]
