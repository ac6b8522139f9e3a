"""Telling from a function's looks what calls it.

What an unused argument means depends on the caller: the module system passes what it has to
every module, `callPackage` passes what the formals name, an overlay is always called with two
sets. These are guesses from names and shapes; see `file_kind.py` for how they add up.
"""

from __future__ import annotations

from typing import Final

from nixlint.syntax.nodes import (
    UPDATE,
    Binding,
    ExprAssert,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprLet,
    ExprParen,
    ExprSelect,
    ExprVar,
    ExprWith,
    Inherit,
    Node,
)
from nixlint.syntax.strings import static_name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MODULE_ARGUMENTS: Final = _words(
    "name config options lib pkgs modulesPath specialArgs _class _prefix baseModules extendModules "
    "extraModules noUserModules utils hmModule osConfig nixosConfig darwinConfig self' inputs' "
    "system moduleWithSystem withSystem getSystem flake-parts-lib"
)
"""What module systems hand to every module, and `name` to submodules."""
MODULE_KEYS: Final = _words("imports options config")
FINAL_NAMES: Final = _words("final self _final _self pkgsFinal finalPkgs")
PREV_NAMES: Final = _words("prev super _prev _super pkgsPrev prevPkgs old _old")
MODULE_WRAPPERS: Final = _words(
    "mkIf mkMerge mkDefault mkForce mkOverride mkAssert recursiveUpdate"
)
BUILDERS: Final = _words(
    "symlinkJoin linkFarm linkFarmFromDrvs callPackage callPackages substituteAll substitute "
    "overrideAttrs override overrideDerivation overridePythonAttrs makeSetupHook "
    "makeDesktopItem makeWrapper derivation appendToName wrapFirefox wrapNeovim hiPrio lowPrio"
)
BUILDER_PREFIXES: Final = (
    "mkDerivation", "build", "write", "run", "fetch", "mkShell", "generic"
)  # fmt: skip
BUILDER_SUFFIXES: Final = ("Derivation", "Package", "Application", "Plugin", "Build")


def strip(node: Node) -> Node:
    """What an expression comes down to: without parentheses, `let`, `with` and `assert`."""
    while True:
        if isinstance(node, ExprParen):
            node = node.expr
        elif isinstance(node, (ExprLet, ExprWith, ExprAssert)):
            node = node.body
        else:
            return node


def called_name(node: ExprCall, text: str) -> str:
    """The last component of the name of what is called: `mkIf` of `lib.mkIf`; or empty."""
    fn = strip(node.fn)
    if isinstance(fn, ExprCall):
        return called_name_of_row(fn, text)
    return name_of(fn, text)


def called_name_of_row(node: ExprCall, text: str) -> str:
    """As `called_name`, for a call whose result is called again."""
    fn: Node = node
    while isinstance(fn, ExprCall):
        fn = strip(fn.fn)
    return name_of(fn, text)


def name_of(node: Node, text: str) -> str:
    """The name of a variable, or the last one of a selection; or empty."""
    if isinstance(node, ExprVar):
        return text[node.start : node.end]
    if isinstance(node, ExprSelect):
        path = node.path
        last = path.first if path.rest is None else path.rest[len(path.rest) - 1]
        name = static_name(last, text)
        return name if name is not None else ""
    return ""


def base_name(node: Node, text: str) -> str:
    """The variable that a selection begins with, or the variable itself; or empty."""
    node = strip(node)
    while isinstance(node, ExprSelect):
        node = strip(node.base)
    return text[node.start : node.end] if isinstance(node, ExprVar) else ""


def has_key(node: ExprAttrs, text: str, wanted: frozenset[str]) -> bool:
    """Whether one of the `wanted` names is an attribute of the set."""
    for bind in node.binds:
        if isinstance(bind, Binding):
            if static_name(bind.path.first, text) in wanted:
                return True
        elif isinstance(bind, Inherit):
            for attr in bind.names:
                if static_name(attr, text) in wanted:
                    return True
    return False


def is_module_body(node: Node, text: str) -> bool:
    """Whether a function's result looks like what a module returns: some sort of set."""
    todo: list[Node] = [node]
    while todo:
        at = strip(todo.pop())
        if isinstance(at, ExprAttrs):
            continue
        if isinstance(at, ExprBinOp) and at.op == UPDATE:
            todo.append(at.left)
            todo.append(at.right)
        elif isinstance(at, ExprIf):
            todo.append(at.then_)
            todo.append(at.else_)
        elif isinstance(at, ExprCall):
            name = called_name(at, text)
            if name in MODULE_WRAPPERS or (name.startswith("mk") and not is_builder(at, text)):
                continue
            if name == "import" or name.startswith("optional"):
                continue
            return False
        else:
            return False
    return True


def is_builder(node: ExprCall, text: str) -> bool:
    """Whether a call looks like one that makes a derivation."""
    fn = strip(node.fn)
    while isinstance(fn, ExprCall):
        fn = strip(fn.fn)
    name = name_of(fn, text)
    base = base_name(fn, text)
    if base == "lib" or base == "builtins":
        return False
    if name in BUILDERS:
        return True
    return name.startswith(BUILDER_PREFIXES) or name.endswith(BUILDER_SUFFIXES)


def is_module_header(node: ExprLambda, text: str) -> bool:
    """Whether a function looks like a module, or like another function that is called with more
    than it asks for: `{ lib, pkgs, ... }:` before a set."""
    formals = node.arg.formals
    if formals is None or not formals.ellipsis:
        return False
    if not is_module_body(node.body, text):
        return False
    for formal in formals.items:
        if text[formal.name.start : formal.name.end] in MODULE_ARGUMENTS:
            return True
    body = strip(node.body)
    return isinstance(body, ExprAttrs) and has_key(body, text, MODULE_KEYS)


def is_overlay(node: ExprLambda, text: str) -> bool:
    """Whether a function looks like an overlay: `final: prev: …` or `self: super: …`."""
    inner = node.body
    if not isinstance(inner, ExprLambda):
        return False
    first = node.arg
    second = inner.arg
    if first.formals is not None or second.formals is not None:
        return False
    if first.name is None or second.name is None:
        return False
    name = text[first.name.start : first.name.end]
    other = text[second.name.start : second.name.end]
    if name in FINAL_NAMES and (other in PREV_NAMES or other == "_"):
        return True
    return name == "_" and other in PREV_NAMES
