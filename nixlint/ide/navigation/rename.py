"""Renaming what the word at a place means, everywhere, or not at all.

Whatever is renamed, every file is read again afterwards, and every name in it must still mean what
it meant. Where users of a name may be out of sight, the answer is a reason, not a change.
"""

from __future__ import annotations

from typing import Final, NoReturn

from nixlint.ide.document import Document
from nixlint.ide.knowledge.values import WILD, module_prefix
from nixlint.ide.knowledge.views import View, nodes_around
from nixlint.ide.model import Change, Place, RefusedError
from nixlint.ide.navigation.flows import Call, Loss, Tracker
from nixlint.ide.navigation.index import Occurrence
from nixlint.ide.navigation.references import function_of, uses_of
from nixlint.ide.navigation.rename_input import rename_input
from nixlint.ide.navigation.rewriting import (
    DEFINES,
    USES,
    Result,
    Rewrite,
    change_of,
    finished,
    shown,
)
from nixlint.ide.navigation.targets import (
    ARGUMENT,
    ATTRIBUTE,
    FILE,
    INPUT,
    LOCAL,
    OPTION,
    Finder,
    Target,
    Word,
)
from nixlint.ide.navigation.workspace import Workspace
from nixlint.semantic.builtins import is_global
from nixlint.semantic.model import (
    DEF_AT,
    DEF_FORMAL,
    DEF_REC,
    REF_IMPLICIT,
    REF_INHERIT,
    SCOPE_LEGACY_LET,
    SCOPE_REC,
    Definition,
)
from nixlint.syntax.nodes import (
    AttrName,
    AttrPath,
    Binding,
    ExprAttrs,
    ExprBinOp,
    ExprCall,
    ExprList,
    ExprOpHasAttr,
    ExprParen,
    ExprSelect,
    ExprString,
    ExprVar,
    Inherit,
    Node,
    unparen,
)
from nixlint.syntax.strings import KEYWORDS, is_identifier, quote_name, quote_string

SPECIAL: Final = frozenset(("_type", "outPath", "type", "drvPath", "recurseForDerivations"))
"""Attributes that Nix, or nixpkgs' `lib`, look for by their names."""


def prepare_rename(
    workspace: Workspace, document: Document, offset: int
) -> tuple[int, int, str] | None:
    """What a rename at an offset would rename: start and end of the word, and its name; None when
    there is nothing. Raises `RefusedError` when it is known that it cannot be renamed."""
    finder = Finder(workspace)
    view = workspace.view(document.path) or View(document)
    word = finder.word(view, offset)
    if word is None:
        return None
    target = _target(workspace, word)
    _Renaming(finder, view, word, target, target.name).look()
    return word.start, word.end, target.name


def rename(workspace: Workspace, document: Document, offset: int, new: str) -> Change:
    """The edits, in all files, that give what stands at an offset a new name.

    Raises `RefusedError` when that would change what the code means, or might.
    """
    finder = Finder(workspace)
    view = workspace.view(document.path) or View(document)
    word = finder.word(view, offset)
    if word is None:
        raise RefusedError("There is no name here.")
    target = _target(workspace, word)
    if not new or "\0" in new:
        raise RefusedError("A name cannot be empty.")
    if new == target.name:
        return Change()
    own = _input_of(target)
    if own is not None:
        return rename_input(finder, *own, new)
    return _Renaming(finder, view, word, target, new).run()


def _target(workspace: Workspace, word: Word) -> Target:
    if not word.targets:
        node = word.node
        if isinstance(node, ExprVar):
            name = word.view.slice(node)
            if is_global(name):
                raise RefusedError(f"`{name}` is built into Nix.")
            raise RefusedError(f"It is not known where `{name}` comes from.")
        raise RefusedError("It is not known what set this attribute belongs to.")
    target = word.targets[0]
    if target.kind == OPTION and not workspace.declarations(target.option):
        # `inherit (config.x) name;` of an option of others: the name here is ours.
        target = next((each for each in word.targets if each.kind == LOCAL), target)
    if target.kind == FILE:
        raise RefusedError("This is a path: rename the file, and paths to it are corrected.")
    if target.kind == ARGUMENT:
        raise RefusedError(f"The module system passes `{target.name}` by its name.")
    return target


