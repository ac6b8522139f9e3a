"""What a rule's own file says about it.

The text is the docstring of the rule's module, read from the source file: compiled modules have
no docstrings, but their sources are installed beside them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nixlint.analysis import selection
from nixlint.analysis.links import rule_url
from nixlint.rules import registry

if TYPE_CHECKING:
    from nixlint.rules.base import Rule

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_docs: dict[str, RuleDoc] = {}


class RuleDoc:
    """The documentation of one rule: a summary line, and sections by their headings."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        """The whole docstring, in Markdown."""
        pieces = _HEADING.split(text)
        self.summary = " ".join(pieces[0].split())
        self.sections = {
            heading.strip(): body.strip()
            for heading, body in zip(pieces[1::2], pieces[2::2], strict=True)
        }

    @property
    def fix(self) -> str:
        """`"safe"`, `"unsafe"`, `"sometimes"` (it depends) or `"none"`.

        Told by the first word of the section on fix safety, which the rules' tests check.
        """
        section = self.sections.get("Fix safety", "")
        first = re.match(r"\W*(\w+)", section)
        word = first[1].lower() if first is not None else ""
        if word == "safe":
            return "sometimes" if re.search(r"\bunsafe\b", section, re.IGNORECASE) else "safe"
        if word in ("unsafe", "sometimes"):
            return word
        return "none"


def rule_doc(name: str) -> RuleDoc:
    """The documentation of the rule of that name; raises KeyError when there is none."""
    doc = _docs.get(name)
    if doc is None:
        for rule_name, module, _class_name in registry.RULES:
            if rule_name == name:
                doc = RuleDoc(name, _docstring(module))
                _docs[name] = doc
                return doc
        raise KeyError(name)
    return doc


def _docstring(module: str) -> str:
    import ast
    from importlib.resources import files

    source = files("nixlint.rules").joinpath(f"{module.replace('.', '/')}.py").read_text("utf-8")
    return ast.get_docstring(ast.parse(source)) or ""


def markdown(name: str) -> str:
    """The page `nixlint rule NAME` prints: a title, the facts, and the rule's own text."""
    rule = selection.rule_of(name)
    doc = rule_doc(name)
    facts = [
        f"Theme: {selection.theme_of(name)}",
        f"Severity: {rule.severity}",
        f"Default: {'on' if rule.enabled else 'off'}",
        f"Fix: {doc.fix}",
    ]
    lines = [f"# {name}", "", " · ".join(facts)]
    if rule.aliases:
        lines += ["", f"Known elsewhere as: {', '.join(rule.aliases)}"]
    lines += ["", doc.text, "", rule_url(name)]
    return "\n".join(lines)


def facts(name: str) -> dict[str, object]:
    """What `--format json` says about a rule."""
    rule: Rule = selection.rule_of(name)
    doc = rule_doc(name)
    return {
        "name": name,
        "theme": selection.theme_of(name),
        "severity": rule.severity,
        "default": rule.enabled,
        "fix": doc.fix,
        "aliases": list(rule.aliases),
        "summary": doc.summary,
        "url": rule_url(name),
    }
