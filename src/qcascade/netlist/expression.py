"""Arithmetic written as text, evaluated without ever executing it."""

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .. import physics
from ..base.checks import ArgumentError, fail, listed

_OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def step(x: Any) -> Any:
    """0 below x = 0, and 1 from there on.

    Args:
        x: real numbers.
    """
    if np.iscomplexobj(x):
        raise TypeError("complex numbers have no order")
    return np.where(np.asarray(x) < 0, 0.0, 1.0)[()]


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        np.sqrt,
        np.exp,
        np.sin,
        np.cos,
        np.tanh,
        step,
        physics.bose_einstein,
        physics.drive_amplitude,
        physics.fibre_phase,
        physics.optical_frequency,
        physics.sagnac_shift,
        physics.zero_point_coupling,
    )
}

RESERVED = ("pi", *_FUNCTIONS)
"""Names that mean something already."""

TIME = "t"
"""The time, in files with a section `time`; a name like others elsewhere."""


def evaluate(text: str, parameters: Mapping[str, Any], where: str = "expression") -> Any:
    """The value of an arithmetic expression: numbers, parameters, + − * / ** ( ), few functions.

    The functions are sqrt, exp, sin, cos, tanh, step and formulas of `qc.physics`, whose arguments
    are in SI units: "bose_einstein(frequency, temperature)".

    Args:
        text: the expression, 200 characters at most; "2j" is imaginary, "pi" is π.
        parameters: value by name.
        where: what to call the expression in an error.

    Raises:
        ArgumentError: for anything else, however well hidden.

    >>> evaluate("2*gamma + 1j", {"gamma": 0.25})
    (0.5+1j)
    """
    names = {"pi": np.pi, **parameters}
    must = f"be arithmetic with {listed([*names, *_FUNCTIONS])}"
    if len(text) > 200:
        raise fail(where, "be an expression of 200 characters at most", text)
    try:
        with np.errstate(all="raise", under="ignore"), warnings.catch_warnings(action="ignore"):
            value = _walk(ast.parse(text.strip(), mode="eval").body, names)
    except ArgumentError as error:  # of a formula, which names its own argument
        raise ArgumentError(f"In {where}: {error}") from None
    except (SyntaxError, ValueError, KeyError, TypeError, RecursionError, MemoryError) as error:
        timeless = isinstance(error, KeyError) and error.args == (TIME,) and TIME not in names
        hint = f"{TIME} is the time, in parts and couplings of files with a section [time]"
        raise fail(where, must, text, hint if timeless else "") from None
    except ArithmeticError as error:
        raise fail(where, f"be a number ({error})", text) from None
    return value


def _walk(node: ast.AST, names: Mapping[str, Any]) -> Any:
    """Only the listed kinds of nodes have a meaning here; everything else is an error."""
    match node:
        case ast.Constant(value=value) if type(value) in (int, float, complex):
            return float(value) if isinstance(value, int) else value
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(op=op, operand=x):
            return _OPERATORS[type(op)](_walk(x, names))
        case ast.BinOp(left=x, op=op, right=y):
            return _OPERATORS[type(op)](_walk(x, names), _walk(y, names))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _FUNCTIONS[name](*(_walk(x, names) for x in arguments))
    raise ValueError(type(node).__name__)
