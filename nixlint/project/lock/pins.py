"""Pins outside flake.lock: what npins and niv wrote, and the type that pins in code share.

Formats from the sources of npins (`sources.json` of versions 3 to 8; older ones are read as far as
they are alike) and niv (`nix/sources.json`, which has no version). Offsets are code points.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.diagnostics.model import Note
from nixlint.project.lock.json_text import OBJECT, JsonMember, JsonValue, read_json
from nixlint.project.references.fetchers import Attr
from nixlint.project.references.flake_ref import identity
from nixlint.project.references.hashes import HashError, parse_hash
from nixlint.text.span import Span

NPINS: Final = "npins"
NIV: Final = "niv"
NPINS_VERSIONS: Final = (3, 4, 5, 6, 7, 8)
"""The versions of npins' format that are known wholly; newer ones are read all the same."""
NPINS_TYPES: Final = (
    "Git", "GitRelease", "PyPi", "Channel", "Tarball", "Url", "MutableUrl", "Container"
)  # fmt: skip
NIV_TYPES: Final = ("file", "tarball", "git", "local", "builtin-tarball", "builtin-url")

_REV = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class Pin:
    """One source that somebody fixed, or tried to.

    `origin` is `npins`, `niv` or the name of a fetcher in code; `name` is the key in the file, or
    the attribute a call is bound to, "" if there is none. `attrs` holds what is written out (for
    npins the members of `repository` too, as `repository.owner`), `attr_spans` where the values
    stand. `source` says the same in the attributes of a flake reference, as far as it can be said.
    """

    def __init__(self, origin: str, name: str, path: str, span: Span, name_span: Span) -> None:
        self.origin = origin
        self.name = name
        self.path = path
        self.span = span
        self.name_span = name_span
        self.kind = ""
        """The type that npins or niv gives it; empty for pins in code."""
        self.attrs: dict[str, Attr] = {}
        self.attr_spans: dict[str, Span] = {}
        self.unknown: set[str] = set()
        """Attributes that are there, but with a value that is not written out."""
        self.open = False
        """Whether there may be more attributes than we see."""
        self.source: dict[str, Attr] = {}
        self.url = ""
        self.ref = ""
        self.rev = ""
        self.version = ""
        self.hash = ""
        self.hash_attr = ""
        """The attribute that holds the hash, known or not; empty without one."""
        self.hash_error = ""
        """Why the hash is none; empty when it is one, or not known."""
        self.frozen = False
        self.placeholder = False
        """Whether the hash only stands in for one not known yet."""
        self.pinned: bool | None = None
        """Whether it is certain what is fetched; None when that depends on what we do not see."""

    @property
    def identity(self) -> str | None:
        """The repository, as `flake_ref.identity` names it; None when it is not known."""
        return identity(self.source) if self.source else None

    def span_of(self, name: str) -> Span:
        """Where the value of an attribute stands; the name of the pin when it has none."""
        return self.attr_spans.get(name, self.name_span)

    def check_hash(self) -> None:
        """Set `hash_error` and `placeholder` from `hash`."""
        if not self.hash:
            return
        algorithm = self.hash_attr if self.hash_attr in ("sha256", "sha512", "sha1", "md5") else ""
        if not algorithm and "-" not in self.hash and ":" not in self.hash:
            algorithm = "sha256"
        try:
            self.placeholder = parse_hash(self.hash, algorithm).is_placeholder
        except HashError as error:
            self.hash_error = str(error)

    def __repr__(self) -> str:
        return f"Pin({self.origin!r}, {self.name!r}, {self.identity!r}, pinned={self.pinned})"


class PinProblem:
    """What is wrong with a file of pins: `kind` is `syntax`, `conflict`, `duplicate-key`,
    `version`, `shape`, `invalid-hash` or `invalid-rev`.
    """

    __slots__ = ("kind", "message", "span", "notes")

    def __init__(
        self, kind: str, message: str, span: Span, notes: list[Note] | None = None
    ) -> None:
        self.kind = kind
        self.message = message
        self.span = span
        self.notes: list[Note] = notes if notes is not None else []

    def __repr__(self) -> str:
        return f"PinProblem({self.kind!r}, {self.message!r}, {self.span!r})"


class PinFile:
    """A file of npins or niv; `tool` says whose. `version` is None for niv, or when not said."""

    def __init__(self, path: str, text: str, tool: str) -> None:
        self.path = path
        self.text = text
        self.tool = tool
        self.version: int | None = None
        self.pins: dict[str, Pin] = {}
        self.problems: list[PinProblem] = []


