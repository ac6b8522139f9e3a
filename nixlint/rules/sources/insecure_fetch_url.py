"""A fetcher that reads from an address that anybody on the way can forge.

## What it does
Reports calls of Nix's own fetchers whose `url` begins with `http://`, `git://` or `ftp://` while
neither a hash nor a commit says what must be found there.
For flake.nix see `impure-in-flake`.

## Why it matters
Whoever controls the network between you and the server decides what code is evaluated and built.

## Example
```nix
import (fetchTarball "http://example.org/lib.tar.gz")
```

## Use instead
```nix
import (fetchTarball {
  url = "https://example.org/lib.tar.gz";
  sha256 = "0kmzdxv3qylwrvi0vnpvwfjl3mj5wv16kb2f8xcwh2v02b4z5qqh";
})
```

## Fix safety
None: the server may not have the same address with `https://`.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.fetchers import Fetch, fetches, insecure_scheme
from nixlint.rules.flakes import flake_of


class InsecureFetchUrl(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "insecure-fetch-url"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for fetch in fetches(ctx):
            if fetch.unpinned and flake_of(ctx) is None:
                self.check_fetch(fetch, ctx)

    def check_fetch(self, fetch: Fetch, ctx: FileContext) -> None:
        """Looks at a fetch that is not pinned."""
        span = insecure_scheme(fetch, ctx.text)
        if span is not None:
            scheme = ctx.text[span.start : span.end]
            message = f"what comes over `{scheme}` can be forged, and no hash says what it must be"
            notes = [Note("use `https://`, and say which hash or commit is expected")]
            ctx.report(self, span, message, notes)
