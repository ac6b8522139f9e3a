"""Completion in flake.nix: its attributes, its inputs, and what outputs there are."""

from __future__ import annotations

from typing import Final

from nixlint.ide.completion.context import Context
from nixlint.ide.completion.proposals import DONE, LIKELY, Proposals, escaped
from nixlint.ide.document import Document
from nixlint.ide.facts import ProjectFacts
from nixlint.ide.hovering.hover import flake_path
from nixlint.ide.knowledge.known import Attrs, Resolver, is_flake_outputs
from nixlint.ide.model import ATTRIBUTE, INPUT
from nixlint.semantic.shapes import strip
from nixlint.syntax.nodes import ExprAttrs, ExprLambda, unparen
from nixlint.syntax.strings import quote_name, static_name

TOP: Final = {
    "description": ("One line about the flake.", '"${1}"'),
    "inputs": ("What the flake depends on.", "{\n  ${1}\n}"),
    "outputs": (
        "A function from the inputs to what the flake provides.",
        "{ self, ${1} }: {\n  $2\n}",
    ),
    "nixConfig": ("Settings of Nix, for those who accept them.", "{ ${1} }"),
}
OF_INPUT: Final = {
    "url": ("Where the input comes from, as a flake reference.", '"${1:github:owner/repo}"'),
    "follows": ("Take another input in its place.", '"${1:nixpkgs}"'),
    "flake": ("Whether it is a flake; `false` gives its sources only.", "${1|false,true|}"),
    "inputs": ("Replace inputs of this input.", "{ ${1} }"),
    "type": ("The kind of fetcher, such as `github` or `git`.", '"${1:github}"'),
    "owner": ("The owner of the repository.", '"${1}"'),
    "repo": ("The repository.", '"${1}"'),
    "ref": ("A branch or tag.", '"${1}"'),
    "rev": ("A commit.", '"${1}"'),
    "dir": ("The directory of flake.nix in the source.", '"${1}"'),
    "submodules": ("Whether Git submodules are fetched.", "${1|true,false|}"),
}
OUTPUTS: Final = {
    "packages": "Derivations by system, for `nix build` and `nix run`.",
    "legacyPackages": "Nested sets of derivations by system.",
    "apps": "Programs by system, for `nix run`.",
    "devShells": "Environments by system, for `nix develop`.",
    "checks": "Derivations by system that `nix flake check` builds.",
    "formatter": "By system, what `nix fmt` runs.",
    "bundlers": "By system, for `nix bundle`.",
    "overlays": "Functions `final: prev: { … }`.",
    "nixosModules": "Modules of NixOS.",
    "nixosConfigurations": "Systems, for `nixos-rebuild`.",
    "darwinModules": "Modules of nix-darwin.",
    "darwinConfigurations": "Systems, for `darwin-rebuild`.",
    "homeModules": "Modules of home-manager.",
    "homeConfigurations": "Environments of users, for `home-manager`.",
    "flakeModules": "Modules of flake-parts.",
    "templates": "Directories, for `nix flake init`.",
    "hydraJobs": "Nested derivations, for Hydra.",
    "lib": "Functions for others.",
}
BY_SYSTEM: Final = frozenset(
    ("packages", "legacyPackages", "apps", "devShells", "checks", "formatter", "bundlers")
)
SYSTEMS: Final = ("x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin")
SETTINGS: Final = {
    "extra-substituters": "Binary caches beside those of the user.",
    "extra-trusted-public-keys": "Keys of such binary caches.",
    "extra-experimental-features": "Features of Nix that are not stable.",
    "allow-import-from-derivation": "Whether evaluation may wait for builds.",
    "accept-flake-config": "Whether settings of flakes are accepted.",
}


def is_flake(document: Document) -> bool:
    """Whether the file is a flake.nix."""
    return document.path.endswith("/flake.nix")


