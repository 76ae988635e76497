"""What the result of a point function depends on, in words that can be compared.

Two runs may share their results only if nothing that goes into a point has changed: the code,
the values it closes over, the helpers of one's own it calls, the packages it calls. Names,
comments and line numbers are free.
"""

import dataclasses
import dis
import hashlib
import inspect
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from functools import cache, cached_property, partial
from pathlib import Path
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from .checks import listed

PACKAGES = ("numpy", "scipy", "numba", "jax")
"""Their versions may change the last bits of a result."""


@cache
def versions() -> Mapping[str, str]:
    """The versions of Python, qcascade, and what computes its numbers."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    found = {"python": "{}.{}".format(*sys.version_info[:2])}
    for name in ("qcascade", *PACKAGES):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def fingerprint(point: Callable[..., Any]) -> dict[str, str]:
    """What a function depends on, by name.

    Looked at are its code and that of every function of one's own that it names (not of this
    or installed packages: their versions count), with defaults, closures and global values.
    Not looked at: files it reads, state inside objects without attributes, functions it
    finds by name while running.

    Args:
        point: the function.

    >>> rate = 2.0
    >>> def double(x):
    ...     return rate * x
    >>> sorted(fingerprint(double))
    ['function double', 'value rate']
    """
    found: dict[str, str] = {}
    seen: set[int] = set()
    first = _innermost(point)
    waiting: list[tuple[str, Any]] = [("point", point)]
    while waiting:
        name, value = waiting.pop()
        for label, text, inner in _described(name, value, first):
            for function in map(_unwrapped, inner):
                if id(function) not in seen:
                    seen.add(id(function))
                    waiting.append((_name(function), function))
            if label:
                found[_free(label, text, found)] = text
    return found


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The entries in which two fingerprints differ, as the end of a sentence; empty if none.

    Args:
        before: a fingerprint.
        now: another.

    >>> differences({"value rate": "2.0"}, {"value rate": "3.0"})
    'value rate was 2.0 and is 3.0'
    """
    names = [*before, *(name for name in now if name not in before)]
    texts = [
        f"{name} was {before.get(name, 'absent')} and is {now.get(name, 'absent')}"
        for name in names
        if before.get(name) != now.get(name)
    ]
    return listed(texts, 4) if texts else ""


def digest(*parts: bytes) -> str:
    """A short hash of bytes.

    Args:
        *parts: the bytes, one after the other.
    """
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "little"))
        whole.update(part)
    return whole.hexdigest()[:16]


def _free(label: str, text: str, found: Mapping[str, str]) -> str:
    """The label, numbered when another thing of the same name has it."""
    free, number = label, 1
    while found.get(free, text) != text:
        number += 1
        free = f"{label} ({number})"
    return free


def _innermost(point: Any) -> Any:
    """The function that is looked at wherever it is from."""
    point = inspect.unwrap(point)
    while isinstance(point, partial):
        point = inspect.unwrap(point.func)
    return _unwrapped(point)


def _name(value: Any) -> str:
    inner = _unwrapped(value)
    return getattr(inner, "__qualname__", type(inner).__name__)


def _unwrapped(value: Any) -> Any:
    """The Python function inside what a decorator (or Numba, or JAX) made of it."""
    while not isinstance(value, type | partial):
        inner = getattr(value, "__wrapped__", None) or getattr(value, "py_func", None)
        if inner is None or inner is value:
            return value
        value = inner
    return value


Described = Iterator[tuple[str, str, list[Any]]]


def _described(name: str, value: Any, first: Any = None) -> Described:
    """Entries (label, text, functions still to look at) of one named thing."""
    value = _unwrapped(value)
    if isinstance(value, MethodType):
        yield from _described(name, value.__func__, first)
        value = value.__self__
    if isinstance(value, partial):
        for key, given in [*enumerate(value.args), *value.keywords.items()]:
            yield from _described(f"argument {key}", given)
        yield "", "", [value.func]
    elif isinstance(value, FunctionType):
        own = value is first or _is_own(value.__module__)
        yield from _function(value) if own else _package(value.__module__)
    elif isinstance(value, ModuleType):
        yield from _module(name, value)
    elif isinstance(value, type):
        methods = [x for x in map(_plain_function, vars(value).values()) if x is not None]
        yield "", "", methods if _is_own(value.__module__) else []
    else:
        inner: list[Any] = []
        text = _text(value, inner, set())
        label = name if name.startswith("argument") else f"value {name}"
        yield label, text if len(text) <= 60 else f"{text[:40]}… ({digest(text.encode())})", inner


