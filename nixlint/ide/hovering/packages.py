"""What to show about a package."""

from __future__ import annotations

from nixlint.ide.facts import ProjectFacts
from nixlint.ide.hovering import markdown
from nixlint.ide.model import Place
from nixlint.ide.packages.describing import PackageInfo, describe
from nixlint.ide.packages.names import Packages
from nixlint.syntax.strings import quote_name


def package(facts: ProjectFacts, path: tuple[str, ...], source: str = "") -> str:
    """The package at a path of attributes of `pkgs`, Markdown; "" when nothing is known of it.

    `source` is the input that it is taken from, if that is known.
    """
    if not path:
        return ""
    shown = ".".join(("pkgs", *(quote_name(name) for name in path)))
    own = facts.own_packages.get(path[0]) if not source else None
    packages = facts.packages_of(source)
    found = describe(packages, path) if packages is not None else None
    parts = [markdown.code(shown)]
    lines: list[str] = []
    if own is not None:
        changes = "Changed" if found is not None else "Added"
        lines.append(f"{changes} by an overlay of this project: {markdown.place(own, facts.root)}")
    if packages is not None and found is not None:
        if found.description:
            parts.append(" ".join(found.description.split()))
        lines += _facts(facts, packages, found, source, own is not None)
    if not lines:
        return ""
    parts.append("  \n".join(lines))
    return "\n\n".join(parts)


def _facts(
    facts: ProjectFacts, packages: Packages, found: PackageInfo, source: str, changed: bool
) -> list[str]:
    """What the source says about a package; the version only if nobody has changed it."""
    lines: list[str] = []
    if found.alias:
        lines.append(f"Another name of {markdown.inline('pkgs.' + found.alias)}")
    if found.version and not changed:
        lines.append(f"Version: {markdown.inline(found.version)}")
    if found.homepage.startswith(("https://", "http://")):
        lines.append(f"Homepage: <{found.homepage}>")
    at = Place(found.file, 0, 0) if found.file else found.place
    if at is not None:
        name = source or next(iter(facts.packages))
        file = at.path.removeprefix(packages.root + "/")
        lines.append(f"In {markdown.inline(file)} of {markdown.inline(name)}")
    return lines
