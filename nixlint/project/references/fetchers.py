"""The fetchers of Nix: which attributes each has, and how each reads a URL.

Rules from `src/libfetchers` of Nix 2.36. What Nix 2.8 does differently:

- no type `file`, and `tarball` only where the path ends like an archive;
- no `lfs`, `exportIgnore`, `verifyCommit` and public keys of git; `submodules` and `shallow` are
  the only flags it reads from a URL;
- forges ignore parameters they do not know, and allow fewer characters in a branch's name;
- a flake reference without a scheme is a path relative to the current directory.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.project.references.git_names import is_legal_ref_name
from nixlint.project.references.hashes import HashError, parse_hash, parse_sri
from nixlint.project.references.url import (
    Authority,
    ParsedUrl,
    UrlError,
    UrlPart,
    parse_git_url,
    parse_url,
    path_of_segments,
    render_url,
    segments_of_path,
)

Attr = str | int | bool
Range = tuple[int, int]

FORGES: Final = ("github", "gitlab", "sourcehut")
FORGE_HOSTS: Final = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}

_FORGE_ATTRS: Final = frozenset(
    ("owner", "repo", "ref", "rev", "narHash", "lastModified", "host", "treeHash")
)
_CURL_ATTRS: Final = frozenset(
    ("url", "narHash", "name", "unpack", "rev", "revCount", "lastModified")
)
ALLOWED: Final[dict[str, frozenset[str]]] = {
    "file": _CURL_ATTRS,
    "git": frozenset(
        (
            "url", "ref", "rev", "shallow", "submodules", "lfs", "exportIgnore", "lastModified",
            "revCount", "narHash", "allRefs", "name", "dirtyRev", "dirtyShortRev", "verifyCommit",
            "keytype", "publicKey", "publicKeys",
        )
    ),
    "github": _FORGE_ATTRS,
    "gitlab": _FORGE_ATTRS,
    "hg": frozenset(("url", "ref", "rev", "revCount", "narHash", "name")),
    "indirect": frozenset(("id", "ref", "rev", "narHash")),
    "path": frozenset(("path", "rev", "revCount", "lastModified", "narHash")),
    "sourcehut": _FORGE_ATTRS,
    "tarball": _CURL_ATTRS,
}  # fmt: skip
"""The attributes of every type, besides `type` and `dir`."""
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "file": ("url",),
    "git": ("url",),
    "github": ("owner", "repo"),
    "gitlab": ("owner", "repo"),
    "hg": ("url",),
    "indirect": ("id",),
    "path": ("path",),
    "sourcehut": ("owner", "repo"),
    "tarball": ("url",),
}
BOOLEANS: Final = frozenset(
    ("shallow", "submodules", "lfs", "exportIgnore", "allRefs", "verifyCommit")
)
INTEGERS: Final = frozenset(("lastModified", "revCount"))
STRINGS: Final = frozenset(
    ("url", "owner", "repo", "ref", "rev", "host", "path", "id", "narHash", "dir", "keytype",
     "publicKey", "publicKeys", "name")
)  # fmt: skip

ARCHIVE_ENDINGS: Final = (
    ".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst"
)  # fmt: skip

_FORGE_PARAMETERS: Final = frozenset(("ref", "rev", "host", "narHash", "dir"))
_PATH_PARAMETERS: Final = frozenset(("rev", "revCount", "lastModified", "narHash", "dir"))
_ID = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*")
_REV = re.compile(r"[0-9a-fA-F]{40}")
_HOST = re.compile(r"[a-zA-Z0-9.-]*")
_HG_REF = re.compile(r"[a-zA-Z0-9@][a-zA-Z0-9_.\/@+-]*")
_GIT_WORDS: Final = ("rev", "ref", "keytype", "publicKey", "publicKeys")
_HG_SCHEMES: Final = ("hg+http", "hg+https", "hg+ssh", "hg+file")
_TRANSPORTS: Final = ("file", "http", "https")
_LARGEST: Final = 2**64 - 1
_BETTER_NAMES: Final = {
    "branch": "ref", "tag": "ref", "commit": "rev", "revision": "rev", "hash": "narHash",
    "sha256": "narHash", "subdir": "dir", "directory": "dir", "submodule": "submodules",
}  # fmt: skip


class AttrError(Exception):
    """An attribute that Nix does not accept. `attr` is its name, "" for none in particular."""

    def __init__(self, message: str, attr: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.attr = attr


class UrlAttrs:
    """The attributes a URL stands for, and where in it each of them is written."""

    def __init__(self, kind: str) -> None:
        self.attrs: dict[str, Attr] = {"type": kind}
        self.places: dict[str, Range] = {}

    def put(self, name: str, value: Attr, part: UrlPart) -> None:
        self.attrs[name] = value
        self.places[name] = (part.start, part.end)


def read_url(url: ParsedUrl, is_flake: bool) -> UrlAttrs:
    """The attributes of a URL without `dir`. Raises `UrlError`, or `AttrError` for a value.

    `is_flake` decides between a tarball and a plain file where the URL does not.
    """
    scheme = url.scheme
    if scheme in FORGES:
        return _forge(url)
    if scheme == "git" or url.application == "git":
        return _git(url)
    if scheme in _HG_SCHEMES:
        return _mercurial(url)
    if scheme == "path":
        return _path(url)
    if scheme == "flake":
        return _indirect(url)
    kind = _curl_kind(url, is_flake)
    if kind is not None:
        return _curl(url, kind)
    raise UrlError(_unsupported(url), 0, len(scheme))


def _unsupported(url: ParsedUrl) -> str:
    scheme = url.scheme
    message = f"URLs that begin with '{scheme}:' are not supported"
    lower = scheme.lower()
    if scheme == "file+git":
        return f"{message}; did you mean 'git+file:'?"
    if lower != scheme:
        return f"{message}; schemes are written in lower case: '{lower}:'"
    if scheme == "ssh":
        return f"{message}; did you mean 'git+ssh:'?"
    if scheme in ("hg", "mercurial"):
        return f"{message}; did you mean 'hg+https:'?"
    if scheme in ("gh", "codeberg", "bitbucket", "srht", "sr.ht"):
        known = {"gh": "github:", "srht": "sourcehut:", "sr.ht": "sourcehut:"}
        return f"{message}; did you mean '{known.get(scheme, 'git+https:')}'?"
    return message


def _words(url: ParsedUrl) -> list[UrlPart]:
    """The segments of the path that are not empty."""
    return [part for part in url.segments if part.text]


def better_name(name: str, known: frozenset[str]) -> str:
    """What somebody who wrote `name` likely meant, as the end of a message; "" if unclear."""
    better = _BETTER_NAMES.get(name)
    if better is None or better not in known:
        from difflib import get_close_matches

        better = next(iter(get_close_matches(name, sorted(known), 1, 0.7)), None)
    return f"; did you mean '{better}'?" if better is not None else ""


def _unknown_parameter(name: str, part: UrlPart, what: str, known: frozenset[str]) -> UrlError:
    hint = better_name(name, known)
    return UrlError(f"{what} has no parameter '{name}'{hint}", part.key_start, part.end)


def _forge(url: ParsedUrl) -> UrlAttrs:
    out = UrlAttrs(url.scheme)
    words = _words(url)
    if len(words) < 2:
        missing = "an owner and a repository" if not words else "a repository after the owner"
        raise UrlError(
            f"a {url.scheme} URL needs {missing}: {url.scheme}:OWNER/REPO", 0, url.path_end
        )
    if len(words) == 3:
        out.put("rev" if _REV.fullmatch(words[2].text) else "ref", words[2].text, words[2])
    elif len(words) > 3:
        ref = "/".join([part.text for part in words[2:]])
        out.put("ref", ref, UrlPart(ref, words[2].start, words[-1].end))
    for name, part in url.query.items():
        if name in ("rev", "ref"):
            if name in out.attrs:
                what = "commit hash" if name == "rev" else "branch or tag"
                raise UrlError(f"the URL gives two values for the {what}", part.key_start, part.end)
            out.put(name, part.text, part)
        elif name in ("host", "narHash"):
            out.put(name, part.text, part)
        else:
            raise _unknown_parameter(name, part, f"a {url.scheme} URL", _FORGE_PARAMETERS)
    out.put("owner", words[0].text, words[0])
    out.put("repo", words[1].text, words[1])
    return out


def _git(url: ParsedUrl) -> UrlAttrs:
    out = UrlAttrs("git")
    rest: dict[str, str] = {}
    for name, part in url.query.items():
        if name in _GIT_WORDS:
            out.put(name, part.text, part)
        elif name in BOOLEANS:
            out.put(name, part.text == "1", part)
        else:
            rest[name] = part.text
    segments = [part.text for part in url.segments]
    text = render_url(url.scheme, url.authority, segments, rest, url.fragment)
    try:
        # An opaque path after the scheme is read once more, as scp would read it.
        out.attrs["url"] = parse_git_url(text).render()
    except UrlError as error:
        raise UrlError(error.message, 0, url.path_end) from None
    out.places["url"] = (0, url.path_end)
    return out


def _mercurial(url: ParsedUrl) -> UrlAttrs:
    out = UrlAttrs("hg")
    rest: dict[str, str] = {}
    for name, part in url.query.items():
        if name in ("rev", "ref"):
            out.put(name, part.text, part)
        else:
            rest[name] = part.text
    segments = [part.text for part in url.segments]
    out.attrs["url"] = render_url(url.transport, url.authority, segments, rest, url.fragment)
    out.places["url"] = (0, url.path_end)
    return out


def _path(url: ParsedUrl) -> UrlAttrs:
    if url.authority is not None and url.authority.host:
        raise UrlError(
            f"a path: URL has no host, but this one has '{url.authority.render()}'; "
            "write path:./DIR or path:/DIR",
            url.authority.start,
            url.authority.end,
        )
    if url.path_start == url.path_end:
        raise UrlError("the path is missing; the flake itself is written '.'", 0, url.path_end)
    out = UrlAttrs("path")
    out.attrs["path"] = path_of_segments(url.segments)
    out.places["path"] = (url.path_start, url.path_end)
    for name, part in url.query.items():
        if name in ("rev", "narHash"):
            out.put(name, part.text, part)
        elif name in INTEGERS:
            number = natural_number(part.text)
            if number is None:
                raise UrlError(
                    f"parameter '{name}' must be a number, not '{part.text}'", part.start, part.end
                )
            out.put(name, number, part)
        else:
            error = _unknown_parameter(name, part, "a path", _PATH_PARAMETERS)
            if name == "ref":
                advice = "; a branch of a registry entry is written NAME/BRANCH"
                raise UrlError(error.message + advice, error.start, error.end)
            raise error
    return out


def natural_number(text: str) -> int | None:
    """The number that decimal digits write, if it fits 64 bits."""
    digits = text.removeprefix("+")
    if not digits or len(digits) > 40 or not (digits.isascii() and digits.isdigit()):
        return None
    number = int(digits)
    return number if number <= _LARGEST else None


def _indirect(url: ParsedUrl) -> UrlAttrs:
    out = UrlAttrs("indirect")
    words = _words(url)
    if not words or len(words) > 3:
        raise UrlError(
            "a registry reference is written flake:NAME, flake:NAME/REF or flake:NAME/REF/REV",
            url.path_start,
            url.path_end,
        )
    if not _ID.fullmatch(words[0].text):
        raise UrlError(
            f"'{words[0].text}' is not the name of a registry entry", words[0].start, words[0].end
        )
    out.put("id", words[0].text, words[0])
    if len(words) == 2 and _REV.fullmatch(words[1].text):
        out.put("rev", words[1].text.lower(), words[1])
    elif len(words) > 1:
        if not is_legal_ref_name(words[1].text):
            what = "a branch or tag" if len(words) == 3 else "a commit hash, a branch or a tag"
            raise UrlError(f"'{words[1].text}' is not {what}", words[1].start, words[1].end)
        out.put("ref", words[1].text, words[1])
    if len(words) == 3:
        if not _REV.fullmatch(words[2].text):
            raise UrlError(
                f"'{words[2].text}' is not a commit hash (40 hexadecimal digits)",
                words[2].start,
                words[2].end,
            )
        out.put("rev", words[2].text.lower(), words[2])
    return out


def _curl_kind(url: ParsedUrl, is_flake: bool) -> str | None:
    if url.transport not in _TRANSPORTS:
        return None
    if url.application is not None:
        return url.application if url.application in ("file", "tarball") else None
    if is_flake or (url.segments and url.segments[-1].text.endswith(ARCHIVE_ENDINGS)):
        return "tarball"
    return "file"


def _curl(url: ParsedUrl, kind: str) -> UrlAttrs:
    out = UrlAttrs(kind)
    rest: dict[str, str] = {}
    for name, part in url.query.items():
        if name in ("narHash", "rev"):
            out.put(name, part.text, part)
        elif name in INTEGERS:
            number = natural_number(part.text)
            if number is not None:
                out.put(name, number, part)
        elif name not in _CURL_ATTRS:
            rest[name] = part.text
    segments = [part.text for part in url.segments]
    out.attrs["url"] = render_url(url.transport, url.authority, segments, rest, url.fragment)
    out.places["url"] = (0, url.path_end)
    return out


def check_attrs(attrs: dict[str, Attr]) -> None:
    """Check attributes (without `dir`) as Nix does when it reads or fetches. Raises `AttrError`.

    Nix 2.36 looks at a few of them (`rev` of git, `narHash`) only when it fetches; an input that
    cannot be fetched is as wrong as one that cannot be read, so they are checked here, too.
    """
    if "type" not in attrs:
        raise AttrError("the attribute 'type' is missing")
    kind = attrs["type"]
    if not isinstance(kind, str):
        raise AttrError("attribute 'type' must be a string", "type")
    allowed = ALLOWED.get(kind)
    if allowed is None:
        known = ", ".join(ALLOWED)
        hint = "; did you mean 'hg'?" if kind == "mercurial" else ""
        raise AttrError(f"there is no type '{kind}' of inputs (known: {known}){hint}", "type")
    for name in sorted(attrs):
        if name != "type" and name != "__final" and name not in allowed:
            hint = better_name(name, allowed | {"dir", "type"})
            raise AttrError(f"inputs of type '{kind}' have no attribute '{name}'{hint}", name)
    for name, value in attrs.items():
        if name in STRINGS and not isinstance(value, str):
            raise AttrError(f"attribute '{name}' must be a string", name)
        if name in BOOLEANS and not isinstance(value, bool):
            raise AttrError(f"attribute '{name}' must be true or false", name)
        if name in INTEGERS and (isinstance(value, bool) or not isinstance(value, int)):
            raise AttrError(f"attribute '{name}' must be an integer", name)
        if name in INTEGERS and isinstance(value, int) and value < 0:
            raise AttrError(f"attribute '{name}' must not be negative", name)
    for name in REQUIRED[kind]:
        if name not in attrs:
            raise AttrError(f"inputs of type '{kind}' need the attribute '{name}'")
    _check_values(kind, attrs)


def text_of(attrs: dict[str, Attr], name: str) -> str | None:
    """A string attribute; None when it is absent or no string."""
    value = attrs.get(name)
    return value if isinstance(value, str) else None


def _check_values(kind: str, attrs: dict[str, Attr]) -> None:
    ref, rev = text_of(attrs, "ref"), text_of(attrs, "rev")
    if kind in FORGES:
        if ref is not None and rev is not None:
            raise AttrError(
                f"the input has both a commit hash ('{rev}') and a branch or tag ('{ref}')", "ref"
            )
        host = text_of(attrs, "host")
        if host is not None and not _HOST.fullmatch(host):
            raise AttrError(f"'{host}' is not the name of a host", "host")
    elif kind == "indirect":
        name = text_of(attrs, "id")
        if name is not None and not _ID.fullmatch(name):
            raise AttrError(f"'{name}' is not the name of a registry entry", "id")
    elif kind == "hg":
        if ref is not None and not _HG_REF.fullmatch(ref):
            raise AttrError(f"'{ref}' is not the name of a Mercurial branch or tag", "ref")
    if ref is not None and (kind in FORGES or kind == "git") and not is_legal_ref_name(ref):
        raise AttrError(f"'{ref}' is not the name of a branch or tag", "ref")
    if rev is not None and kind not in ("path", "file", "tarball"):
        _check_rev(rev, kind)
    nar_hash = text_of(attrs, "narHash")
    if nar_hash:
        try:
            if parse_sri(nar_hash).algorithm != "sha256":
                raise AttrError("narHash must be a sha256 hash", "narHash")
        except HashError as error:
            raise AttrError(f"invalid narHash: {error}", "narHash") from None
    url = text_of(attrs, "url")
    if url is not None:
        try:
            if kind == "git":
                parse_git_url(url)
            else:
                parse_url(url)
        except UrlError as wrong:
            raise AttrError(wrong.message, "url") from None


def _check_rev(rev: str, kind: str) -> None:
    try:
        if kind in FORGES:
            parse_hash(rev, "sha1")
        else:
            named = rev.partition(":")[0] if ":" in rev else "sha1"
            parse_hash(rev, named if named == "sha256" else "sha1")
    except HashError:
        hint = ""
        if 4 <= len(rev) < 40 and re.fullmatch(r"[0-9a-fA-F]+", rev):
            hint = "; it must be written in full"
        elif not re.fullmatch(r"[0-9a-fA-F]*", rev) and is_legal_ref_name(rev):
            hint = "; a branch or tag is given by 'ref'"
        message = f"'{rev}' is not a commit hash (40 hexadecimal digits){hint}"
        raise AttrError(message, "rev") from None


def full_rev(rev: str) -> str:
    """A commit hash in lower-case hexadecimal digits; as it is when it is none."""
    try:
        return parse_hash(rev, "" if rev.startswith("sha256:") else "sha1").base16
    except HashError:
        return rev


def render_attrs(attrs: dict[str, Attr], subdir: str) -> str:
    """The URL that Nix writes for attributes. Raises `AttrError` or `UrlError`."""
    check_attrs(attrs)
    kind = str(attrs["type"])
    ref, rev = text_of(attrs, "ref"), text_of(attrs, "rev")
    authority: Authority | None = None
    query: dict[str, str] = {}
    scheme = kind
    if kind in FORGES or kind == "indirect":
        if kind == "indirect":
            scheme = "flake"
            segments = [str(attrs["id"])]
        else:
            segments = [str(attrs["owner"]), str(attrs["repo"])]
            query = _sri_query(attrs)
            if "host" in attrs:
                query["host"] = str(attrs["host"])
        if ref is not None:
            segments.append(ref)
        if rev is not None:
            segments.append(full_rev(rev))
    elif kind == "path":
        segments = segments_of_path(str(attrs["path"]))
        for name, value in attrs.items():
            if name not in ("type", "path", "__final"):
                query[name] = str(value)
    else:
        url = parse_git_url(str(attrs["url"])) if kind == "git" else parse_url(str(attrs["url"]))
        segments = [part.text for part in url.segments]
        authority = url.authority
        query = {name: part.text for name, part in url.query.items()}
        scheme = url.scheme
        if kind in ("git", "hg"):
            scheme = scheme if kind == "git" and scheme == "git" else f"{kind}+{scheme}"
            if rev is not None:
                query["rev"] = full_rev(rev)
            if ref is not None:
                query["ref"] = ref
            for name in ("shallow", "lfs", "submodules", "exportIgnore", "verifyCommit"):
                if attrs.get(name) is True:
                    query[name] = "1"
            for name in ("keytype", "publicKey", "publicKeys"):
                if name in attrs:
                    query[name] = str(attrs[name])
        else:
            query.update(_sri_query(attrs))
    if subdir and "dir" not in query:
        query["dir"] = subdir
    return render_url(scheme, authority, segments, query)


def _sri_query(attrs: dict[str, Attr]) -> dict[str, str]:
    nar_hash = text_of(attrs, "narHash")
    if not nar_hash:
        return {}
    return {"narHash": parse_sri(nar_hash).sri}
