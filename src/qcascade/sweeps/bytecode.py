"""What a code object does, spelled without what is only there for its readers.

Line numbers, comments, docstrings, annotations of functions and the names of local variables are
left out. Names from outside — globals, variables of an enclosing function, modules imported on the
way — come as references, so that whoever compares can look at what they stand for.
"""

import dis
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any, NamedTuple

# Instructions that only arrange frames; some of them come and go with line breaks.
_SILENT = {"NOP", "RESUME", "EXTENDED_ARG", "CACHE", "MAKE_CELL", "COPY_FREE_VARS", "LOAD_CLOSURE"}
_KINDS = 0x04 | 0x08 | 0x20 | 0x80 | 0x200  # *args, **kwargs, generators, coroutines, both
_LOADS = ("LOAD_FAST", "LOAD_FAST_LOAD_FAST")
_ANNOTATED, _CLOSED = 4, 8  # what a function is made with
_BOILERPLATE = ("__qualname__", "__doc__", "__module__", "__firstlineno__", "__static_attributes__")
_BY_NAME = {"locals", "vars", "eval", "exec", "dir"}
"""Functions for which the names of local variables count."""


class Reference(NamedTuple):
    """A name from outside, and the attributes that are taken of it at once."""

    kind: str  # "global", "free" or "import"
    name: str
    attributes: tuple[str, ...] = ()
    level: int = 0  # of a relative import


@dataclass
class _Scope:
    """Which local variable is which: numbered as they are met, but parameters go by name."""

    code: CodeType
    outer: "_Scope | None" = None
    names: dict[str, str] = field(default_factory=dict)

    def spelled(self, name: str) -> "str | Reference":
        """A local variable; one of an enclosing function by that function's number."""
        if name in self.code.co_freevars:
            return self.outer.spelled(name) if self.outer else Reference("free", name)
        return self.names.setdefault(name, f"%{len(self.names)}")


def spelled(code: CodeType) -> list[str | Reference]:
    """The instructions of a function, one word after the other.

    Args:
        code: of the function, `function.__code__`.

    >>> def double(x):
    ...     twice = 2 * x  # a comment
    ...     return twice
    >>> def other(x):
    ...     y = 2 * x
    ...     return y
    >>> spelled(double.__code__) == spelled(other.__code__)
    True
    """
    return list(_words(code, None))


def _words(code: CodeType, outer: _Scope | None) -> Iterator[str | Reference]:
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    parameters = code.co_varnames[:count]
    scope = _Scope(code, outer, {name: f"%{name}" for name in parameters})
    sizes = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
    yield f"code {sizes} {code.co_flags & _KINDS} {parameters}"
    if _BY_NAME & set(code.co_names):
        yield f"{code.co_varnames} {code.co_cellvars} {code.co_freevars}"
    steps = _told(code)
    places = _places(code, steps)
    for k, step in enumerate(steps):
        yield from _step(step, scope, places, steps, k)
    covered: Any = dis.Bytecode(code)
    for entry in covered.exception_entries:  # what each `try` covers
        where = [places[at] for at in (entry.start, entry.end, entry.target)]
        yield f"try {where} {entry.depth} {entry.lasti}"
    yield "end"


def _told(code: CodeType) -> list[dis.Instruction]:
    """The instructions that do something, without annotations and the boilerplate of classes."""
    steps = [step for step in dis.get_instructions(code) if step.opname not in _SILENT]
    cells = {*code.co_cellvars, *code.co_freevars}
    # From Python 3.13 on, a closure is put together by LOAD_FAST, one or two at once.
    steps = [x for x in steps if not (x.opname in _LOADS and cells >= {*_locals(x)})]
    silent: set[int] = set()
    for k, step in enumerate(steps):
        if step.opname == "STORE_NAME" and step.argval in _BOILERPLATE:
            silent |= {k - 1, k}
        if step.opname == "MAKE_FUNCTION":
            silent |= _annotation(steps, k)
        if step.opname == "SET_FUNCTION_ATTRIBUTE" and step.arg == _ANNOTATED:
            silent.add(k)
    return [step for k, step in enumerate(steps) if k not in silent]


