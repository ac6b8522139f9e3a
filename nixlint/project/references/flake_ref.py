"""Flake references: what `inputs.x.url` means, as attributes.

The attributes are exactly those Nix writes as `original` in flake.lock. Rules from
`src/libflake/flakeref.cc` and `src/libfetchers` of Nix 2.36; what Nix 2.8 does differently stands
in `fetchers.py`. In three ways this is stricter than Nix, each time about what cannot work:

- A text that begins with a scheme but is no URL of that scheme (`github:owner`) is an error here.
  Nix then takes the whole text for a relative path, and fails later, since there is none.
- A text without a path, which Nix takes for `/`, is an error, and so is `user@host:path`, and a
  blank before a URL.
- A commit hash or narHash that is none is an error at once, not when it is fetched.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.project.references.fetchers import (
    ALLOWED,
    BOOLEANS,
    FORGE_HOSTS,
    FORGES,
    INTEGERS,
    Attr,
    AttrError,
    Range,
    UrlAttrs,
    check_attrs,
    natural_number,
    read_url,
    render_attrs,
    text_of,
)
from nixlint.project.references.url import (
    ParsedUrl,
    UrlError,
    UrlPart,
    has_scheme,
    join_path,
    parse_git_url,
    parse_query,
    parse_url,
    percent_decode,
    render_url,
    segments_of_path,
    split_segments,
)

__all__ = [
    "Attr", "FlakeRef", "FlakeRefError", "canonical", "identity", "parse_flake_ref",
    "ref_from_attrs", "render_ref",
]  # fmt: skip

_REF: Final = r"[a-zA-Z0-9@][a-zA-Z0-9_.\/@+-]*"
_FRAGMENT: Final = r"(?:[a-zA-Z0-9\-._~!$&'\"()*+,;=:@/? ^]|%[0-9a-fA-F]{2})*"
_ID_REF = re.compile(rf"([a-zA-Z][a-zA-Z0-9_-]*(?:/{_REF})?)(?:#({_FRAGMENT}))?")
_PATH_REF = re.compile(r"([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCP = re.compile(r"[^/?#:]*@[^/?#:]*:")
_ARCHIVE = re.compile(r"/([^/]+)/([^/]+)/(?:-/)?(?:archive|tarball|zipball)(?:/|\Z)")
_FLAKEHUB = re.compile(r"/(?:f|flake)/(?:pinned/)?([^/]+)/([^/]+)(?:/|\Z)")
_CHANNEL_HOSTS: Final = ("channels.nixos.org", "releases.nixos.org")
_NIXPKGS_CHANNEL = re.compile(r"/(?:channels/)?(?:nixos|nixpkgs)[-/]")


class FlakeRefError(Exception):
    """What is wrong with a flake reference.

    `start` and `end` are offsets (code points) inside the URL, 0 and 0 in attribute form;
    `attr` is the attribute that is wrong, "" if none in particular.
    """

    def __init__(self, message: str, start: int = 0, end: int = 0, attr: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end
        self.attr = attr


class FlakeRef:
    """A flake reference.

    `attrs` holds `type`, `dir` and what the type has; `fragment` what follows the `#`, decoded.
    `places` says where in the URL an attribute stands (start and end), if it stands there.
    """

    def __init__(
        self, attrs: dict[str, Attr], fragment: str = "", places: dict[str, Range] | None = None
    ) -> None:
        self.attrs = attrs
        self.fragment = fragment
        self.places: dict[str, Range] = places if places is not None else {}

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, FlakeRef)
            and self.attrs == other.attrs
            and self.fragment == other.fragment
        )

    def __hash__(self) -> int:
        return hash((tuple(sorted(self.attrs.items(), key=_name)), self.fragment))

    def __repr__(self) -> str:
        return f"FlakeRef({self.attrs!r}, {self.fragment!r})"

    def _text(self, name: str) -> str:
        return text_of(self.attrs, name) or ""

    @property
    def kind(self) -> str:
        """The type: `github`, `git`, `tarball`, `path`, `indirect` …"""
        return self._text("type")

    @property
    def owner(self) -> str:
        return self._text("owner")

    @property
    def repo(self) -> str:
        return self._text("repo")

    @property
    def ref(self) -> str:
        """The branch or tag."""
        return self._text("ref")

    @property
    def rev(self) -> str:
        """The commit hash."""
        return self._text("rev")

    @property
    def host(self) -> str:
        return self._text("host")

    @property
    def url(self) -> str:
        return self._text("url")

    @property
    def dir(self) -> str:
        """The directory of flake.nix inside the source."""
        return self._text("dir")

    @property
    def id(self) -> str:
        """The name of the registry entry."""
        return self._text("id")

    @property
    def path(self) -> str:
        return self._text("path")

    @property
    def is_relative(self) -> bool:
        """Whether it is a path relative to the flake that names it."""
        return self.kind == "path" and not self.path.startswith("/")


def _name(item: tuple[str, Attr]) -> str:
    return item[0]


def parse_flake_ref(url: str, *, is_flake: bool = True, allow_fragment: bool = False) -> FlakeRef:
    """Read a URL (or an abbreviation, or a path) as `inputs.x.url` is read.

    `is_flake=False` is for inputs with `flake = false`, whose archives may be plain files.
    A fragment (`#…`) is an error, as for inputs, unless it is allowed.
    Raises `FlakeRefError`.
    """
    try:
        out = _parse(url, is_flake)
    except UrlError as error:
        start, end = error.start, min(error.end, len(url))
        if start >= end:
            start, end = 0, len(url)
        raise FlakeRefError(error.message, start, end) from None
    if not allow_fragment and out.fragment:
        start = url.find("#")
        raise FlakeRefError(f"an input cannot have a fragment ('#{out.fragment}')", start, len(url))
    return out


def _parse(text: str, is_flake: bool) -> FlakeRef:
    found = _ID_REF.fullmatch(text)
    if found is not None:
        parsed = ParsedUrl("flake")
        parsed.path_start, parsed.path_end = found.span(1)
        parsed.segments = split_segments(text, *found.span(1))
        parsed.fragment = percent_decode(found.group(2) or "")
        return _from_url(parsed, is_flake)
    if has_scheme(text):
        return _from_url(parse_url(text), is_flake)
    if text[:1].isspace() and has_scheme(text.lstrip()):
        raise UrlError("the URL begins with a blank", 0, len(text) - len(text.lstrip()))
    scp = _SCP.match(text)
    if scp is not None:
        raise UrlError(f"'{text}' is not a URL; write git+ssh://{_scp_as_url(text)}", 0, len(text))
    return _from_url(_path_form(text), is_flake)


def _scp_as_url(text: str) -> str:
    host, _, path = text.partition(":")
    return f"{host}/{path.lstrip('/')}"


def _path_form(text: str) -> ParsedUrl:
    """A path, perhaps with query and fragment. Its percent signs stand for themselves."""
    found = _PATH_REF.fullmatch(text)
    assert found is not None, "the pattern matches everything"
    for group in (2, 3):
        if found.group(group) is not None:
            bad = _BAD_PERCENT.search(text, *found.span(group))
            if bad is not None:
                at = bad.start()
                message = "'%' must be followed by two hexadecimal digits"
                raise UrlError(message, at, min(at + 3, found.end(group)))
    parsed = ParsedUrl("path")
    start, end = found.span(1)
    parsed.path_start, parsed.path_end = start, end
    parsed.segments = [UrlPart(part, start, end) for part in segments_of_path(found.group(1))]
    if found.group(2) is not None:
        parsed.query = parse_query(text, *found.span(2))
    parsed.fragment = percent_decode(found.group(3) or "")
    return parsed


def _from_url(parsed: ParsedUrl, is_flake: bool) -> FlakeRef:
    subdir = parsed.query.pop("dir", None)
    fragment = parsed.fragment
    parsed.fragment = ""
    out: UrlAttrs = read_url(parsed, is_flake)
    try:
        check_attrs(out.attrs)
    except AttrError as error:
        start, end = out.places.get(error.attr, (0, parsed.path_end))
        raise UrlError(error.message, start, end) from None
    if subdir is not None and subdir.text:
        out.put("dir", subdir.text, subdir)
    return FlakeRef(out.attrs, fragment, out.places)


def ref_from_attrs(attrs: dict[str, Attr]) -> FlakeRef:
    """The reference that attributes (`type = "github"; …`) stand for. Raises `FlakeRefError`.

    The URL of a git repository is brought into Nix's form (`git@host:path` becomes an ssh URL).
    """
    subdir = attrs.get("dir")
    if subdir is not None and not isinstance(subdir, str):
        raise FlakeRefError("attribute 'dir' must be a string", attr="dir")
    rest = {name: value for name, value in attrs.items() if name != "dir"}
    try:
        check_attrs(rest)
        if rest["type"] == "git":
            rest["url"] = parse_git_url(str(rest["url"])).render()
    except AttrError as error:
        raise FlakeRefError(error.message, attr=error.attr) from None
    except UrlError as wrong:
        raise FlakeRefError(wrong.message, attr="url") from None
    if subdir:
        rest["dir"] = subdir
    return FlakeRef(rest)


def render_ref(ref: FlakeRef) -> str:
    """The URL that Nix shows for a reference, fragment included. Raises `FlakeRefError`.

    As in Nix, a plain file's URL does not say that it is one, and `allRefs` and dates are lost.
    """
    rest = {name: value for name, value in ref.attrs.items() if name != "dir"}
    try:
        text = render_attrs(rest, ref.dir)
    except AttrError as error:
        raise FlakeRefError(error.message, attr=error.attr) from None
    except UrlError as wrong:
        raise FlakeRefError(wrong.message, attr="url") from None
    if ref.fragment:
        text += "#" + render_url("x", None, [], {}, ref.fragment).partition("#")[2]
    return text


def canonical(attrs: dict[str, Attr]) -> dict[str, Attr]:
    """Attributes in the form of Nix 2.36, so that what different versions wrote compares equal.

    Old versions left `?dir=` and flags inside `url`, percent signs in the owner of a GitLab
    repository, and doubled slashes in paths, where they took away those at the end.
    What cannot be read stays as it is. Never raises.
    """
    out = dict(attrs)
    kind = attrs.get("type")
    owner, path, url = text_of(out, "owner"), text_of(out, "path"), text_of(out, "url")
    if kind == "gitlab" and owner is not None:
        out["owner"] = percent_decode(owner)
    if kind == "path" and path:
        out["path"] = join_path(segments_of_path(path)).rstrip("/") or "/"
    if url is None:
        return out
    try:
        parsed = parse_git_url(url) if kind == "git" else parse_url(url)
    except UrlError:
        return out
    subdir = parsed.query.get("dir")
    if subdir is not None and subdir.text and subdir.text == text_of(out, "dir"):
        del parsed.query["dir"]
    for name in list(parsed.query):
        if kind == "git" and name in BOOLEANS:
            out.setdefault(name, parsed.query.pop(name).text == "1")
        elif kind in ("tarball", "file") and name in ALLOWED[kind]:
            value = parsed.query.pop(name).text
            if name in ("narHash", "rev"):
                out.setdefault(name, value)
            elif name in INTEGERS:
                number = natural_number(value)
                if number is not None:
                    out.setdefault(name, number)
    out["url"] = parsed.render()
    return out


def identity(attrs: dict[str, Attr]) -> str | None:
    """The repository behind attributes, irrespective of ref and rev; None when it has no name.

    `github:nixos/nixpkgs`, `gitlab:host/owner/repo` when the host is another one,
    `git:host/path` for other repositories, with `?dir=…` when the flake lies in a directory:
    two inputs with one identity are versions of one flake. Letters are lower case where the
    forge does not tell them apart. Never raises.
    """
    base = _repository(attrs)
    if base is None:
        return None
    subdir = (text_of(attrs, "dir") or "").strip("/")
    return f"{base}?dir={subdir}" if subdir and subdir != "." else base


def _repository(attrs: dict[str, Attr]) -> str | None:
    kind = text_of(attrs, "type") or ""
    if kind in FORGES:
        owner, repo = text_of(attrs, "owner"), text_of(attrs, "repo")
        if not owner or not repo:
            return None
        host = text_of(attrs, "host") or FORGE_HOSTS[kind]
        # The subgroups of GitLab are written `group%2Fsubgroup`.
        return _on_forge(host.lower(), percent_decode(owner), repo, kind)
    url = text_of(attrs, "url")
    if url is None:
        return None
    try:
        parsed = parse_git_url(url) if kind == "git" else parse_url(url)
    except UrlError:
        return None
    if parsed.authority is None or not parsed.authority.host:
        return None
    host = parsed.authority.host.lower()
    path = "/" + "/".join([part.text for part in parsed.segments if part.text])
    if kind in ("git", "hg"):
        words = path.removesuffix(".git").strip("/").split("/")
        if len(words) == 2 and words[0]:
            return _on_forge(host, words[0], words[1], kind)
        joined = "/".join(words)
        if not joined:
            return None
        joined = joined.lower() if host == "gitlab.com" else joined
        return f"gitlab:{joined}" if host == "gitlab.com" else f"{kind}:{host}/{joined}"
    if kind != "tarball":
        return None
    return _of_tarball(host, path)


def _of_tarball(host: str, path: str) -> str | None:
    if host in _CHANNEL_HOSTS or (host == "nixos.org" and path.startswith("/channels/")):
        return "github:nixos/nixpkgs" if _NIXPKGS_CHANNEL.match(path) else None
    if host in ("flakehub.com", "api.flakehub.com"):
        found = _FLAKEHUB.match(path)
        if found is None:
            return None
        name = f"{found.group(1)}/{found.group(2)}".lower()
        return "github:nixos/nixpkgs" if name == "nixos/nixpkgs" else f"flakehub:{name}"
    found = _ARCHIVE.match(path)
    if found is None:
        return None
    return _on_forge(host, found.group(1), found.group(2), "git")


def _on_forge(host: str, owner: str, repo: str, kind: str) -> str:
    """The identity of a repository by its host; the forges go by their short names."""
    if host == "www.github.com":
        host = "github.com"
    for forge, name in FORGE_HOSTS.items():
        if host == name:
            full = f"{owner}/{repo}"
            return f"{forge}:{full if forge == 'sourcehut' else full.lower()}"
    if kind in ("github", "gitlab"):
        return f"git:{host}/{owner}/{repo}".lower()
    return f"git:{host}/{owner}/{repo}" if kind != "hg" else f"hg:{host}/{owner}/{repo}"
