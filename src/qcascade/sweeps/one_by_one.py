"""A traced program whose calls to LAPACK wait for each other.

On a processor, XLA runs independent calls on all threads of its pool, and each call hands parts of
its batch to threads of that same pool and waits for them: with as many calls as threads, all wait
and nobody works. Chained by their data, one call runs at a time, on all threads.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

LAPACK = {
    *("cholesky", "cholesky_update", "lu", "qr", "geqrf", "geqp3", "householder_product"),
    *("eigh", "eig", "svd", "schur", "hessenberg", "tridiagonal", "symmetric_product"),
    *("triangular_solve", "tridiagonal_solve", "custom_linear_solve"),
}
"""Primitives of `jax.lax.linalg` that LAPACK computes."""

_INSIDE = ("jaxpr", "call_jaxpr", "fun_jaxpr")
_LOOPS = ("while", "scan", "cond")


def one_by_one(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, to be traced by JAX, with one call to LAPACK at a time.

    Args:
        function: of arrays, returning arrays.

    >>> import jax, jax.numpy as jnp
    >>> def two(x):
    ...     return jnp.linalg.eigvalsh(x), jnp.linalg.eigvalsh(2 * x)
    >>> [y.tolist() for y in jax.jit(one_by_one(two))(jnp.eye(2))]
    [[1.0, 1.0], [2.0, 2.0]]
    """

    def chained(*arguments: Any) -> Any:
        import jax
        from jax.interpreters.partial_eval import dce_jaxpr

        program, shapes = jax.make_jaxpr(function, return_shape=True)(*arguments)
        # What nobody looks at must not be in the chain.
        jaxpr, used = dce_jaxpr(program.jaxpr, [True] * len(program.jaxpr.outvars))
        values = [x for x, is_used in zip(jax.tree.leaves(arguments), used, strict=True) if is_used]
        results, _ = _run(jaxpr, program.consts, values, None)
        return jax.tree.unflatten(jax.tree.structure(shapes), results)

    return chained


def _run(jaxpr: Any, consts: Iterable[Any], values: Iterable[Any], last: Any) -> tuple[list, Any]:
    """The results of a program, and a zero that is known once its last call is through."""
    known = dict(zip(jaxpr.constvars, consts, strict=True))
    known |= dict(zip(jaxpr.invars, values, strict=True))

    def value_of(name: Any) -> Any:
        return name.val if hasattr(name, "val") else known[name]

    for step in jaxpr.eqns:
        given = [value_of(name) for name in step.invars]
        inner = _inlined(step)
        if inner is not None:
            results, last = _run(*inner, given, last)
        else:
            waits = _has_lapack(step)
            if waits:
                given = _after(given, last)
            params = {key: _chained(x) for key, x in step.params.items()} if waits else step.params
            bound = step.primitive.get_bind_params(params)
            # Up to JAX 0.9, functions in it come apart from the rest.
            functions, params = bound if isinstance(bound, tuple) else ((), bound)
            with step.ctx.manager:
                results = step.primitive.bind(*functions, *given, **params)
            results = results if step.primitive.multiple_results else [results]
            if waits:
                last = _zero_of(results, last)
        known |= dict(zip(step.outvars, results, strict=True))
    return [value_of(name) for name in jaxpr.outvars], last


def _opened(value: Any) -> tuple[Any, Sequence[Any]] | None:
    """A program and its constants, when a parameter is one."""
    if hasattr(value, "jaxpr"):
        return value.jaxpr, value.consts
    return (value, ()) if hasattr(value, "eqns") else None


def _inlined(step: Any) -> tuple[Any, Sequence[Any]] | None:
    """The program inside a call, which can as well stand in its place."""
    if step.primitive.name in (*LAPACK, *_LOOPS) or not _has_lapack(step):
        return None
    bodies = [_opened(step.params[key]) for key in _INSIDE if key in step.params]
    return next((x for x in bodies if x and len(x[0].invars) == len(step.invars)), None)


def _has_lapack(step: Any) -> bool:
    return step.primitive.name in LAPACK or any(
        _has_lapack(inner)
        for value in step.params.values()
        for part in (value if isinstance(value, tuple | list) else (value,))
        for inner in (_opened(part) or (_NOTHING,))[0].eqns
    )


class _NOTHING:
    eqns = ()


def _chained(value: Any) -> Any:
    """The body of a loop, or those of branches, chained as well."""
    import jax

    if type(value) is tuple:
        return tuple(map(_chained, value))
    if not hasattr(value, "in_avals") or not any(map(_has_lapack, value.jaxpr.eqns)):
        return value
    like = [
        jax.ShapeDtypeStruct(x.shape, x.dtype, weak_type=getattr(x, "weak_type", False))
        for x in value.in_avals
    ]
    return jax.make_jaxpr(lambda *given: _run(value.jaxpr, value.consts, given, None)[0])(*like)


def _after(given: list[Any], last: Any) -> list[Any]:
    """The same arguments, of which one is known only after the last call."""
    import jax.numpy as jnp

    given = list(given)
    for k, x in enumerate(given):
        if last is not None and jnp.issubdtype(jnp.result_type(x), jnp.inexact) and jnp.ndim(x):
            given[k] = x + last.astype(jnp.finfo(x.dtype).dtype)
            break
    return given


def _zero_of(results: Sequence[Any], last: Any) -> Any:
    """Zero, by way of a number of the results: 0·x is not simplified, since x might be NaN."""
    import jax.numpy as jnp

    for x in results:
        if jnp.issubdtype(x.dtype, jnp.inexact) and x.size:
            number = x.ravel()[0].real
            return jnp.where(jnp.isfinite(number), number, 0.0) * 0.0
    return last