def _input_of(target: Target) -> tuple[str, str] | None:
    """The directory and the name of the input that a target is: the declaration or the formal."""
    if target.kind == INPUT:
        return target.path, target.name
    if target.kind == LOCAL and target.definition is not None:
        if target.definition.kind == DEF_FORMAL:
            for kind, root, _ in target.keys:
                if kind == "input":
                    return root, target.name
    return None


class _Renaming:
    def __init__(self, finder: Finder, view: View, word: Word, target: Target, new: str) -> None:
        self.finder = finder
        self.workspace = finder.workspace
        self.view = view
        self.word = word
        self.target = target
        self.old = target.name
        self.new = new
        self.rewrites: dict[str, Rewrite] = {}
        self.by_with: set[str] = set()
        """The files in which a `with` supplies the name."""
        self.linked: list[tuple[View, Node]] = []
        """Names that must mean one of `binders` again."""
        self.binders: list[tuple[View, Node]] = []

    def look(self) -> None:
        """Raises `RefusedError` when no name will do, as far as that can be told quickly."""
        target = self.target
        if _input_of(target) is not None:
            return
        if target.kind == LOCAL and target.definition is not None:
            if target.definition.kind == DEF_FORMAL:
                self._check_formal(target.definition)
        elif target.kind == OPTION:
            self._check_option()

    def run(self) -> Change:
        target = self.target
        if target.kind == OPTION:
            return self._option()
        if target.kind == ATTRIBUTE:
            self._attribute(target)
        elif target.definition is not None and target.view is not None:
            found = target.definition
            if found.kind == DEF_FORMAL:
                self._formal(target.view, found)
            elif found.kind == DEF_REC:
                self._recursive(target.view, found)
            else:
                self._variable(target.view, found)
        else:
            raise RefusedError(f"It is not known where `{self.old}` comes from.")
        results = self._finish()
        self._check_links(results)
        return change_of(results)

    # Names.

    def _rewrite(self, view: View) -> Rewrite:
        found = self.rewrites.get(view.path)
        if found is None:
            found = Rewrite(view)
            self.rewrites[view.path] = found
        return found

    def _variable(self, view: View, definition: Definition) -> None:
        """Renames a name within its file."""
        if not is_identifier(self.new):
            word = "a keyword" if self.new in KEYWORDS else "no name that a variable can have"
            raise RefusedError(f"`{self.new}` is {word}.")
        if definition.scope.kind == SCOPE_LEGACY_LET and self.old == "body":
            raise RefusedError("`body` is what a `let { … }` gives back.")
        if self.old == "or" and definition.references:
            raise RefusedError(
                "`f or` is a call to Nix even in a list; with another name it is not."
            )
        rewrite = self._rewrite(view)
        for node, owner in zip(definition.nodes(), definition.owners(), strict=True):
            if isinstance(owner, Inherit) and isinstance(node, AttrName):
                rewrite.expand(owner, node, self.new, self.old)
            else:
                rewrite.replace(node, self.new)
        self._uses(view, definition)

    def _uses(self, view: View, definition: Definition) -> None:
        rewrite = self._rewrite(view)
        for reference in definition.references:
            node = reference.node
            if reference.kind == REF_IMPLICIT:
                raise RefusedError(f"An operator calls `{self.old}` by its name.")
            if reference.kind == REF_INHERIT and isinstance(node, AttrName):
                owner = view.parent(node)
                if isinstance(owner, Inherit):
                    rewrite.expand(owner, node, self.old, self.new)
            else:
                rewrite.replace(node, self.new)

    def _recursive(self, view: View, definition: Definition) -> None:
        """Renames an attribute of a recursive set, which is a variable, too."""
        self._check_special()
        tracker = Tracker(self.finder, (self.old, self.new))
        for owner in definition.owners():
            container = view.parent(owner)
            if container is not None:
                tracker.follow(view, container)
        self._variable(view, definition)
        self.binders += [(view, node) for node in definition.nodes()]
        self._apply(tracker)

    # Attributes.

    def _check_special(self) -> None:
        for name in (self.old, self.new):
            if name in SPECIAL or name.startswith("__"):
                raise RefusedError(f"`{name}` means something to Nix itself.")

    def _attribute(self, target: Target) -> None:
        member = target.member
        if member is None:
            raise RefusedError(f"It is not known what `{self.old}` belongs to.")
        self._check_special()
        tracker = Tracker(self.finder, (self.old, self.new))
        for piece in member.pieces:
            view = piece.view
            attr = piece.names[0]
            self.binders.append((view, attr))
            siblings = self.finder.siblings(view, attr)
            if siblings is not None and siblings.member(self.new) is not None:
                raise RefusedError(f"The set has an attribute `{self.new}` already.")
            variable = _variable_at(view, attr)
            if variable is not None:
                # In a recursive set it is a variable, too.
                self._variable(view, variable)
            if piece.inherit is not None:
                container = view.parent(piece.inherit)
                if container is not None:
                    tracker.follow(view, container)
                self._rewrite(view).expand(piece.inherit, attr, self.new, self.old)
                continue
            path = view.parent(attr)
            owner = view.parent(path) if path is not None else None
            if not isinstance(owner, Binding):
                raise RefusedError(f"It is not known what `{self.old}` belongs to.")
            names = owner.path.names()
            index = next(i for i, each in enumerate(names) if each is attr)
            tracker.follow_binding(view, owner, index)
            self._rewrite(view).replace(attr, quote_name(self.new))
        self._apply(tracker)

    def _apply(self, tracker: Tracker) -> None:
        """Renames what selects the attribute."""
        if tracker.losses:
            self._refuse_loss(tracker.losses[0])
        for view, attr in tracker.projections:
            name = view.name(attr)
            if name == self.new:
                raise RefusedError(
                    f"{self._shown(view, attr)} asks for an attribute `{self.new}` already."
                )
            if name != self.old:
                continue
            self.linked.append((view, attr))
            owner = view.parent(attr)
            if isinstance(owner, Inherit):
                self._rewrite(view).expand(owner, attr, self.old, self.new)
            else:
                self._rewrite(view).replace(attr, quote_name(self.new))
        for view, variable in tracker.variables:
            if view.slice(variable) != self.old:
                raise RefusedError(
                    f"{self._shown(view, variable)} may take `{self.new}` from this set."
                )
            if not is_identifier(self.new):
                raise RefusedError(f"`{self.new}` is no name that a variable can have.")
            self.by_with.add(view.path)
            self.linked.append((view, variable))
            self._rewrite(view).replace(variable, self.new)

    def _refuse_loss(self, loss: Loss) -> NoReturn:
        place = self._shown(loss.view, loss.node)
        raise RefusedError(
            f"`{self.old}` may be used where it cannot be seen: {loss.reason} ({place})."
        )

    def _shown(self, view: View, node: Node) -> str:
        return shown(self.workspace, view, int(node.start))

    # Formals.

    def _check_formal(self, definition: Definition) -> None:
        view = self.target.view
        function = function_of(self.target)
        if view is None or function is None:
            raise RefusedError(f"It is not known who passes `{self.old}`.")
        summary = self.workspace.summary(view.path)
        if summary is not None and self.workspace.is_module(summary):
            if module_prefix(view, function) is not None:
                raise RefusedError(f"The module system passes `{self.old}` by its name.")

    def _formal(self, view: View, definition: Definition) -> None:
        self._check_formal(definition)
        function = function_of(self.target)
        assert function is not None and function.arg.formals is not None
        names = {view.slice(formal.name) for formal in function.arg.formals.items}
        if self.new in names:
            raise RefusedError(f"The function has an argument `{self.new}` already.")
        tracker = Tracker(self.finder, (self.old, self.new))
        tracker.follow(view, function)
        if tracker.losses:
            loss = tracker.losses[0]
            raise RefusedError(
                f"Not all callers are known that pass `{self.old}`: {loss.reason} "
                f"({self._shown(loss.view, loss.node)})."
            )
        for call in tracker.calls:
            self._call(call)
        self.binders.append((view, definition.node))
        self._variable(view, definition)
        at = function.arg.name
        scope = view.model.scope_for(function)
        if at is not None and scope is not None:
            whole = scope.names.get(view.slice(at))
            if whole is not None and whole.kind == DEF_AT:
                inner = Tracker(self.finder, (self.old, self.new))
                inner.follow_definition(view, whole)
                self._apply(inner)
                # These names select from the argument, and lead to no binder that one can see.
                self.linked = [
                    each for each in self.linked if each not in inner.projections
                ]  # fmt: skip

    def _call(self, call: Call) -> None:
        """Renames what a call passes."""
        view = call.view
        argument = unparen(call.argument) if call.argument is not None else None
        if not isinstance(argument, ExprAttrs):
            raise RefusedError(
                f"{self._shown(view, call.node)} passes arguments that are not written out."
            )
        found = False
        for bind in argument.binds:
            if isinstance(bind, Binding):
                attr = bind.path.first
                name = view.name(attr)
                if name is None:
                    raise RefusedError(f"{self._shown(view, bind)} passes a computed name.")
                if name == self.new:
                    raise RefusedError(f"{self._shown(view, bind)} passes `{name}` already.")
                if name == self.old:
                    found = True
                    self.linked.append((view, attr))
                    self._rewrite(view).replace(attr, quote_name(self.new))
            elif isinstance(bind, Inherit):
                for attr in bind.names:
                    name = view.name(attr)
                    if name == self.new:
                        raise RefusedError(f"{self._shown(view, bind)} passes `{name}` already.")
                    if name == self.old:
                        found = True
                        self._rewrite(view).expand(bind, attr, self.new, self.old)
        if call.fills:
            if not found:
                raise RefusedError(f"`callPackage` passes `{self.old}` by its name.")
            if any("override" in each.names for each in self.workspace.summaries()):
                raise RefusedError(f"An `override` may pass `{self.old}` by its name.")

    # Options.

    def _check_option(self) -> None:
        target = self.target
        name = ".".join(target.option)
        if target.option[-1] == WILD:
            raise RefusedError("This name is one that users choose.")
        declared = self.workspace.declarations(target.option)
        exact = [(path, one) for path, one in declared if len(one.path) == len(target.option)]
        if not declared:
            raise RefusedError(f"The project does not declare the option `{name}`.")
        if not any(one.kind == "option" for _, one in exact):
            other = self.workspace.undeclared_below(target.option)
            if other:
                shown_path = ".".join(other)
                raise RefusedError(
                    f"`{shown_path}` is not declared in the project, and would be renamed, too."
                )
        facts = self.workspace.facts
        if facts is not None:
            found = facts.options.get(name)
            if found is not None and found.declared_in and not found.declarations:
                raise RefusedError(f"`{name}` is declared outside of the project, too.")

    def _option(self) -> Change:
        self._check_option()
        target = self.target
        path = target.option
        new_path = (*path[:-1], self.new)
        kinds = self._kinds()
        if self.workspace.declarations(new_path) or self.workspace.occurrences(new_path):
            raise RefusedError(f"There is an option `{'.'.join(new_path)}` already.")
        for where, hole in self.workspace.holes(path):
            if self.finder.related(kinds, where):
                view = self.workspace.view(where)
                if view is not None:
                    raise RefusedError(
                        f"`{'.'.join(path)}` may be used where it cannot be seen "
                        f"({shown(self.workspace, view, hole.start)})."
                    )
        for where, start in self.workspace.look_alikes(path):
            view = self.workspace.view(where)
            if view is not None and self.finder.related(kinds, where):
                raise RefusedError(
                    f"{shown(self.workspace, view, start)} may be about `{'.'.join(path)}`, too."
                )
        self._check_unknown(path)
        found = self._related(self.finder, kinds, path)
        for where, span in found:
            view = self.workspace.view(where)
            if view is None:
                raise RefusedError(f"{where} cannot be read.")
            if not self.workspace.contains(where):
                raise RefusedError(f"{where} does not belong to the project.")
            if self._is_definition(view, span[0]):
                self._check_selected(view, span[0])
            self._option_at(view, span[0])
        results = self._finish()
        self._check_option_after(results, path, new_path, found)
        return change_of(results)

    def _check_unknown(self, path: tuple[str, ...]) -> None:
        """Refuses when something unknown looks like a part of the configuration, and has an
        attribute of the old name."""
        for summary in self.workspace.summaries():
            if path[-1] not in summary.names:
                continue
            view = self.workspace.view(summary.path)
            if view is None:
                continue
            for node in view.nodes():
                if not isinstance(node, AttrName) or view.name(node) != path[-1]:
                    continue
                before = _before(view, node)
                if not before or not _may_be_config(before, path, _is_key(view, node)):
                    continue
                word = self.finder.of_node(view, node)
                kinds = [target.kind for target in word.targets] if word is not None else []
                if not kinds or (_is_key(view, node) and OPTION not in kinds):
                    raise RefusedError(
                        f"{self._shown(view, node)} may be about `{'.'.join(path)}`, too."
                    )

    def _option_at(self, view: View, start: int) -> None:
        chain = nodes_around(view, start)
        rewrite = self._rewrite(view)
        for index in range(len(chain) - 1, 0, -1):
            node = chain[index]
            if int(node.start) != start:
                continue
            above = chain[index - 1]
            if isinstance(node, AttrName) and isinstance(above, AttrPath):
                rewrite.replace(node, quote_name(self.new))
                return
            if isinstance(node, AttrName) and isinstance(above, Inherit):
                if self._is_definition(view, start):
                    rewrite.expand(above, node, self.new, self.old)
                else:
                    rewrite.expand(above, node, self.old, self.new)
                return
            if isinstance(node, ExprVar):
                if not is_identifier(self.new):
                    raise RefusedError(f"`{self.new}` is no name that a variable can have.")
                self.by_with.add(view.path)
                rewrite.replace(node, self.new)
                return
            if isinstance(node, ExprString) and not isinstance(above, AttrName):
                rewrite.replace(node, quote_string(self.new))
                return
        raise RefusedError(f"{shown(self.workspace, view, start)} names it in an unusual way.")

    def _check_selected(self, view: View, start: int) -> None:
        """Refuses when somebody imports a module as a plain set, and selects from that what is a
        definition here."""
        word = self.finder.word(view, start)
        for target in word.targets if word is not None else []:
            if target.kind != ATTRIBUTE:
                continue
            for place in uses_of(self.finder, target, view):
                other = self.workspace.view(place.path)
                if other is not None and other is not view:
                    raise RefusedError(
                        f"{shown(self.workspace, other, place.start)} takes `{self.old}` from "
                        f"{shown(self.workspace, view, start)} without the module system."
                    )

    def _is_definition(self, view: View, start: int) -> bool:
        summary = self.workspace.summary(view.path)
        if summary is None:
            return False
        rows: list[Occurrence] = [*summary.defined, *summary.declared]
        return any(span[0] == start for one in rows for span in one.spans)

    def _check_option_after(
        self,
        results: dict[str, Result],
        path: tuple[str, ...],
        new_path: tuple[str, ...],
        found: list[tuple[str, tuple[int, int]]],
    ) -> None:
        after = self.workspace.changed({key: one.document for key, one in results.items()})
        kinds = self._kinds()
        finder = Finder(after)
        if self._related(finder, kinds, path):
            raise RefusedError(f"Some uses of `{'.'.join(path)}` would keep the old name.")
        if len(self._related(finder, kinds, new_path)) != len(found):
            raise RefusedError(f"Other names would come to mean `{'.'.join(new_path)}`.")

    def _kinds(self) -> frozenset[str] | None:
        kinds = self.target.kinds
        return kinds if kinds is not None else self.workspace.kinds_of(self.view.path)

    def _related(
        self, finder: Finder, kinds: frozenset[str] | None, path: tuple[str, ...]
    ) -> list[tuple[str, tuple[int, int]]]:
        """Where an option is named, for configurations of those kinds."""
        return [
            (found.path, found.span)
            for found in finder.workspace.occurrences(path)
            if finder.related(kinds, found.path, found.kind)
        ]

    # Proof.

    def _finish(self) -> dict[str, Result]:
        """The new texts, each with the same names behind it."""
        return finished(self.workspace, self.rewrites, self.old, self.new, self.by_with)

    def _check_links(self, results: dict[str, Result]) -> None:
        """Whether what selected the attribute still leads to it."""
        if not self.linked:
            return
        after = self.workspace.changed({key: one.document for key, one in results.items()})
        finder = Finder(after)
        wanted: set[tuple[str, str, object]] = set()
        for view, node in self.binders:
            result = results.get(view.path)
            starts = result.moved(DEFINES, int(node.start)) if result else [int(node.start)]
            wanted |= {("at", view.path, start) for start in starts}
        for view, node in self.linked:
            result = results.get(view.path)
            starts = result.moved(USES, int(node.start)) if result else [int(node.start)]
            other = after.view(view.path)
            for start in starts:
                word = finder.word(other, start) if other is not None else None
                keys = {key for each in word.targets for key in each.keys} if word else set()
                if not keys & wanted:
                    raise RefusedError(
                        f"{self._shown(view, node)} would mean something else afterwards."
                    )


