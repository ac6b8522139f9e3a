"""What can evaluation reach?

A definition of a `let` is live when a live piece of code refers to it, starting from the value of
the file. Counting references would not do: in `let a = b; b = a; in 1` both are referenced and
both are dead. Three decisions:

- Members of a `rec` set can be asked for from outside, so they are live if the set is.
- So can functions: their bodies are live wherever they stand, and defaults of arguments with them.
- A `let` name that starts with `_` is unused on purpose; what it refers to counts as used.
"""

from __future__ import annotations

from nixlint.semantic.model import (
    DEF_ARG,
    DEF_AT,
    DEF_BUILTIN,
    DEF_FORMAL,
    SCOPE_REC,
    Region,
    SemanticModel,
)


def find_live(model: SemanticModel) -> None:
    """Sets `live` of all regions and definitions. Linear time."""
    todo: list[Region] = [model.root_region]
    model.root_region.live = True
    while todo:
        region = todo.pop()
        for reference in region.references:
            definition = reference.definition
            if definition is None or definition.live:
                continue
            definition.live = True
            inside = definition.region
            if not inside.live:
                inside.live = True
                todo.append(inside)
    for definition in model.definitions:
        if definition.live:
            continue
        kind = definition.kind
        if kind == DEF_ARG or kind == DEF_FORMAL or kind == DEF_AT or kind == DEF_BUILTIN:
            continue
        is_member = definition.scope.kind == SCOPE_REC
        is_result = definition.name == "body" and not definition.has_own_region()
        if is_member or is_result:
            definition.live = definition.scope.region.live
