"""Arithmetic written as text, evaluated without ever executing it."""

import ast
import operator
import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from .. import physics
from ..base.checks import ArgumentError, fail, listed, nearest
from .kinds import (
    ANGLE,
    NUMBER,
    RATE,
    ROOT_RATE,
    Kind,
    MixedKinds,
    Term,
    of_number,
    of_power,
    of_product,
    of_root,
    of_sum,
    term,
    unit_of_kind,
    with_kind,
)

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


_KINDS: dict[type, Callable[[Term, Term], Kind]] = {
    ast.Add: of_sum,
    ast.Sub: of_sum,
    ast.Mult: of_product,
    ast.Div: partial(of_product, sign=-1),
    ast.Pow: of_power,
}

_PLAIN: dict[str, Callable[[Any], Any]] = {
    f.__name__: f for f in (np.sqrt, np.exp, np.sin, np.cos, np.tanh, step)
}

# Formulas look at the kinds of their arguments themselves.
_FORMULAS: dict[str, tuple[Callable[..., Any], Kind]] = {
    f.__name__: (f, kind)
    for f, kind in (
        (physics.bose_einstein, NUMBER),
        (physics.drive_amplitude, ROOT_RATE),
        (physics.fibre_phase, ANGLE),
        (physics.optical_frequency, RATE),
        (physics.sagnac_shift, RATE),
        (physics.zero_point_coupling, RATE),
    )
}

_FUNCTIONS = (*_PLAIN, *_FORMULAS)

RESERVED = ("pi", *_FUNCTIONS)
"""Names that mean something already."""

TIME = "t"
"""The time, in files with a section `time`; a name like others elsewhere."""


def evaluate(text: str, parameters: Mapping[str, Any], where: str = "expression") -> Any:
    """The value of an arithmetic expression: numbers, parameters, + − * / ** ( ), few functions.

    The functions are sqrt, exp, sin, cos, tanh, step and formulas of `qc.physics`, whose arguments
    are in SI units: "bose_einstein(frequency, temperature)". Parameters that are pint quantities
    keep their kind, see `kinds`: the value is one, too, unless it is a pure number.

    Args:
        text: the expression, 200 characters at most; "2j" is imaginary, "pi" is π.
        parameters: value by name; pint quantities in SI units where they have a unit.
        where: what to call the expression in an error.

    Raises:
        ArgumentError: for anything else, however well hidden, and for sums of different kinds.

    >>> evaluate("2*gamma + 1j", {"gamma": 0.25})
    (0.5+1j)
    """
    must = f"be arithmetic with {listed(['pi', *parameters, *_FUNCTIONS])}"
    if len(text) > 200:
        raise fail(where, "be an expression of 200 characters at most", text)
    try:
        with np.errstate(all="raise", under="ignore"), warnings.catch_warnings(action="ignore"):
            value = _walk(ast.parse(text.strip(), mode="eval").body, parameters)
    except ArgumentError as error:  # of a formula, which names its own argument
        raise ArgumentError(f"In {where}: {error}") from None
    except MixedKinds as error:
        raise fail(where, f"{error}", text) from None
    except (SyntaxError, ValueError, KeyError, TypeError, RecursionError, MemoryError) as error:
        timeless = isinstance(error, KeyError) and error.args == (TIME,) and TIME not in parameters
        hint = f"{TIME} is the time, in parts and couplings of files with a section [time]"
        more = hint if timeless else _unknown(error, [*parameters, *_FUNCTIONS])
        raise fail(where, must, text, more) from None
    except ArithmeticError as error:
        place = _first_place(text, parameters)
        raise fail(where, f"be a number ({error}{place})", text) from None
    return with_kind(value)


def _unknown(error: Exception, names: list[str]) -> str:
    """The name that is not known, and which one it may stand for."""
    (name,) = error.args if isinstance(error, KeyError) else (None,)
    return f"there is no `{name}`{nearest(name, names)}" if isinstance(name, str) else ""


def _first_place(text: str, parameters: Mapping[str, Any]) -> str:
    """The parameters at the first point where an expression is no number: " at k = 1"."""
    tree = ast.parse(text.strip(), mode="eval").body
    used = {x.id for x in ast.walk(tree) if isinstance(x, ast.Name)} & parameters.keys()
    values = {name: np.asarray(term(parameters[name]).value) for name in used}
    shape = np.broadcast_shapes(*(x.shape for x in values.values()))
    together = {name: np.broadcast_to(x, shape).reshape(-1) for name, x in values.items()}
    for k in range(int(np.prod(shape))):
        at = {name: x[k].item() for name, x in sorted(together.items())}
        try:
            with np.errstate(all="raise", under="ignore"):
                _walk(tree, {**parameters, **{n: _like(parameters[n], x) for n, x in at.items()}})
        except ArithmeticError:
            told = (f"{n} = {x:.12g}{_in_unit(parameters[n])}" for n, x in at.items())
            return f" at {listed(told)}" if at else ""
    return ""


def _in_unit(parameter: Any) -> str:
    kind = term(parameter).kind
    return f" {unit_of_kind(kind)}" if kind.dimensions or kind == ANGLE else ""


def _like(parameter: Any, value: float) -> Any:
    """One value of a parameter, with its unit."""
    one = np.complex128(value) if isinstance(value, complex) else np.float64(value)
    return with_kind(Term(one, term(parameter).kind))


def _walk(node: ast.AST, names: Mapping[str, Any]) -> Term:
    """Only the listed kinds of nodes have a meaning here; everything else is an error."""
    match node:
        case ast.Constant(value=value) if type(value) in (int, float, complex):
            return Term(float(value) if isinstance(value, int) else value, NUMBER)
        case ast.Name(id="pi"):
            return Term(np.pi, NUMBER)
        case ast.Name(id=name):
            return term(names[name])
        case ast.UnaryOp(op=op, operand=operand):
            x = _walk(operand, names)
            return Term(_OPERATORS[type(op)](x.value), x.kind)
        case ast.BinOp(left=left, op=op, right=right):
            x, y = _walk(left, names), _walk(right, names)
            kind = _KINDS[type(op)](x, y)
            return Term(_OPERATORS[type(op)](x.value, y.value), kind)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _called(name, [_walk(x, names) for x in arguments])
    raise ValueError(type(node).__name__)


def _called(name: str, arguments: list[Term]) -> Term:
    if name in _FORMULAS:
        formula, kind = _FORMULAS[name]
        return Term(formula(*map(with_kind, arguments)), kind)
    kind, (x,) = NUMBER, arguments
    if name != "step":  # which asks for the sign only
        kind = of_root(x) if name == "sqrt" else of_number(name, x)
    return Term(_PLAIN[name](x.value), kind)
