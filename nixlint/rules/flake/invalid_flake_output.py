"""An output of a flake that is something else than Nix expects there.

## What it does
Evaluates the outputs of the flake, across all its files, and reports those that are certainly of
the wrong kind:

- outputs divided by system (`packages`, `devShells`, `apps`, `checks`, `formatter`,
  `legacyPackages`, …) that are no set, have something else than a system as an attribute, or hold
  something that is no package, such as a function nobody called;
- apps without `type` or `program`;
- overlays that are no functions;
- NixOS modules that are a number, a Boolean, a list, or a string that is no path;
- templates without `path` or `description`;
- configurations that are no configurations, or lie below a system, where nothing looks for them.

What depends on packages is unknown here, and nothing is said about it.
What can be seen in flake.nix alone is left to the rules `invalid-flake-system`,
`invalid-flake-app`, `invalid-flake-overlay`, `invalid-flake-template` and
`flake-output-under-each-system`.

## Why it matters
The commands that look for these outputs fail, or do not find them.
`nix flake check` would find most of this, but has to fetch all inputs first, and stops at the first
mistake.

## Example
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs =
    { self, nixpkgs }:
    {
      packages.x86_64-linux.greeting = import ./greeting.nix;
    };
}
```
```nix file: greeting.nix
{ writeShellScriptBin }: writeShellScriptBin "greeting" "echo hello"
```

## Use instead
```nix file: flake.nix
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs =
    { self, nixpkgs }:
    let
      pkgs = nixpkgs.legacyPackages.x86_64-linux;
    in
    {
      packages.x86_64-linux.greeting = pkgs.callPackage ./greeting.nix { };
    };
}
```

## Fix safety
None: what was meant cannot be known.
"""

from __future__ import annotations

from typing import Final

from nixlint.diagnostics.model import WARNING, Note
from nixlint.evaluate.evaluator import Evaluator, on_large_stack
from nixlint.evaluate.values import (
    ATTRS,
    BOOL,
    FLOAT,
    INT,
    LAMBDA,
    LIST,
    NULL,
    PATH,
    PRIMOP,
    STRING,
    TYPE_ERROR,
    UNKNOWN,
    Code,
    CodeFile,
    Value,
    VAttrs,
    VPath,
    VString,
    VUnknown,
)
from nixlint.project.flake.value import Place, evaluation_of, place_of_attribute
from nixlint.rules.base import FileContext, Rule
from nixlint.rules.flake.flake_output_under_each_system import FlakeOutputUnderEachSystem
from nixlint.rules.flake.invalid_flake_app import InvalidFlakeApp
from nixlint.rules.flake.invalid_flake_overlay import InvalidFlakeOverlay
from nixlint.rules.flake.invalid_flake_system import FLAT, InvalidFlakeSystem
from nixlint.rules.flake.invalid_flake_template import InvalidFlakeTemplate
from nixlint.rules.flakes import PER_SYSTEM
from nixlint.rules.project_base import ProjectContext, ProjectRule
from nixlint.rules.systems import is_system, meant_system
from nixlint.syntax.nodes import Binding, Node
from nixlint.syntax.strings import quote_name
from nixlint.text.span import Span

MAX_STEPS: Final = 500_000
"""What looking at the outputs of one flake may cost."""

CONFIGURATIONS: Final[dict[str, str]] = {
    "nixosConfigurations": "nixpkgs.lib.nixosSystem { … }",
    "darwinConfigurations": "nix-darwin.lib.darwinSystem { … }",
    "homeConfigurations": "home-manager.lib.homeManagerConfiguration { … }",
}
"""Outputs that hold configurations, and what makes one."""
FINDERS: Final[dict[str, str]] = {
    "nixosConfigurations": "nixos-rebuild",
    "darwinConfigurations": "darwin-rebuild",
    "homeConfigurations": "home-manager",
}
OUTSIDE: Final = "what `eachDefaultSystem` returns has the system in it: define this outside of it"
MARK: Final = "nixlint-configuration"
TELLTALE: Final = (
    "config",
    "options",
    "type",
    "drvPath",
    "outPath",
    "__functor",
    "activationPackage",
)
"""A set with one of these may be a configuration, or a package, made by other means."""