def input_names(document: Document, facts: ProjectFacts | None) -> list[str]:
    """The inputs of the flake: those of the text if it is a flake.nix, those known otherwise."""
    if is_flake(document):
        resolver = Resolver()
        root = resolver.value(document, document.tree.root.expr)
        inputs = resolver.attribute(root, "inputs")
        if isinstance(inputs, Attrs):
            return list(dict.fromkeys(member.name for member in inputs.members()))
    return list(facts.inputs) if facts is not None else []


def keys(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> bool:
    """Proposes attributes of a flake.nix; False when the place has nothing to do with a flake."""
    document = context.document
    if not is_flake(document) or not isinstance(context.owner, ExprAttrs):
        return False
    end = next(i for i, node in enumerate(context.path) if node is context.owner) + 1
    names = flake_path(document, context.path[:end], None)
    before = [static_name(name, document.text) or "" for name in context.before()]
    if _in_outputs(context):
        return _outputs(context, proposals, before)
    if any(isinstance(node, ExprLambda) for node in context.path[:end]):
        return False
    path = [*names, *before]
    table: dict[str, tuple[str, str]] = {}
    if not path:
        table = TOP
    elif path[0] == "inputs":
        depth = len(path)
        while depth > 2 and path[depth - 2] == "inputs":
            depth -= 2
        is_input = len(path) >= 2 and path[-2] == "inputs"
        if is_input:
            table = OF_INPUT
        elif path[-1] == "inputs" and len(path) > 1:
            for name in input_names(document, facts):
                if name != path[-2]:
                    proposals.add(name, INPUT, quote_name(name))
    elif path == ["nixConfig"]:
        table = {name: (text, "${1}") for name, text in SETTINGS.items()}
    written = _written(context, before)
    for name, (text, body) in table.items():
        order = DONE if name in written else LIKELY
        if proposals.snippets and not context.followed_by("=."):
            proposals.add(name, ATTRIBUTE, f"{escaped(name)} = {body};$0", "", order, True,
                          documentation=text)  # fmt: skip
        else:
            proposals.add(name, ATTRIBUTE, order=order, documentation=text)
    return True


def _written(context: Context, before: list[str]) -> set[str]:
    resolver = Resolver()
    assert context.owner is not None
    at = resolver.value(context.document, context.owner)
    for name in before:
        at = resolver.attribute(at, name)
    if not isinstance(at, Attrs):
        return set()
    return {member.name for member in at.members()} - {context.prefix}


def _in_outputs(context: Context) -> bool:
    """Whether the names are bound in the set that `outputs` gives back, or below a key of it."""
    for node in context.path:
        if isinstance(node, ExprLambda) and is_flake_outputs(context.document, node):
            body = strip(node.body)
            return body is context.owner
    return False


def _outputs(context: Context, proposals: Proposals, before: list[str]) -> bool:
    if not before:
        for name, text in OUTPUTS.items():
            proposals.add(name, ATTRIBUTE, documentation=text, order=LIKELY)
        return True
    if len(before) == 1 and before[0] in BY_SYSTEM:
        for name in SYSTEMS:
            proposals.add(name, ATTRIBUTE, order=LIKELY)
        return True
    return False


def formals(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> bool:
    """Proposes inputs where the arguments of `outputs` are written."""
    node = context.owner
    if not isinstance(node, ExprLambda) or not is_flake_outputs(context.document, unparen(node)):
        return False
    proposals.add("self", INPUT, documentation="This flake.")
    for name in input_names(context.document, facts):
        proposals.add(name, INPUT, order=LIKELY, data=f"input:{name}")
    return True


def texts(context: Context, proposals: Proposals, facts: ProjectFacts | None) -> bool:
    """Proposes inputs in the string behind `follows`."""
    names = flake_path(context.document, context.path, None)
    if not names or names[-1] != "follows" or names[0] != "inputs":
        return False
    start = context.document.text.rfind('"', 0, context.offset) + 1
    context.start = start
    proposals.restart()
    for name in input_names(context.document, facts):
        if len(names) < 2 or name != names[1]:
            proposals.add(name, INPUT, order=LIKELY, data=f"input:{name}")
    return True