def is_full_rev(rev: str) -> bool:
    """Whether `rev` is a commit hash, written in full."""
    return _REV.fullmatch(rev) is not None


def read_pins(text: str, path: str) -> PinFile | None:
    """Read a `sources.json`; None when it is neither npins' nor niv's. Never raises.

    A broken file counts as npins' or niv's by its directory, or by what can be read of it.
    """
    document = read_json(text)
    value = document.value
    parts = path.replace("\\", "/").split("/")
    folder = parts[-2] if len(parts) > 1 else ""
    if value is not None and value.kind == OBJECT and _is_npins(value):
        tool = NPINS
    elif value is not None and value.kind == OBJECT and _is_niv(value):
        tool = NIV
    elif document.errors and folder == "npins":
        tool = NPINS
    elif document.errors and folder == "nix" and parts[-1] == "sources.json":
        tool = NIV
    else:
        return None
    out = PinFile(path, text, tool)
    for error in document.errors:
        kind = {"conflict": "conflict", "duplicate": "duplicate-key"}.get(error.kind, "syntax")
        notes = [Note("first here", error.first)] if kind == "duplicate-key" else []
        out.problems.append(PinProblem(kind, error.message, error.span, notes))
    if value is not None:
        if tool == NPINS:
            _read_npins(out, value, not document.errors)
        else:
            for member in value.members.values():
                _read_niv_pin(out, member)
    out.problems.sort(key=_start_of)
    return out


def _start_of(problem: PinProblem) -> int:
    return problem.span.start


def _is_npins(value: JsonValue) -> bool:
    pins = value.get("pins")
    if pins is None or pins.kind != OBJECT:
        return False
    if value.get("version") is not None:
        return True
    first = next(iter(pins.members.values()), None)
    return first is not None and first.value.text_at("type") in NPINS_TYPES


def _is_niv(value: JsonValue) -> bool:
    """Whether all members look like niv's: a known type, and where to fetch from."""
    if not value.members:
        return False
    for member in value.members.values():
        pin = member.value
        if pin.get("url_template") is not None:
            continue
        if pin.text_at("type") not in NIV_TYPES:
            return False
        if not (pin.get("url") or pin.get("repo") or pin.get("path")):
            return False
    return True


def _copy_attrs(pin: Pin, value: JsonValue, prefix: str = "") -> None:
    for key, member in value.members.items():
        scalar = member.value.scalar
        if isinstance(scalar, (str, bool, int)):
            pin.attrs[prefix + key] = scalar
            pin.attr_spans[prefix + key] = member.value.span


def _text(pin: Pin, *names: str) -> str:
    """The first of some attributes that is a text with something in it."""
    for name in names:
        value = pin.attrs.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def _read_npins(out: PinFile, value: JsonValue, complete: bool) -> None:
    version = value.get("version")
    if version is not None and isinstance(version.scalar, int):
        out.version = version.scalar
    known = f"{NPINS_VERSIONS[0]} to {NPINS_VERSIONS[-1]}"
    if version is None:
        if complete:
            span = Span(value.start, value.start + 1)
            message = f"the file does not say its version ({known} are known)"
            out.problems.append(PinProblem("version", message, span))
    elif out.version is None or out.version not in NPINS_VERSIONS:
        message = f"version {version.scalar} of npins' format is not known (only {known})"
        out.problems.append(PinProblem("version", message, version.span))
    pins = value.get("pins")
    if pins is None:
        return
    for member in pins.members.values():
        _read_npins_pin(out, member)


def _read_npins_pin(out: PinFile, member: JsonMember) -> None:
    value = member.value
    pin = Pin(NPINS, member.key, out.path, value.span, member.key_span)
    out.pins[member.key] = pin
    if value.kind != OBJECT:
        message = f"pin '{member.key}' must be an object"
        out.problems.append(PinProblem("shape", message, value.span))
        return
    _copy_attrs(pin, value)
    repository = value.get("repository")
    if repository is not None:
        _copy_attrs(pin, repository, "repository.")
    pin.kind = _text(pin, "type")
    if pin.kind not in NPINS_TYPES:
        what = f"unknown type '{pin.kind}'" if pin.kind else "no type"
        known = ", ".join(NPINS_TYPES)
        message = f"pin '{pin.name}' has {what} (known: {known})"
        out.problems.append(PinProblem("shape", message, pin.span_of("type")))
    pin.url = _text(pin, "locked_url", "url", "repository.url")
    pin.ref = _text(pin, "branch")
    pin.rev = _text(pin, "revision")
    pin.version = _text(pin, "version", "image_tag")
    pin.hash = _text(pin, "hash")
    pin.hash_attr = "hash" if pin.hash else ""
    pin.frozen = pin.attrs.get("frozen") is True
    pin.source = _source_of_npins(pin)
    pin.pinned = bool(pin.hash) or is_full_rev(pin.rev) or bool(_text(pin, "image_digest"))
    _check(out, pin, pin.rev, "revision")