def _plain_function(member: Any) -> Any:
    member = getattr(member, "fget", None) or getattr(member, "__func__", member)
    return member if isinstance(member, FunctionType) else None


def _function(function: FunctionType) -> Described:
    yield f"function {function.__qualname__}", f"code {digest(*_code(function.__code__))}", []
    named = {**_closed_over(function), **_globals(function)}
    defaults = {
        name: p.default
        for name, p in inspect.signature(function).parameters.items()
        if p.default is not p.empty
    }
    for name, value in [*sorted(named.items()), *sorted(defaults.items())]:
        if _is_code(value):
            yield "", "", [value]
        else:
            yield from _described(name, value)


def _closed_over(function: FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            found[name] = None
    return found


def _globals(function: FunctionType) -> dict[str, Any]:
    names = set(_names(function.__code__))
    return {name: x for name, x in function.__globals__.items() if name in names}


def _names(code: CodeType) -> Iterator[str]:
    """The global names that code looks up; attributes of the same name are something else."""
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield step.argval
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _is_code(value: Any) -> bool:
    return callable(value) and isinstance(
        _unwrapped(value), FunctionType | MethodType | type | partial
    )


def _module(name: str, module: ModuleType) -> Described:
    file = getattr(module, "__file__", None)
    if file and _is_own(module.__name__):
        yield f"module {name}", f"file {digest(Path(file).read_bytes())}", []
    else:
        yield from _package(module.__name__)


def _package(module: str) -> Described:
    top = module.partition(".")[0]
    number = getattr(sys.modules.get(top), "__version__", None)
    if top not in versions() and top not in sys.stdlib_module_names and number:
        yield f"package {top}", str(number), []


@cache
def _is_own(module: str | None) -> bool:
    """Whether a module is one's own: not Python's, not installed, not qcascade."""
    top = (module or "").partition(".")[0]
    if top == "qcascade" or top in sys.builtin_module_names or top in sys.stdlib_module_names:
        return top == "__main__"
    file = getattr(sys.modules.get(module or ""), "__file__", None)
    if file is None:
        return True  # typed into a prompt
    installed = [sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib")]
    return not any(Path(file).resolve().is_relative_to(Path(p).resolve()) for p in installed)


def _code(code: CodeType) -> Iterator[bytes]:
    """What a function does, without its comments, line numbers, or documentation."""
    yield code.co_code
    yield repr((code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)).encode()
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from _code(value)
        elif value != _documentation(code):
            yield _text(value, [], set()).encode()


def _documentation(code: CodeType) -> Any:
    first = code.co_consts[0] if code.co_consts else None
    return first if isinstance(first, str) else ()


def _text(value: Any, functions: list[Any], inside: set[int]) -> str:
    """A value in full, the same for equal values; functions in it are set aside."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if _is_code(value):
        functions.append(value)
        return f"function {_name(value)}"
    if isinstance(value, ModuleType):
        return f"module {value.__name__}"
    if id(value) in inside:
        return "…"
    inside = inside | {id(value)}
    if isinstance(value, tuple | list):
        return f"({', '.join(_text(x, functions, inside) for x in value)})"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(_text(x, functions, inside) for x in value))}}}"
    if isinstance(value, Mapping):
        return f"map {_text([*value.items()], functions, inside)}"
    if isinstance(value, np.ndarray | np.generic) or hasattr(value, "__array_namespace__"):
        return _array_text(value)
    if hasattr(value, "dims") and hasattr(value, "values"):  # a DataArray
        return f"{value.dims} {_array_text(value.values)}"
    if dataclasses.is_dataclass(value) or _is_own(type(value).__module__):
        return f"{_name(value)}{_text(_state(value), functions, inside)}"
    text = repr(value)
    return _name(value) if " at 0x" in text else text  # an address says nothing


def _array_text(value: Any) -> str:
    array = np.asarray(value)
    if array.dtype == object:
        return repr(array.tolist())
    if array.size == 1:
        return f"{array.dtype} {array.item()!r}"
    text = digest(np.ascontiguousarray(array).tobytes())
    return f"{array.dtype} array {array.shape} {text}"


def _state(value: Any) -> dict[str, Any]:
    """The attributes that make a value what it is, without what it has computed for later."""
    if dataclasses.is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return {
        name: x
        for name, x in getattr(value, "__dict__", {}).items()
        if not isinstance(getattr(type(value), name, None), cached_property)
    }
