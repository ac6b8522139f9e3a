"""Values, and the machine that computes them on demand.

A value is *known* (it equals what Nix computes), *unknown* (`VUnknown`, with a reason and a
place), or partly known: a list or attribute set whose `rest` says what else may be in it.
What Nix certainly refuses raises `NixError`; running out of budget raises `OutOfBudget`.
Both stay inside this floor: `evaluator.py` turns them into unknown values at its doors.

A `Thunk` is computed when `force` is called the first time. Everything else is its own result.
Classes are compiled: the hot paths are the methods `force` and `call`.
"""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Final

from nixlint.evaluate.files import STORE, SourceFiles
from nixlint.text.arrays import i64

THUNK: Final = 0
NULL: Final = 1
BOOL: Final = 2
INT: Final = 3
FLOAT: Final = 4
STRING: Final = 5
PATH: Final = 6
LIST: Final = 7
ATTRS: Final = 8
LAMBDA: Final = 9
PRIMOP: Final = 10
UNKNOWN: Final = 11

TYPE_NAMES: Final = (
    "a thunk", "null", "a Boolean", "an integer", "a float", "a string", "a path", "a list",
    "a set", "a function", "a built-in function", "an unknown value",
)  # fmt: skip

# Kinds of `NixError`.
THROWN: Final = "throw"
ASSERTION: Final = "assert"
ABORTED: Final = "abort"
TYPE_ERROR: Final = "type"
MISSING_ATTRIBUTE: Final = "missing-attribute"
MISSING_ARGUMENT: Final = "missing-argument"
UNEXPECTED_ARGUMENT: Final = "unexpected-argument"
UNDEFINED_VARIABLE: Final = "undefined-variable"
INFINITE_RECURSION: Final = "infinite-recursion"
MISSING_FILE: Final = "missing-file"
PARSE_ERROR: Final = "parse"
EVALUATION: Final = "evaluation"

LARGE: Final = 16_000_000
"""What one evaluation may allocate in one piece: characters of a string, elements of a list."""


class CodeFile:
    """The file that code comes from.

    `path` is absolute, as the evaluated program sees it; `base` the directory its relative paths
    start from; `text` what offsets (code points) count in; `real` where the file lies on this
    machine, which differs for sources that pretend to be in the store.
    """

    def __init__(self, path: str, base: str, text: str, real: str = "") -> None:
        self.path = path
        self.real = real if real else path
        self.base = base
        self.text = text


class NixError(Exception):
    """What Nix refuses. `kind` is one of the constants above, `start` an offset in `file`."""

    def __init__(self, kind: str, message: str, file: CodeFile | None, start: int) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.file = file
        self.start = start

    @property
    def catchable(self) -> bool:
        """Whether `builtins.tryEval` catches it."""
        return self.kind == THROWN or self.kind == ASSERTION

    def again(self) -> NixError:
        """The same error for whoever needs the value next."""
        return NixError(self.kind, self.message, self.file, self.start)


