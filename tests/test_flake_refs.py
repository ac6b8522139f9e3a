"""Flake references: every form, against recorded expectations and the installed Nix.

`fixtures/flakes/refs/*.json` holds lists of cases. `url` (with `flake: false` for inputs that are
none) or `attrs` is the input; the expectation is `is` (the attributes), `fragment`, `shown` (the
URL that Nix shows) and `identity`, or `error` and `at` (the text that the error points at). A case
that Nix 2.8 answers differently says so in `nix-2.8`: other attributes, or `"error"`.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixlint.project.lock.flake_lock import read_lock
from nixlint.project.references.flake_ref import (
    FlakeRef,
    FlakeRefError,
    canonical,
    identity,
    parse_flake_ref,
    ref_from_attrs,
    render_ref,
)
from nixlint.project.references.git_names import is_legal_ref_name
from nixlint.project.references.url import UrlError, parse_url, percent_decode, percent_encode
from nixlint.project.store import locate

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures/flakes/refs"
FILES = sorted(FIXTURES.glob("*.json"))
FEATURES = ["--extra-experimental-features", "nix-command flakes"]


def cases_of(path: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return cases


def judge(case: dict[str, Any]) -> dict[str, Any]:
    """The case with our answers in place of its expectations."""
    kept = ("url", "flake", "attrs", "nix-2.8", "why")
    out = {key: value for key, value in case.items() if key in kept}
    try:
        if "url" in case:
            ref = parse_flake_ref(
                case["url"], is_flake=case.get("flake", True), allow_fragment=True
            )
        else:
            ref = ref_from_attrs(case["attrs"])
    except FlakeRefError as error:
        out["error"] = error.message
        if "url" in case:
            out["at"] = case["url"][error.start : error.end]
        if error.attr:
            out["attr"] = error.attr
        return out
    out["is"] = dict(sorted(ref.attrs.items()))
    if ref.fragment:
        out["fragment"] = ref.fragment
    out["shown"] = render_ref(ref)
    name = identity(ref.attrs)
    if name is not None:
        out["identity"] = name
    return out


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_fixtures(path: Path, request: pytest.FixtureRequest) -> None:
    cases = cases_of(path)
    found = [judge(case) for case in cases]
    if request.config.getoption("--update"):
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == cases


def urls() -> list[dict[str, Any]]:
    return [case for path in FILES for case in cases_of(path) if "url" in case]


@pytest.mark.parametrize("case", [case for case in urls() if "is" in case], ids=lambda c: c["url"])
def test_places(case: dict[str, Any]) -> None:
    """The place of an attribute is where its value is written."""
    ref = parse_flake_ref(case["url"], is_flake=case.get("flake", True), allow_fragment=True)
    for name, (start, end) in ref.places.items():
        text = case["url"][start:end]
        value = ref.attrs[name]
        if name == "url":
            assert start == 0
        elif isinstance(value, bool):
            assert text == "1" or not value
        elif name == "path":
            decoded = percent_decode(text) if "%" not in str(value) else text
            assert decoded.replace("///", "/").replace("//", "/") == value
        elif name == "ref":
            assert percent_decode(text).replace("//", "/") == value
        else:
            assert percent_decode(text).lower() == str(value).lower()


def test_fragments_are_errors_of_inputs() -> None:
    with pytest.raises(FlakeRefError) as caught:
        parse_flake_ref("github:a/b#c")
    assert (caught.value.start, caught.value.end) == (10, 12)


def nix_2_8(url: str, home: Path) -> dict[str, Any] | None:
    """The attributes that Nix writes into a registry for a URL; None when it refuses it."""
    registry = home / "nix/registry.json"
    registry.unlink(missing_ok=True)
    environment = {**os.environ, "XDG_CONFIG_HOME": str(home), "HOME": str(home)}
    done = subprocess.run(
        ["nix", *FEATURES, "registry", "add", "x", url],
        cwd=home, env=environment, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return None
    to: dict[str, Any] = json.loads(registry.read_text())["flakes"][0]["to"]
    return to


@pytest.mark.nix
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_against_nix(path: Path, tmp_path: Path) -> None:
    """Nix reads each URL as recorded: like us, or in the way the case says."""
    for case in cases_of(path):
        if "url" not in case or "\n" in case["url"] or "flake" in case or "fragment" in case:
            continue
        expected = case.get("nix-2.8", case.get("is", "error"))
        found = nix_2_8(case["url"], tmp_path)
        assert ("error" if found is None else found) == expected, case["url"]


@pytest.mark.nix
def test_nix_takes_our_originals(tmp_path: Path) -> None:
    """A lock with the originals we compute is up to date: Nix does not try to fetch anything."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source/z").touch()
    done = subprocess.run(
        ["nix-store", "--add", str(tmp_path / "source")], capture_output=True, text=True, check=True
    )
    locked: dict[str, Any] = {"type": "path", "path": done.stdout.strip(), "lastModified": 1}
    hashed = subprocess.run(
        ["nix", *FEATURES, "hash", "path", str(tmp_path / "source")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    locked["narHash"] = hashed.stdout.strip()
    agreed = [
        case for path in FILES for case in cases_of(path)
        if "is" in case and "nix-2.8" not in case and "fragment" not in case and "flake" not in case
    ]  # fmt: skip
    assert len(agreed) > 40
    lines: list[str] = []
    nodes: dict[str, dict[str, Any]] = {}
    for index, case in enumerate(agreed):
        name = f"i{index}"
        if "url" in case:
            value = f"url = {json.dumps(case['url'])};"
        else:
            value = " ".join([f"{k} = {json.dumps(v)};" for k, v in case["attrs"].items()])
        lines.append(f"inputs.{name} = {{ {value} flake = false; }};")
        nodes[name] = {"flake": False, "locked": locked, "original": case["is"]}
    flake = tmp_path / "flake"
    flake.mkdir()
    (flake / "flake.nix").write_text("{ " + "\n".join(lines) + " outputs = _: { }; }")

    def accepted() -> bool:
        root = {"inputs": {name: name for name in nodes}}
        lock = {"version": 7, "root": "root", "nodes": {"root": root, **nodes}}
        (flake / "flake.lock").write_text(json.dumps(lock))
        command = ["nix", *FEATURES, "flake", "metadata", "--offline", "--no-update-lock-file"]
        home = {**os.environ, "HOME": str(tmp_path)}
        done = subprocess.run(
            [*command, f"path:{flake}"], env=home, capture_output=True, timeout=100, check=False
        )
        return done.returncode == 0

    assert accepted()
    nodes["i0"]["original"] = {**agreed[0]["is"], "ref": "other"}
    assert not accepted()


@pytest.mark.nix
def test_locks_that_nix_writes(tmp_path: Path) -> None:
    """Nix locks local inputs of every kind; originals, follows and store paths are as we say."""
    sub = tmp_path / "sub"
    (sub / "inner").mkdir(parents=True)
    for folder in (sub, sub / "inner"):
        (folder / "flake.nix").write_text("{ outputs = _: { }; }")
    (tmp_path / "user").mkdir()
    user = f"{{ inputs.sub.url = path:{sub}; outputs = _: {{ }}; }}"
    (tmp_path / "user/flake.nix").write_text(user)
    subprocess.run(["tar", "cf", tmp_path / "a b.tar", "-C", tmp_path, "sub"], check=True)
    for command in (
        ["init", "-q", "-b", "main"], ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"],
    ):  # fmt: skip
        subprocess.run(["git", *command], cwd=sub, check=True)
    urls = {
        "absolute": f"path:{sub}",
        "archive": f"file://{tmp_path}/a%20b.tar",
        "archive-dir": f"file://{tmp_path}/a%20b.tar?dir=inner",
        "plain": f"{tmp_path}/user",
        "git": f"git+file://{sub}",
        "git-dir": f"git+file://{sub}?dir=inner&ref=main",
        "git-branch": f"git+file://{sub}?ref=refs/heads/main&shallow=1",
    }
    lines = [f'inputs.{name}.url = "{url}";' for name, url in urls.items()]
    lines.append('inputs.follower.follows = "git";')
    lines.append('inputs.plain.inputs.sub.follows = "absolute";')
    flake = tmp_path / "flake"
    flake.mkdir()
    (flake / "flake.nix").write_text("{ " + "\n".join(lines) + " outputs = _: { }; }")
    home = {**os.environ, "HOME": str(tmp_path)}
    command = ["nix", *FEATURES, "flake", "lock", "--offline", f"path:{flake}"]
    done = subprocess.run(command, env=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lock = read_lock((flake / "flake.lock").read_text(), "flake.lock")
    assert lock.problems == []
    assert lock.resolve(["follower"]) == "git"
    assert lock.target("plain", "sub") == "absolute"
    for name, url in urls.items():
        node = lock.nodes[name]
        assert node.original is not None and node.locked is not None
        ref = parse_flake_ref(url)
        assert canonical(ref.attrs) == canonical(node.original), name
        assert node.is_locked
        path = locate(node.locked)
        assert path is not None
        assert (Path(path) / ref.dir / "flake.nix").is_file()


WORD = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
NAME = st.from_regex(r"[A-Za-z0-9._-]{1,8}", fullmatch=True).filter(lambda text: text != "..")
REV = st.from_regex(r"[0-9a-f]{40}", fullmatch=True)
REF = st.one_of(NAME, st.tuples(NAME, NAME).map("/".join), WORD).filter(
    lambda name: is_legal_ref_name(name) and "\udfff" not in name
)
VERSION: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}), REF.map(lambda ref: {"ref": ref}), REV.map(lambda rev: {"rev": rev})
)


