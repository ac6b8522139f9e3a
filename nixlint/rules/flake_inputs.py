"""What rules about inputs ask: what a declaration means, how it is shown, how it is removed."""

from __future__ import annotations

from nixlint.project.flake.file import FlakeInput
from nixlint.project.references.flake_ref import (
    Attr,
    FlakeRef,
    FlakeRefError,
    canonical,
    identity,
    parse_flake_ref,
    ref_from_attrs,
    render_ref,
)
from nixlint.rules.project_base import ProjectContext
from nixlint.text.span import Span


def reference_of(each: FlakeInput) -> FlakeRef | None:
    """The flake reference that an input declares.

    None for an input that follows another one, for one that is not written out, and for one that
    Nix would refuse.
    """
    if each.computed or each.follows is not None:
        return None
    try:
        if each.attrs:
            return ref_from_attrs(each.attrs)
        if each.url is not None:
            return parse_flake_ref(each.url, is_flake=each.is_flake)
        return FlakeRef({"type": "indirect", "id": each.name})
    except FlakeRefError:
        return None


def place_of(each: FlakeInput) -> Span:
    """Where an input says what it refers to; its name where it says nothing."""
    return each.url_span if each.url_span is not None else each.name_span


def shown_ref(attrs: dict[str, Attr]) -> str:
    """Attributes as a URL, for messages."""
    try:
        return render_ref(FlakeRef(attrs))
    except FlakeRefError:
        return ", ".join([f"{name} = {value}" for name, value in attrs.items()])


def repository_of(attrs: dict[str, Attr] | None) -> str | None:
    """The repository that attributes name, irrespective of the version."""
    return identity(attrs) if attrs is not None else None


def follows_path(text: str) -> list[str]:
    """The path that a `follows` spells; empty for the flake itself."""
    return [part for part in text.split("/") if part]


def in_sync(each: FlakeInput, ctx: ProjectContext) -> bool:
    """Whether an input of the root flake is locked from what it declares now."""
    lock = ctx.lock
    if lock is None or lock.root_node is None or each.computed:
        return False
    edge = lock.root_node.inputs.get(each.name)
    if edge is None:
        return False
    if each.follows is not None:
        return edge.target == follows_path(each.follows)
    if not isinstance(edge.target, str):
        return False
    node = lock.nodes.get(edge.target)
    reference = reference_of(each)
    if node is None or reference is None or node.original is None:
        return False
    if each.is_flake != node.is_flake:
        return False
    return canonical(reference.attrs) == canonical(node.original)
