"""Flakes, as nixlint reads them without evaluating, against what Nix evaluates them to."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from nixlint.project.flake.file import Attr, FlakeFile, FlakeInput, read_flake_file
from nixlint.project.flake.outline import kind_of
from nixlint.syntax.nodes import ExprList, Node
from nixlint.syntax.parser import parse
from nixlint.syntax.strings import static_string
from nixlint.text.source import decode
from tests.oracles import nix

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

EXPRESSION = """
let
  flake = import FILE;
  show = value:
    if builtins.isPath value then "path " + toString value
    else if builtins.isAttrs value then builtins.mapAttrs (name: show) value
    else if builtins.isList value then map show value
    else value;
in {
  description = flake.description or null;
  inputs = show (flake.inputs or { });
  nixConfig = show (flake.nixConfig or { });
  arguments = builtins.attrNames (builtins.functionArgs flake.outputs);
}
"""


def evaluated(path: Path) -> Json:
    """What Nix makes of a flake.nix; a string is its error message."""
    expression = EXPRESSION.replace("FILE", f"(/. + {json.dumps(str(path.absolute()))})")
    result = subprocess.run(
        ["nix-instantiate", *nix.STORE, "--eval", "--strict", "--json", "-E", expression],
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "NO_COLOR": "1"},
    )
    if result.returncode != 0:
        return decode(result.stderr).strip()
    answer: Json = json.loads(result.stdout)
    return answer


def read(path: Path) -> FlakeFile:
    return read_flake_file(parse(decode(path.read_bytes())), str(path))


def outlined(file: FlakeFile) -> Json:
    """The same, from nixlint's outline."""
    folder = os.path.dirname(os.path.abspath(file.path))
    inputs: dict[str, Json] = {
        found.name: input_json(found, folder)
        for found in file.inputs.values()
        if not found.implicit
    }
    if file.self_attrs:
        inputs["self"] = dict(file.self_attrs)
    formals = file.outputs_lambda.arg.formals if file.outputs_lambda is not None else None
    names: list[Json] = []
    for formal in formals.items if formals is not None else []:
        names.append(file.tree.text_of(formal.name))
    return {
        "description": file.description,
        "inputs": inputs,
        "nixConfig": {
            name: setting_json(value, file.tree.text, folder)
            for name, value in file.nix_config.items()
        },
        "arguments": sorted(names, key=str),
    }


def input_json(found: FlakeInput, folder: str) -> Json:
    out: dict[str, Json] = {name: plain(value) for name, value in found.attrs.items()}
    if found.url is not None:
        out["url"] = found.url
        if found.url_is_path:
            out["url"] = "path " + os.path.normpath(
                os.path.join(folder, found.url.removeprefix("path:"))
            )
    if found.follows is not None:
        out["follows"] = found.follows
    if found.flake_span is not None:
        out["flake"] = found.is_flake
    if found.inputs:
        out["inputs"] = {inner.name: input_json(inner, folder) for inner in found.inputs.values()}
    return out


def plain(value: Attr) -> Json:
    return value


def setting_json(node: Node, text: str, folder: str) -> Json:
    if isinstance(node, ExprList):
        return [setting_json(item, text, folder) for item in node.items]
    written = text[node.start : node.end]
    kind = kind_of(node, text)
    if kind == "a string":
        return static_string(node, text)
    if kind == "a path":
        return "path " + os.path.normpath(os.path.join(folder, written))
    return json.loads(written) if kind in ("a number", "a Boolean") else f"{kind}: {written}"


def pruned(value: Json) -> Json:
    """Without empty sets of overrides, which the outline does not keep."""
    if not isinstance(value, dict):
        return value
    out = {name: pruned(inner) for name, inner in value.items()}
    return {name: inner for name, inner in out.items() if name != "inputs" or inner != {}}


def differences(path: Path) -> list[str]:
    """What is wrong with the outline of one file, in lines."""
    truth = evaluated(path)
    file = read(path)
    if isinstance(truth, str):
        if file.problems or not file.complete or file.tree.errors:
            return []
        return [f"Nix refuses it: {truth.splitlines()[-1]}"]
    out = [f"Nix accepts it: {problem}" for problem in file.problems if _is_false(problem.rule)]
    ours = outlined(file)
    assert isinstance(ours, dict) and isinstance(truth, dict)
    for part in truth:
        if pruned(ours[part]) != pruned(truth[part]):
            out.append(f"{part}: {json.dumps(ours[part])} is not {json.dumps(truth[part])}")
    return out


def _is_false(rule: str) -> bool:
    """Evaluation as an ordinary file accepts more than Nix accepts of a flake."""
    return rule != "flake-non-literal-metadata"


def run(directories: list[str]) -> int:
    """Compares all flake.nix files in some directories; 0 if all agree."""
    paths = [path for each in directories for path in sorted(Path(each).rglob("flake.nix"))]
    wrong = 0
    for path in paths:
        lines = differences(path)
        wrong += bool(lines)
        for line in lines:
            print(f"{path}: {line}")
    print(f"{len(paths)} flakes, {wrong} with differences")
    return 1 if wrong else 0
