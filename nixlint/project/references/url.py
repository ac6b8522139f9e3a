"""URLs as Nix reads them (RFC 3986, with Nix's exceptions), with the place of every part.

Offsets are code points inside the URL. Decoded text may hold lone surrogates where the bytes
behind percent signs are not UTF-8. Rules from `src/libutil/url.cc` of Nix 2.36; Nix 2.8 has a
stricter idea of a path and keeps it verbatim.
"""

from __future__ import annotations

import re
from typing import Final

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=:)")
_BAD_AUTHORITY = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=%:@\[\]]")
_BAD_PATH = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=%:@/]")
_BAD_QUERY = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=%:@/?\[\] \"]")
_BAD_FRAGMENT = re.compile(r"%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=%:@/?# \"^]")
_USER_COLON = re.compile(r"[^:]*")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_ENCODED = re.compile(rb"[^A-Za-z0-9\-._~]")
_IP_FUTURE = re.compile(r"v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+\Z", re.IGNORECASE)
_SCHEMES_OF_GIT: Final = frozenset(("ssh", "http", "https", "file", "ftp", "ftps", "git"))


class UrlError(Exception):
    """What is wrong with a URL, and where in its text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = end


class UrlPart:
    """A decoded piece of a URL: a segment of the path, or the value of a parameter.

    `start` and `end` say where the encoded text stands; of a parameter `key_start` says where
    its name begins.
    """

    __slots__ = ("text", "start", "end", "key_start")

    def __init__(self, text: str, start: int, end: int, key_start: int = -1) -> None:
        self.text = text
        self.start = start
        self.end = end
        self.key_start = start if key_start < 0 else key_start


class Authority:
    """`user:password@host:port`; `host` without brackets, everything decoded."""

    __slots__ = ("user", "password", "host", "is_ip", "port", "start", "end")

    def __init__(self, host: str = "", start: int = 0, end: int = 0) -> None:
        self.host = host
        self.user: str | None = None
        self.password: str | None = None
        self.is_ip = False
        """Whether the host is an IPv6 address (or a later kind), which takes brackets."""
        self.port: int | None = None
        self.start = start
        self.end = end

    def render(self) -> str:
        out = ""
        if self.user is not None:
            out += percent_encode(self.user)
            if self.password is not None:
                out += ":" + percent_encode(self.password)
            out += "@"
        out += f"[{percent_encode(self.host, ':')}]" if self.is_ip else percent_encode(self.host)
        return out if self.port is None else f"{out}:{self.port}"


class ParsedUrl:
    """A URL in parts. A path that begins with `/` has an empty first segment."""

    __slots__ = ("scheme", "authority", "segments", "query", "fragment", "path_start", "path_end",
                 "fragment_start")  # fmt: skip

    def __init__(self, scheme: str) -> None:
        self.scheme = scheme
        self.authority: Authority | None = None
        self.segments: list[UrlPart] = []
        self.query: dict[str, UrlPart] = {}
        self.fragment = ""
        self.path_start = 0
        self.path_end = 0
        self.fragment_start = 0

    @property
    def transport(self) -> str:
        """`https` of `git+https`; the whole scheme when it has no `+`."""
        return self.scheme.partition("+")[2] if "+" in self.scheme else self.scheme

    @property
    def application(self) -> str | None:
        """`git` of `git+https`; None without a `+`."""
        return self.scheme.partition("+")[0] if "+" in self.scheme else None

    def render(self, scheme: str | None = None) -> str:
        """The URL as Nix writes it: parameters sorted, as little as possible left unencoded."""
        return render_url(
            self.scheme if scheme is None else scheme,
            self.authority,
            [part.text for part in self.segments],
            {key: part.text for key, part in self.query.items()},
            self.fragment,
        )


def render_url(
    scheme: str,
    authority: Authority | None,
    segments: list[str],
    query: dict[str, str],
    fragment: str = "",
) -> str:
    """Put a URL together from decoded parts."""
    out = scheme + ":"
    if authority is not None:
        out += "//" + authority.render()
    out += "/".join([percent_encode(segment, ":@") for segment in segments])
    if query:
        pairs = sorted(query.items(), key=_key_bytes)
        out += "?" + "&".join(
            [f"{percent_encode(key, ':@/?')}={percent_encode(value, ':@/?')}"
             for key, value in pairs]
        )  # fmt: skip
    if fragment:
        out += "#" + percent_encode(fragment)
    return out


def _key_bytes(item: tuple[str, str]) -> bytes:
    return item[0].encode("utf-8", "surrogateescape")


def percent_encode(text: str, keep: str = "") -> str:
    """`text` with everything but letters, digits, `-._~` and `keep` as `%XX` of its UTF-8."""
    kept = keep.encode("ascii")
    data = _to_bytes(text)
    out = bytearray()
    at = 0
    for found in _ENCODED.finditer(data):
        out += data[at : found.start()]
        byte = data[found.start()]
        out += bytes((byte,)) if byte in kept else b"%%%02X" % byte
        at = found.end()
    return (out + data[at:]).decode("ascii")


def percent_decode(text: str) -> str:
    """`text` with `%XX` resolved; percent signs without two digits stay."""
    if "%" not in text:
        return text
    data = _PERCENT.sub(_decoded, _to_bytes(text))
    return data.decode("utf-8", "surrogateescape")


def _decoded(found: re.Match[bytes]) -> bytes:
    return bytes((int(found.group(1), 16),))


def _to_bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def has_scheme(text: str) -> bool:
    """Whether `text` begins as a URL with a scheme does."""
    return _SCHEME.match(text) is not None


def parse_url(text: str) -> ParsedUrl:
    """Take a URL apart. Raises `UrlError`.

    As Nix does for flake references, blanks and `"` are let through in query and fragment.
    """
    found = _SCHEME.match(text)
    if found is None:
        raise UrlError(f"'{text}' has no scheme (such as 'github:')", 0, len(text))
    url = ParsedUrl(found.group())
    at = found.end() + 1
    hash_at = text.find("#", at)
    before_hash = len(text) if hash_at < 0 else hash_at
    query_at = text.find("?", at, before_hash)
    path_end = before_hash if query_at < 0 else query_at
    if text.startswith("//", at):
        start = at + 2
        end = text.find("/", start, path_end)
        end = path_end if end < 0 else end
        url.authority = parse_authority(text, start, end)
        if url.authority.host and url.transport == "file":
            raise UrlError(
                f"a file:// URL has no host, but this one has '{text[start:end]}'", start, end
            )
        at = end
    url.path_start, url.path_end = at, path_end
    _reject(_BAD_PATH, text, at, path_end, "the path of a URL")
    url.segments = split_segments(text, at, path_end)
    if at == path_end and url.transport == "file":
        url.segments.append(UrlPart("", at, at))
    if query_at >= 0:
        _reject(_BAD_QUERY, text, query_at + 1, before_hash, "the query of a URL")
        url.query = parse_query(text, query_at + 1, before_hash)
    if hash_at >= 0:
        _reject(_BAD_FRAGMENT, text, hash_at + 1, len(text), "the fragment of a URL")
        url.fragment = percent_decode(text[hash_at + 1 :])
    url.fragment_start = before_hash
    return url


def _reject(bad: re.Pattern[str], text: str, start: int, end: int, where: str) -> None:
    found = bad.search(text, start, end)
    if found is None:
        return
    at = found.start()
    if text[at] == "%":
        raise UrlError("'%' must be followed by two hexadecimal digits", at, min(at + 3, end))
    char = "a blank" if text[at] == " " else f"'{text[at]}'"
    code = percent_encode(text[at])
    raise UrlError(f"{char} is not allowed in {where}; write it as {code}", at, at + 1)


def split_segments(text: str, start: int, end: int) -> list[UrlPart]:
    """The segments between the slashes of a path, decoded."""
    out: list[UrlPart] = []
    while True:
        stop = text.find("/", start, end)
        stop = end if stop < 0 else stop
        out.append(UrlPart(percent_decode(text[start:stop]), start, stop))
        if stop == end:
            return out
        start = stop + 1


def parse_query(text: str, start: int, end: int) -> dict[str, UrlPart]:
    """The parameters between `start` and `end`, decoded.

    Of two with one name the first counts; one without `=` is ignored, as by Nix (with a warning).
    """
    out: dict[str, UrlPart] = {}
    while start <= end:
        stop = text.find("&", start, end)
        stop = end if stop < 0 else stop
        equals = text.find("=", start, stop)
        if equals >= 0:
            key = percent_decode(text[start:equals])
            if key not in out:
                value = percent_decode(text[equals + 1 : stop])
                out[key] = UrlPart(value, equals + 1, stop, start)
        start = stop + 1
    return out


def parse_authority(text: str, start: int, end: int) -> Authority:
    """The authority between `start` and `end`. Raises `UrlError`."""
    _reject(_BAD_AUTHORITY, text, start, end, "the host of a URL")
    out = Authority("", start, end)
    host_at = start
    sign = text.find("@", start, end)
    if sign >= 0:
        if text.find("@", sign + 1, end) >= 0:
            raise UrlError("a URL can have only one '@' before its host", start, end)
        user = _USER_COLON.match(text, start, sign)
        stop = sign if user is None else user.end()
        out.user = percent_decode(text[start:stop])
        if stop < sign:
            out.password = percent_decode(text[stop + 1 : sign])
        host_at = sign + 1
    port_at = end
    if text.startswith("[", host_at):
        close = text.find("]", host_at, end)
        inner = text[host_at + 1 : close]
        if close < 0 or not is_ip_literal(inner):
            raise UrlError("brackets in a URL must hold an IPv6 address", host_at, end)
        out.host, out.is_ip = percent_decode(inner), True
        port_at = close + 1
        if port_at < end and text[port_at] != ":":
            raise UrlError("only a port can follow the address in brackets", port_at, end)
    else:
        colon = text.find(":", host_at, end)
        port_at = end if colon < 0 else colon
        out.host = percent_decode(text[host_at:port_at])
        if "[" in out.host or "]" in out.host:
            raise UrlError("brackets in a URL must hold an IPv6 address", host_at, port_at)
    if port_at + 1 < end:
        digits = text[port_at + 1 : end]
        if not (digits.isascii() and digits.isdigit() and 0 < int(digits[:9]) < 65536):
            hint = "; a URL separates host and path by '/', not ':'" if not digits.isdigit() else ""
            raise UrlError(f"port '{digits}' is invalid{hint}", port_at + 1, end)
        out.port = int(digits)
    return out


def is_ip_literal(text: str) -> bool:
    """Whether `text` is what brackets in a URL may hold."""
    if _IP_FUTURE.match(text):
        return True
    import ipaddress

    try:
        ipaddress.IPv6Address(text.replace("%25", "%"))
    except ValueError:
        return False
    return True


def path_of_segments(segments: list[UrlPart]) -> str:
    """The path of a `path:` URL: Nix joins the segments, so that `a//b` becomes `a/b`.

    Raises `UrlError` for an encoded slash or NUL.
    """
    for part in segments:
        if "/" in part.text:
            raise UrlError("'%2F' is not allowed in a path", part.start, part.end)
        if "\0" in part.text:
            raise UrlError("'%00' is not allowed in a path", part.start, part.end)
    return join_path([part.text for part in segments])


def join_path(segments: list[str]) -> str:
    """Segments joined by single slashes; an empty first one makes the path absolute."""
    out = ""
    first = True
    for segment in segments:
        if first and segment == "":
            out = "/"
        elif out and not out.endswith("/"):
            out += "/" + segment
        else:
            out += segment
        first = False
    return out


def segments_of_path(path: str) -> list[str]:
    """The inverse of `join_path`: without doubled slashes."""
    if path == "":
        return [""]
    out = [""] if path.startswith("/") else []
    out.extend([segment for segment in path.split("/") if segment])
    if path.endswith("/"):
        out.append("")
    return out


def parse_git_url(text: str) -> ParsedUrl:
    """The URL of a git repository, in all ways Nix's `fixGitURL` knows. Raises `UrlError`.

    An absolute path becomes `file://…`, `user@host:path` (as scp writes it) `ssh://…`, and a
    leading `git+` is dropped. Nix 2.8 accepts proper URLs only.
    """
    if text.startswith("/"):
        out = ParsedUrl("file")
        out.authority = Authority()
        out.segments = [UrlPart(part, 0, len(text)) for part in segments_of_path(text)]
        return out
    scp = _scp_host_end(text)
    if scp > 0:
        return _parse_scp(text, scp)
    url = parse_url(text)
    if url.application == "git":
        url.scheme = url.transport
    return url


def _scp_host_end(text: str) -> int:
    """The offset of the colon of `host:path`, or -1."""
    if "://" in text:
        return -1
    colon = text.find(":")
    if colon < 0 or "/" in text[:colon]:
        return -1
    if text[:colon].removeprefix("git+") in _SCHEMES_OF_GIT:
        return -1
    bracket = text.find("@[") + 1
    if bracket > 0 or text.startswith("["):
        close = text.find("]", bracket + 1)
        if close >= 0:
            return close + 1 if text.startswith(":", close + 1) else -1
    return colon


def _parse_scp(text: str, colon: int) -> ParsedUrl:
    host_at = text.find("@", 0, colon) + 1
    host = text[host_at:colon]
    authority = Authority(host, 0, colon)
    if host_at > 0:
        authority.user = text[: host_at - 1]
    if host.startswith("[") and host.endswith("]"):
        import ipaddress

        try:
            authority.host = str(ipaddress.IPv6Address(host[1:-1]))
        except ValueError:
            raise UrlError(f"'{host[1:-1]}' is no IPv6 address", host_at, colon) from None
        authority.is_ip = True
    if colon + 1 == len(text):
        raise UrlError(f"'{text}' has no path after the ':'", colon, len(text))
    url = ParsedUrl("ssh")
    url.authority = authority
    at = colon + 1
    if not text.startswith("/", at):
        url.segments.append(UrlPart("", at, at))
    for segment in text[at:].split("/"):
        url.segments.append(UrlPart(segment, at, at + len(segment)))
        at += len(segment) + 1
    return url
