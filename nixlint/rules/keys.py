"""What rules ask about the keys of a set or a `let`."""

from __future__ import annotations

from nixlint.syntax.nodes import AttrName, Binding, Inherit, Node
from nixlint.syntax.strings import is_missing, static_name


def key_of(binds: list[Node], text: str, wanted: str) -> AttrName | None:
    """The first key, or first component of a key, or inherited name that is `wanted`."""
    for bind in binds:
        if isinstance(bind, Binding):
            first = bind.path.first
            if static_name(first, text) == wanted:
                return first
        elif isinstance(bind, Inherit):
            for name in bind.names:
                if static_name(name, text) == wanted:
                    return name
    return None


def is_dynamic(name: AttrName, text: str) -> bool:
    """Whether the name is only known at run time (a name that is missing is not)."""
    return static_name(name, text) is None and not is_missing(name)


def has_dynamic_key(binds: list[Node], text: str) -> bool:
    """Whether the first component of any key is only known at run time."""
    return any(isinstance(bind, Binding) and is_dynamic(bind.path.first, text) for bind in binds)
