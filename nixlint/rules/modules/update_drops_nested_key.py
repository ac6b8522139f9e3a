"""`//` that loses a part of a nested set.

## What it does
Reports `//` between two sets that are written out, if an attribute of the left one is a set, the
right one has a set of the same name, and something in the former is not in the latter.

## Why it matters
`//` replaces attributes as a whole and does not look into them: what only the left set has is gone.

## Example
```nix
{
  services = { ssh.enable = true; ssh.port = 22; } // { ssh.enable = false; };
}
```

## Use instead
Write it as one set, or use `lib.recursiveUpdate`:

```nix
{
  services = { ssh.enable = false; ssh.port = 22; };
}
```

## Fix safety
None: only you know whether the rest should stay.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.syntax.nodes import (
    EXPR_BIN_OP,
    UPDATE,
    Binding,
    ExprAttrs,
    ExprBinOp,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name
from nixlint.text.span import Span


class UpdateDropsNestedKey(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "update-drops-nested-key"
        self.severity = WARNING
        self.kinds = (EXPR_BIN_OP,)

    def check(self, node: Node, ctx: FileContext) -> None:
        if not isinstance(node, ExprBinOp) or node.op != UPDATE:
            return
        left = unparen(node.left)
        right = unparen(node.right)
        if not isinstance(left, ExprAttrs) or not isinstance(right, ExprAttrs):
            return
        lost: dict[str, list[tuple[str, Span]]] = {}
        before = paths_in(left, ctx)
        after = paths_in(right, ctx)
        if before is None or after is None:
            return
        for path, span in before:
            if len(path) < 2 or not path[-1]:
                continue
            same = [other for other, _ in after if other[0] == path[0]]
            if not same or any(len(other) < 2 or other[1:] == [""] for other in same):
                # It is replaced by an empty set, or by something else, on purpose.
                continue
            if not any(path[: len(other)] == other or other[: len(path)] == path for other in same):
                lost.setdefault(path[0], []).append((".".join(path), span))
        for name, found in lost.items():
            shown = ", ".join(f"`{path}`" for path, _ in found[:3])
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            ctx.report(
                self,
                Span(node.op_start, node.op_start + 2),
                f"`//` replaces `{name}` as a whole, and loses {shown}{more}",
                [Note("this is lost", found[0][1])],
            )


def paths_in(node: ExprAttrs, ctx: FileContext) -> list[tuple[list[str], Span]] | None:
    """The paths of all attributes in a set, and where they are written; None if some are not known.

    Sets inside are followed as far as they are written out.
    """
    out: list[tuple[list[str], Span]] = []
    stack: list[tuple[list[str], ExprAttrs]] = [([], node)]
    while stack:
        front, at = stack.pop()
        if not at.binds and front:
            out.append(([*front, ""], at.span))
        for bind in at.binds:
            if isinstance(bind, Inherit):
                for each in bind.names:
                    name = static_name(each, ctx.text)
                    if name is None:
                        return None
                    out.append(([*front, name], each.span))
                continue
            if not isinstance(bind, Binding):
                return None
            names = list(front)
            for each in bind.path.names():
                name = static_name(each, ctx.text)
                if name is None:
                    return None
                names.append(name)
            value = unparen(bind.value)
            if isinstance(value, ExprAttrs):
                stack.append((names, value))
            else:
                out.append((names, bind.path.span))
    return out
