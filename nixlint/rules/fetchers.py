"""Calls of the fetchers that are built into Nix, and whether what they fetch is pinned."""

from __future__ import annotations

import re
from typing import Final, cast

from nixlint.project.flake.outline import Entry, outline
from nixlint.rules.base import FileContext
from nixlint.semantic.model import DEF_BUILTIN
from nixlint.syntax.nodes import (
    ExprAttrs,
    ExprCall,
    ExprHPath,
    ExprIndString,
    ExprPath,
    ExprSelect,
    ExprString,
    ExprUri,
    ExprVar,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_name, static_string
from nixlint.text.span import Span

HASHED: Final = ("fetchTarball", "fetchurl")
"""They accept a string or a set with `url`, and are pinned by `sha256`."""
VERSIONED: Final = ("fetchGit", "fetchMercurial")
"""They are pinned by `rev`."""
FETCHERS: Final = (*HASHED, *VERSIONED, "fetchTree", "getFlake")

INSECURE: Final = ("http://", "git://", "ftp://", "git+http://", "tarball+http://")

_MEMO: Final = "fetches"
_COMMIT = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")


class Fetch:
    """A call of a fetcher; `url` is where from, if that is written out."""

    def __init__(self, name: str, function: Node, argument: Node) -> None:
        self.name = name
        self.function = function
        self.argument = argument
        self.url: Node | None = None
        self.unpinned = False
        """Whether it certainly neither checks a hash nor names a commit."""

    @property
    def missing(self) -> str:
        """The attribute that would pin it."""
        if self.name in HASHED:
            return "sha256"
        return "narHash" if self.name == "fetchTree" else "rev"


def builtin_name(node: Node, ctx: FileContext) -> str:
    """The member of `builtins` that an expression is, by that name or as `builtins.name`."""
    node = unparen(node)
    if isinstance(node, ExprVar):
        name = ctx.text[node.start : node.end]
        if not is_global(node, ctx):
            return ""
        return name[2:] if name.startswith("__") else name
    if isinstance(node, ExprSelect) and node.path.rest is None and node.default is None:
        base = unparen(node.base)
        if isinstance(base, ExprVar) and ctx.text[base.start : base.end] == "builtins":
            if is_global(base, ctx):
                return static_name(node.path.first, ctx.text) or ""
    return ""


def is_global(node: ExprVar, ctx: FileContext) -> bool:
    """Whether a variable is Nix's own, because nothing in the file binds that name."""
    reference = ctx.model.reference_at(node.start)
    if reference is None or reference.definition is None:
        return False
    return reference.definition.kind == DEF_BUILTIN


def fetches(ctx: FileContext) -> list[Fetch]:
    """The fetches in a file."""
    known = ctx.memo.get(_MEMO)
    if known is not None:
        return cast("list[Fetch]", known)
    out: list[Fetch] = []
    ctx.memo[_MEMO] = out
    for name in FETCHERS:
        for node in ctx.calls(name) + ctx.calls("__" + name):
            fetch = fetch_of(node, ctx)
            if fetch is not None:
                out.append(fetch)
    return out


def fetch_of(node: ExprCall, ctx: FileContext) -> Fetch | None:
    """The fetch that a call is; None if it is none."""
    name = builtin_name(node.fn, ctx)
    if name not in FETCHERS:
        return None
    argument = unparen(node.args[0])
    fetch = Fetch(name, node.fn, argument)
    if isinstance(argument, (ExprString, ExprIndString, ExprUri)):
        fetch.url = argument
        fetch.unpinned = not is_pinned_url(fetch, ctx.text)
    elif isinstance(argument, ExprAttrs) and name != "getFlake":
        entry = outline(argument, ctx.text)
        url = entry.children.get("url")
        if url is not None and url.value is not None:
            fetch.url = url.value
        fetch.unpinned = not entry.dynamic and not is_pinned(fetch, entry, ctx.text)
    return fetch


def is_pinned_url(fetch: Fetch, text: str) -> bool:
    """Whether a fetcher that is given only a URL fetches the same for ever, or may do so."""
    argument = fetch.argument
    url = static_string(argument, text)
    if fetch.name in HASHED:
        return url is not None and is_local(url)
    if url is None:
        # Part of it is computed: the commit, perhaps.
        return fetch.name not in VERSIONED or "rev" in text[argument.start : argument.end]
    if is_local(url):
        return True
    if fetch.name in VERSIONED:
        return "rev=" in url
    return _COMMIT.search(url) is not None or "narHash=" in url


def is_local(url: str) -> bool:
    return url.startswith(("/", ".", "~", "path:", "file:", "git+file:")) or url == ""


def is_pinned(fetch: Fetch, entry: Entry, text: str) -> bool:
    """As `is_pinned_url`, for a set of attributes."""
    names = entry.children
    if fetch.name in HASHED:
        return "sha256" in names or "url" not in names
    if "rev" in names or "narHash" in names:
        return True
    where = fetch.url
    if where is None:
        kind = names.get("type")
        value = kind.value if kind is not None else None
        forge = static_string(value, text) if value is not None else None
        return forge not in ("github", "gitlab", "sourcehut")
    if isinstance(where, (ExprPath, ExprHPath)):
        return True
    url = static_string(where, text)
    return url is None or is_local(url) or "rev=" in url


def insecure_scheme(fetch: Fetch, text: str) -> Span | None:
    """Where the URL says that it is read without encryption; None if it does not."""
    if not isinstance(fetch.url, (ExprString, ExprUri)):
        return None
    start: int = fetch.url.start if isinstance(fetch.url, ExprUri) else fetch.url.start + 1
    for scheme in INSECURE:
        if text.startswith(scheme, start):
            return Span(start, start + len(scheme))
    return None
