"""Libraries that the core does without; None where they are not installed.

What needs one wears `@pytest.mark.needs("jax")`, or begins with `pytest.importorskip("jax")`.
"""

try:
    import jax
    import jax.numpy as jnp
except ModuleNotFoundError:
    jax = jnp = None
else:
    jax.config.update("jax_enable_x64", True)


def arrays(x):
    """An array as NumPy has it, and as JAX has it where there is JAX."""
    return (x, jnp.asarray(x)) if jax else (x,)


def routes(f):
    """A function as it is, and compiled by JAX where there is JAX."""
    return (f, jax.jit(f)) if jax else (f,)
