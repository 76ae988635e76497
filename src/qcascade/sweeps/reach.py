"""Everything that can be reached from a function: what it calls, what it reads, what that is.

One walk makes two things. `told` names what was met, so that a change can be told by name.
`whole` is a hash of the same in the order of use, in which nothing has a name that does not
count: functions, variables and classes are numbered as they are met.

A hash of what cloudpickle writes cannot stand in for this: it names nothing, takes all 21 edits of
the tests that change nothing (comments, names, the order of definitions) for changes, and two of
the 94 kinds that change results for none. The length is that of the list of what Python is made of,
every entry of which is one of those kinds.
"""

import dataclasses
import gc
import hashlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import partial
from types import BuiltinFunctionType, FunctionType, MappingProxyType, MethodType, ModuleType
from typing import Any

import numpy as np

from .bytecode import Reference, spelled
from .digests import digest, short
from .objects import (
    ATOMS,
    PLACES,
    WRAPPERS,
    attributes_of,
    closed_over,
    content_of,
    defaults_of,
    is_dunder,
    is_of_the_process,
    made_of,
    members_of,
    name_of,
    of_its_own,
)
from .owners import PACKAGES, is_installed, is_own, is_own_code, version_of, written_in

MOST = 2000
"""Things told by name, at most; `whole` knows them all."""

_GIVEN = (*ATOMS, tuple, frozenset, np.ndarray)

_BUILTIN: tuple[Any, ...] = (float, int, complex, str, bytes, tuple, list, set, frozenset, dict)


