"""Sweeps compiled by JAX: a point function as one program, on a GPU where there is one.

Everything stays in float64. Which device is used is JAX's choice (`JAX_PLATFORMS`,
`jax.default_device`), so the same sweep runs here and there.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, wraps
from threading import Thread
from typing import Any

import numpy as np

from ..base.checks import count, fail, single
from ..base.keywords import spoken
from ..base.memory import free_memory
from ..base.optional import jax_in_double_precision, library
from .one_by_one import one_by_one
from .points import Point

CACHED = 8192
"""Points at a time on a processor, at most: more leave its cache."""

LARGEST = 2**21
"""Points at a time on any device, at most: enough for all of its threads."""

LIVE = 96
"""Real arrays (2N, 2N) planned for a point; most of them only where V is refined."""

SHARE = 0.5
"""Part of the free memory that is planned for; compiled programs want room for scratch."""


LOOK = 30.0
"""Seconds between two looks at a program that runs on a processor."""

IDLE = 0.05
"""Seconds of computing in that time below which it stands still."""


@spoken
def compiled(point: Point) -> Point:
    """A point function that JAX compiles as a whole, for `sweep`, on the device that JAX uses.

    A chunk shorter than one before it is filled up with its last point, so one program serves
    a whole sweep. Traced numbers are not checked: wrong ones (negative rates) give NaN.

    Args:
        point: as for `sweep`, of operations that JAX can trace: parts, networks,
            `steady_fields`, `linearise`, `gaussian`, `steady_state`, Gaussian measures, and
            `jax.numpy` in place of NumPy.

    Returns:
        The point function for arrays, with NumPy arrays going in and coming out.

    Raises:
        ArgumentError: when `point` is no function; when called, for one that cannot be traced,
            or where JAX does not find the platform that it was told to use.
        ImportError: when JAX is not installed.

    >>> import qcascade as qc
    >>> def point(squeezing):
    ...     net = qc.Network({"m": qc.squeezed_mode(squeezing, decay=1.0)})
    ...     state = qc.steady_state(qc.gaussian(net))
    ...     return {"purity": qc.measures.purity(state), "stable": state.stable}
    >>> data = qc.sweep(compiled(point), squeezing=[0.0, 0.3, 0.6], chunk=device_chunk(1))
    >>> data.purity.values.round(12), data.stable.values
    (array([1. , 0.8, nan]), array([ True,  True, False]))
    """
    if not callable(point):
        raise fail("point", "be a function", point)
    labels: dict[str, tuple[Any, ...]] = {}
    lengths: set[int] = set()

    def numbers_only(columns: Mapping[str, Any]) -> dict[str, Any]:
        values = point(**columns)
        if not isinstance(values, Mapping):
            raise fail("point", "return a mapping from names to arrays", type(values).__name__)
        labels.update({k: (v[0], *v[2:]) for k, v in values.items() if isinstance(v, tuple)})
        return {k: v[1] if isinstance(v, tuple) else v for k, v in values.items()}

    @lru_cache(maxsize=1)
    def program() -> Callable[..., Mapping[str, Any]]:
        function = one_by_one(numbers_only) if _is_processor() else numbers_only
        return library("jax").jit(function)

    @wraps(point)
    def batched(**columns: Any) -> dict[str, Any]:
        size = len(next(iter(columns.values())))
        lengths.add(length := min((n for n in lengths if n >= size), default=size))
        results = _run(program(), {k: _filled_up(x, length) for k, x in columns.items()})
        arrays = {k: np.asarray(x) for k, x in results.items()}
        cut = {k: x[:size] if x.ndim else x for k, x in arrays.items()}
        return {k: (labels[k][0], x, *labels[k][1:]) if k in labels else x for k, x in cut.items()}

    return batched


def _filled_up(column: Any, length: int) -> Any:
    column = np.asarray(column, dtype=float)
    return np.pad(column, (0, length - len(column)), mode="edge")


def _run(program: Callable[..., Mapping[str, Any]], columns: Any) -> Mapping[str, Any]:
    jax = jax_in_double_precision()
    try:
        return _awaited(program(columns))
    except jax.errors.JAXTypeError as error:  # what JAX says when a tracer meets NumPy, or an `if`
        must = "be of operations that JAX can trace (jax.numpy in place of NumPy, no `if`)"
        raise fail("point", must, str(error).splitlines()[0]) from error


def _is_processor() -> bool:
    return _device().platform == "cpu"


def _device() -> Any:
    """Where JAX puts what it is not told to put elsewhere."""
    jax = library("jax")
    try:
        (device,) = jax_in_double_precision().numpy.zeros(0).devices()
    except (AssertionError, RuntimeError) as error:  # all that JAX says of a missing platform
        must = "name platforms that JAX finds on this machine"
        more = "without it JAX takes a GPU, or else the processor"
        raise fail("JAX_PLATFORMS", must, jax.config.values["jax_platforms"], more) from error
    return device


def _awaited(results: Mapping[str, Any]) -> Mapping[str, Any]:
    """The results once they are there; on a processor, a program that stands still is given up."""
    import jax

    def wait() -> None:
        with suppress(Exception):  # whoever reads the results is told
            jax.block_until_ready(results)

    waiting = Thread(target=wait, daemon=True)
    waiting.start()
    still = 0
    while waiting.is_alive() and still < 2:  # twice: the machine may have been asleep once
        before = time.process_time()
        waiting.join(LOOK)
        computed = time.process_time() - before > IDLE
        still = 0 if computed or not _is_processor() else still + 1
    if waiting.is_alive():
        raise RuntimeError(
            f"A compiled sweep has computed nothing for {2 * LOOK:.0f} s: the threads of XLA wait "
            "for each other. What is done is kept in a store. Start Python with more threads for "
            "XLA (NPROC=64 in the environment), or sweep the point function without `compiled`."
        )
    return results


@spoken
def device_chunk(modes: int, *, bytes_free: float | None = None) -> int:
    """How many points of a compiled sweep fit the device together, a power of two.

    About 96 real arrays of (2N)² numbers a point, in half of the free memory; and no more than
    keeps the device busy (on a processor: than its cache holds).

    Args:
        modes: N, of the network.
        bytes_free: memory to plan with; when omitted, what is free on the device JAX uses.

    Raises:
        ArgumentError: for a number of modes that is not one, or no memory at all.
        ImportError: when JAX is not installed.

    >>> device_chunk(4, bytes_free=10e9), device_chunk(32, bytes_free=10e9)
    (65536, 1024)
    """
    count("modes", modes)
    most = LARGEST
    if bytes_free is None:
        bytes_free, most = _device_memory()
    least = np.finfo(float).tiny
    bytes_free = single("bytes_free", bytes_free, least, np.inf, "a number above zero")
    fitting = SHARE * bytes_free / (LIVE * 8 * (2 * modes) ** 2)
    return 2 ** int(np.log2(np.clip(fitting, 1, most)))


def _device_memory() -> tuple[float, int]:
    """Free bytes of the device that JAX uses, and the most points worth having on it."""
    device = _device()
    stats = device.memory_stats() if device.platform != "cpu" else None
    if not stats:
        return free_memory(), CACHED
    return stats["bytes_limit"] - stats["bytes_in_use"], LARGEST
