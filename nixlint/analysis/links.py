"""Where the pages about rules are. One constant, used by every report and by editors."""

from __future__ import annotations

from typing import Final

RULE_PAGES: Final = "https://github.com/nixlint/nixlint/blob/main/docs/rules/"
HOME_PAGE: Final = "https://github.com/nixlint/nixlint"


def rule_url(name: str) -> str:
    """The address of the page about a rule."""
    return f"{RULE_PAGES}{name}.md"