def _source_of_npins(pin: Pin) -> dict[str, Attr]:
    source: dict[str, Attr] = {}
    kind = _text(pin, "repository.type")
    owner, repo = _text(pin, "repository.owner"), _text(pin, "repository.repo")
    server = _text(pin, "repository.server")
    if kind == "GitHub" and owner and repo:
        source = {"type": "github", "owner": owner, "repo": repo}
    elif kind == "GitLab":
        group, _, name = _text(pin, "repository.repo_path").rpartition("/")
        source = {"type": "gitlab", "owner": group, "repo": name}
        host = server.removeprefix("https://").removeprefix("http://").strip("/")
        if host and host != "gitlab.com":
            source["host"] = host
    elif kind == "Forgejo" and server and owner and repo:
        source = {"type": "git", "url": f"{server.rstrip('/')}/{owner}/{repo}.git"}
    elif kind == "Git" and _text(pin, "repository.url"):
        source = {"type": "git", "url": _text(pin, "repository.url")}
    elif pin.kind == "Channel" and _text(pin, "name"):
        url = f"https://channels.nixos.org/{_text(pin, 'name')}/nixexprs.tar.xz"
        source = {"type": "tarball", "url": url}
    elif pin.kind in ("Tarball", "Url", "MutableUrl") and pin.url:
        source = {"type": "tarball", "url": _text(pin, "url")}
    if source and pin.rev:
        source["rev"] = pin.rev
    return source


def _read_niv_pin(out: PinFile, member: JsonMember) -> None:
    value = member.value
    pin = Pin(NIV, member.key, out.path, value.span, member.key_span)
    out.pins[member.key] = pin
    if value.kind != OBJECT:
        message = f"source '{member.key}' must be an object"
        out.problems.append(PinProblem("shape", message, value.span))
        return
    _copy_attrs(pin, value)
    pin.kind = _text(pin, "type")
    if pin.kind and pin.kind not in NIV_TYPES:
        message = f"source '{pin.name}' has unknown type '{pin.kind}'"
        out.problems.append(PinProblem("shape", message, pin.span_of("type")))
    is_git = pin.kind == "git"
    # The `repo` of a git source is a URL, that of others the name of a GitHub repository.
    pin.url = _text(pin, "repo", "url") if is_git else _text(pin, "url")
    pin.ref = _text(pin, "ref", "branch") if is_git else _text(pin, "branch", "ref")
    pin.rev = _text(pin, "rev")
    pin.version = _text(pin, "version")
    pin.hash = _text(pin, "sha256")
    pin.hash_attr = "sha256" if pin.hash else ""
    if is_git:
        pin.source = {"type": "git", "url": pin.url} if pin.url else {}
        pin.pinned = is_full_rev(pin.rev)
    elif pin.kind != "local":
        pin.source = {"type": "tarball", "url": pin.url} if pin.url else {}
        owner, repo = _text(pin, "owner"), _text(pin, "repo")
        template = _text(pin, "url_template")
        if owner and repo and template.startswith("https://github.com/<owner>/<repo>/"):
            pin.source = {"type": "github", "owner": owner, "repo": repo}
        pin.pinned = bool(pin.hash)
    if pin.rev and pin.source:
        pin.source["rev"] = pin.rev
    _check(out, pin, pin.rev if is_git else "", "rev")


def _check(out: PinFile, pin: Pin, rev: str, rev_attr: str) -> None:
    """Report a hash or a commit hash that is none."""
    pin.check_hash()
    if pin.hash_error:
        message = f"invalid hash of '{pin.name}': {pin.hash_error}"
        out.problems.append(PinProblem("invalid-hash", message, pin.span_of(pin.hash_attr)))
    if rev and not is_full_rev(rev):
        message = f"'{rev}' is not a commit hash (40 hexadecimal digits)"
        out.problems.append(PinProblem("invalid-rev", message, pin.span_of(rev_attr)))
