"""What Python's objects are made of: attributes, variables of a closure, what makes them again."""

import copyreg
import dataclasses
import inspect
import os
import sys
import warnings
from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from contextvars import ContextVar
from enum import Enum
from functools import cached_property, partialmethod
from threading import local
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any
from weakref import ReferenceType

import numpy as np

ATOMS = (type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented))
"""Kinds whose text is all there is to them."""

PLACES = (MemberDescriptorType, GetSetDescriptorType)
"""Where a class keeps attributes of its objects, not which."""

_MACHINERY = {
    *("__module__", "__dict__", "__weakref__", "__doc__", "__qualname__", "__slots__"),
    *("__annotations__", "__annotate__", "__annotate_func__", "__annotations_cache__"),
    *("__firstlineno__", "__static_attributes__", "__match_args__", "__classcell__"),
    *("__dataclass_params__", "__dataclass_fields__", "__abstractmethods__", "_abc_impl"),
    *("__orig_bases__", "__parameters__", "__type_params__", "__slotnames__"),
    *("__pydantic_core_schema__", "__pydantic_serializer__", "__pydantic_validator__"),
}
"""What Python keeps in a class for itself."""

WRAPPERS: dict[Any, tuple[str, ...]] = {
    property: ("fget", "fset", "fdel"),
    classmethod: ("__func__",),
    staticmethod: ("__func__",),
    cached_property: ("func",),
    partialmethod: ("func", "args", "keywords"),
}
"""What makes methods and properties of functions, and where it keeps those."""


def _value_of(variable: ContextVar[Any]) -> Any:
    try:
        return variable.get()
    except LookupError:  # never set, and without a default
        return None


_REFERRING: dict[Any, Any] = {
    memoryview: lambda view: (view.format, view.shape, view.tobytes()),
    KeysView: list,
    ValuesView: list,
    ItemsView: list,
    ReferenceType: lambda reference: reference(),
    ContextVar: _value_of,
    local: vars,
}
"""What refers to something, or keeps it for a thread or a task, and how to read that."""

DICE = np.random.mtrand._rand  # pyright: ignore
"""What `np.random.normal` and its like draw from."""


def name_of(value: Any) -> str:
    """The name of a function or class, or of an object's class, without where it was made.

    Args:
        value: any.

    >>> name_of(name_of), name_of(2.0)
    ('name_of', 'float')
    """
    named = value if isinstance(value, type | FunctionType) else type(value)
    return named.__qualname__.rpartition("<locals>.")[2]


def is_dunder(name: str) -> bool:
    """Whether a name is like `__this__`."""
    return name.startswith("__") and name.endswith("__")


def of_its_own(value: Any, name: str) -> Any:
    """An attribute that a value has without computing it; None if it has none.

    Args:
        value: any.
        name: of the attribute.
    """
    return inspect.getattr_static(value, name, None)


def closed_over(function: FunctionType) -> dict[str, Any]:
    """The variables of enclosing functions that a function uses.

    Args:
        function: the function.
    """
    variables = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            variables[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            variables[name] = None
    return variables


def defaults_of(function: FunctionType) -> dict[str, Any]:
    """What the parameters of a function are when they are not given.

    Args:
        function: the function.
    """
    code, given = function.__code__, function.__defaults__ or ()
    names = code.co_varnames[code.co_argcount - len(given) : code.co_argcount]
    return {**dict(zip(names, given, strict=True)), **(function.__kwdefaults__ or {})}


def members_of(cls: type) -> dict[str, Any]:
    """What a class was given, by name, without what Python keeps in it for itself.

    Args:
        cls: the class.
    """
    own = {name for name in vars(cls) if name not in _MACHINERY}
    if issubclass(cls, Enum):
        own = {name for name in own if not (name.startswith("_") and name.endswith("_"))}
    return {name: vars(cls)[name] for name in own if not isinstance(vars(cls)[name], PLACES)}


def attributes_of(value: Any) -> dict[str, Any]:
    """The attributes that make a value what it is, without what it has computed for later.

    Args:
        value: an object of any class.
    """
    kind = type(value)
    slots = [
        name
        for base in kind.__mro__
        for name, member in vars(base).items()
        if isinstance(member, MemberDescriptorType) and hasattr(value, name)
    ]
    own = {name: getattr(value, name) for name in slots} | getattr(value, "__dict__", {})
    computed = {name for name in own if isinstance(of_its_own(kind, name), cached_property)}
    return {name: x for name, x in own.items() if name not in computed}


def is_of_the_process(value: Any) -> bool:
    """Whether a value is one that every process has of its own: its environment, its dice.

    Args:
        value: any.
    """
    random = sys.modules.get("random")
    return value is os.environ or value is DICE or (random and value is random._inst)  # pyright: ignore


def content_of(value: Any) -> Any:
    """What an object says that it holds: the data of xarray, the fields of a record, what a
    reference or a view refers to; None if it says nothing.

    Args:
        value: any.
    """
    for kind, read in _REFERRING.items():
        if isinstance(value, kind):
            return [read(value)]
    if type(value).__module__.startswith("scipy.sparse"):
        rows = value.tocsr(copy=True)  # however it was sorted and summed until now
        rows.sum_duplicates()
        return {"format": value.format, "rows": (rows.indptr, rows.indices, rows.data, rows.shape)}
    as_map = getattr(type(value), "to_dict", None)
    if as_map and type(value).__module__.startswith("xarray."):
        return as_map(value, data="array")
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(value)}
    return None


def made_of(value: Any) -> tuple[Any, ...]:
    """What it takes to make a value again, as for `pickle`.

    Args:
        value: any.

    Returns:
        A function or a name, its arguments, and parts that are put in afterwards; None alone for
        what cannot be made again, such as a lock.
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            reduce = copyreg.dispatch_table.get(type(value))
            recipe = reduce(value) if reduce else value.__reduce_ex__(4)
    except Exception:
        return (None,)
    if isinstance(recipe, str):
        return (recipe,)
    make, arguments, *contents = recipe
    # Items come as iterators.
    parts = [[*x] if isinstance(x, Iterator) else x for x in contents]
    return (make, [x for x in arguments if x is not type(value)], *parts)
