"""Fetchers called in code, and how much of what they fetch is fixed there.

Found by their names alone, wherever these come from: `fetchTarball`, `builtins.fetchGit`,
`pkgs.fetchFromGitHub`. Only what is written out counts; anything else is unknown, not absent.
"""

from __future__ import annotations

from typing import Final

from nixlint.project.lock.flake_lock import is_locked
from nixlint.project.lock.pins import Pin, is_full_rev
from nixlint.project.references.fetchers import Attr
from nixlint.project.references.flake_ref import FlakeRefError, parse_flake_ref, ref_from_attrs
from nixlint.syntax.nodes import (
    AttrName,
    Binding,
    ExprAttrs,
    ExprCall,
    ExprInt,
    ExprSelect,
    ExprVar,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import constant_text, static_name
from nixlint.syntax.tree import Tree
from nixlint.text.span import Span

BUILTIN_FETCHERS: Final = (
    "fetchTarball", "fetchGit", "fetchTree", "fetchMercurial", "getFlake"
)  # fmt: skip
"""Those of Nix itself, besides `builtins.fetchurl`."""
FORGE_FETCHERS: Final[dict[str, tuple[str, str]]] = {
    "fetchFromGitHub": ("github", "githubBase"),
    "fetchFromGitLab": ("gitlab", "domain"),
    "fetchFromSourcehut": ("sourcehut", "domain"),
    "fetchFromGitea": ("git", "domain"),
    "fetchFromForgejo": ("git", "domain"),
    "fetchFromCodeberg": ("git", "codeberg.org"),
    "fetchFromBitbucket": ("git", "bitbucket.org"),
}
"""Fetchers of nixpkgs by owner and repository: the type, and the attribute with the host or it."""
REPOSITORY_FETCHERS: Final[dict[str, str]] = {
    "fetchgit": "git", "fetchgitPrivate": "git", "fetchFromGitiles": "git", "fetchhg": "hg",
    "fetchsvn": "", "fetchpijul": "", "fetchfossil": "", "fetchdarcs": "",
}  # fmt: skip
URL_FETCHERS: Final = ("fetchurl", "fetchzip", "fetchpatch", "fetchpatch2")
REGISTRY_FETCHERS: Final = ("fetchPypi", "fetchCrate", "fetchFromSavannah", "fetchFromRepoOrCz",
                            "fetchNuGet", "fetchMavenArtifact", "fetchHex")  # fmt: skip
HASH_ATTRS: Final = (
    "hash", "sha256", "sha512", "sha1", "md5", "outputHash", "narHash"
)  # fmt: skip
PLACEHOLDERS: Final = ("fakeHash", "fakeSha256", "fakeSha512")

_KNOWN: Final = frozenset(
    (
        *BUILTIN_FETCHERS, *FORGE_FETCHERS, *REPOSITORY_FETCHERS, *URL_FETCHERS,
        *REGISTRY_FETCHERS,
    )
)  # fmt: skip


def pins_in_code(tree: Tree, path: str) -> list[Pin]:
    """All calls of fetchers in a tree, in the order of the text. Never raises."""
    out: list[Pin] = []
    todo: list[tuple[Node, AttrName | None]] = [(tree.root.expr, None)]
    while todo:
        node, bound = todo.pop()
        if isinstance(node, ExprCall) and node.args:
            name = fetcher_name(node.fn, tree.text)
            if name:
                out.append(_pin(name, node, bound, tree, path))
        if isinstance(node, Binding):
            names = node.path.names()
            for key in names:
                if key.inner is not None:
                    todo.append((key.inner, None))
            todo.append((unparen(node.value), names[-1]))
            continue
        for child in node.children():
            todo.append((child, None))
    out.sort(key=_start_of)
    return out


def _start_of(pin: Pin) -> int:
    return pin.span.start


def fetcher_name(function: Node, text: str) -> str:
    """The name of the fetcher that is called, "" for anything else.

    `fetchurl` of Nix itself is `builtins.fetchurl`, the one of nixpkgs `fetchurl`.
    """
    function = unparen(function)
    if isinstance(function, ExprVar):
        name = text[function.start : function.end]
        return name if name in _KNOWN else ""
    if isinstance(function, ExprSelect) and function.default is None:
        name = static_name(function.path.names()[-1], text) or ""
        base = unparen(function.base)
        if name == "fetchurl" and text[base.start : base.end] == "builtins":
            return "builtins.fetchurl"
        return name if name in _KNOWN else ""
    return ""


def _pin(name: str, call: ExprCall, bound: AttrName | None, tree: Tree, path: str) -> Pin:
    function = call.fn
    text = tree.text
    label = static_name(bound, text) if bound is not None else None
    span = Span(call.start, call.args[0].end)
    pin = Pin(name, label or "", path, span, Span(function.start, function.end))
    # In broken text nobody knows what was meant to stand in the set.
    pin.open = bool(tree.errors)
    argument = unparen(call.args[0])
    plain = constant_text(argument, text)
    if plain is not None:
        pin.attrs["url"] = plain
        pin.attr_spans["url"] = Span(argument.start, argument.end)
    elif isinstance(argument, ExprAttrs):
        _read_attrs(pin, argument, text)
    else:
        pin.open = True
    pin.url, pin.ref = _text(pin, "url"), _text(pin, "ref") or _text(pin, "tag")
    pin.rev, pin.version = _text(pin, "rev"), _text(pin, "version")
    for attr in HASH_ATTRS:
        if attr in pin.attr_spans:
            pin.hash_attr = attr
            pin.hash = _text(pin, attr)
            if attr in pin.unknown or pin.hash:
                break
    pin.check_hash()
    if pin.hash_attr and not pin.hash and pin.hash_attr not in pin.unknown:
        # An empty hash stands for one of zeros, in Nix as in nixpkgs.
        pin.placeholder = True
    _find_source(pin, plain is not None)
    _find_pinned(pin)
    return pin


def _read_attrs(pin: Pin, argument: ExprAttrs, text: str) -> None:
    for bind in argument.binds:
        if isinstance(bind, Inherit):
            for attr in bind.names:
                name = static_name(attr, text)
                if name is not None:
                    pin.unknown.add(name)
                    pin.attr_spans[name] = Span(attr.start, attr.end)
            continue
        if not isinstance(bind, Binding):
            pin.open = True
            continue
        name = static_name(bind.path.first, text)
        if name is None:
            pin.open = True
            continue
        value = unparen(bind.value)
        pin.attr_spans[name] = Span(value.start, value.end)
        scalar = _literal(value, text) if bind.path.rest is None else None
        if scalar is not None:
            pin.attrs[name] = scalar
        else:
            pin.unknown.add(name)
            if name in HASH_ATTRS and _last_name(value, text) in PLACEHOLDERS:
                pin.placeholder = True


def _literal(value: Node, text: str) -> Attr | None:
    plain = constant_text(value, text)
    if plain is not None:
        return plain
    if isinstance(value, ExprInt):
        digits = text[value.start : value.end]
        return int(digits) if len(digits) < 20 else None
    if isinstance(value, ExprVar):
        word = text[value.start : value.end]
        return word == "true" if word in ("true", "false") else None
    return None


def _last_name(value: Node, text: str) -> str:
    if isinstance(value, ExprVar):
        return text[value.start : value.end]
    if isinstance(value, ExprSelect):
        return static_name(value.path.names()[-1], text) or ""
    return ""


def _text(pin: Pin, name: str) -> str:
    value = pin.attrs.get(name)
    return value if isinstance(value, str) else ""


def _find_source(pin: Pin, is_text: bool) -> None:
    """Say in the attributes of a flake reference what is fetched."""
    name = pin.origin
    owner, repo = _text(pin, "owner"), _text(pin, "repo")
    if name in FORGE_FETCHERS and owner and repo:
        kind, host_attr = FORGE_FETCHERS[name]
        host = host_attr if "." in host_attr else _text(pin, host_attr)
        if host_attr in pin.unknown or (kind == "git" and not host):
            return
        group = _text(pin, "group")
        if kind == "git":
            pin.source = {"type": "git", "url": f"https://{host}/{owner}/{repo}"}
        else:
            full = f"{group}/{owner}" if group and kind == "gitlab" else owner
            pin.source = {"type": kind, "owner": full, "repo": repo}
            if host:
                pin.source["host"] = host
        if pin.rev:
            pin.source["rev"] = pin.rev
    elif name in ("fetchTree", "getFlake") and not pin.open and not pin.unknown:
        try:
            if is_text:
                ref = parse_flake_ref(pin.url)
            else:
                ref = ref_from_attrs(dict(pin.attrs))
        except FlakeRefError:
            return
        pin.source = ref.attrs
        pin.rev, pin.ref = ref.rev, ref.ref
    elif pin.url:
        kind = {"fetchGit": "git", "fetchMercurial": "hg"}.get(name, "")
        kind = kind or REPOSITORY_FETCHERS.get(name, "tarball" if "etch" in name else "")
        if kind and name not in ("fetchTree", "getFlake"):
            pin.source = {"type": kind, "url": pin.url}
            if pin.rev:
                pin.source["rev"] = pin.rev


def _find_pinned(pin: Pin) -> None:
    """Decide whether what is fetched is certain."""
    name = pin.origin
    has_hash = pin.hash_attr != ""
    has_rev = bool(pin.rev) or "rev" in pin.unknown
    if name in ("fetchTree", "getFlake"):
        if pin.source:
            pin.pinned = is_locked(pin.source) or bool(pin.source.get("narHash"))
        elif has_rev or has_hash:
            pin.pinned = True
        return
    if name in ("fetchGit", "fetchMercurial"):
        has_rev = is_full_rev(pin.rev) or "rev" in pin.unknown
        pin.pinned = True if has_rev or has_hash else None if pin.open else False
        return
    # All others check a hash, and are certain only then.
    pin.pinned = True if has_hash else None if pin.open else False
