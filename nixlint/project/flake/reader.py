"""Reading a flake.nix: from the outline of its attributes to inputs, settings, and problems.

What is checked here is what Nix checks in `flake.cc` before it evaluates a flake, in its order of
nesting: the file, its attributes, the inputs, their attributes.
`misplaced.py` explains attributes that are sets where none can be.
"""

from __future__ import annotations

import re
from typing import Final

from nixlint.diagnostics.model import UNSAFE, Edit, Fix, Note
from nixlint.project.flake.misplaced import INPUT_KEYS, nested_inputs, quote, set_in_input, similar
from nixlint.project.flake.model import FlakeFile, FlakeInput, FlakeProblem
from nixlint.project.flake.outline import (
    BOOL,
    COMPUTED,
    FUNCTION,
    INT,
    LIST,
    NEGATIVE,
    PATH,
    SET,
    STRING,
    UNKNOWN,
    Entry,
    describe,
    kind_of,
    kind_of_entry,
    outline,
    path_url,
)
from nixlint.syntax.nodes import (
    AttrName,
    Binding,
    ErrorNode,
    ExprAssert,
    ExprAttrs,
    ExprCall,
    ExprIf,
    ExprLambda,
    ExprLet,
    ExprList,
    ExprVar,
    ExprWith,
    Node,
    unparen,
)
from nixlint.syntax.strings import static_string
from nixlint.text.span import Span

NOT_ATTRSET: Final = "flake-not-attrset"
MISSING_OUTPUTS: Final = "flake-missing-outputs"
UNSUPPORTED: Final = "flake-unsupported-attribute"
NON_LITERAL: Final = "flake-non-literal-metadata"
INVALID_INPUT: Final = "flake-invalid-input-attribute"
REF_AND_FOLLOWS: Final = "flake-input-ref-and-follows"
INVALID_CONFIG: Final = "flake-invalid-nix-config"

ATTRIBUTES: Final = ("description", "inputs", "outputs", "nixConfig")
SELF_ATTRIBUTES: Final = ("submodules", "lfs")
REF_ATTRIBUTES: Final = frozenset(
    (
        "owner",
        "repo",
        "ref",
        "rev",
        "dir",
        "host",
        "id",
        "path",
        "narHash",
        "revCount",
        "lastModified",
        "submodules",
        "shallow",
        "lfs",
        "allRefs",
        "exportIgnore",
        "verifyCommit",
        "keytype",
        "publicKey",
        "publicKeys",
        "name",
        "unpack",
    )
)
"""Attributes that some type of reference has. They need a `type` beside them."""
OUTPUT_NAMES: Final = frozenset(
    (
        "packages",
        "legacyPackages",
        "apps",
        "checks",
        "devShells",
        "devShell",
        "formatter",
        "overlays",
        "overlay",
        "lib",
        "templates",
        "nixosConfigurations",
        "nixosModules",
        "nixosModule",
        "darwinConfigurations",
        "darwinModules",
        "homeConfigurations",
        "homeModules",
        "homeManagerModules",
        "hydraJobs",
        "bundlers",
        "defaultPackage",
        "defaultApp",
    )
)
"""What people put beside `outputs` instead of into it."""
_INPUT_NAME = re.compile(r"[a-zA-Z][a-zA-Z0-9_-]*\Z")
LITERALS_ONLY: Final = "Nix reads this before it evaluates anything, so it must be written out here"


