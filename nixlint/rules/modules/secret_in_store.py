"""A secret that everybody can read.

## What it does
Reports options for passwords, tokens and keys whose value is written out, or read from a file with
`builtins.readFile`.
Names of options decide: `password`, `initialPassword`, `rootPassword`, `apiKey`, `secretKey`,
`token`, `accessToken` and the like, in modules.

## Why it matters
Whatever is part of a configuration lies in the Nix store, which every user of the machine can read,
and in the repository.

## Example
```nix
{ ... }:
{
  services.app.database.password = "correct horse battery staple";
}
```

## Use instead
Name a file that holds the secret, and let sops-nix or agenix put it there:

```nix
{ config, ... }:
{
  services.app.database.passwordFile = config.age.secrets.database.path;
}
```

## Fix safety
None: the secret must be moved, and changed.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.diagnostics.model import WARNING
from nixlint.rules.base import FileContext, Rule
from nixlint.semantic.model import FILE_MODULE
from nixlint.semantic.shapes import name_of
from nixlint.syntax.nodes import Binding, ExprCall, Node, unparen
from nixlint.syntax.strings import constant_text, static_name

_NAMES: Final = re.compile(
    r"password|passphrase|token|secret"
    r"|(?:initial|root|admin|db|user|smtp|mysql|bind)Pass(?:word|phrase)"
    r"|(?:api|secret|private|access|encryption)(?:Key|Token)|(?:auth|bot)Token|clientSecret"
)
_NOT_SET: Final = frozenset(("example", "options", "description", "defaultText", "exampleText"))
"""Attributes in which options are only talked about."""
_HARMLESS: Final = re.compile(r"|.*[<$@{/%].*|changeme|placeholder|dummy|x+|\*+|!.*|\s+", re.DOTALL)
"""Values that stand for a secret which comes from somewhere else."""


class SecretInStore(Rule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "secret-in-store"
        self.severity = WARNING
        self.enabled = False
        self.whole_file = True

    def check_file(self, ctx: FileContext) -> None:
        if _NAMES.search(ctx.text) is None or ctx.model.file_kind != FILE_MODULE:
            return
        stack: list[Node] = [ctx.tree.root]
        while stack:
            node = stack.pop()
            if isinstance(node, Binding):
                names = node.path.names()
                if static_name(names[0], ctx.text) in _NOT_SET:
                    continue
                name = static_name(names[len(names) - 1], ctx.text)
                if name is not None and _NAMES.fullmatch(name) is not None:
                    self._binding(node, name, ctx)
            stack.extend(node.children())

    def _binding(self, node: Binding, name: str, ctx: FileContext) -> None:
        value = unparen(node.value)
        text = constant_text(value, ctx.text)
        if text is not None:
            if _HARMLESS.fullmatch(text) is None:
                ctx.report(self, node.path.span, f"the value of `{name}` is readable for everybody")
        elif isinstance(value, ExprCall) and name_of(value.fn, ctx.text) == "readFile":
            message = f"`readFile` makes the value of `{name}` readable for everybody"
            ctx.report(self, node.path.span, message)
