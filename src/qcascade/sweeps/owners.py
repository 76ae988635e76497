"""Which modules are one's own, and the versions of those that are not."""

import site
import sys
import sysconfig
from functools import cache, partial
from pathlib import Path
from types import FunctionType, MethodType
from typing import Any

PACKAGES = ("numpy", "scipy", "numba", "jax", "jaxlib")
"""Their versions may change the last bits of a result."""


@cache
def version_of(top: str) -> str:
    """The version of a package, known without importing it."""
    from importlib.metadata import PackageNotFoundError, version  # slow to import

    try:
        return version(top)
    except (PackageNotFoundError, ValueError):
        return str(getattr(sys.modules.get(top), "__version__", "not installed"))


@cache
def _folders() -> tuple[Path, ...]:
    paths = [sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib")]
    return tuple(Path(p).resolve() for p in [*paths, site.getusersitepackages()])


def _is_inside(file: str) -> bool:
    """Whether a file belongs to what is installed."""
    path = Path(file).resolve()
    folders = {"site-packages", "dist-packages"} & {*path.parts}
    return bool(folders) or any(path.is_relative_to(folder) for folder in _folders())


def is_own(module: Any) -> bool:
    """Whether a module is one's own: not Python's, not installed, not qcascade."""
    return module is None or (isinstance(module, str) and _by_name(module))


@cache
def _by_name(module: str) -> bool:
    top = module.partition(".")[0]
    if top.startswith("_cython"):  # a name without a module
        return False
    if top == "qcascade" or top in sys.builtin_module_names or top in sys.stdlib_module_names:
        return top == "__main__"
    file = getattr(sys.modules.get(module), "__file__", None)
    return file is None or not _is_inside(file)  # without a file: typed into a prompt


def is_installed(top: str) -> bool:
    """Whether a module that was not imported yet is not one's own."""
    from importlib.util import find_spec

    if top in sys.stdlib_module_names:
        return True
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return False
    return bool(spec and spec.origin and _is_inside(spec.origin))


def written_in(value: FunctionType | type) -> Any:
    """The module that a function or class was written in, whatever a decorator made it wear.

    Args:
        value: the function or class.

    >>> written_in(is_own)
    'qcascade.sweeps.owners'
    """
    return getattr(value, "__globals__", {}).get("__name__", value.__module__)


def is_own_code(value: Any) -> bool:
    """Whether a value is a function or class of one's own, or a method or partial of any.

    Args:
        value: any.

    >>> is_own_code(is_own_code), is_own_code(print)
    (False, False)
    """
    if isinstance(value, MethodType | partial):
        return True
    return isinstance(value, FunctionType | type) and is_own(written_in(value))
