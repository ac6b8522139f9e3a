"""The options that we read from a tree of modules, against those that Nix evaluates.

The judge is the installed Nix with nixpkgs' `lib` and packages that are only names
(`option_index.nix`), or a recorded list of options. Options of the module system itself
(`_module.…`) are left out. Types are compared as they are described, with one mapping: Nix since
2.13 writes a float as `1.0` in JSON where older ones write `1`.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any, Final

from nixlint.project.flake.eval import MODEL_FOLDER
from nixlint.project.options.extract import extract_options
from nixlint.project.options.index import DARWIN, HOME_MANAGER, NIXVIM, IndexedOption
from nixlint.text.build_info import build_mode

PROGRAM: Final = Path(__file__).with_suffix(".nix")
MARKS: Final = (
    (HOME_MANAGER, "modules/modules.nix"),
    (NIXVIM, "modules/top-level"),
    (DARWIN, "eval-config.nix"),
)
_FLOAT: Final = re.compile(r"\b(\d+)\.0\b")

Option = dict[str, Any]


def run(tree: str, lib: str | None, nixpkgs: str, recorded: str | None, show: int) -> int:
    """Compares and prints; 1 if less than 98 % are the same or over 0.2 % do not exist."""
    root = Path(tree).resolve()
    truth = _recorded(recorded) if recorded else _evaluated(root, lib)
    start, worked = time.perf_counter(), time.process_time()
    made = extract_options(str(root), None, nixpkgs)
    seconds, processor = time.perf_counter() - start, time.process_time() - worked
    ours = {name: one for name, one in made.index.options.items() if "_module" not in one.loc}
    missing = sorted(set(truth) - set(ours))
    extra = sorted(set(ours) - set(truth))
    common = sorted(set(truth) & set(ours))
    types = [name for name in common if _type(truth[name]["type"]) != _type(ours[name].type)]
    fields = [name for name in common if _fields(truth[name], ours[name])]
    same = len(common) - len(types)
    total = max(len(truth), 1)
    print(
        f"{tree}: {len(truth)} options; {same} with the same name and type ({same / total:.2%}), "
        f"{len(missing)} missing, {len(extra)} that do not exist ({len(extra) / total:.2%}), "
        f"{len(types)} of another type, {len(fields)} with another flag or without its default; "
        f"{made.modules} modules in {seconds:.2f} s, processor {processor:.2f} s "
        f"({build_mode()}), "
        f"{len(made.unread)} parts not read"
    )
    for title, names in (("missing", missing), ("does not exist", extra)):
        for name in names[:show]:
            print(f"  {title}: {name}")
    for name in types[:show]:
        print(f"  type of {name}: {truth[name]['type']} | {ours[name].type}")
    for name in fields[:show]:
        print(f"  {name}: {', '.join(_fields(truth[name], ours[name]))}")
    for unread in made.unread[:show]:
        print(f"  not read: {unread.name}: {unread.reason}")
    return 0 if same >= 0.98 * total and len(extra) <= 0.002 * total else 1


def _recorded(path: str) -> dict[str, Option]:
    """A list of options, or options by name, perhaps compressed."""
    data = Path(path).read_bytes()
    options = json.loads(gzip.decompress(data) if path.endswith(".gz") else data)
    if isinstance(options, dict):
        options = [{"name": name, **one} for name, one in options.items()]
    return _without_module(options)


def _evaluated(root: Path, lib: str | None) -> dict[str, Option]:
    """What Nix says of a tree."""
    kind = next((kind for kind, mark in MARKS if (root / mark).exists()), None)
    if kind is None or lib is None:
        raise SystemExit("option-index: give --recorded, or --lib and a tree of a known kind")
    folder = Path(lib).resolve()
    if (folder / "lib" / "default.nix").is_file():
        folder = folder / "lib"
    arguments = {"libDir": folder, "tree": root, "models": MODEL_FOLDER}
    command = ["nix-instantiate", "--store", "dummy://", "--eval", "--strict", "--json"]
    command += [str(PROGRAM), "--argstr", "kind", kind]
    for name, value in arguments.items():
        command += ["--arg", name, str(value)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SystemExit(f"option-index: Nix cannot evaluate {root}:\n{result.stderr[-2000:]}")
    return _without_module(json.loads(result.stdout))


def _without_module(options: list[Option]) -> dict[str, Option]:
    return {one["name"]: one for one in options if "_module" not in one["loc"]}


def _type(text: str | None) -> str:
    return _FLOAT.sub(r"\1", text or "")


def _fields(theirs: Option, ours: IndexedOption) -> list[str]:
    """The names of fields that differ."""
    pairs = (
        ("readOnly", theirs.get("readOnly", False), ours.read_only),
        ("internal", theirs.get("internal", False), ours.internal),
        ("visible", theirs.get("visible", True), ours.visible),
        ("default", theirs.get("hasDefault", ours.default is not None), ours.default is not None),
    )
    return [name for name, left, right in pairs if left != right]