@given(st.sampled_from(["github", "gitlab", "sourcehut"]), WORD, WORD, VERSION, st.booleans())
def test_forges_round_trip(
    kind: str, owner: str, repo: str, version: dict[str, str], in_dir: bool
) -> None:
    attrs: dict[str, str | int | bool] = {"type": kind, "owner": owner, "repo": repo, **version}
    if in_dir:
        attrs["dir"] = "a b/ü"
    round_trip(attrs)


@given(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.lists(WORD, max_size=3), VERSION,
       st.sampled_from(["git", "hg"]), st.dictionaries(NAME, WORD, max_size=2))  # fmt: skip
def test_repositories_round_trip(
    host: str, path: list[str], version: dict[str, str], kind: str, query: dict[str, str]
) -> None:
    if kind == "hg":
        version = {key: value for key, value in version.items() if key == "rev"}
    for name in ("dir", "rev", "ref", "shallow", "submodules"):
        query.pop(name, None)
    url = f"https://{host}/" + "/".join([percent_encode(word, ":@") for word in path])
    if query:
        pairs = sorted(query.items(), key=lambda item: item[0].encode())
        url += "?" + "&".join(
            [f"{percent_encode(k, ':@/?')}={percent_encode(v, ':@/?')}" for k, v in pairs]
        )
    round_trip({"type": kind, "url": url, **version})


