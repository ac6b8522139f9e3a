"""A fetcher of Nix that fetches whatever is there today.

## What it does
Reports calls of Nix's own fetchers that neither check a hash nor name a commit:

- `fetchTarball` and `builtins.fetchurl` without `sha256`;
- `fetchGit` and `builtins.fetchMercurial` without `rev`;
- `builtins.fetchTree` without `rev` or `narHash`;
- `builtins.getFlake` with a reference without a commit.

Nothing is reported where the argument is computed, or a local path.
For flake.nix see `impure-in-flake`.

## Why it matters
The same code means something else tomorrow, or on another machine.
Nix also asks the server again every hour, and fails without network.

## Example
```nix
import (fetchTarball "https://github.com/NixOS/nixpkgs/archive/nixos-unstable.tar.gz") { }
```

## Use instead
```nix
import (fetchTarball {
  url = "https://github.com/NixOS/nixpkgs/archive/f9ebe33a928b5d529c895202263a5ce46bdf12f7.tar.gz";
  sha256 = "0kmzdxv3qylwrvi0vnpvwfjl3mj5wv16kb2f8xcwh2v02b4z5qqh";
}) { }
```

## Fix safety
None: the hash is known only after fetching.
"""

from __future__ import annotations

from nixlint.diagnostics.model import WARNING, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.fetchers import HASHED, Fetch, fetches, insecure_scheme
from nixlint.rules.flakes import flake_of


class UnpinnedFetcher(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unpinned-fetcher"
        self.severity = WARNING
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        for fetch in fetches(ctx):
            if fetch.unpinned and flake_of(ctx) is None:
                self.check_fetch(fetch, ctx)

    def check_fetch(self, fetch: Fetch, ctx: FileContext) -> None:
        """Looks at a fetch that is not pinned."""
        if insecure_scheme(fetch, ctx.text) is not None:
            # The rule `insecure-fetch-url` says it all.
            return
        if fetch.name in HASHED:
            message = f"`{fetch.name}` without `sha256` accepts whatever the server gives out"
            notes = [Note("`nix-prefetch-url --unpack URL` prints the hash of an archive")]
            if fetch.name == "fetchurl":
                notes = [Note("`nix-prefetch-url URL` prints the hash")]
        elif fetch.name == "getFlake":
            message = "`getFlake` with a reference without a commit fetches another one each time"
            notes = [Note("add the commit: `github:owner/repo/COMMIT`")]
        else:
            message = f"`{fetch.name}` without `{fetch.missing}` fetches another state each time"
            notes = [Note(f"add `{fetch.missing}`, and perhaps `ref` for the branch")]
            if fetch.missing != "rev":
                notes = [Note("add `rev` or `narHash`")]
        ctx.report(self, fetch.function.span, message, notes)
