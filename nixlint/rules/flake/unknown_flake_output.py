"""An output with a name that neither Nix nor a well-known tool looks for.

## What it does
Reports attributes of what a flake's `outputs` returns whose name resembles a well-known one, but is
another: `package`, `devshells`, `nixosConfiguration`.

## Why it matters
An output may have any name, so a misspelled one is no error, only nothing finds it.
`nix flake check` warns about unknown outputs.

## Example
```nix file: flake.nix
{
  outputs = { self }: { package.x86_64-linux.default = null; };
}
```

## Use instead
```nix file: flake.nix
{
  outputs = { self }: { packages.x86_64-linux.default = null; };
}
```

## Fix safety
Unsafe: it guesses which name was meant.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import HINT, UNSAFE, Edit, Fix, Note
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flakes import output_sets
from nixlint.rules.unresolved import nearest_of, typing_distance
from nixlint.syntax.nodes import Binding
from nixlint.syntax.strings import quote_name

TARGETS: Final = (
    "packages legacyPackages devShells apps checks formatter overlays nixosModules "
    "nixosConfigurations darwinConfigurations darwinModules homeConfigurations homeModules "
    "templates hydraJobs bundlers homeManagerModules flakeModules"
)
"""What misspelled names are compared with."""
KNOWN: Final = (
    "defaultPackage defaultApp defaultTemplate defaultBundler overlay devShell nixosModule lib "
    "flakeModule herculesCI homeModule nixopsConfigurations homeManagerModule "
    "homeManagerConfigurations darwinModule colmena colmenaHive deploy diskoConfigurations "
    "nixOnDroidConfigurations systemConfigs nixvimModules nixvimConfigurations nixvimModule "
    "schemas githubActions effects "
    "modules module template app check test tests package-sets devshell hydraJob hosts homes users "
    "libs pkgs overlayAttrs inputs outputs self config options formatters"
)
"""Names that other tools look for, or that many flakes use for themselves."""


class UnknownFlakeOutput(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "unknown-flake-output"
        self.severity = HINT
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        targets = TARGETS.split()
        known = KNOWN.split()
        for found in output_sets(ctx):
            for name, entry in found.entry.children.items():
                if name in targets or name in known or name.startswith("_"):
                    continue
                other = nearest_of(name, targets)
                if not other or typing_distance(name, other, 2) > 1:
                    continue
                fix: Fix | None = None
                if other not in found.entry.children and ctx.text.count(name) == len(entry.names):
                    edits: list[Edit] = []
                    for index, owner in enumerate(entry.owners):
                        if isinstance(owner, Binding):
                            edits.append(Edit(entry.names[index].span, other))
                    if len(edits) == len(entry.owners):
                        fix = Fix(f"Rename to `{other}`", edits, UNSAFE)
                message = f"nothing looks for an output `{quote_name(name)}`"
                ctx.report(
                    self,
                    entry.name_node.span,
                    message,
                    [Note(f"did you mean `{other}`?")],
                    fix,
                )