@given(st.lists(WORD.filter(lambda word: "/" not in word and "\0" not in word), min_size=1),
       st.booleans())  # fmt: skip
def test_paths_round_trip(words: list[str], absolute: bool) -> None:
    round_trip({"type": "path", "path": ("/" if absolute else "./") + "/".join(words)})


def round_trip(attrs: dict[str, str | int | bool]) -> None:
    text = render_ref(ref_from_attrs(attrs))
    assert parse_flake_ref(text).attrs == canonical(attrs)
    assert render_ref(parse_flake_ref(text)) == text


@given(st.text(max_size=30) | st.text('githubla:/?#=&%@+[].~ "\\\udc80', max_size=30))
def test_nothing_else_is_raised(text: str) -> None:
    """Any text is a reference, or an error with a place inside the text."""
    for is_flake in (True, False):
        try:
            ref = parse_flake_ref(text, is_flake=is_flake)
        except FlakeRefError as error:
            assert 0 <= error.start <= error.end <= len(text)
            assert error.message
            continue
        canonical(ref.attrs)
        identity(ref.attrs)
        for start, end in ref.places.values():
            assert 0 <= start <= end <= len(text)


ATTR = st.one_of(st.text(max_size=6), st.integers(), st.booleans())


@given(st.dictionaries(
    st.sampled_from(["type", "url", "owner", "repo", "ref", "rev", "dir", "path", "host", "id"]),
    ATTR | st.sampled_from(["git", "github", "path", "tarball", "indirect"]),
))  # fmt: skip
def test_no_attributes_raise_anything_else(attrs: dict[str, str | int | bool]) -> None:
    canonical(attrs)
    identity(attrs)
    try:
        ref = ref_from_attrs(attrs)
    except FlakeRefError:
        return
    assert isinstance(ref, FlakeRef)
    assert isinstance(render_ref(ref), str)


@given(st.text(max_size=20))
def test_percent_signs(text: str) -> None:
    assert percent_decode(percent_encode(text)) == text


@given(st.text("abc/:?#=&%41@.+[]", max_size=20))
def test_urls_render_to_themselves(text: str) -> None:
    try:
        url = parse_url("https:" + text)
    except UrlError:
        return
    once = url.render()
    assert parse_url(once).render() == once
