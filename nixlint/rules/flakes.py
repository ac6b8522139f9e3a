"""What rules on flake.nix share: the file as read, and the sets that its outputs are made of."""

from __future__ import annotations

from typing import Final, cast

from nixlint.project.flake.file import FlakeFile, read_flake_file
from nixlint.project.flake.outline import Entry, outline
from nixlint.rules.base import FileContext, Rule
from nixlint.semantic.model import DEF_INHERIT_FROM
from nixlint.semantic.shapes import called_name, has_key, strip
from nixlint.syntax.nodes import (
    UPDATE,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprSelect,
    ExprVar,
    Node,
    unparen,
)

_FLAKE: Final = "flake"
_OUTPUTS: Final = "flake-outputs"
TELLING: Final = frozenset(
    ("description", "inputs", "outputs", "nixConfig", "input", "output", "nixconfig")
)
"""Attributes that say that a set is a flake, though perhaps a broken one."""
EACH_SYSTEM: Final = ("eachDefaultSystem", "eachSystem")
MERGERS: Final = ("recursiveUpdate", "recursiveUpdateUntil", "mergeAttrs")

PER_SYSTEM: Final = (
    "packages", "legacyPackages", "devShells", "apps", "checks", "formatter", "bundlers",
    "devShell", "defaultPackage", "defaultApp", "defaultBundler",
)  # fmt: skip
"""Outputs whose attributes are systems."""


def flake_of(ctx: FileContext) -> FlakeFile | None:
    """The flake that a file is; None if it is none. Read once for all rules."""
    known = ctx.memo.get(_FLAKE)
    if known is not None:
        return cast(FlakeFile, known)
    base = ctx.path.replace("\\", "/").rsplit("/", 1)[-1]
    if base != "flake.nix" or not looks_like_flake(ctx.tree.root.expr, ctx.text):
        return None
    file = read_flake_file(ctx.tree, ctx.path)
    ctx.memo[_FLAKE] = file
    return file


def looks_like_flake(expr: Node, text: str) -> bool:
    """Whether a file called flake.nix is meant to be one; some are modules or libraries."""
    body = strip(expr)
    if isinstance(unparen(expr), ExprAttrs) and isinstance(body, ExprAttrs):
        return not body.binds or has_key(body, text, TELLING)
    while isinstance(body, ExprLambda):
        body = strip(body.body)
    return isinstance(body, ExprAttrs) and has_key(body, text, frozenset(("outputs",)))


def report_problems(rule: Rule, ctx: FileContext) -> None:
    """Reports what reading the flake has found for a rule."""
    file = flake_of(ctx)
    if file is None:
        return
    for problem in file.problems:
        if problem.rule == rule.name:
            ctx.report(rule, problem.span, problem.message, problem.notes, problem.fix)


class OutputSet:
    """A set that is written out and whose attributes are outputs of the flake.

    `each` is the function that is called for each system with flake-utils, if the set is what
    that returns: then the outputs in it have no system in their names.
    """

    def __init__(self, entry: Entry, each: ExprLambda | None, call: ExprCall | None) -> None:
        self.entry = entry
        self.each = each
        self.call = call


def output_sets(ctx: FileContext) -> list[OutputSet]:
    """All sets known to be merged into the outputs, in the order of the text."""
    known = ctx.memo.get(_OUTPUTS)
    if known is not None:
        return cast(list[OutputSet], known)
    out: list[OutputSet] = []
    file = flake_of(ctx)
    if file is not None and file.outputs_lambda is not None:
        _collect(file.outputs_lambda.body, ctx, out)
    ctx.memo[_OUTPUTS] = out
    return out


def _collect(body: Node, ctx: FileContext, out: list[OutputSet]) -> None:
    stack: list[tuple[Node, ExprLambda | None, ExprCall | None]] = [(body, None, None)]
    while stack:
        node, each, call = stack.pop()
        node = strip(node)
        if isinstance(node, ExprAttrs):
            out.append(OutputSet(outline(node, ctx.text), each, call))
        elif isinstance(node, ExprBinOp) and node.op == UPDATE:
            stack.append((node.right, each, call))
            stack.append((node.left, each, call))
        elif isinstance(node, ExprIf):
            stack.append((node.else_, each, call))
            stack.append((node.then_, each, call))
        elif isinstance(node, ExprCall):
            name = called_name(node, ctx.text)
            last = strip(node.args[len(node.args) - 1])
            if name in MERGERS:
                for argument in reversed(node.args):
                    stack.append((argument, each, call))
            elif name in EACH_SYSTEM and each is None:
                function = unparen(node.args[len(node.args) - 1])
                if isinstance(function, ExprLambda) and is_flake_utils(node, ctx):
                    stack.append((function.body, function, node))
            elif name == "mkFlake" and isinstance(last, ExprAttrs):
                inner = outline(last, ctx.text).children.get("flake")
                if inner is not None and inner.is_set:
                    out.append(OutputSet(inner, None, None))


def is_flake_utils(node: ExprCall, ctx: FileContext) -> bool:
    """Whether what is called is a function of flake-utils, and not one of the same name."""
    fn = unparen(node.fn)
    if isinstance(fn, ExprSelect):
        return True
    if not isinstance(fn, ExprVar):
        return False
    reference = ctx.model.reference_at(fn.start)
    if reference is None:
        return False
    definition = reference.definition
    return definition is None or definition.kind == DEF_INHERIT_FROM
