"""`python -m benchmarks.lsp_pair PROJECT`: two modules of one configuration, to make them disagree.

Prints a line of JSON: for each of the two a path, its text with a definition of `OPTION` (true in
the first one, false in the second), the offset of that value, and whether the conflict is told
there; `null` if there are no two.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from nixlint.ide.gathering.gather import Gatherer

OPTION = "nobodys.programme.enable"
RULE = "option-conflict"
TRIES = 12
_END = re.compile(r"^\}\s*\Z", re.MULTILINE)


def with_definition(path: str, value: str) -> tuple[str, int] | None:
    """The text of a module with one definition more, and where its value stands; None for a file
    that is not written like a plain module."""
    text = Path(path).read_text("utf-8", "replace")
    end = _END.search(text)
    if end is None or not text.startswith("{") or re.search(r"^  (?:config|options)\b", text, re.M):
        return None
    before = f"{text[: end.start()]}  {OPTION} = "
    return f"{before}{value};\n{text[end.start() :]}", len(before)


def pair(root: str) -> list[tuple[str, str, int, bool]] | None:
    """Two modules in which the definitions are found to be in conflict."""
    gatherer = Gatherer(root)
    configurations = gatherer.update({}).configurations
    members = max(configurations.values(), key=len, default=[])
    files = [path for path in members if path.startswith(f"{root}/") and "host" not in path]
    files.sort(key=lambda path: Path(path).stat().st_size, reverse=True)
    candidates = [path for path in files if with_definition(path, "true") is not None]
    for number, first in enumerate(candidates[:TRIES]):
        for second in candidates[number + 1 : number + 4]:
            one, other = with_definition(first, "true"), with_definition(second, "false")
            assert one is not None and other is not None
            found = gatherer.update({first: one[0], second: other[0]}).diagnostics
            told = [
                any(each.rule == RULE and OPTION in each.message for each in found.get(path, []))
                for path in (first, second)
            ]
            if any(told):
                return [(first, *one, told[0]), (second, *other, told[1])]
    return None


if __name__ == "__main__":
    print(json.dumps(pair(sys.argv[1])))
