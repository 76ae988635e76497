"""The version of this package, where results are stamped with it."""

__version__ = "0.1.0"