class FlakeReader:
    """Fills a `FlakeFile`."""

    def __init__(self, file: FlakeFile) -> None:
        self.file = file
        self.text = file.tree.text

    def problem(self, rule: str, message: str, span: Span) -> FlakeProblem:
        found = FlakeProblem(rule, message, span)
        self.file.problems.append(found)
        return found

    def read(self) -> None:
        """Reads everything; sorts the problems by place."""
        file = self.file
        broken = False
        for error in file.tree.errors:
            if error.fatal:
                broken = True
        if broken:
            file.complete = False
        expr = unparen(file.tree.root.expr)
        if not isinstance(expr, ExprAttrs):
            file.complete = False
            if not broken and not isinstance(expr, ErrorNode):
                self.not_attrset(expr)
            return
        file.root = expr
        top = outline(expr, self.text)
        unsupported = self.top_level(top)
        self.description(top)
        self.inputs(top)
        self.outputs(top, unsupported)
        self.nix_config(top)
        if broken:
            file.problems.clear()
        file.problems.sort(key=_place)

    # The file.

    def not_attrset(self, expr: Node) -> None:
        text = self.text
        span = Span(expr.start, min(_line_end(text, expr.start), expr.end))
        notes: list[Note] = [Note("write `{ description = …; inputs = …; outputs = …; }`")]
        if isinstance(expr, ExprLet):
            what, span = "a `let`", Span(expr.start, expr.start + 3)
            notes = [Note("move it into `outputs`: `outputs = { self, ... }: let … in { … };`")]
        elif isinstance(expr, ExprWith):
            what, span = "a `with`", Span(expr.start, expr.start + 4)
            notes = [Note("move it into `outputs`: `outputs = { self, ... }: with …; { … };`")]
        elif isinstance(expr, ExprLambda):
            what, span = "a function", expr.arg.span
            notes = [Note("only `outputs` is a function; remove the arguments before the `{`")]
        elif isinstance(expr, (ExprIf, ExprAssert)):
            what = describe(expr, text)
            notes = [Note("move it into the function that is bound to `outputs`")]
        elif isinstance(expr, ExprCall):
            what = "a function call"
        else:
            kind = kind_of(expr, text)
            what = describe(expr, text) if kind == COMPUTED else kind
            if kind == UNKNOWN:
                what = "a variable"
        message = f"a flake.nix must be a set that is written out, `{{ … }}`, but this is {what}"
        self.problem(NOT_ATTRSET, message, span).notes = notes

    def top_level(self, top: Entry) -> set[str]:
        """Reports attributes that no flake has; returns the names they were probably meant for."""
        meant: set[str] = set()
        inputs = top.children.get("inputs")
        for name, entry in top.children.items():
            if name in ATTRIBUTES:
                continue
            span = entry.name_node.span
            found = self.problem(UNSUPPORTED, f"a flake has no attribute `{quote(name)}`", span)
            if name in OUTPUT_NAMES:
                outputs = top.children.get("outputs")
                where = outputs.name_node.span if outputs is not None else None
                message = f"`{name}` is an output: put it into the set that `outputs` returns"
                found.notes.append(Note(message, where))
                continue
            other = similar(name, list(ATTRIBUTES))
            if other:
                meant.add(other)
                found.notes.append(Note(f"did you mean `{other}`?"))
                if other not in top.children and len(entry.owners) == 1:
                    edit = Edit(span, other)
                    found.fix = Fix(f"Rename to `{other}`", [edit], UNSAFE)
                continue
            if entry.is_set and ("url" in entry.children or "follows" in entry.children):
                found.notes.append(Note(f"an input is declared as `inputs.{quote(name)}.url = …`"))
                taken = inputs is not None and (not inputs.is_set or name in inputs.children)
                if not taken:
                    edits = _insert_before(entry, "inputs.")
                    found.fix = Fix(f"Make it `inputs.{quote(name)}`", edits, UNSAFE)
                    meant.add("inputs")
                continue
            found.notes.append(
                Note("there are only `description`, `inputs`, `outputs` and `nixConfig`")
            )
        return meant

    def description(self, top: Entry) -> None:
        entry = top.children.get("description")
        if entry is None:
            return
        self.file.description_span = entry.value_span
        kind = kind_of_entry(entry, self.text)
        if kind == STRING:
            self.file.description = static_string(entry.values[0], self.text)
        elif kind == COMPUTED:
            self.computed("`description`", entry)
        elif kind != UNKNOWN:
            message = f"`description` must be a string, but this is {kind}"
            self.problem(NON_LITERAL, message, entry.value_span)

    def computed(self, what: str, entry: Entry) -> None:
        """Reports a value, or the names in a set, that Nix would have to compute."""
        if entry.is_set:
            for attr in entry.dynamic:
                message = f"the names in {what} must be written out, and this one is computed"
                self.problem(NON_LITERAL, message, attr.span).notes.append(Note(LITERALS_ONLY))
            return
        self.computed_value(what, entry.values[0])

    def computed_value(self, what: str, node: Node) -> None:
        shown = describe(node, self.text)
        if shown == "computed":
            message = f"{what} must be written out, and this is computed"
        elif isinstance(node, AttrName):
            message = f"{what} must be written out, and this is {shown}"
        else:
            message = f"{what} must be written out, but this is {shown}"
        self.problem(NON_LITERAL, message, node.span).notes.append(Note(LITERALS_ONLY))

    def outputs(self, top: Entry, meant: set[str]) -> None:
        file = self.file
        entry = top.children.get("outputs")
        if entry is None:
            if not top.dynamic and "outputs" not in meant and file.root is not None:
                start: int = file.root.start + (3 if file.root.recursive else 0)
                brace = self.text.find("{", start)
                found = self.problem(
                    MISSING_OUTPUTS, "this flake has no `outputs`", Span(brace, brace + 1)
                )
                found.notes.append(Note("add `outputs = { self, ... }: { };`"))
            return
        file.outputs_span = entry.name_node.span
        kind = kind_of_entry(entry, self.text)
        value = entry.value
        if value is not None and not isinstance(value, AttrName):
            file.outputs = value
        elif entry.sets:
            file.outputs = entry.sets[0]
        if kind == UNKNOWN:
            return
        if kind == FUNCTION:
            if isinstance(value, ExprLambda):
                file.outputs_lambda = value
                self.implicit_inputs(value)
            return
        if value is None or kind != COMPUTED:
            message = f"`outputs` must be a function, but this is {SET if value is None else kind}"
            found = self.problem(MISSING_OUTPUTS, message, entry.value_span)
            if value is None:
                found.notes.append(
                    Note("put the arguments before it: `outputs = { self, ... }: { … };`")
                )
            return
        shown = describe(value, self.text)
        span = Span(value.start, min(value.end, _line_end(self.text, value.start)))
        message = f"`outputs` must be a function that is written out here, but this is {shown}"
        if isinstance(value, ExprLet):
            span = Span(value.start, value.start + 3)
        found = self.problem(MISSING_OUTPUTS, message, span)
        if isinstance(value, (ExprLet, ExprWith, ExprAssert)):
            word = self.text[value.start : value.start + 6].split()[0].rstrip(";(")
            found.notes.append(
                Note(
                    f"put the `{word}` behind the arguments: `outputs = {{ self, ... }}: {word} …`"
                )
            )
            return
        called = unparen(value.fn) if isinstance(value, ExprCall) else None
        if isinstance(value, ExprCall) and isinstance(called, ExprVar) and len(value.args) == 1:
            if self.text[called.start : called.end] == "import":
                whole = self.text[value.start : value.end]
                found.notes.append(Note(f"write `outputs = inputs: {whole} inputs;`"))
                edits = [
                    Edit(Span(value.start, value.start), "inputs: "),
                    Edit(Span(value.end, value.end), " inputs"),
                ]
                found.fix = Fix("Pass the inputs on", edits, UNSAFE)
                return
        found.notes.append(
            Note("write `outputs = inputs: …`, with what gives the outputs behind it")
        )

    def implicit_inputs(self, function: ExprLambda) -> None:
        formals = function.arg.formals
        if formals is None:
            return
        for formal in formals.items:
            name = self.text[formal.name.start : formal.name.end]
            if name and name != "self" and name not in self.file.inputs:
                found = FlakeInput(name, formal.name.span, formal.span)
                found.implicit = True
                self.file.inputs[name] = found

    # Inputs.

    def inputs(self, top: Entry) -> None:
        file = self.file
        entry = top.children.get("inputs")
        if entry is None:
            if top.dynamic:
                file.complete = False
            return
        if entry.sets:
            file.inputs_node = entry.sets[0]
        kind = kind_of_entry(entry, self.text)
        if kind != SET:
            file.complete = False
        if kind == COMPUTED:
            self.computed("`inputs`", entry)
        elif kind != SET and kind != UNKNOWN:
            message = f"`inputs` must be a set, but this is {kind}"
            self.problem(INVALID_INPUT, message, entry.value_span)
        stack = [(child, file.inputs, entry) for child in reversed(list(entry.children.values()))]
        while stack:
            child, into, parent = stack.pop()
            if child.name == "self":
                self.self_input(child, parent is entry)
                continue
            found = self.input(child, into)
            if found is None:
                continue
            overrides = child.children.get("inputs")
            if overrides is None:
                continue
            kind = kind_of_entry(overrides, self.text)
            if kind != SET:
                found.computed = True
                file.complete = False
            if kind == COMPUTED:
                self.computed(f"the `inputs` of `{child.name}`", overrides)
            elif kind != SET and kind != UNKNOWN:
                message = f"the `inputs` of an input must be a set, but this is {kind}"
                self.problem(INVALID_INPUT, message, overrides.value_span)
            for inner in reversed(list(overrides.children.values())):
                stack.append((inner, found.inputs, overrides))

    def input(self, entry: Entry, into: dict[str, FlakeInput]) -> FlakeInput | None:
        """Reads one input into `into`; its overrides are left to the caller.

        None if there is nothing more to be read.
        """
        file = self.file
        top = into is file.inputs
        if top and entry.name == "inputs":
            problem = nested_inputs(entry)
            if problem is not None:
                file.problems.append(problem)
                file.complete = False
                return None
        found = FlakeInput(entry.name, entry.name_node.span, entry.owner.span)
        found.bindings = [owner for owner in entry.owners if isinstance(owner, Binding)]
        into[entry.name] = found
        kind = kind_of_entry(entry, self.text)
        if kind != SET:
            found.computed = True
            self.no_set(entry, kind, top)
            if not entry.is_set:
                return None
        has_type = "type" in entry.children
        for name, child in entry.children.items():
            if name == "url":
                self.url(child, found)
            elif name == "flake":
                self.flake(child, found)
            elif name == "follows":
                self.follows(child, found)
            elif name != "inputs":
                self.attribute(child, found, entry, has_type)
        if has_type and found.url is not None:
            found.attrs["url"] = found.url
        self.both(entry, found)
        return found

    def no_set(self, entry: Entry, kind: str, top: bool) -> None:
        name = quote(entry.name)
        if kind == COMPUTED:
            self.computed(f"the input `{name}`", entry)
        elif kind != UNKNOWN:
            message = f"the input `{name}` must be a set, but this is {kind}"
            found = self.problem(INVALID_INPUT, message, entry.value_span)
            if kind != STRING and kind != PATH:
                return
            found.notes.append(Note(f"write `{name}.url = …`" if top else "write `….follows = …`"))
            owner = entry.owner
            if isinstance(owner, Binding) and top:
                end = owner.path.end
                found.fix = Fix("Make it the `url`", [Edit(Span(end, end), ".url")], UNSAFE)

    def url(self, entry: Entry, found: FlakeInput) -> None:
        kind = kind_of_entry(entry, self.text)
        found.url_span = entry.value_span
        found.attr_spans["url"] = entry.value_span
        if kind == STRING:
            found.url_node = entry.values[0]
            found.url = static_string(entry.values[0], self.text)
        elif kind == PATH:
            found.url_node = entry.values[0]
            found.url = path_url(entry.values[0], self.text)
            found.url_is_path = True
        else:
            self.wrong(entry, kind, found, "url", "a string")

    def flake(self, entry: Entry, found: FlakeInput) -> None:
        kind = kind_of_entry(entry, self.text)
        found.flake_span = entry.value_span
        found.attr_spans["flake"] = entry.value_span
        if kind == BOOL:
            value = entry.values[0]
            found.is_flake = self.text[value.start : value.end] != "false"
        else:
            self.wrong(entry, kind, found, "flake", "`true` or `false`")

    def follows(self, entry: Entry, found: FlakeInput) -> None:
        kind = kind_of_entry(entry, self.text)
        found.follows_span = entry.value_span
        found.attr_spans["follows"] = entry.value_span
        if kind == STRING:
            value = static_string(entry.values[0], self.text) or ""
            found.follows = value
            self.follows_path(value, entry)
        else:
            self.wrong(entry, kind, found, "follows", "a string, the name of an input")

    def follows_path(self, value: str, entry: Entry) -> None:
        """Reports a `follows` that cannot be the name of an input, or a path of such names."""
        for step in value.split("/"):
            if step == "" or _INPUT_NAME.match(step) is not None:
                continue
            message = f"`{step}` in a `follows` is no name of an input"
            problem = self.problem(INVALID_INPUT, message, entry.value_span)
            if ":" in value:
                problem.notes.append(
                    Note("`follows` names another input of this flake; a place is a `url`")
                )
            else:
                problem.notes.append(
                    Note("write the name of an input, or `a/b` for the input `b` of `a`")
                )
            return

    def wrong(self, entry: Entry, kind: str, found: FlakeInput, name: str, wanted: str) -> None:
        """Reports an attribute of an input whose value is not of the kind it must be."""
        found.computed = True
        if kind == COMPUTED:
            self.computed(f"the `{name}` of an input", entry)
        elif kind != UNKNOWN:
            message = f"`{name}` must be {wanted}, but this is {kind}"
            self.problem(INVALID_INPUT, message, entry.value_span)

    def attribute(self, entry: Entry, found: FlakeInput, above: Entry, has_type: bool) -> None:
        """An attribute of an input other than those that every input has."""
        name = entry.name
        found.attr_spans[name] = entry.value_span
        if entry.is_set:
            found.computed = True
            self.file.complete = False
            self.file.problems.append(set_in_input(entry, above))
            return
        kind = kind_of_entry(entry, self.text)
        if not has_type:
            found.computed = True
            self.unknown_attribute(entry, found, above)
            return
        value = entry.values[0]
        shown = self.text[value.start : value.end]
        if kind == STRING:
            found.attrs[name] = static_string(value, self.text) or ""
        elif kind == BOOL:
            found.attrs[name] = shown == "true"
        elif kind == INT:
            found.attrs[name] = int(shown)
        elif name == "publicKeys" and kind == LIST:
            found.computed = True
        elif kind == NEGATIVE:
            found.computed = True
            message = f"the attribute `{name}` of an input must not be negative"
            self.problem(INVALID_INPUT, message, entry.value_span)
        else:
            self.wrong(entry, kind, found, name, "a string, a number or a Boolean")

    def unknown_attribute(self, entry: Entry, found: FlakeInput, above: Entry) -> None:
        span = entry.name_node.span
        if entry.name in REF_ATTRIBUTES:
            for name, other in above.children.items():
                if other is entry:
                    break
                if name in REF_ATTRIBUTES and not other.is_set:
                    # Said already, about another attribute of the same input.
                    return
            message = f"an input has `{entry.name}` only together with `type`"
            problem = self.problem(INVALID_INPUT, message, span)
            if "owner" in above.children and "repo" in above.children:
                problem.notes.append(Note('for a repository on GitHub add `type = "github";`'))
            else:
                problem.notes.append(Note("otherwise everything belongs into the `url`"))
            return
        message = f"an input has no attribute `{quote(entry.name)}`"
        problem = self.problem(INVALID_INPUT, message, span)
        meant = similar(entry.name, list(INPUT_KEYS))
        if meant:
            problem.notes.append(Note(f"did you mean `{meant}`?"))
            if meant not in above.children and len(entry.owners) == 1:
                problem.fix = Fix(f"Rename to `{meant}`", [Edit(span, meant)], UNSAFE)
        else:
            problem.notes.append(Note("there are `url`, `follows`, `flake` and `inputs`"))

    def both(self, entry: Entry, found: FlakeInput) -> None:
        """Reports an input with a reference of its own and a `follows`."""
        if found.follows is None or found.follows_span is None:
            return
        by = entry.children.get("url")
        if found.url is None or by is None:
            by = entry.children.get("type")
            if by is None:
                return
        follows = entry.children["follows"]
        message = (
            f"`{quote(found.name)}` has a `{by.name}` of its own, and follows another input: "
            "Nix accepts only one of them"
        )
        problem = self.problem(REF_AND_FOLLOWS, message, follows.name_node.span)
        problem.notes.append(Note(f"its `{by.name}` is given here", by.name_node.span))

    def self_input(self, entry: Entry, top: bool) -> None:
        """`inputs.self`, which is no input but says how the flake itself is fetched."""
        if not top:
            message = "`self` is no input that could be overridden"
            self.problem(INVALID_INPUT, message, entry.name_node.span)
            return
        kind = kind_of_entry(entry, self.text)
        if kind == COMPUTED:
            self.computed("`inputs.self`", entry)
        elif kind != SET:
            if kind != UNKNOWN:
                message = f"`inputs.self` must be a set, but this is {kind}"
                self.problem(INVALID_INPUT, message, entry.value_span)
            return
        for name, child in entry.children.items():
            if name not in SELF_ATTRIBUTES:
                message = f"`inputs.self` has no attribute `{quote(name)}`"
                problem = self.problem(INVALID_INPUT, message, child.name_node.span)
                problem.notes.append(
                    Note("`self` is the flake itself: only `submodules` and `lfs` can be set")
                )
                continue
            kind = kind_of_entry(child, self.text)
            if kind == BOOL:
                value = child.values[0]
                self.file.self_attrs[name] = self.text[value.start : value.end] == "true"
            elif kind == COMPUTED:
                self.computed(f"`inputs.self.{name}`", child)
            elif kind != UNKNOWN:
                message = f"`{name}` must be `true` or `false`, but this is {kind}"
                self.problem(INVALID_INPUT, message, child.value_span)

    # Settings.

    def nix_config(self, top: Entry) -> None:
        entry = top.children.get("nixConfig")
        if entry is None:
            return
        kind = kind_of_entry(entry, self.text)
        if kind == COMPUTED:
            self.computed("`nixConfig`", entry)
        elif kind != SET and kind != UNKNOWN:
            message = f"`nixConfig` must be a set, but this is {kind}"
            self.problem(INVALID_CONFIG, message, entry.value_span)
        for name, child in entry.children.items():
            self.setting(name, child)

    def setting(self, name: str, entry: Entry) -> None:
        file = self.file
        file.nix_config_spans[name] = entry.name_node.span
        value = entry.value
        if value is not None:
            file.nix_config[name] = value
        elif entry.sets:
            file.nix_config[name] = entry.sets[0]
        shown = quote(name)
        kind = kind_of_entry(entry, self.text)
        if kind in (STRING, PATH, INT, BOOL, UNKNOWN):
            return
        if kind == COMPUTED:
            self.computed(f"the setting `{shown}`", entry)
            return
        if kind != LIST or not isinstance(value, ExprList):
            message = (
                f"the setting `{shown}` must be a string, a number, a Boolean, a path or a list of "
                f"strings, but this is {kind}"
            )
            self.problem(INVALID_CONFIG, message, entry.value_span)
            return
        for item in value.items:
            kind = kind_of(item, self.text)
            if kind == COMPUTED:
                self.computed_value(f"what is in the setting `{shown}`", item)
            elif kind != STRING and kind != UNKNOWN:
                message = f"`{shown}` must be a list of strings, but this is {kind}"
                self.problem(INVALID_CONFIG, message, item.span)


def _place(problem: FlakeProblem) -> tuple[int, int]:
    return problem.span.start, problem.span.end


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _insert_before(entry: Entry, prefix: str) -> list[Edit]:
    """Puts something before the first name of all bindings that mention a top-level attribute."""
    out: list[Edit] = []
    for owner in entry.owners:
        if isinstance(owner, Binding):
            start: int = owner.path.start
            out.append(Edit(Span(start, start), prefix))
    return out