class InvalidFlakeOutput(ProjectRule):
    def __init__(self) -> None:
        super().__init__()
        self.name = "invalid-flake-output"
        self.severity = WARNING

    def check_project(self, ctx: ProjectContext) -> None:
        flake = ctx.flake
        if flake is None or flake.outputs_lambda is None:
            return
        on_large_stack(_Check(self, ctx).run)


class _Found:
    """A finding before it is known whether another rule says the same."""

    def __init__(self, output: str, place: Place, message: str, notes: list[Note]) -> None:
        self.output = output
        self.place = place
        self.message = message
        self.notes = notes


class _Check:
    """One look at all outputs."""

    def __init__(self, rule: Rule, ctx: ProjectContext) -> None:
        self.rule = rule
        self.ctx = ctx
        self.evaluation = evaluation_of(ctx.project)
        self.ev: Evaluator = self.evaluation.evaluator
        self.found: list[_Found] = []
        self.seen: set[tuple[str, int, str]] = set()

    def run(self) -> None:
        ev = self.ev
        ev.renew()
        before = ev.max_steps
        ev.max_steps = MAX_STEPS
        try:
            self.look()
        finally:
            ev.max_steps = before
            ev.renew()
        if self.found:
            self.report()

    def look(self) -> None:
        value = self.ev.forced(self.evaluation.value)
        if not isinstance(value, VAttrs):
            if isinstance(value, VUnknown) and value.error is not None:
                self.no_outputs(value)
            return
        outputs = self.ev.attribute(value, "outputs")
        if not isinstance(outputs, VAttrs):
            return
        top = Place(self.ctx.flake_path, self.name_of_outputs())
        for name in PER_SYSTEM:
            self.per_system(name, outputs, top)
        self.modules(outputs, top)
        self.overlays(outputs, top)
        self.templates(outputs, top)
        for name in CONFIGURATIONS:
            self.configurations(name, outputs, top)

    def no_outputs(self, failed: VUnknown) -> None:
        """The outputs as a whole, when they are no set."""
        if failed.error is None or failed.error.kind != TYPE_ERROR:
            return
        ev = self.ev
        site = Code(CodeFile(self.ctx.flake_path, self.ctx.project.root, ""), 0, 0)
        flake = ev.evaluate_file(self.evaluation.root_path + "/flake.nix")
        function = ev.attribute(flake, "outputs")
        result = ev.called(function, self.evaluation.inputs, site)
        if known_kind(result) in (-1, ATTRS):
            return
        message = f"`outputs` must return a set, but this is {kind_name(result)}"
        notes: list[Note] = []
        if result.kind in (LAMBDA, PRIMOP):
            notes.append(Note("Nix calls it once, with a set of all inputs and `self`"))
        self.add("outputs", Place(self.ctx.flake_path, self.name_of_outputs()), message, notes)

    # Outputs divided by system.

    def per_system(self, name: str, outputs: VAttrs, top: Place) -> None:
        whole = self.known(outputs, name)
        if whole is None:
            return
        here = self.place(outputs, name, top)
        if not isinstance(whole, VAttrs):
            message = f"`{name}` must be a set with one attribute for each system, "
            self.add(name, here, message + f"but it is {kind_name(whole)}", [])
            return
        for system in common_first(whole):
            place = self.place(whole, system, here)
            shown = f"{name}.{quote_name(system)}"
            if not is_system(system):
                self.no_system(name, system, place)
                continue
            value = self.known(whole, system)
            if value is None or value.kind == NULL:
                continue
            if name in FLAT:
                self.leaf(name, shown, value, place)
                continue
            if not isinstance(value, VAttrs):
                message = f"`{shown}` must be a set, but it is {kind_name(value)}"
                self.add(
                    name, place, message, [Note(f"what is in it has a name: `{shown}.default`")]
                )
                continue
            if name == "legacyPackages":
                continue
            for key in value.attrs:
                one = self.known(value, key)
                if one is not None and one.kind != NULL:
                    inner = self.place(value, key, place)
                    self.leaf(name, f"{shown}.{quote_name(key)}", one, inner)

    def no_system(self, name: str, key: str, place: Place) -> None:
        meant = meant_system(key)
        shown = quote_name(key)
        if meant:
            message = f"`{name}` is divided by system, and there is no system `{shown}`"
            self.add(name, place, message, [Note(f"did you mean `{meant}`?")])
        elif "-" not in key:
            whole = f"{name}.x86_64-linux" + ("" if name in FLAT else f".{shown}")
            message = f"`{name}` is divided by system, and `{shown}` is none"
            self.add(name, place, message, [Note(f"it would be `{whole}`, for example")])

    def leaf(self, name: str, shown: str, value: Value, place: Place) -> None:
        """What lies below the system and, unless the output is flat, a name."""
        if name in ("apps", "defaultApp"):
            self.app(name, shown, value, place)
            return
        if name in ("bundlers", "defaultBundler"):
            return
        what = {"devShells": "a shell", "devShell": "a shell", "checks": "a derivation"}
        wanted = what.get(name, "a package")
        if isinstance(value, VAttrs):
            if value.rest is not None or any(each in value.attrs for each in TELLTALE):
                return
            notes = [
                Note(f"here should be {wanted}, as `pkgs.mkShell` or `pkgs.callPackage` give it")
            ]
            inside = [key for key in value.attrs if is_system(key)]
            if inside:
                notes = [Note(f"it has the system in it once more: `{shown}.{inside[0]}`")]
            elif name == "packages" and value.attrs:
                notes = [Note("sets of packages belong into `legacyPackages`")]
            self.add(name, place, f"`{shown}` is a set, not {wanted}", notes)
            return
        notes = []
        if value.kind in (LAMBDA, PRIMOP):
            notes.append(Note("call it: `pkgs.callPackage ./file.nix { }` passes what it asks for"))
            if name == "formatter":
                notes = [Note(f"for example `{shown} = pkgs.nixfmt;`")]
        elif isinstance(value, VPath):
            notes.append(Note("`pkgs.callPackage ./file.nix { }` builds what a file describes"))
        self.add(name, place, f"`{shown}` is {kind_name(value)}, not {wanted}", notes)

    def app(self, name: str, shown: str, value: Value, place: Place) -> None:
        example = Note('an app is `{ type = "app"; program = "${package}/bin/name"; }`')
        if not isinstance(value, VAttrs):
            self.add(name, place, f"`{shown}` is {kind_name(value)}, not an app", [example])
            return
        kind = self.known(value, "type")
        if isinstance(kind, VString) and kind.text == "derivation":
            return
        if kind is not None and not (isinstance(kind, VString) and kind.text == "app"):
            here = self.place(value, "type", place)
            self.add(name, here, f'the `type` of the app `{shown}` must be `"app"`', [])
        program = self.known(value, "program")
        if program is not None and program.kind not in (STRING, PATH, ATTRS):
            here = self.place(value, "program", place)
            message = f"the `program` of the app `{shown}` must be a string, "
            self.add(name, here, message + f"but it is {kind_name(program)}", [])
        if value.rest is not None or "__functor" in value.attrs:
            return
        missing = [each for each in ("type", "program") if each not in value.attrs]
        if missing:
            listed = " and no ".join(f"`{each}`" for each in missing)
            self.add(name, place, f"the app `{shown}` has no {listed}", [example])

    # Outputs that are not.

    def modules(self, outputs: VAttrs, top: Place) -> None:
        whole = self.known(outputs, "nixosModules")
        if whole is None:
            return
        here = self.place(outputs, "nixosModules", top)
        if not isinstance(whole, VAttrs):
            message = f"`nixosModules` must be a set of modules, but it is {kind_name(whole)}"
            self.add(
                "nixosModules", here, message, [Note("a single module is `nixosModules.default`")]
            )
            return
        for name in whole.attrs:
            value = self.known(whole, name)
            if value is None or value.kind not in (INT, FLOAT, BOOL, LIST, STRING):
                continue
            if isinstance(value, VString) and value.text.startswith("/"):
                continue
            notes = [
                Note("a module is a file, a set, or a function such as `{ config, ... }: { … }`")
            ]
            if value.kind == LIST:
                notes = [Note("a module that loads several others is `{ imports = [ … ]; }`")]
            elif value.kind == STRING:
                notes = [Note("a path has no quotes: `./module.nix`")]
            place = self.place(whole, name, here)
            message = f"the module `nixosModules.{quote_name(name)}` is {kind_name(value)}"
            self.add("nixosModules", place, message, notes)

    def overlays(self, outputs: VAttrs, top: Place) -> None:
        shape = "an overlay is a function: `final: prev: { … }`"
        single = self.known(outputs, "overlay")
        if single is not None and not is_callable(single):
            here = self.place(outputs, "overlay", top)
            self.add("overlay", here, f"the overlay is {kind_name(single)}", [Note(shape)])
        whole = self.known(outputs, "overlays")
        if whole is None:
            return
        here = self.place(outputs, "overlays", top)
        if not isinstance(whole, VAttrs):
            message = f"`overlays` must be a set of overlays, but it is {kind_name(whole)}"
            notes = [Note("if it is an overlay itself, call it `overlays.default`")]
            self.add("overlays", here, message, notes if is_callable(whole) else [])
            return
        for name in whole.attrs:
            value = self.known(whole, name)
            if value is None or is_callable(value):
                continue
            shown = f"overlays.{quote_name(name)}"
            place = self.place(whole, name, here)
            if is_system(name) and isinstance(value, VAttrs):
                message = "`overlays` is not divided by system: nothing looks for an overlay there"
                for inner in value.attrs:
                    place = self.place(value, inner, place)
                    break
                self.add("overlays", place, message, [Note(OUTSIDE)])
                continue
            notes = [Note(shape)]
            if isinstance(value, VPath):
                notes = [Note("`import` gives what is in a file")]
            self.add("overlays", place, f"the overlay `{shown}` is {kind_name(value)}", notes)

    def templates(self, outputs: VAttrs, top: Place) -> None:
        example = Note('a template is `{ path = ./directory; description = "…"; }`')
        whole = self.known(outputs, "templates")
        if whole is None:
            return
        here = self.place(outputs, "templates", top)
        if not isinstance(whole, VAttrs):
            message = f"`templates` must be a set of templates, but it is {kind_name(whole)}"
            self.add("templates", here, message, [example])
            return
        for name in whole.attrs:
            value = self.known(whole, name)
            if value is None:
                continue
            shown = f"templates.{quote_name(name)}"
            place = self.place(whole, name, here)
            if not isinstance(value, VAttrs):
                self.add(
                    "templates", place, f"`{shown}` is {kind_name(value)}, no template", [example]
                )
                continue
            path = self.known(value, "path")
            if path is not None and path.kind not in (STRING, PATH, ATTRS):
                message = f"the `path` of the template `{shown}` is {kind_name(path)}"
                self.add("templates", self.place(value, "path", place), message, [example])
            if value.rest is not None:
                continue
            missing = [each for each in ("path", "description") if each not in value.attrs]
            if missing:
                listed = " and no ".join(f"`{each}`" for each in missing)
                message = f"the template `{shown}` has no {listed}"
                self.add("templates", place, message, [example])

    # Configurations.

    def configurations(self, output: str, outputs: VAttrs, top: Place) -> None:
        whole = self.known(outputs, output)
        if whole is None:
            return
        here = self.place(outputs, output, top)
        if not isinstance(whole, VAttrs):
            message = f"`{output}` must be a set of configurations, but it is {kind_name(whole)}"
            self.add(output, here, message, [])
            return
        maker = CONFIGURATIONS[output]
        for name in common_first(whole):
            value = self.known(whole, name)
            if value is None or value.kind == NULL:
                continue
            shown = f"{output}.{quote_name(name)}"
            place = self.place(whole, name, here)
            if not isinstance(value, VAttrs):
                message = f"`{shown}` is {kind_name(value)}, not a configuration"
                self.add(output, place, message, [Note(f"`{maker}` makes one")])
                continue
            if value.rest is not None or any(each in value.attrs for each in TELLTALE):
                continue
            inside = self.configuration_in(value) if is_system(name) else None
            if inside is not None:
                below = f"{shown}.{quote_name(inside)}"
                message = f"`{below}` is a configuration where `{FINDERS[output]}` does not look"
                correct = Note(f"it must be `{output}.{quote_name(inside)}`, without the system")
                place = self.place(value, inside, place)
                self.add(output, place, message, [correct, Note(OUTSIDE)])
            elif "modules" in value.attrs:
                message = f"`{shown}` holds the arguments of a configuration, but is none"
                self.add(output, place, message, [Note(f"`{maker}` makes one of them")])

    def configuration_in(self, value: VAttrs) -> str | None:
        """The name of the first attribute that is certainly a configuration."""
        for name in value.attrs:
            one = self.known(value, name)
            if isinstance(one, VAttrs):
                mark = self.known(one, "_type")
                if isinstance(mark, VString) and mark.text == MARK:
                    return name
        return None

    # Helpers.

    def known(self, owner: VAttrs, name: str) -> Value | None:
        """The attribute if it is certainly there, and its type is known."""
        value = owner.attrs.get(name)
        if value is None:
            return None
        forced = self.ev.forced(value)
        return None if forced.kind == UNKNOWN else forced

    def place(self, owner: VAttrs, name: str, outer: Place) -> Place:
        """Where an attribute is written, or else what it lies in."""
        found = place_of_attribute(self.ctx.project, owner, name)
        return outer if found is None else found

    def name_of_outputs(self) -> Span:
        """Where flake.nix says `outputs`."""
        flake = self.ctx.flake
        assert flake is not None and flake.outputs is not None
        target: Node = flake.outputs
        stack: list[Node] = [flake.tree.root]
        while stack:
            node = stack.pop()
            if isinstance(node, Binding) and node.value is target:
                return node.path.span
            if node.start <= target.start and node.end >= target.end:
                stack.extend(node.children())
        return Span(target.start, target.start + 1)

    def add(self, output: str, place: Place, message: str, notes: list[Note]) -> None:
        """Keeps a finding; the same for another system at the same place is no other one."""
        key = (place.path, place.span.start, output)
        if key not in self.seen:
            self.seen.add(key)
            self.found.append(_Found(output, place, message, notes))

    def report(self) -> None:
        """Reports what no rule about flake.nix alone says, too."""
        ctx = self.ctx
        tree = ctx.project.tree(ctx.flake_path)
        assert tree is not None
        file = FileContext(ctx.flake_path, tree, (2, 30), ctx.flake_path)
        for rule in (
            InvalidFlakeSystem(),
            InvalidFlakeApp(),
            InvalidFlakeOverlay(),
            InvalidFlakeTemplate(),
            FlakeOutputUnderEachSystem(),
        ):
            rule.check_file(file)
        misplaced = {
            file.text[each.span.start : each.span.end]
            for each in file.diagnostics
            if each.rule == "flake-output-under-each-system"
        }
        top = self.name_of_outputs()
        for found in self.found:
            path, span = found.place.path, found.place.span
            if path == ctx.flake_path:
                if found.output in misplaced:
                    continue
                around = binding_at(tree.root, span)
                if around.start == top.start:
                    around = span
                if any(around.start <= each.span.start < around.end for each in file.diagnostics):
                    continue
            ctx.report(self.rule, path, span, found.message, found.notes)


