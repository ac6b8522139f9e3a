"""Merges the definitions of an option, by the rules of the module system and of the type.

The rules are those of `mergeDefinitions` in nixpkgs' `lib/modules.nix` and of the types in
`lib/types.nix`: properties are taken off in a fixed order (`mkMerge` and `mkIf` at any depth, then
one layer of priority, then one of order), what remains is checked, then merged by the type.
Types that hold others are merged here, so that conflicts inside have a place; all others by
their own function.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from nixlint.evaluate.evaluator import Evaluator
from nixlint.evaluate.operators import MAYBE, YES, compare_equal
from nixlint.evaluate.values import (
    ANY,
    ATTRS,
    Code,
    Env,
    NixError,
    OutOfBudget,
    Value,
    VAttrs,
    VBool,
    VLambda,
    VList,
    VNull,
    VString,
    VUnknown,
)
from nixlint.project.modules.definitions import place_of, property_type
from nixlint.project.modules.model import CERTAIN, POSSIBLE
from nixlint.project.modules.properties import (
    LOWEST,
    Properties,
    is_package,
    is_plain,
    reason_of,
    shown_path,
)
from nixlint.project.modules.verdicts import (
    NO_VALUE,
    NOT_OF_TYPE,
    NOT_UNIQUE,
    NULL_MIX,
    TAGS_DIFFER,
    UNEQUAL,
    UNKNOWN,
    Def,
    Merged,
    Part,
    PartValue,
    failed,
    known,
    of_error,
    unknown,
)

MAX_LOOK: Final = 10

_NAME: Final = re.compile(r"([\w']+)\s*=\s*$")
_LIB_FILES: Final = ("types.nix", "options.nix", "type-numbers.nix", "modules.nix")

Submodule = Callable[[VAttrs, list[str], list[Def]], Merged]
"""Merges the definitions of a submodule: the payload of its type, the path, the definitions."""


class Merger(Properties):
    """Merges definitions; `submodule` is asked for those of submodules."""

    def __init__(self, ev: Evaluator, submodule: Submodule) -> None:
        super().__init__(ev)
        self.submodule = submodule
        self._names: dict[Code, str | None] = {}
        """What `_library_name` found for the code of functions."""

    # Merging.

    def merge(self, type_value: Value, path: list[str], defs: list[Def]) -> Merged:
        """The verdict on definitions that still have their properties. Never raises `NixError`."""
        try:
            return self._merge(type_value, path, defs)
        except NixError as error:
            return of_error(error, defs)
        except OutOfBudget as limit:
            return unknown(limit.message)

    def _merge(self, type_value: Value, path: list[str], defs: list[Def]) -> Merged:
        flat = self.discharged(defs)
        self.unwrapped(flat)
        everything = list(flat)
        certain = [one for one in flat if one.certainty == CERTAIN and one.priority is not None]
        doubtful = [one for one in flat if one.certainty != CERTAIN or one.priority is None]
        best = LOWEST
        for one in certain:
            if one.priority is not None and one.priority < best:
                best = one.priority
        survivors = [
            one
            for one in flat
            if one.priority is None or one.priority == best
            or (one.certainty != CERTAIN and one.priority < best)
        ]  # fmt: skip
        loose = [one for one in doubtful if one.priority is None or one.priority < best]
        maybe = [one for one in doubtful if one in survivors]
        if not survivors:
            out = self._empty(type_value, path)
        elif loose or (maybe and not certain):
            reason = reason_of(loose or maybe)
            out = unknown(reason)
        else:
            ordered = self.ordered(survivors)
            out = self.checked(type_value, path, ordered)
        out.survivors = [] if loose else survivors
        out.all = everything
        out.priority = best if not loose else None
        out.defined = bool(certain)
        return out

    def _empty(self, type_value: Value, path: list[str]) -> Merged:
        """The verdict when nobody defines the option."""
        if self.name(type_value) == "submodule" and self._standard(type_value):
            payload = self._payload(type_value)
            if payload is None:
                return unknown("the modules of the submodule are unknown")
            return self.submodule(payload, path, [])
        if self.name(type_value) in ("coercedTo", "unique", "uniq") and self._standard(type_value):
            inside = "finalType" if self.name(type_value) == "coercedTo" else "elemType"
            return self._empty(self._nested(type_value, inside), path)
        empty = self.field(type_value, "emptyValue")
        if isinstance(empty, VAttrs) and empty.rest is None:
            value = empty.attrs.get("value")
            if value is not None:
                return known(self.force(value))
            message = (
                f"The option `{shown_path(path)}' was accessed but has no value defined. "
                "Try setting the option."
            )
            return failed(NO_VALUE, shown_path(path), message, [])
        return unknown("the type of the option is unknown")

    def merge_only(self, type_value: Value, path: list[str], defs: list[Def]) -> Merged:
        """The merge function of a type alone, as a freeform type is used. Never raises
        `NixError`."""
        try:
            return self._by_type(type_value, path, defs, None)
        except NixError as error:
            return of_error(error, defs)
        except OutOfBudget as limit:
            return unknown(limit.message)

    def check(self, type_value: Value, value: Value) -> bool | None:
        """Whether a value passes the check of a type; None when that is unknown."""
        check = self.field(type_value, "check")
        if check is None or isinstance(check, VUnknown):
            return None
        answer = self.call(check, value)
        return answer.value if isinstance(answer, VBool) else None

    def name(self, type_value: Value) -> str:
        """The name of a type, "" when unknown."""
        return self.text(type_value, "name")

    def checked(self, type_value: Value, path: list[str], defs: list[Def]) -> Merged:
        """Checks definitions without properties, then merges them."""
        doubt: Def | None = None
        wrong: list[Def] = []
        for one in defs:
            passed = self.check(type_value, one.value)
            if passed is None:
                doubt = one
            elif not passed:
                if one.certainty == CERTAIN:
                    wrong.append(one)
                else:
                    doubt = one
        if wrong:
            return self._mistyped(type_value, path, wrong)
        if doubt is None:
            fits = self._fits(type_value, path, defs)
            if fits is False:
                return self._mistyped(type_value, path, defs)
            if fits is None:
                doubt = defs[0]
        return self._by_type(type_value, path, defs, doubt)

    def _mistyped(self, type_value: Value, path: list[str], wrong: list[Def]) -> Merged:
        where = shown_path(path)
        description = self.text(type_value, "description")
        message = f"A definition for option `{where}' is not of type `{description}'."
        return failed(NOT_OF_TYPE, where, message, wrong)

    def _by_type(
        self, type_value: Value, path: list[str], defs: list[Def], doubt: Def | None
    ) -> Merged:
        certain = [one for one in defs if one.certainty == CERTAIN]
        if doubt is None:
            for one in defs:
                if one.certainty != CERTAIN:
                    doubt = one
        name = self.name(type_value)
        style = self._style(type_value, name)
        if style == "equal":
            return self._equal(type_value, path, certain, doubt)
        if style == "one":
            return self._one(type_value, path, certain, doubt)
        if style == "nullOr":
            return self._null_or(type_value, path, defs, certain, doubt)
        if style == "either":
            return self._either(type_value, path, defs, doubt)
        if style == "coercedTo":
            return self._coerced(type_value, path, defs, doubt)
        if style == "listOf":
            return self._list(type_value, path, defs, doubt)
        if style in ("attrsOf", "lazyAttrsOf"):
            return self._attrs(type_value, path, defs, style == "lazyAttrsOf")
        if style == "attrTag":
            return self._tagged(type_value, path, defs, doubt)
        if style == "submodule":
            payload = self._payload(type_value)
            if payload is None:
                return unknown("the modules of the submodule are unknown")
            return self.submodule(payload, path, defs)
        if doubt is not None:
            return unknown(reason_of([doubt]))
        if self._hides_submodules(type_value):
            return unknown("a submodule inside of the type is not evaluated")
        return self._by_function(type_value, path, defs)

    # Which rule a type has.

    def _function(self, type_value: Value) -> VLambda | None:
        merge = self.field(type_value, "merge")
        if isinstance(merge, VAttrs):
            functor = merge.attrs.get("v2") or merge.attrs.get("__functor")
            merge = self.force(functor) if functor is not None else None
        return merge if isinstance(merge, VLambda) else None

    def _standard(self, type_value: Value) -> bool:
        """Whether the type merges as `lib.types` does, not by a function of somebody else."""
        function = self._function(type_value)
        return function is not None and self._library_name(function) is not None

    def _library_name(self, function: VLambda) -> str | None:
        """The name under which `lib` defines a function ("" when it has none there), or None."""
        code = function.code
        if code not in self._names:
            folder, _, file = code.file.path.rpartition("/")
            name: str | None = None
            if file in _LIB_FILES and folder.endswith("/lib"):
                found = _NAME.search(code.file.text[max(0, code.start - 80) : code.start])
                name = found.group(1) if found is not None else ""
            self._names[code] = name
        return self._names[code]

    def _style(self, type_value: Value, name: str) -> str:
        function = self._function(type_value)
        library_name = self._library_name(function) if function is not None else None
        if library_name is None:
            return ""
        if library_name == "mergeEqualOption":
            return "equal"
        if name in ("raw", "package", "shellPackage", "unique", "uniq", "pkgs"):
            return "one"
        if name in ("nullOr", "either", "coercedTo", "listOf", "submodule", "attrTag"):
            return name
        if name in ("attrsOf", "lazyAttrsOf", "loaOf"):
            return "attrsOf" if name == "loaOf" else name
        return ""

    def _nested(self, type_value: Value, name: str) -> Value:
        nested = self.field(type_value, "nestedTypes")
        found = self.field(nested, name) if nested is not None else None
        if found is None:
            raise OutOfBudget("the types inside of a type are unknown")
        return found

    def _payload(self, type_value: Value) -> VAttrs | None:
        functor = self.field(type_value, "functor")
        payload = self.field(functor, "payload") if functor is not None else None
        return payload if isinstance(payload, VAttrs) else None

    def _hides_submodules(self, type_value: Value) -> bool:
        """Whether the type's own function would have to evaluate modules."""
        stack: list[tuple[Value, int]] = [(type_value, 0)]
        steps = 0
        while stack:
            steps += 1
            at, depth = stack.pop()
            if self.name(at) == "submodule":
                return True
            nested = self.field(at, "nestedTypes")
            if not isinstance(nested, VAttrs) or depth > MAX_LOOK or steps > 200:
                continue
            for one in nested.attrs.values():
                inner = self.field(one, "type") if self.text(one, "_type") == "option" else one
                if inner is not None:
                    stack.append((inner, depth + 1))
        return False

    # The rules.

    def _by_function(self, type_value: Value, path: list[str], defs: list[Def]) -> Merged:
        """The type's own function on definitions that are all certain."""
        merge = self.field(type_value, "merge")
        if merge is None or isinstance(merge, VUnknown):
            return unknown("the type of the option is unknown")
        where = VList([VString(name) for name in path])
        given = VList([VAttrs({"file": VString(one.file), "value": one.value}) for one in defs])
        try:
            value = self.call(merge, where, given)
        except NixError as error:
            return of_error(error, defs)
        if isinstance(value, VUnknown):
            return unknown(value.reason)
        return known(value)

    def _first(
        self, type_value: Value, path: list[str], certain: list[Def], doubt: Def | None
    ) -> Merged:
        """The value of definitions that are all equal."""
        if doubt is not None:
            return unknown(reason_of([doubt]))
        value = self.force(certain[0].value)
        if isinstance(value, VUnknown):
            return unknown(value.reason)
        if self.name(type_value) in ("package", "singleLineStr"):
            return self._by_function(type_value, path, certain[:1])
        return known(value)

    def _equal(
        self, type_value: Value, path: list[str], certain: list[Def], doubt: Def | None
    ) -> Merged:
        for one in certain[1:]:
            verdict = compare_equal(self.ev, certain[0].value, one.value, self.site)
            if verdict.answer == MAYBE:
                doubt = doubt or one
            elif verdict.answer != YES:
                return self._unequal(path, certain[0], one, doubt)
        if doubt is not None:
            # Those that are known may differ from each other, though not from the first.
            sure = [one for one in certain if not isinstance(self.force(one.value), VUnknown)]
            for one in sure[1:]:
                verdict = compare_equal(self.ev, sure[0].value, one.value, self.site)
                if verdict.answer != MAYBE and verdict.answer != YES:
                    return self._unequal(path, sure[0], one, doubt)
        return self._first(type_value, path, certain, doubt)

    def _unequal(self, path: list[str], first: Def, second: Def, doubt: Def | None) -> Merged:
        where = shown_path(path)
        message = f"The option `{where}' has conflicting definition values:"
        out = failed(UNEQUAL, where, message, [first, second])
        if doubt is not None and out.conflict is not None:
            # Nix may fail with it before, or show it instead.
            out.conflict.doubt = reason_of([doubt])
        return out

    def _one(
        self, type_value: Value, path: list[str], certain: list[Def], doubt: Def | None
    ) -> Merged:
        where = shown_path(path)
        if len(certain) > 1:
            message = (
                f"The option `{where}' is defined multiple times while it's expected to be unique."
            )
            return failed(NOT_UNIQUE, where, message, certain)
        if doubt is not None:
            return unknown(reason_of([doubt]))
        if self.name(type_value) in ("unique", "uniq"):
            inner = self.field(type_value, "nestedTypes")
            if isinstance(inner, VAttrs) and "elemType" in inner.attrs:
                return self._by_type(inner.attrs["elemType"], path, certain, None)
            return self._by_function(type_value, path, certain)
        return self._first(type_value, path, certain, doubt)

    def _null_or(
        self,
        type_value: Value,
        path: list[str],
        defs: list[Def],
        certain: list[Def],
        doubt: Def | None,
    ) -> Merged:
        nulls = [one for one in certain if isinstance(self.force(one.value), VNull)]
        others = [one for one in certain if self._is_not_null(one)]
        where = shown_path(path)
        if nulls and others:
            message = f"The option `{where}` is defined both null and not null, in "
            return failed(NULL_MIX, where, message, [nulls[0], others[0]])
        if len(nulls) == len(defs):
            return known(self.force(nulls[0].value))
        inner = self._nested(type_value, "elemType")
        if others and not nulls:
            # Anything unknown may be null, which would be refused.
            out = self._by_type(inner, path, others, doubt)
            if len(others) == len(defs) or out.conflict is not None:
                return out
        return unknown(reason_of([one for one in defs if one not in nulls and one not in others]))

    def _is_not_null(self, one: Def) -> bool:
        """Whether a definition is certainly something else than null. Packages are."""
        value = self.force(one.value)
        if isinstance(value, VUnknown):
            return is_package(value)
        return not isinstance(value, VNull)

    def _either(
        self, type_value: Value, path: list[str], defs: list[Def], doubt: Def | None
    ) -> Merged:
        if doubt is not None:
            return unknown(reason_of([doubt]))
        for side in ("left", "right"):
            inner = self._nested(type_value, side)
            fits = self._fits(inner, path, defs)
            if fits is None:
                return unknown(reason_of(defs))
            if fits:
                return self._by_type(inner, path, defs, None)
        # Only a type that does not check its parts (`nullOr`) leads here.
        if len(defs) == 1:
            return known(self.force(defs[0].value))
        where = shown_path(path)
        message = (
            f"The option `{where}' is defined multiple times while it's expected to be unique."
        )
        return failed(NOT_UNIQUE, where, message, defs)

    def _fits(self, type_value: Value, path: list[str], defs: list[Def]) -> bool | None:
        """Whether a type takes all the definitions together; None when that is unknown."""
        for one in defs:
            passed = self.check(type_value, one.value)
            if not passed:
                return passed
        style = self._style(type_value, self.name(type_value))
        if style == "either":
            left = self._fits(self._nested(type_value, "left"), path, defs)
            if left is not False:
                return left
            return self._fits(self._nested(type_value, "right"), path, defs)
        return True

    def _coerced(
        self, type_value: Value, path: list[str], defs: list[Def], doubt: Def | None
    ) -> Merged:
        if doubt is not None:
            return unknown(reason_of([doubt]))
        source = self._nested(type_value, "coercedType")
        target = self._nested(type_value, "finalType")
        out: list[Def] = []
        for one in defs:
            passed = self.check(source, one.value)
            if passed is None:
                return unknown(reason_of([one]))
            if not passed:
                out.append(one)
                continue
            made = self._by_coercion(type_value, path, one)
            if made is None:
                return unknown("the value that the definition is converted to is unknown")
            out.append(one.with_value(made))
        fits = self._fits(target, path, out)
        if fits is None:
            return unknown(reason_of(out))
        if not fits:
            return self._mistyped(type_value, path, defs)
        return self._by_type(target, path, out, None)

    def _by_coercion(self, type_value: Value, path: list[str], one: Def) -> Value | None:
        """What the function of `coercedTo` makes of one definition.

        The function is no field of the type; the variables of its check have it.
        """
        function = self._function(type_value)
        target = self._nested(type_value, "finalType")
        if function is None:
            return None
        # The merge of one definition with a type that lets everything through.
        where = VList([VString(name) for name in path])
        given = VList([VAttrs({"file": VString(one.file), "value": one.value})])
        env = function.env
        code = function.code
        found = coercion_of(self, code, env)
        if found is None:
            if self._hides_submodules(target):
                return None
            merge = self.field(type_value, "merge")
            return self.call(merge, where, given) if merge is not None else None
        made = self.call(found, one.value)
        return None if isinstance(made, VUnknown) else made

    def _list(
        self, type_value: Value, path: list[str], defs: list[Def], doubt: Def | None
    ) -> Merged:
        inner = self._nested(type_value, "elemType")
        out = Merged("")
        items: list[Value] = []
        for number, one in enumerate(defs):
            value = self.force(one.value)
            if not isinstance(value, VList):
                doubt = doubt or one
                continue
            if value.rest is not None:
                doubt = doubt or one
            if one.certainty != CERTAIN:
                continue
            for index, item in enumerate(value.items):
                name = f"[definition {number + 1}-entry {index + 1}]"
                if doubt is not None and number + 1 != 1:
                    name = "[definition]"
                element = Def(
                    item, one.file, one.certainty, place_of(item) or one.place, one.module
                )
                part = Part(name, self._element(inner, [*path, name], element))
                dropped = self._dropped(element)
                if dropped is None:
                    doubt = doubt or one
                elif not dropped:
                    out.parts.append(part)
                    items.append(PartValue(part))
        if doubt is not None:
            out.state = UNKNOWN
            out.reason = reason_of([doubt])
            return out
        done = known(VList(items))
        done.parts = out.parts
        return done

    def _element(self, inner: Value, path: list[str], one: Def) -> Callable[[], Merged]:
        return lambda: self.merge(inner, path, [one])

    def _dropped(self, one: Def) -> bool | None:
        """Whether nothing is left of a definition without its properties; None if unknown."""
        value = self.force(one.value)
        if isinstance(value, VUnknown):
            return None if value.shape in (ANY, ATTRS) and not is_plain(value) else False
        if not isinstance(value, VAttrs) or property_type(self.ev, value) not in ("if", "merge"):
            return False
        flat = self.discharged([one])
        if not flat:
            return True
        return None if all(each.certainty != CERTAIN for each in flat) else False

    def _attrs(self, type_value: Value, path: list[str], defs: list[Def], lazy: bool) -> Merged:
        inner = self._nested(type_value, "elemType")
        by_name: dict[str, list[Def]] = {}
        hole = ""
        for one in defs:
            value = self.force(one.value)
            if not isinstance(value, VAttrs):
                hole = hole or reason_of([one])
                continue
            for more in value.rest or []:
                hole = hole or more.reason
            for name, child in value.attrs.items():
                place = place_of(child) or one.place
                below = Def(child, one.file, one.certainty, place, one.module)
                by_name.setdefault(name, []).append(below)
        out = Merged("")
        attrs: dict[str, Value] = {}
        rest_names: set[str] = set()
        for name, found in by_name.items():
            if hole:
                found.append(Def(VUnknown(hole), "", POSSIBLE, None, None))
            part = Part(name, self._attribute(inner, [*path, name], found))
            # Conditions do not decide about the names of a lazy set.
            present = True if lazy else self._presence(found)
            if present is None:
                rest_names.add(name)
                out.parts.append(part)
            elif present:
                attrs[name] = PartValue(part)
                out.parts.append(part)
        rest: list[VUnknown] | None = None
        if hole:
            rest = [VUnknown(hole)]
        elif rest_names:
            only = VUnknown("whether it is defined is unknown")
            only.names = frozenset(rest_names)
            rest = [only]
        done = known(VAttrs(attrs, rest))
        done.parts = out.parts
        return done

    def _tagged(
        self, type_value: Value, path: list[str], defs: list[Def], doubt: Def | None
    ) -> Merged:
        if doubt is not None:
            return unknown(reason_of([doubt]))
        payload = self._payload(type_value)
        tags = self.field(payload, "tags") if payload is not None else None
        if not isinstance(tags, VAttrs):
            return unknown("the tags of the type are unknown")
        used: list[str] = []
        inside: list[Def] = []
        for one in defs:
            value = self.force(one.value)
            if not isinstance(value, VAttrs) or value.rest is not None or len(value.attrs) != 1:
                return unknown(reason_of([one]))
            for name, child in value.attrs.items():
                used.append(name)
                place = place_of(child) or one.place
                inside.append(Def(child, one.file, one.certainty, place, one.module))
        tag = used[0]
        option = self.field(tags, tag)
        inner = self.field(option, "type") if option is not None else None
        if not isinstance(option, VAttrs) or inner is None:
            return unknown("the tags of the type are unknown")
        if any(name in option.attrs for name in ("default", "readOnly", "apply")):
            return unknown("the option of a tag is more than a type")
        if any(name != tag for name in used):
            where = shown_path(path)
            message = f"The option `{where}` is defined both as `{tag}` and as another tag"
            part = Part(tag, lambda: failed(TAGS_DIFFER, where, message, defs))
        else:
            part = Part(tag, self._attribute(inner, [*path, tag], inside))
        out = known(VAttrs({tag: PartValue(part)}))
        out.parts = [part]
        return out

    def _attribute(self, inner: Value, path: list[str], defs: list[Def]) -> Callable[[], Merged]:
        return lambda: self.merge(inner, path, defs)

    def _presence(self, defs: list[Def]) -> bool | None:
        """Whether any definition is left without its properties; None if unknown."""
        flat = self.discharged(defs)
        if not flat:
            return False
        return None if all(one.certainty != CERTAIN for one in flat) else True


def coercion_of(merger: Merger, code: Code, env: Env) -> Value | None:
    """The function a `coercedTo` was made with, from the variables its merge can see.

    In `lib.types` it is the second argument of `coercedTo`; frames outside of the merge hold it.
    """
    at: Env | None = env
    text = code.file.text
    begin = text.rfind("coercedTo =", 0, code.start)
    if begin < 0:
        return None
    # `coercedTo = from: f: to: …`: three frames with one argument each.
    frames: list[Value] = []
    while at is not None:
        if not at.slots:
            frames.append(at.arg)
        at = at.up
    for index in range(len(frames) - 2):
        first = frames[index]
        third = frames[index + 2]
        try:
            if merger.name(first) and merger.name(third):
                return frames[index + 1]
        except (NixError, OutOfBudget):
            continue
    return None
