"""To and from other libraries: QuTiP, The Walrus, dynamiqs, xarray, pandas; functions only."""

from .datasets import from_pandas, from_xarray, to_pandas, to_xarray
from .libraries import from_walrus, to_dynamiqs, to_walrus
from .quadratic import from_qutip
from .qutip import to_qutip

__all__ = [
    "from_pandas",
    "from_qutip",
    "from_walrus",
    "from_xarray",
    "to_dynamiqs",
    "to_pandas",
    "to_qutip",
    "to_walrus",
    "to_xarray",
]


def __dir__() -> list[str]:
    return __all__