def binding_at(root: Node, span: Span) -> Span:
    """The span of the binding that begins where `span` does; `span` itself if there is none."""
    stack: list[Node] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Binding) and node.start == span.start:
            return Span(node.start, node.end)
        if node.start <= span.start < node.end:
            stack.extend(node.children())
    return span


def common_first(value: VAttrs) -> list[str]:
    """The names of a set, first the system that messages speak of when all are alike."""
    names = list(value.attrs)
    common = "x86_64-linux"
    if common in value.attrs:
        names.remove(common)
        names.insert(0, common)
    return names


def known_kind(value: Value) -> int:
    """The type of a value, -1 when it is not known."""
    return -1 if value.kind == UNKNOWN else value.kind


def is_callable(value: Value) -> bool:
    """Whether a known value is a function, or a set that may be called like one."""
    if isinstance(value, VAttrs):
        return value.rest is not None or "__functor" in value.attrs
    return value.kind in (LAMBDA, PRIMOP)


def kind_name(value: Value) -> str:
    """What a known value is, in words."""
    kind = value.kind
    if kind == NULL:
        return "`null`"
    if kind == BOOL:
        return "a Boolean"
    if kind in (INT, FLOAT):
        return "a number"
    if kind == STRING:
        return "a string"
    if kind == PATH:
        return "a path"
    if kind == LIST:
        return "a list"
    return "a set" if kind == ATTRS else "a function"
