"""The mistakes that Nix's parser finds although the grammar is satisfied.

Duplicate attributes and arguments, dynamic keys where none may be, numbers out of range, and,
not fatal, constructions that mean something else than they seem to.
Linear time, no recursion.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from nixlint.syntax.errors import ParseError
from nixlint.syntax.merge import NEVER, Merger
from nixlint.syntax.nodes import (
    EXPR_ATTRS,
    EXPR_BIN_OP,
    EXPR_FLOAT,
    EXPR_HPATH,
    EXPR_IND_STRING,
    EXPR_INT,
    EXPR_LAMBDA,
    EXPR_LEGACY_LET,
    EXPR_LIST,
    EXPR_PAREN,
    EXPR_PATH,
    EXPR_STRING,
    INHERIT,
    OPERATOR_TEXTS,
    PIPE_FROM,
    AttrName,
    Binding,
    ErrorNode,
    ExprAttrs,
    ExprBinOp,
    ExprLambda,
    ExprLegacyLet,
    ExprLet,
    Inherit,
    Interpolated,
    Interpolation,
    Node,
)
from nixlint.syntax.strings import content_end, content_start, static_name
from nixlint.syntax.tree import Tree

PIPES: Final = (2, 24)
"""The first version of Nix that knows pipe operators (as an experimental feature)."""
NUL_REJECTED: Final = (2, 26)
"""The first version that rejects NUL in strings instead of cutting them off or keeping it."""

MAX_INT: Final = "9223372036854775807"
SAFE_DIGITS: Final = 18
SMALLEST_NORMAL: Final = 2.2250738585072014e-308
MAX_EXACT: Final = 4000
"""No denormal needs more characters than 1,100 or so to be written exactly."""


def check_tree(tree: Tree, target_nix: tuple[int, int]) -> list[ParseError]:
    """What Nix of the given version (`(2, 8)`: Nix 2.8) would find wrong with a tree.

    The errors are in the order of the text. Not `fatal` are those that Nix accepts. Parts of the
    tree that error recovery made up cause no errors.
    """
    was_indexed = tree.is_indexed
    checker = Checker(tree, target_nix)
    checker.walk()
    errors = checker.finish()
    if not was_indexed:
        # Trees of programs that are evaluated are kept by the hundred.
        tree.drop_index()
    return errors


class Checker:
    """The walk over one tree."""

    def __init__(self, tree: Tree, target_nix: tuple[int, int]) -> None:
        self.tree = tree
        self.text = tree.text
        self.target_nix = target_nix
        self.merger = Merger(tree.text, target_nix)
        self.errors: list[ParseError] = []
        self.has_nul = tree.has_nul
        self.has_slashes = "//" in tree.text

    def walk(self) -> None:
        """Looks at every node that may be wrong by itself."""
        tree = self.tree
        if self.has_nul:
            for kind in (EXPR_STRING, EXPR_IND_STRING):
                for node in tree.nodes(kind):
                    assert isinstance(node, Interpolated)
                    self.check_nul(node)
        if self.has_slashes:
            for kind in (EXPR_PATH, EXPR_HPATH):
                for node in tree.nodes(kind):
                    assert isinstance(node, Interpolated)
                    self.check_slashes(node)
        for node in tree.nodes(EXPR_INT):
            if node.end - node.start > SAFE_DIGITS:
                self.check_int(node)
        for node in tree.nodes(EXPR_FLOAT):
            self.check_float(node)
        for node in tree.nodes(EXPR_LAMBDA):
            assert isinstance(node, ExprLambda)
            self.check_lambda(node)
        for node in tree.nodes(INHERIT):
            assert isinstance(node, Inherit)
            self.check_inherit(node)
        for node in tree.nodes(EXPR_BIN_OP):
            assert isinstance(node, ExprBinOp)
            self.check_operator(node)

    def finish(self) -> list[ParseError]:
        """Merges the sets, innermost first, and returns all errors."""
        merger = self.merger
        sets = self.tree.index.sets
        at = len(sets) - 1
        while at >= 0:
            node = sets[at]
            if isinstance(node, ExprAttrs):
                merger.take(node, node.binds, node.recursive)
                if node.recursive:
                    self.check_rec(node.binds)
            elif isinstance(node, ExprLet):
                merger.take(node, node.binds, True)
                self.check_let(node)
            elif isinstance(node, ExprLegacyLet):
                body = merger.merge(node, node.binds, True).names.get("body")
                self.check_rec(node.binds)
                if body is None and not self.has_computed_name(node.binds):
                    self.hint(
                        "legacy-let-missing-body",
                        "`let { … }` means its attribute `body`, and there is none",
                        node.start,
                        node.start + 3,
                    )
            at -= 1
        self.errors.extend(merger.errors)
        self.errors.sort(key=start_of)
        open_string = self.open_string()
        for error in self.errors:
            if error.detected > open_string:
                error.detected = NEVER
        return self.errors

    def open_string(self) -> int:
        """Where a string begins that is never closed: Nix sees nothing but text from there on."""
        for error in self.tree.errors:
            shown = self.text[error.start : error.start + 2]
            if error.rule == "unterminated-string" or (error.fatal and shown == "${"):
                return error.start
        return NEVER

    def error(self, rule: str, message: str, start: int, end: int, detected: int) -> ParseError:
        error = ParseError(rule, message, start, end, detected)
        self.errors.append(error)
        return error

    def hint(self, rule: str, message: str, start: int, end: int) -> ParseError:
        error = self.error(rule, message, start, end, start)
        error.fatal = False
        return error

    def has_computed_name(self, binds: list[Node]) -> bool:
        """Whether a binding has a name that is known only when it is evaluated."""
        for bind in binds:
            if isinstance(bind, Binding) and static_name(bind.path.first, self.text) is None:
                return True
        return False

    # Numbers.

    def check_int(self, node: Node) -> None:
        digits = self.text[node.start : node.end].lstrip("0")
        if len(digits) < len(MAX_INT) or (len(digits) == len(MAX_INT) and digits <= MAX_INT):
            return
        message = f"integers go up to {MAX_INT}"
        if len(digits) == len(MAX_INT) and digits == "9223372036854775808":
            message += "; write the smallest one as `-9223372036854775807 - 1`"
        self.error("invalid-number-literal", message, node.start, node.end, node.start)

    def check_float(self, node: Node) -> None:
        raw = self.text[node.start : node.end]
        value = float(raw)
        if value >= SMALLEST_NORMAL:
            if value == float("inf"):
                message = "this number is too large for a float"
                self.error("invalid-number-literal", message, node.start, node.end, node.start)
            return
        if is_zero(raw) or (value > 0.0 and is_exact(raw, value)):
            return
        message = "this number is too small for a float (Nix has no denormal numbers)"
        self.error("invalid-number-literal", message, node.start, node.end, node.start)

    # Functions.

    def check_lambda(self, node: ExprLambda) -> None:
        formals = node.arg.formals
        if formals is None or not formals.items:
            return
        text = self.text
        seen: dict[str, Node] = {}
        for formal in formals.items:
            name = formal.name
            if name.end == name.start:
                continue
            key = text[name.start : name.end]
            first = seen.setdefault(key, name)
            if first is not name:
                self.error(
                    "duplicate-formal",
                    f"the argument `{key}` is listed twice",
                    name.start,
                    name.end,
                    noticed_at_end(node, text),
                ).note("first listed here", first.start, first.end)
        whole = node.arg.name
        if whole is None or whole.end == whole.start:
            return
        key = text[whole.start : whole.end]
        if key in seen:
            first = seen[key]
            self.error(
                "formal-duplicates-at-binding",
                f"`{key}` is both an argument and, with `@`, the name of all arguments",
                whole.start,
                whole.end,
                noticed_at_end(node, text),
            ).note("the argument of that name", first.start, first.end)

    # Keys.

    def check_inherit(self, node: Inherit) -> None:
        for name in node.names:
            if not is_dynamic(name, self.text):
                continue
            closed = self.text[name.end - 1] in '}"'
            start: int = name.start
            while self.text[start - 1].isspace():
                start -= 1
            self.error(
                "dynamic-attr-in-inherit",
                "`inherit` needs a name that is known beforehand",
                name.start,
                name.end,
                name.end if closed else NEVER,
            ).repair("Remove the name", start, name.end, "")

    def check_let(self, node: ExprLet) -> None:
        for bind in node.binds:
            if not isinstance(bind, Binding):
                continue
            name = bind.path.first
            if is_dynamic(name, self.text):
                self.error(
                    "dynamic-attr-in-let",
                    "`let` cannot define a name that is known only later; use an attribute set",
                    name.start,
                    name.end,
                    noticed_at_end(node, self.text),
                ).note("in this `let`", node.start, node.start + 3)

    def check_rec(self, binds: list[Node]) -> None:
        for bind in binds:
            if isinstance(bind, Binding):
                name = bind.path.first
                if is_dynamic(name, self.text):
                    self.hint(
                        "rec-dynamic-attr",
                        "the other attributes of this recursive set cannot use this one",
                        name.start,
                        name.end,
                    )
                elif static_name(name, self.text) == "__overrides":
                    self.overrides(name)
            elif isinstance(bind, Inherit):
                for name in bind.names:
                    if static_name(name, self.text) == "__overrides":
                        self.overrides(name)

    def overrides(self, name: Node) -> None:
        self.hint(
            "rec-overrides",
            "`__overrides` silently replaces attributes of the recursive set it is in",
            name.start,
            name.end,
        )

    # Operators, strings, paths.

    def check_operator(self, node: ExprBinOp) -> None:
        if node.op < PIPE_FROM:
            return
        shown = OPERATOR_TEXTS[node.op]
        start = node.op_start
        message = f"`{shown}` works only with the experimental feature `pipe-operators`"
        if self.target_nix < PIPES:
            message = f"`{shown}` exists only since Nix 2.24"
        error = self.hint("experimental-pipe-operator", message, start, start + 2)
        error.fatal = self.target_nix < PIPES

    def check_nul(self, node: Interpolated) -> None:
        start = content_start(node, self.text)
        at = start
        inner: list[Node] = [] if node.parts is None else node.parts
        for part in inner:
            self.nul_between(at, part.start)
            at = part.end
        self.nul_between(at, content_end(node, self.text))

    def nul_between(self, start: int, end: int) -> None:
        at = self.text.find("\0", start, end)
        if at < 0:
            return
        message = "strings cannot hold a NUL"
        if self.target_nix < NUL_REJECTED:
            message = (
                "later versions of Nix reject a NUL in a string; this one may cut it off there"
            )
        error = self.error("nul-byte-in-string", message, at, at + 1, start)
        error.fatal = self.target_nix >= NUL_REJECTED

    def check_slashes(self, node: Interpolated) -> None:
        at: int = node.start
        inner: list[Node] = [] if node.parts is None else node.parts
        for part in inner:
            self.slashes_between(at, part.start)
            at = part.end
        self.slashes_between(at, node.end)

    def slashes_between(self, start: int, end: int) -> None:
        """Beside an interpolation Nix allows a double slash, which changes nothing."""
        text = self.text
        at = text.find("//", start, end)
        while at >= 0:
            stop = at
            while stop < end and text[stop] == "/":
                stop += 1
            error = self.hint("path-duplicate-slashes", "one slash is enough here", at, stop)
            error.repair("Remove the extra slash", at + 1, stop, "")
            at = text.find("//", stop, end)


def start_of(error: ParseError) -> tuple[int, int]:
    return error.start, error.end


def is_dynamic(name: AttrName, text: str) -> bool:
    """Whether a key is computed; a key that is broken or missing is not."""
    inner = name.inner
    if inner is None or isinstance(inner, ErrorNode):
        return False
    if isinstance(inner, Interpolation) and isinstance(inner.expr, ErrorNode):
        return False
    return static_name(name, text) is None


def is_zero(raw: str) -> bool:
    """Whether a float literal is zero whatever its exponent."""
    mantissa = raw.lower().partition("e")[0]
    return mantissa.strip("0.") == ""


def is_exact(raw: str, value: float) -> bool:
    """Whether a denormal is exactly what was written: such numbers Nix does accept."""
    if len(raw) > MAX_EXACT:
        return False
    return Fraction(raw.rstrip(".")) == Fraction(value)


def noticed_at_end(node: Node, text: str) -> int:
    """The offset at which Nix has read the whole of `node`, or NEVER if its end is broken.

    It is broken when its last part is missing: an expression, or a closing bracket or quote.
    """
    end: int = node.end
    while True:
        kind = node.kind
        if isinstance(node, ErrorNode):
            return NEVER
        if kind == EXPR_ATTRS or kind == EXPR_LEGACY_LET:
            return end if text[node.end - 1] == "}" else NEVER
        if kind == EXPR_PAREN:
            return end if text[node.end - 1] == ")" else NEVER
        if kind == EXPR_LIST:
            return end if text[node.end - 1] == "]" else NEVER
        if isinstance(node, Interpolated):
            if kind == EXPR_STRING or kind == EXPR_IND_STRING:
                return end if content_end(node, text) < node.end else NEVER
            # At a slash at its end Nix stops before it knows that anything is complete.
            return end if text[node.end - 1] != "/" else NEVER
        children = node.children()
        if not children:
            return end if node.end > node.start else NEVER
        node = children[-1]