class Walk:
    """A walk over everything that can be reached from one function.

    Args:
        first: looked at wherever it is from; of others only those that are not installed.
    """

    def __init__(self, first: Any = None):
        self.first = first
        self.told: dict[str, str] = {}
        self._hash = hashlib.sha256()
        self._known: dict[int, tuple[int, str]] = {}  # by identity: number, text
        self._kept: list[Any] = []  # a number stands for one thing as long as that lives

    @property
    def whole(self) -> str:
        """A hash of all that was met."""
        return self._hash.hexdigest()[:16]

    def tell(self, label: str, text: str) -> None:
        """Note something by name; numbered when another thing of the same name has it."""
        free, number, text = label, 1, short(text)
        while self.told.get(free, text) != text:
            number += 1
            free = f"{label} ({number})"
        if len(self.told) < MOST:
            self.told[free] = text

    def place(self, path: str, value: Any, kind: str = "value") -> str:
        """Look at a value at a place that has a name."""
        text = self.look(value, path)
        if not _tells_itself(value):
            self.tell(f"{kind} {path}", text)
        return text

    def _named(self, kind: str, path: str, parts: Mapping[str, Any]) -> None:
        """Look at parts in the order of their names, which count."""
        for name, part in sorted(parts.items()):
            self._write(f"{kind} {name}")
            self.place(f"{path}.{name}", part)

    def look(self, value: Any, path: str) -> str:
        """Look at a value, and return what to call it."""
        if type(value) in ATOMS:
            return self._write(repr(value))
        if id(value) in self._known:
            number, text = self._known[id(value)]
            self._write(f"#{number}")
            return text
        number = len(self._kept)
        self._kept.append(value)
        self._known[id(value)] = (number, "…")
        text = self._described(value, path)
        self._known[id(value)] = (number, text)
        return text

    def _write(self, text: str) -> str:
        content = text.encode("utf-8", "surrogatepass")
        self._hash.update(len(content).to_bytes(8, "little") + content)
        return text

    def _described(self, value: Any, path: str) -> str:
        if isinstance(value, MethodType):
            return self._method(value, path)
        if isinstance(value, (*WRAPPERS,)):
            return self._wrapper(value, path)
        if isinstance(value, partial):
            return self._partial(value, path)
        if isinstance(value, FunctionType | type):
            if value is not self.first and not is_own(written_in(value)):
                return self._installed(value, path)
            return self._class(value) if isinstance(value, type) else self._function(value, path)
        if isinstance(value, ModuleType):
            return self._module(value, path)
        if is_of_the_process(value) or isinstance(value, PLACES):  # not of a model
            return self._write(name_of(value))
        if isinstance(value, np.ndarray | np.generic) or hasattr(
            type(value), "__array_namespace__"
        ):
            return self._array(value, path)
        if isinstance(value, Enum):
            self.look(type(value), path)
            return self._write(f"{name_of(value)}.{value.name}") + self.look(value.value, path)
        if type(value) in (tuple, list, set, frozenset, dict, MappingProxyType):
            return self._collection(value, path)
        if is_own(type(value).__module__):
            return self._own(value, path)
        return self._foreign(value, path)

    # Functions and classes

    def _method(self, method: MethodType, path: str) -> str:
        self._write("method")
        self.look(method.__self__, name_of(method.__self__) if path == "point" else path)
        return self.look(method.__func__, path)

    def _partial(self, value: partial, path: str) -> str:
        self._write(f"partial {len(value.args)} {len(value.keywords)}")
        text = self.look(value.func, path)
        for key, given in [*enumerate(value.args), *sorted(value.keywords.items())]:
            self._write(str(key))
            self.place(str(key), given, "argument")
        return f"partial {text}"

    def _function(self, function: FunctionType, path: str) -> str:
        name = name_of(function)
        label = f"{path} (a lambda)" if name.endswith("<lambda>") and path != "point" else name
        words = spelled(function.__code__)
        self.tell(f"function {label}", f"code {digest(*(str(x).encode() for x in words))}")
        free = closed_over(function)
        for word in words:
            if isinstance(word, str):
                self._write(word)
            else:
                self._reference(word, function, free)
        for parameter, value in sorted(defaults_of(function).items()):
            self._write(f"default {parameter}")
            self.place(f"{parameter} of {label}", value, "default")
        own = vars(function)
        given = {x: own[x] for x in own if x == "__wrapped__" or not is_dunder(x)}
        self._named("attribute", label, given)
        return f"function {name}"

    def _reference(self, name: Reference, function: FunctionType, free: Mapping[str, Any]) -> None:
        """Look at what a name in a function stands for; one of Python's own stays a name."""
        if name.kind == "import":
            self._import(name, function)
            return
        values = free if name.kind == "free" else function.__globals__
        if name.name in values and (not is_dunder(name.name) or name.name == "__class__"):
            self._through(values[name.name], name.name, name.attributes)
        else:
            self._write(f"name {name.name}")

    def _through(self, value: Any, path: str, attributes: Iterable[str]) -> None:
        """Look at a value, or at an attribute when it is a module of one's own."""
        for attribute in attributes:
            if not (isinstance(value, ModuleType) and is_own(value.__name__)):
                break
            if attribute not in vars(value):
                self._write(f"name {attribute}")
                return
            value, path = vars(value)[attribute], f"{path}.{attribute}"
        self.place(path, value)

    def _import(self, name: Reference, function: FunctionType) -> None:
        """Look at what a function imports while it runs; who is installed is not imported here."""
        full = name.name
        try:
            package = function.__globals__.get("__package__")
            full = importlib.util.resolve_name("." * name.level + full, package)
            self._write(f"import {'' if is_own(full) else full}")
            installed = full not in sys.modules and is_installed(full.partition(".")[0])
            module = None if installed else importlib.import_module(full)
        except ImportError:  # as it will when it is called
            self._write(f"name {full}")
            return
        if module is None or not is_own(full):
            self._package(full)
            return
        for attribute in name.attributes or ("",):
            self._through(module, full, [attribute] if attribute not in ("", "*") else [])

    def _class(self, cls: type) -> str:
        name = name_of(cls)
        self._write(f"class {len(cls.__mro__)}")
        for base in (type(cls), *cls.__mro__[1:]):
            self.look(base, name)
        fields = vars(cls).get("__dataclass_fields__", {})
        for field in fields.values():  # defaults are attributes, or those of `__init__`
            self._write(f"field {field.name} {field.init} {field.kw_only}")
            if field.default_factory is not dataclasses.MISSING:
                self.place(f"{name}.{field.name}", field.default_factory)
        self._named("member", name, members_of(cls))
        return f"class {name}"

    def _wrapper(self, value: Any, path: str) -> str:
        """What makes a property or a method of functions, by these."""
        self._write(type(value).__name__)
        for name in next(names for kind, names in WRAPPERS.items() if isinstance(value, kind)):
            if (part := getattr(value, name)) is not None:
                self._write(name)
                self.place(path, part)
        return type(value).__name__

    def _module(self, module: ModuleType, path: str) -> str:
        if not is_own(module.__name__):
            return self._package(module.__name__)
        self._named("member", path, {n: x for n, x in vars(module).items() if not is_dunder(n)})
        return f"module {path}"

    def _package(self, module: str) -> str:
        top = module.partition(".")[0]
        if top not in ("qcascade", *PACKAGES, *sys.stdlib_module_names):
            self.tell(f"package {top}", self._write(version_of(top)))
        return self._write(f"package {module}")

    def _installed(self, value: Any, path: str) -> str:
        """A function or class of a package: known by its name, the package's version, and what
        of one's own it was made of."""
        home, name = value.__module__, value.__qualname__
        if is_own(home):  # a decorator's function, which wears the name of one's own
            home, name = written_in(value), value.__code__.co_qualname  # pyright: ignore
        self._package(home or "")
        name = self._write(f"{home}.{name}")
        if isinstance(value, FunctionType):
            for content in closed_over(value).values():  # what is mutable keeps results for later
                if isinstance(content, _GIVEN) or is_own_code(content):
                    self.look(content, path)
            if isinstance(getattr(value, "registry", None), Mapping):  # singledispatch
                for kind, function in value.registry.items():  # pyright: ignore
                    self.look(kind, path)
                    self.look(function, path)
            self._wrapped(value, path)
        return name

    def _wrapped(self, value: Any, path: str) -> bool:
        """Look at the function inside what a decorator (or Numba, or JAX) has made of it."""
        inner = of_its_own(value, "__wrapped__") or of_its_own(value, "py_func")
        if not callable(inner) or inner is value:
            return False
        options = of_its_own(value, "targetoptions")
        if isinstance(options, Mapping):
            self.look(dict(options), path)
        self.look(inner, path)
        return True

    # Values

    def _collection(self, value: Any, path: str) -> str:
        kind = type(value).__name__
        if isinstance(value, set | frozenset):  # whose order is another one in every process
            value = sorted(value, key=_alone)
        self._write(f"{kind} {len(value)}")
        look = self.look
        if isinstance(value, Mapping):
            items = [f"{look(k, path)}: {look(x, f'{path}[{k!r}]')}" for k, x in value.items()]
            return f"map ({', '.join(items)})"
        if all(type(x) in ATOMS for x in value):
            return self._write(f"({', '.join(map(repr, value))})")
        return f"({', '.join([look(x, f'{path}[{k}]') for k, x in enumerate(value)])})"

    def _array(self, value: Any, path: str) -> str:
        try:
            array = np.asarray(value)
        except TypeError:  # as for JAX's random keys
            return self._foreign(value, path)
        kind = "" if type(value) in (np.ndarray, type(array)) else f"{type(value).__name__} "
        if isinstance(value, np.ma.MaskedArray):
            self._write("masked")
            kind += f"where {self.look(np.ma.getmaskarray(value), path)} "
        if is_own(type(value).__module__):
            kind += self.look([type(value), attributes_of(value)], path)
        if array.dtype == object:
            return self._write(kind) + self.look(array.tolist(), path)
        if array.size == 1:
            text = f"{array.dtype} {array.item()!r}" + f" {array.shape}" * bool(array.ndim)
        else:
            content = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
            text = f"{array.dtype} array {array.shape} {digest(content.data)}"
        return self._write(kind + text)

    def _own(self, value: Any, path: str) -> str:
        """An object of a class of one's own: its attributes, and its class."""
        path = name_of(value) if path == "point" else path
        self._write("object")
        self.look(type(value), path)
        for builtin in (b for b in _BUILTIN if isinstance(value, b)):  # also a number, a list, …
            self.place(path, builtin(value))
        self._named("attribute", path, attributes_of(value))
        return name_of(value)

    def _foreign(self, value: Any, path: str) -> str:
        """An object of a package: what it takes to make it again."""
        self._package(type(value).__module__)
        name = self._write(f"{type(value).__module__}.{type(value).__qualname__}")
        if isinstance(value, BuiltinFunctionType):
            called, owner = self._write(f"{value.__module__}.{value.__qualname__}"), value.__self__
            return called if isinstance(owner, ModuleType) else called + self.look(owner, path)
        if isinstance(value, np.ufunc):
            for inner in filter(is_own_code, gc.get_referents(value)):  # of `np.frompyfunc`
                self.look(inner, path)
            return self._write(f"function {value.__name__}")
        if callable(value) and self._wrapped(value, path):
            return name
        content = content_of(value)
        if content is not None:
            return f"{name_of(value)} {self.look(content, path)}"
        make, *parts = made_of(value)
        self._write(f"made {len(parts)}")
        if getattr(make, "__module__", None) != "copyreg":
            self.look(make, path)
        return name_of(value) + " ".join(self.look(x, path) for x in parts if x is not None)


def _alone(value: Any) -> str:
    """A hash of a value by itself, to sort by."""
    walk = Walk()
    walk.look(value, "")
    return walk.whole


def _tells_itself(value: Any) -> bool:
    """Whether a walk notes a value, or its parts, by their own names."""
    if isinstance(value, (FunctionType, MethodType, type, ModuleType, partial, *WRAPPERS)):
        return True
    known = type(value) in ATOMS or isinstance(value, Enum | np.ndarray | np.generic)
    return not known and is_own(type(value).__module__)