class OutOfBudget(Exception):  # noqa: N818 - as StopIteration, it is no fault of the program.
    """Steps, depth, memory or time ran out. Nothing is known of what was being computed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Code:
    """An expression ready to be evaluated; see `code.py`. `start`, `end` are code points."""

    def __init__(self, file: CodeFile, start: i64, end: i64) -> None:
        self.file = file
        self.start = start
        self.end = end

    def eval(self, m: Machine, env: Env) -> Value:
        """The value, never a thunk."""
        raise NotImplementedError

    def thunk(self, m: Machine, env: Env) -> Value:
        """The value to come; expressions that cost nothing answer at once."""
        return CodeThunk(self, env)


class Env:
    """A frame of variables. A function with a simple argument has only `arg`; `with` keeps its
    set there, too."""

    def __init__(self, up: Env | None, arg: Value, slots: list[Value]) -> None:
        self.up = up
        self.arg = arg
        self.slots = slots


class Machine:
    """The budget of an evaluation, and what expressions need from outside.

    `max_steps` counts forced thunks and calls. `max_depth` counts nested ones; the stack of the
    thread must be large enough for it. `seconds` is processor time of the process, so that a busy
    machine finds out as much as an idle one.
    """

    def __init__(
        self, files: SourceFiles, pure: bool, max_steps: int, max_depth: int, seconds: float
    ) -> None:
        self.files = files
        self.steps: i64 = 0
        self.depth: i64 = 0
        self.max_depth: i64 = max_depth
        self.max_steps: i64 = max_steps
        self.seconds = seconds
        self.deadline = process_time() + seconds
        self.timed_out = False
        """Whether something took too long once, so that a faster machine may know more."""
        self.allocated: i64 = 0
        self.pure = pure
        """Whether this is pure evaluation, as of flakes: no `NIX_PATH`, no absolute paths."""
        self.newest = False
        """Whether to answer as the newest Nix where versions of Nix write a text differently."""
        self.next_check: i64 = min(4096, max_steps)
        self.pause: Callable[[], None] | None = None
        """Called now and then; what it raises ends the evaluation, which may be begun again."""

    def check(self) -> None:
        """Looks at the clock and the budget now and then."""
        if self.pause is not None:
            self.pause()
        if self.steps >= self.max_steps:
            raise OutOfBudget(f"the evaluation takes more than {self.max_steps} steps")
        if process_time() > self.deadline:
            self.timed_out = True
            raise OutOfBudget(f"the evaluation takes longer than {self.seconds:g} seconds")
        self.next_check = min(self.steps + 4096, self.max_steps)

    def renew(self) -> None:
        """A fresh budget for the next question."""
        if self.pause is not None:
            self.pause()
        self.steps = 0
        self.depth = 0
        self.allocated = 0
        self.deadline = process_time() + self.seconds
        self.next_check = min(4096, self.max_steps)

    def allocate(self, size: int) -> None:
        """Accounts for something large: characters or elements."""
        if size > LARGE:
            raise OutOfBudget("a value grows too large")
        self.allocated += size
        if self.allocated > LARGE * 16:
            raise OutOfBudget("the evaluation needs too much memory")

    def foreign(self, path: str) -> bool:
        """Whether a path that is missing here may well exist where the program runs."""
        mount = self.files.mount_of(path)
        if mount is not None:
            return not mount.real
        return self.pure or path.startswith(STORE + "/")

    def import_file(self, path: str, site: Code) -> Value:
        """`import path`; directories and links are followed."""
        raise NotImplementedError

    def import_unknown(self, path: VUnknown) -> Value | None:
        """`import` of a path of which only the end is known; None when that tells nothing."""
        return None

    def scoped_import(self, scope: VAttrs, path: str, site: Code) -> Value:
        """`builtins.scopedImport scope path`."""
        raise NotImplementedError

    def copied_path(self, path: str, site: Code) -> Value:
        """The string that a path in a string becomes: the place of its copy in the store."""
        raise NotImplementedError

    def search_path(self, name: str, site: Code) -> Value:
        """`<name>`."""
        raise NotImplementedError


class Value:
    """Something that Nix can compute."""

    def __init__(self, kind: i64) -> None:
        self.kind = kind

    def force(self, m: Machine) -> Value:
        """The value itself, computed if it is not yet. Never a thunk."""
        return self

    def call(self, m: Machine, arg: Value, site: Code) -> Value:
        """The value applied to one argument."""
        raise NixError(
            TYPE_ERROR,
            f"attempt to call something which is not a function but {TYPE_NAMES[self.kind]}",
            site.file,
            site.start,
        )


class VNull(Value):
    def __init__(self) -> None:
        super().__init__(NULL)


class VBool(Value):
    def __init__(self, value: bool) -> None:
        super().__init__(BOOL)
        self.value = value


class VInt(Value):
    """A 64-bit integer."""

    def __init__(self, value: int) -> None:
        super().__init__(INT)
        self.value = value


class VFloat(Value):
    def __init__(self, value: float) -> None:
        super().__init__(FLOAT)
        self.value = value


class VString(Value):
    """A string. `context` names the store paths it depends on, None when there are none.

    Bytes that are no UTF-8 (a character cut in two) are lone surrogates, as in PEP 383.
    """

    def __init__(self, text: str, context: frozenset[str] | None = None) -> None:
        super().__init__(STRING)
        self.text = text
        self.context = context


class VPath(Value):
    """An absolute, normalized path."""

    def __init__(self, path: str) -> None:
        super().__init__(PATH)
        self.path = path


class VList(Value):
    """A list. With `rest` there may be more elements, anywhere between those in `items`."""

    def __init__(self, items: list[Value], rest: list[VUnknown] | None = None) -> None:
        super().__init__(LIST)
        self.items = items
        self.rest = rest


class Origin:
    """Where the attributes of a set were written.

    Either `offsets` in `file`, or `left` updated by `right`.
    """

    def __init__(
        self,
        file: CodeFile | None,
        offsets: dict[str, int] | None,
        left: Origin | None,
        right: Origin | None,
    ) -> None:
        self.file = file
        self.offsets = offsets
        self.left = left
        self.right = right


class VAttrs(Value):
    """An attribute set. With `rest` it may have more attributes than those in `attrs`."""

    def __init__(
        self,
        attrs: dict[str, Value],
        rest: list[VUnknown] | None = None,
        origin: Origin | None = None,
    ) -> None:
        super().__init__(ATTRS)
        self.attrs = attrs
        self.rest = rest
        self.origin = origin

    def call(self, m: Machine, arg: Value, site: Code) -> Value:
        functor = self.attrs.get("__functor")
        if functor is None:
            if self.rest is not None and self.get("__functor") is not None:
                return self.rest[0].call(m, arg, site)
            raise NixError(
                TYPE_ERROR,
                "attempt to call something which is not a function but a set",
                site.file,
                site.start,
            )
        return functor.force(m).call(m, self, site).call(m, arg, site)

    def get(self, name: str) -> Value | None:
        """The attribute; unknown if only the rest may have it, None if it is certainly absent."""
        found = self.attrs.get(name)
        if found is not None:
            return found
        if self.rest is None:
            return None
        return pick_from_rest(self.rest, name)


class VLambda(Value):
    """A function written in Nix; `code` is a `code.Lambda`."""

    def __init__(self, code: LambdaCode, env: Env) -> None:
        super().__init__(LAMBDA)
        self.code = code
        self.env = env

    def call(self, m: Machine, arg: Value, site: Code) -> Value:
        m.steps += 1
        if m.steps >= m.next_check:
            m.check()
        depth = m.depth
        if depth >= m.max_depth:
            raise OutOfBudget(f"functions call each other more than {m.max_depth} levels deep")
        m.depth = depth + 1
        value = self.code.apply(m, self.env, arg, site)
        m.depth = depth
        return value


class LambdaCode(Code):
    """What a function in Nix does with its argument; see `code.py`."""

    def apply(self, m: Machine, env: Env, arg: Value, site: Code) -> Value:
        """Calls it: `env` is where it was made, `site` where it is called."""
        raise NotImplementedError

    def formals(self) -> dict[str, bool] | None:
        """Names of the formals, and whether each has a default; None for `x: …`."""
        raise NotImplementedError

    def formal_offset(self, name: str) -> int:
        """Where the formal stands in the file."""
        raise NotImplementedError

    def accepts_more(self) -> bool:
        """Whether the formals end in `...`; True for `x: …`."""
        raise NotImplementedError


Function = Callable[[Machine, list[Value], Code], Value]


class VPrimop(Value):
    """A function of Nix itself, perhaps with some of its arguments. It takes `arity` of them."""

    def __init__(self, name: str, arity: int, function: Function, args: list[Value]) -> None:
        super().__init__(PRIMOP)
        self.name = name
        self.arity = arity
        self.function = function
        self.args = args

    def call(self, m: Machine, arg: Value, site: Code) -> Value:
        args = [*self.args, arg]
        if len(args) < self.arity:
            return VPrimop(self.name, self.arity, self.function, args)
        return self.run(m, args, site)

    def run(self, m: Machine, args: list[Value], site: Code) -> Value:
        """The result for all its arguments."""
        m.steps += 1
        if m.steps >= m.next_check:
            m.check()
        depth = m.depth
        if depth >= m.max_depth:
            raise OutOfBudget(f"functions call each other more than {m.max_depth} levels deep")
        m.depth = depth + 1
        value = self.function(m, args, site)
        m.depth = depth
        return value


ANY: Final = -1
"""The shape of an unknown value of which not even the type is known."""


class VUnknown(Value):
    """A value that cannot be known without running Nix, or that depends on such a value.

    `reason` says why, for users; `file` and `start` say where the unknown came in.
    `path` is how it can be written (`inputs.nixpkgs.lib`, `config.services.x.enable`), or "".
    `shape` is the type if that is known, e.g. `STRING`, else `ANY`.
    `alternatives` are values one of which it is (branches of an unknown condition), if it is
    certain that it is one of them or that evaluation fails.
    `prefix` and `suffix` are what an unknown string or path begins and ends with.
    `error` is set when Nix fails there: then that is what is known.
    `names` are the only attributes it may have, if that is known.
    """

    def __init__(
        self,
        reason: str,
        file: CodeFile | None = None,
        start: int = 0,
        path: str = "",
        shape: int = -1,
        alternatives: list[Value] | None = None,
        prefix: str = "",
        suffix: str = "",
    ) -> None:
        super().__init__(UNKNOWN)
        self.reason = reason
        self.file = file
        self.start = start
        self.path = path
        self.shape = shape
        self.alternatives = alternatives
        self.prefix = prefix
        self.suffix = suffix
        self.children: dict[str, Value] | None = None
        self.error: NixError | None = None
        self.names: frozenset[str] | None = None

    def call(self, m: Machine, arg: Value, site: Code) -> Value:
        alternatives: list[Value] | None = None
        if self.alternatives is not None:
            alternatives = []
            for one in self.alternatives:
                alternatives.append(ApplyThunk(one, arg, site))
        path = self.path + "(…)" if self.path else ""
        return VUnknown(self.reason, self.file, self.start, path, ANY, alternatives)

    def pick(self, name: str) -> Value:
        """Its attribute of that name: unknown, and always the same object."""
        children = self.children
        if children is None:
            children = {}
            self.children = children
        child = children.get(name)
        if child is None:
            alternatives: list[Value] | None = None
            if self.alternatives is not None:
                alternatives = []
                for one in self.alternatives:
                    alternatives.append(PickThunk(one, name))
            path = f"{self.path}.{name}" if self.path else ""
            child = VUnknown(self.reason, self.file, self.start, path, ANY, alternatives)
            children[name] = child
        return child

    def derived(self, shape: int) -> VUnknown:
        """What an operation makes of it: unknown for the same reason, of that type."""
        return VUnknown(self.reason, self.file, self.start, "", shape)

    def through(self, function: Value, site: Code, shape: int) -> VUnknown:
        """What a known function makes of it: the function applied to each alternative."""
        if self.alternatives is None:
            return self.derived(shape)
        alternatives: list[Value] = []
        for one in self.alternatives:
            alternatives.append(ApplyThunk(function, one, site))
        return VUnknown(self.reason, self.file, self.start, "", shape, alternatives)


def pick_from_rest(rest: list[VUnknown], name: str) -> Value | None:
    """The attribute of that name of whatever else may be in a set; None when it has none."""
    alternatives: list[Value] = []
    first = rest[0]
    for one in rest:
        if one.names is None or name in one.names:
            if not alternatives:
                first = one
            alternatives.append(one.pick(name))
    if len(alternatives) <= 1:
        return alternatives[0] if alternatives else None
    return VUnknown(first.reason, first.file, first.start, "", ANY, alternatives)


class Thunk(Value):
    """A value to come. `result` is None until it is computed, `failure` remembers an error."""

    def __init__(self) -> None:
        super().__init__(THUNK)
        self.result: Value | None = None
        self.failure: NixError | None = None
        self.busy = False

    def compute(self, m: Machine) -> Value:
        """Does the work once; the result is no thunk."""
        raise NotImplementedError

    def force(self, m: Machine) -> Value:
        done = self.result
        if done is not None:
            return done
        return self.run(m)

    def run(self, m: Machine) -> Value:
        failure = self.failure
        if failure is not None:
            raise failure.again()
        if self.busy:
            raise self.recursion()
        m.steps += 1
        if m.steps >= m.next_check:
            m.check()
        depth = m.depth
        if depth >= m.max_depth:
            raise OutOfBudget(f"values need each other more than {m.max_depth} levels deep")
        m.depth = depth + 1
        self.busy = True
        try:
            value = self.compute(m)
        except NixError as error:
            self.busy = False
            self.failure = error
            raise
        except BaseException:
            self.busy = False
            raise
        self.busy = False
        m.depth = depth
        self.result = value
        self.done()
        return value

    def recursion(self) -> NixError:
        """The error for needing itself."""
        return endless(None)

    def done(self) -> None:
        """Lets go of what is not needed any more."""


def endless(site: Code | None) -> NixError:
    """The error for a value that needs itself, at the place of `site`."""
    file = site.file if site is not None else None
    start = site.start if site is not None else 0
    return NixError(INFINITE_RECURSION, "infinite recursion encountered", file, start)


class CodeThunk(Thunk):
    """An expression that waits."""

    def __init__(self, code: Code, env: Env) -> None:
        super().__init__()
        self.code = code
        """Kept afterwards: it says where the value was written."""
        self.env: Env | None = env

    def compute(self, m: Machine) -> Value:
        env = self.env
        assert env is not None
        return self.code.eval(m, env)

    def done(self) -> None:
        self.env = None

    def recursion(self) -> NixError:
        return endless(self.code)


class ApplyThunk(Thunk):
    """A function that waits with its argument."""

    def __init__(self, function: Value, arg: Value, site: Code) -> None:
        super().__init__()
        self.function: Value | None = function
        self.arg: Value | None = arg
        self.site = site

    def compute(self, m: Machine) -> Value:
        function = self.function
        arg = self.arg
        assert function is not None and arg is not None
        return function.force(m).call(m, arg, self.site)

    def done(self) -> None:
        self.function = None
        self.arg = None

    def recursion(self) -> NixError:
        return endless(self.site)


class Apply2Thunk(Thunk):
    """A function that waits with two arguments."""

    def __init__(self, function: Value, first: Value, second: Value, site: Code) -> None:
        super().__init__()
        self.function: Value | None = function
        self.first: Value | None = first
        self.second: Value | None = second
        self.site = site

    def compute(self, m: Machine) -> Value:
        function = self.function
        first = self.first
        second = self.second
        assert function is not None and first is not None and second is not None
        return function.force(m).call(m, first, self.site).call(m, second, self.site)

    def done(self) -> None:
        self.function = None
        self.first = None
        self.second = None


class PickThunk(Thunk):
    """An attribute of a value that waits. `site` says where it was asked for, if anywhere."""

    def __init__(self, base: Value, name: str, site: Code | None = None) -> None:
        super().__init__()
        self.base: Value | None = base
        self.name = name
        self.site = site

    def compute(self, m: Machine) -> Value:
        base = self.base
        assert base is not None
        return pick(m, base.force(m), self.name, self.site).force(m)

    def done(self) -> None:
        self.base = None

    def recursion(self) -> NixError:
        return endless(self.site)


def pick(m: Machine, base: Value, name: str, site: Code | None) -> Value:
    """The attribute of a forced value, perhaps a thunk.

    Raises `NixError` when there is certainly none.
    """
    if isinstance(base, VAttrs):
        found = base.get(name)
        if found is not None:
            return found
        raise NixError(
            MISSING_ATTRIBUTE,
            f"attribute '{name}' missing",
            site.file if site is not None else None,
            site.start if site is not None else 0,
        )
    if isinstance(base, VUnknown):
        return base.pick(name)
    raise NixError(
        TYPE_ERROR,
        f"value is {TYPE_NAMES[base.kind]} while a set was expected",
        site.file if site is not None else None,
        site.start if site is not None else 0,
    )


NOTHING: Final = VNull()
"""`null`."""
TRUE: Final = VBool(True)
FALSE: Final = VBool(False)
NO_SLOTS: Final[list[Value]] = []


def boolean(value: bool) -> Value:
    """`true` or `false`."""
    return TRUE if value else FALSE


def type_error(message: str, site: Code) -> NixError:
    """An error of type at the place of `site`."""
    return NixError(TYPE_ERROR, message, site.file, site.start)


def fail(message: str, site: Code) -> NixError:
    """Any other error at the place of `site`."""
    return NixError(EVALUATION, message, site.file, site.start)


def wrong_type(value: Value, wanted: str, site: Code) -> NixError:
    """`value is a set while a list was expected`; `value` is forced."""
    return type_error(f"value is {TYPE_NAMES[value.kind]} while {wanted} was expected", site)


def unknown_at(reason: str, site: Code, shape: int = -1) -> VUnknown:
    """A value that becomes unknown at the place of `site`."""
    return VUnknown(reason, site.file, site.start, "", shape)