def _annotation(steps: list[dis.Instruction], made: int) -> set[int]:
    """The instructions that put together the annotations of the function made here.

    On the stack lie, in this order: defaults, annotations, closure, code.
    """
    flags = steps[made].arg or 0
    for step in steps[made + 1 : made + 5]:  # from Python 3.13 on
        if step.opname == "SET_FUNCTION_ATTRIBUTE":
            flags |= step.arg or 0
    if not flags & _ANNOTATED:
        return set()
    end = made - 1 - bool(flags & _CLOSED)  # one BUILD_TUPLE is all that is left of a closure
    height, start = 0, end
    while height != 1 and start > 0:
        start -= 1
        step = steps[start]
        height += dis.stack_effect(step.opcode, step.arg, jump=False)
    return set(range(start, end))


def _places(code: CodeType, steps: list[dis.Instruction]) -> dict[int, int]:
    """For every offset in the code, the number of the first instruction told from there on."""
    places, k = {}, 0
    for offset in range(0, len(code.co_code) + 2, 2):
        while k < len(steps) and steps[k].offset < offset:
            k += 1
        places[offset] = k
    return places


def _step(
    step: dis.Instruction,
    scope: _Scope,
    places: dict[int, int],
    steps: list[dis.Instruction],
    k: int,
) -> Iterator[str | Reference]:
    name, value = step.opname, step.argval
    if step.opcode in dis.hasconst:
        yield name
        yield from _words(value, scope) if isinstance(value, CodeType) else [constant(value)]
    elif step.opcode in dis.haslocal or step.opcode in dis.hasfree:
        # Two at once, if they stand in one line: LOAD_FAST_LOAD_FAST.
        parts = re.findall(r"[A-Z]+_FAST", name) if isinstance(value, tuple) else [name]
        for part, local in zip(parts, _locals(step), strict=True):
            known = scope.spelled(local)
            if part == "LOAD_DEREF" and isinstance(known, Reference):
                known = known._replace(attributes=_attributes(steps, k))
            yield part
            yield known
    elif name in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL"):
        own = any(x.opname == "STORE_NAME" and x.argval == value for x in steps)
        yield f"{name} {value}" if own else name
        yield Reference("global", value, _attributes(steps, k))
    elif name == "IMPORT_NAME":
        level, names = (x.argval for x in steps[k - 2 : k])
        yield name
        yield Reference("import", value, tuple(names or ()), level)
    elif step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
        yield f"{name} {places[value]}"
    elif step.opcode in dis.hasname:
        yield f"{name} {value}"
    elif name == "MAKE_FUNCTION":
        yield f"{name} {(step.arg or 0) & ~_ANNOTATED}"
    else:
        yield f"{name} {step.arg}"


def _locals(step: dis.Instruction) -> tuple[str, ...]:
    return step.argval if isinstance(step.argval, tuple) else (step.argval,)


def _attributes(steps: list[dis.Instruction], k: int) -> tuple[str, ...]:
    attributes = []
    for step in steps[k + 1 :]:
        if step.opname not in ("LOAD_ATTR", "LOAD_METHOD"):
            break
        attributes.append(step.argval)
    return tuple(attributes)


def constant(value: Any) -> str:
    """A constant of a program, the same in every process.

    Args:
        value: a number, text, or a tuple or frozen set of such.

    >>> constant((1.0, frozenset({"b", "a"})))
    "(1.0, {'a', 'b'})"
    """
    if isinstance(value, tuple):
        return f"({', '.join(map(constant, value))})"
    if isinstance(value, frozenset):
        return f"{{{', '.join(sorted(map(constant, value)))}}}"
    return repr(value)
