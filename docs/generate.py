"""`python -m docs.generate [--check]`: the pages about the rules, from their docstrings.

Writes `docs/rules/NAME.md`, the index `docs/rules/README.md`, the table of rules in the root README
between the lines `<!-- rules -->` and `<!-- /rules -->`, and the schema of `nixlint.toml`.
With `--check` nothing is written: the exit code is 1, and the files are named, if one is stale.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Final

from docs.schema import schema_text
from nixlint.analysis.explain import rule_doc
from nixlint.rules.registry import load_rule, rule_names, theme_of

ROOT: Final = Path(__file__).resolve().parent.parent
PAGES: Final = ROOT / "docs" / "rules"
README: Final = ROOT / "README.md"
SCHEMA: Final = ROOT / "nixlint.schema.json"
BEGIN: Final = "<!-- rules -->"
END: Final = "<!-- /rules -->"
HEADER: Final = "<!-- Made by `python -m docs.generate` from nixlint/rules; do not edit. -->"
ABOUT_THEMES: Final = {
    "syntax": "What Nix refuses to read, or reads in another way than it looks.",
    "names": "Names: undefined, unused, shadowed.",
    "inputs": "The inputs of a flake and their lock, in the whole project.",
    "modules": "Modules and the files of configurations, in the whole project.",
    "flake": "What Nix refuses, or does not find, in a flake.nix.",
    "sources": "Code that is fetched: what is not pinned, and what is not pure.",
    "suppressions": "Comments that silence other rules.",
}


def main(arguments: list[str] | None = None) -> int:
    """Write or check the files; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say what is stale")
    check = parser.parse_args(arguments).check
    wanted = files()
    stale = [path for path, text in wanted.items() if not path.exists() or read(path) != text]
    leftover = [path for path in sorted(PAGES.glob("*.md")) if path not in wanted]
    for path in stale + leftover:
        name = path.relative_to(ROOT)
        if check:
            print(f"stale: {name}")
        elif path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], "utf-8")
            print(f"written: {name}")
        else:
            path.unlink()
            print(f"removed: {name}")
    if check and stale + leftover:
        print("run `python -m docs.generate`")
        return 1
    return 0


def files() -> dict[Path, str]:
    """Every file this makes, with its text."""
    out = {PAGES / f"{name}.md": page(name) for name in rule_names()}
    out[PAGES / "README.md"] = f"{HEADER}\n\n# Rules\n\n{tables('')}"
    out[SCHEMA] = schema_text()
    readme = read(README) if README.exists() else ""
    if BEGIN in readme and END in readme:
        before, _, rest = readme.partition(BEGIN)
        after = rest.partition(END)[2]
        out[README] = f"{before}{BEGIN}\n\n{tables('docs/rules/')}\n{END}{after}"
    return out


def read(path: Path) -> str:
    return path.read_text("utf-8")


def page(name: str) -> str:
    """The page about one rule."""
    rule = load_rule(name)
    doc = rule_doc(name)
    lines = [
        HEADER,
        "",
        f"# {name}",
        "",
        f"Theme: {theme_of(name)} · Severity: {rule.severity} · "
        f"Default: {'on' if rule.enabled else 'off'} · Fix: {doc.fix}",
    ]
    if rule.aliases:
        aliases = ", ".join(f"`{alias}`" for alias in rule.aliases)
        lines += ["", f"Known elsewhere as: {aliases}"]
    lines += ["", unwrap(doc.text), ""]
    return "\n".join(lines)


def tables(link: str) -> str:
    """One table per theme; `link` goes before the names of the pages."""
    themes: dict[str, list[str]] = {}
    for name in rule_names():
        themes.setdefault(theme_of(name), []).append(name)
    out: list[str] = []
    for theme, names in themes.items():
        out += [f"### {theme}", ""]
        if theme in ABOUT_THEMES:
            out += [ABOUT_THEMES[theme], ""]
        out += ["| rule | severity | default | fix | what it finds |", "|---|---|---|---|---|"]
        for name in names:
            rule = load_rule(name)
            doc = rule_doc(name)
            summary = doc.summary.replace("|", "\\|")
            state = "on" if rule.enabled else "off"
            cells = [f"[{name}]({link}{name}.md)", rule.severity, state, doc.fix, summary]
            out.append(f"| {' | '.join(cells)} |")
        out.append("")
    return "\n".join(out)


def unwrap(text: str) -> str:
    """Markdown with a line per sentence instead of lines of equal length; code stays as it is."""
    out: list[str] = []
    inside = False
    joining = False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside
            # What follows the language is for the tests.
            line = re.sub(r"^```(\w+).*", r"```\1", line)
            out.append(line)
            joining = False
        elif inside or not line or line.startswith(("#", "-", "|", "  ")):
            out.append(line)
            joining = bool(line) and not inside and line[0] in "- " and not ends_sentence(line)
        elif joining:
            out[-1] += " " + line.strip()
            joining = not ends_sentence(line)
        else:
            out.append(line)
            joining = not ends_sentence(line)
    return "\n".join(out)


def ends_sentence(line: str) -> bool:
    return re.search(r"[.!?:][)`\"]*$", line) is not None


if __name__ == "__main__":
    sys.exit(main())
