"""qcascade: entanglement in cascaded and nonreciprocal quantum networks."""

import os
import sys

# Covariances live in double precision only; JAX must know before it makes its first array.
os.environ.setdefault("JAX_ENABLE_X64", "1")
if "jax" in sys.modules:
    sys.modules["jax"].config.update("jax_enable_x64", True)
