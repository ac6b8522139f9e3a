"""Every flake.nix with a flake.lock under some directories: do we compute the locked originals?

The installed Nix evaluates `inputs` of each flake.nix; each URL and each set of attributes must
give exactly what the lock has as `original`, and each lock must be read without a problem.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from nixlint.project.lock.flake_lock import FlakeLock, read_lock
from nixlint.project.references.flake_ref import (
    FlakeRefError,
    canonical,
    parse_flake_ref,
    ref_from_attrs,
    render_ref,
)

INPUTS = """
let
  flake = import FILE;
  show = v:
    if builtins.isPath v then { __path = toString v; }
    else if builtins.isAttrs v then builtins.mapAttrs (_: show) v
    else v;
in {
  inputs = show (flake.inputs or { });
  formals = builtins.attrNames (builtins.functionArgs flake.outputs);
}
"""


def evaluate(flake: Path) -> dict[str, Any] | None:
    """What Nix says of a flake.nix: `inputs`, and the `formals` of its outputs."""
    done = subprocess.run(
        ["nix-instantiate", "--eval", "--strict", "--json", "-E",
         INPUTS.replace("FILE", str(flake.resolve()))],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        return None
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def original_of(name: str, value: dict[str, Any], directory: Path) -> dict[str, Any] | None:
    """What we make of an input; None when it follows another. Raises `FlakeRefError`."""
    attrs = {key: item for key, item in value.items() if key not in ("flake", "inputs", "follows")}
    if "type" in attrs:
        return ref_from_attrs(attrs).attrs
    url = attrs.get("url")
    if url is None:
        if "follows" in value:
            return None
        return parse_flake_ref(name).attrs
    if isinstance(url, dict):
        url = "path:" + os.path.relpath(url["__path"], directory.resolve())
    return parse_flake_ref(url, is_flake=value.get("flake", True)).attrs


def survives(original: dict[str, Any]) -> bool:
    """Whether attributes come back from the URL that Nix shows for them."""
    ref = ref_from_attrs(original)
    if ref.kind == "file" or len(ref.ref) == 40:
        # What Nix shows does not tell these from an archive, and from a commit hash.
        return True
    return parse_flake_ref(render_ref(ref)).attrs == canonical(original)


def check(flake: Path, lock: FlakeLock) -> tuple[int, list[str]]:
    """How many originals agree, and what does not."""
    found = evaluate(flake)
    if found is None:
        return 0, ["Nix cannot evaluate it"]
    inputs: dict[str, Any] = found["inputs"]
    inputs.pop("self", None)
    for name in found["formals"]:
        if name != "self":
            inputs.setdefault(name, {})
    agreed = 0
    wrong = [f"lock: {problem.kind}: {problem.message}" for problem in lock.problems]
    for key, each in lock.nodes.items():
        if each.original is not None and not survives(each.original):
            wrong.append(f"node {key}: {each.original} does not survive being shown and read")
    root = lock.root_node
    for name, value in sorted(inputs.items()):
        edge = root.inputs.get(name) if root is not None else None
        if edge is None:
            wrong.append(f"{name} is not in the lock")
            continue
        try:
            ours = original_of(name, value, flake.parent)
        except FlakeRefError as error:
            wrong.append(f"{name}: {error.message}")
            continue
        if ours is None:
            if edge.follows != [word for word in value["follows"].split("/") if word]:
                wrong.append(f"{name} follows {value['follows']}, in the lock {edge.target}")
            continue
        node = lock.nodes[edge.target] if isinstance(edge.target, str) else None
        theirs = node.original if node is not None else None
        if theirs is None or canonical(ours) != canonical(theirs):
            wrong.append(f"{name}: {ours} instead of {theirs}")
        else:
            agreed += 1
            if lock.target(lock.root, name) != edge.target:
                wrong.append(f"{name} leads to {lock.target(lock.root, name)}")
    return agreed, wrong


def run(dirs: list[str]) -> int:
    """Check all pairs under `dirs` (default: `NIXLINT_CORPUS`); the number to exit with."""
    roots = dirs or [part for part in os.environ.get("NIXLINT_CORPUS", "").split(":") if part]
    pairs = agreed = 0
    failures: list[str] = []
    for root in roots:
        for path in sorted(Path(root).rglob("flake.lock")):
            flake = path.with_name("flake.nix")
            if not flake.is_file():
                continue
            pairs += 1
            lock = read_lock(path.read_text(encoding="utf-8"), str(path))
            count, wrong = check(flake, lock)
            agreed += count
            failures.extend([f"{flake}: {message}" for message in wrong])
    for failure in failures:
        print(failure)
    print(f"{pairs} flakes with locks, {agreed} originals agree, {len(failures)} do not")
    return 1 if failures or not pairs else 0