def _is_key(view: View, attr: AttrName) -> bool:
    """Whether a name is bound, not selected."""
    around = view.parent(attr)
    return isinstance(around, AttrPath) and isinstance(view.parent(around), Binding)


def _before(view: View, attr: AttrName) -> str:
    """The name that stands before an attribute, in its path or around its set; "" without one."""
    around = view.parent(attr)
    if isinstance(around, Inherit):
        return _last_name(view, around.source) if around.source is not None else ""
    owner = view.parent(around) if around is not None else None
    if isinstance(owner, Binding):
        return _before_key(view, attr, owner)
    if not isinstance(owner, (ExprSelect, ExprOpHasAttr)):
        return ""
    attrs = owner.path.names()
    index = next(i for i, each in enumerate(attrs) if each is attr)
    if index:
        return view.name(attrs[index - 1]) or ""
    return _last_name(view, owner.base)


def _before_key(view: View, attr: AttrName, owner: Binding) -> str:
    attrs = owner.path.names()
    index = next(i for i, each in enumerate(attrs) if each is attr)
    if index:
        return view.name(attrs[index - 1]) or ""
    at = view.parent(owner)
    if not isinstance(at, ExprAttrs):
        return ""
    at = view.parent(at)
    while isinstance(at, (ExprParen, ExprCall, ExprBinOp, ExprList)):
        at = view.parent(at)
    return view.name(at.path.names()[-1]) or "" if isinstance(at, Binding) else ""


def _last_name(view: View, node: Node) -> str:
    node = unparen(node)
    if isinstance(node, ExprSelect):
        return view.name(node.path.names()[-1]) or ""
    return view.slice(node) if isinstance(node, ExprVar) else ""


def _may_be_config(name: str, path: tuple[str, ...], is_key: bool) -> bool:
    """Whether a value of that name may hold the option as its attribute."""
    if len(path) > 1 and name == path[-2]:
        return True
    if is_key:
        return False
    folded = name.casefold()
    return "cfg" in folded or "conf" in folded


def _variable_at(view: View, attr: AttrName) -> Definition | None:
    """The variable that a key of a recursive set binds."""
    for definition in view.model.definitions:
        if definition.scope.kind == SCOPE_REC:
            if any(node is attr for node in definition.nodes()):
                return definition
    return None


__all__ = ["Place", "prepare_rename", "rename", "shown"]
