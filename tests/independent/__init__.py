"""The systems of the papers a second time, from their equations, without the package they test.

NumPy, SciPy and mpmath only. Each module types a paper's drift and noise, or its master equation,
and prints the values that the tests compare with: `python -m independent.jiao2022` from `tests/`.
"""
