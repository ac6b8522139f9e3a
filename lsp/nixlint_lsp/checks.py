"""Checking the texts of an editor as the command line checks files.

Configurations are found and remembered here. Nothing here knows the protocol.
"""

from __future__ import annotations

import os
import time
from typing import Final

from nixlint.analysis.check_file import Additional, check_text
from nixlint.analysis.config import Config, ConfigError, Overrides
from nixlint.analysis.discover import discover, leaves_out
from nixlint.analysis.resolver import Resolver
from nixlint.analysis.run import rule_set
from nixlint.diagnostics.model import Diagnostic
from nixlint.ide.document import Document
from nixlint.text import disk
from nixlint.text.build_info import is_compiled
from nixlint_lsp.remembered import Remembered

_STORE: Final = "/nix/store/"
_UNTITLED: Final = "untitled.nix"


class Checker:
    """Checks texts with the configuration of their folders.

    `generation` counts how often configurations were read anew, `looks` how often files came or
    went.
    """

    def __init__(self) -> None:
        self.overrides = Overrides()
        self.generation = 0
        self.failures: list[str] = []
        """Bugs of ours that were met, for the log; whoever reads them empties it."""
        # Seconds for each code point, until there is something to measure.
        self.pace = 0.2e-6 if is_compiled() else 1.5e-6
        self._resolver: Resolver | None = None
        self._wrong: ConfigError | None = None
        """What is wrong with the configuration that the editor names."""
        self._left_out: dict[str, bool] = {}
        self.looks = 0
        self.disk = Remembered()

    @property
    def state(self) -> tuple[int, int]:
        """What a result may depend on beside texts."""
        return self.generation, self.looks

    def look_again(self, looks: int) -> None:
        """Files came or went, if the number is another one."""
        if looks != self.looks:
            self.looks = looks
            self._forget_disk()

    def _forget_disk(self) -> None:
        self.disk.forget()
        self._left_out.clear()

    def configure(self, overrides: Overrides, generation: int) -> None:
        """Use other settings, if the generation is another one."""
        if generation != self.generation or self._resolver is None:
            self.overrides = overrides
            self.generation = generation
            self._resolver = None
            self._forget_disk()

    def _resolve(self, directory: str) -> Config:
        if self._resolver is None:
            self._wrong = None
            try:
                self._resolver = Resolver(self.overrides)
            except ConfigError as error:
                self._wrong = error
                layer = self.overrides.layer
                self._resolver = Resolver(Overrides(layer=layer))
        return self._resolver.for_directory(directory)

    def config_for_directory(self, directory: str) -> Config | None:
        """The configuration of an absolute directory; None when it is broken."""
        try:
            return self._resolve(directory)
        except ConfigError:
            return None

    def broken_config(self, path: str) -> ConfigError | None:
        """What is wrong with the configuration that governs the file at an absolute path."""
        try:
            self._resolve(os.path.dirname(path))
        except ConfigError as error:
            return error
        return self._wrong

    def leaves_out(self, path: str) -> bool:
        """Whether the file at an absolute path is not to be checked: excluded, ignored by git, in
        Nix's store, or governed by a broken configuration."""
        found = self._left_out.get(path)
        if found is None:
            config = self.config_for_directory(os.path.dirname(path))
            found = path.startswith(_STORE) or config is None or leaves_out(config, path)
            self._left_out[path] = found
        return found

    def check(
        self, document: Document, additional: Additional | None, folder: str = "/"
    ) -> list[Diagnostic]:
        """What is found in a document. One without a path counts as a file of `folder`."""
        if document.path:
            path, real = document.path, os.path.exists(document.path)
            if self.leaves_out(path):
                return []
        else:
            path, real = os.path.join(folder, _UNTITLED), False
        config = self.config_for_directory(os.path.dirname(path))
        if config is None:
            return []
        before = disk.record_into(self.disk.now())
        try:
            return self._check(document, additional, config, path, path if real else None)
        finally:
            disk.record_into(before)

    def _check(
        self,
        document: Document,
        additional: Additional | None,
        config: Config,
        path: str,
        real: str | None,
    ) -> list[Diagnostic]:
        started = time.perf_counter()
        settings = config.settings_for(path)
        checked = check_text(
            path,
            document.text,
            rule_set(settings),
            settings.target_nix,
            additional,
            real,
            document.tree,
        )
        size = len(document.text)
        if size > 2000:
            self.pace += ((time.perf_counter() - started) / size - self.pace) / 4
        checked.ctx.unlink()
        for failure in checked.failures:
            error = failure.error
            self.failures.append(f"the rule {failure.rule} failed: {type(error).__name__}: {error}")
        return checked.diagnostics

    def kept(self, path: str, found: list[Diagnostic]) -> list[Diagnostic]:
        """Those of the findings in a file without Nix code that its configuration lets through."""
        config = self.config_for_directory(os.path.dirname(path))
        if config is None:
            return []
        settings = config.settings_for(path)
        kept = [each for each in found if each.rule in settings.selection.enabled]
        for each in kept:
            each.severity = settings.severities.get(each.rule, each.severity)
        return kept

    def files_below(self, folders: list[str]) -> list[tuple[str, int, int]]:
        """The files that are checked below absolute directories: path, time in nanoseconds and
        size of each."""
        self._resolve_nothing()
        assert self._resolver is not None
        out: list[tuple[str, int, int]] = []
        for target in discover(folders, self._resolver).targets:
            try:
                status = os.stat(target.path)
            except OSError:
                continue
            out.append((target.path, status.st_mtime_ns, status.st_size))
        return out

    def _resolve_nothing(self) -> None:
        self.config_for_directory("/")
