"""The reporters by name, each loaded only when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Final

from nixlint.report.base import Options, Reporter

FORMATS: Final = {
    "full": ("nixlint.report.full", "FullReporter"),
    "concise": ("nixlint.report.concise", "ConciseReporter"),
    "json": ("nixlint.report.json", "JsonReporter"),
    "github": ("nixlint.report.github", "GithubReporter"),
    "sarif": ("nixlint.report.sarif", "SarifReporter"),
}
_STATISTICS: Final = {
    "json": ("nixlint.report.statistics", "StatisticsJsonReporter"),
}
_STATISTICS_TEXT: Final = ("nixlint.report.statistics", "StatisticsReporter")


def make_reporter(
    name: str, options: Options, write: Callable[[str], object], statistics: bool = False
) -> Reporter:
    """The reporter of that name; raises KeyError when there is none."""
    module, class_name = _STATISTICS.get(name, _STATISTICS_TEXT) if statistics else FORMATS[name]
    reporter = getattr(importlib.import_module(module), class_name)(options, write)
    assert isinstance(reporter, Reporter)
    return reporter
