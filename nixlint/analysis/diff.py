"""Unified diffs, exact to the byte: what `git apply` or `patch` takes."""

from __future__ import annotations


def unified_diff(path: str, before: str, after: str) -> str:
    """The diff between two texts of a file, or nothing when they are equal.

    Only LF separates lines here, so that CR stays where it was.
    """
    if before == after:
        return ""
    import difflib

    old, new = _lines(before), _lines(after)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    # Equal ends only slow the search down, but the hunks need their context and line numbers.
    skip = max(0, head - 3)
    keep = max(0, tail - 3)
    part_old = old[skip : len(old) - keep]
    part_new = new[skip : len(new) - keep]
    out = [f"--- {path}\n", f"+++ {path}\n"]
    matcher = difflib.SequenceMatcher(None, part_old, part_new, autojunk=False)
    for group in matcher.get_grouped_opcodes(3):
        first, last = group[0], group[-1]
        old_range = _range(first[1] + skip, last[2] + skip)
        new_range = _range(first[3] + skip, last[4] + skip)
        out.append(f"@@ -{old_range} +{new_range} @@\n")
        for tag, a, b, c, d in group:
            if tag == "equal":
                out += [_line(" ", line) for line in part_old[a:b]]
                continue
            out += [_line("-", line) for line in part_old[a:b]]
            out += [_line("+", line) for line in part_new[c:d]]
    return "".join(out)


def _lines(text: str) -> list[str]:
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _range(start: int, stop: int) -> str:
    count = stop - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


def _line(sign: str, line: str) -> str:
    if line.endswith("\n"):
        return sign + line
    return f"{sign}{line}\n\\ No newline at end of file\n"
