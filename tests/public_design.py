"""One good call of everything about inverse design; see the others."""

import numpy as np
from odd_values import COUNT, FLAG, FROM_ZERO, MAYBE, ONLY
from public_parts import Entry

import qcascade as qc


def squared(x, y=2.0):
    """A point function without a model."""
    return {"f": y * x**2, "g": 1 - x, "stable": x < 5}


def damped(x, y=2.0):
    """A master equation."""
    if np.any(x > 5):
        raise qc.ArgumentError("Argument `at` must be below 5.")
    return qc.lindblad(qc.qubit(decay=y, occupation=x))


def design() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name."""
    point = ONLY.or_blame("at").bad(len, qc.cavity, lambda x: x, lambda x: {})
    at = ONLY.bad({"z": 1.0}, {"y": 1.0}, {"x": None}, {"x": "1 furlong"}, {"x": [1.0]}, {"x": 1j})
    at = at.bad({"x": 9.0}, {"x": 1.0, 3: 1.0}).good({"x": 1.5, "y": 1.0})
    output = MAYBE.bad("h", ["f"])
    share = ONLY.also("zero").bad("5 %", [0.1], -0.1, 1.1)
    called = {"point": (squared, point), "at": ({"x": 1.0}, at), "of": ("f", output)}
    goal = ONLY.good(["f"], ("f", "g")).bad(["f", "f"], "stable", ["f", None])
    over = ONLY.good({"x": ["1 rad/s", "2 rad/s"]}, {"x": qc.between(0.1, 1, "log")})
    over = over.good({"x": qc.turn()}, {"x": (0, 1), "y": (0, 1)})
    over = over.bad({"z": (0, 1)}, {"y": (0, 1)}, {"x": (1, 0)}, {"x": (0, 0)}, {"x": (0, 1, 2)})
    over = over.bad({"x": (0, None)}, {"x": ("1 Hz", 2)}, {"x": (0, 1), 3: (0, 1)}, {"x": (6, 7)})
    limits = MAYBE.also("empty mapping").good({"g": (">=", 0.1)}, {"f": ["<=", "1 turn"]})
    limits = limits.bad({"h": ("<=", 1)}, {"g": ("<", 1)}, {"g": 1}, {"g": ("<=", None)})
    ties = MAYBE.also("empty mapping").good({"y": "x"}, {"y": lambda x: 2 * x}).or_blame("over")
    ties = ties.bad({"x": "x"}, {"y": "z"}, {"y": lambda z: z}, {"z": "x"}, {"y": 1.0})
    starts = ONLY.also("empty list").good([{"x": 0.5}]).bad([{}], [{"z": 1}], [{"x": None}], [1])
    return {
        "between": (
            qc.between,
            {
                "low": (0.0, ONLY.also("negative", "zero").or_blame("high").bad("0 Hz", [0.0])),
                "high": (1.0, ONLY.also("fraction").good(2).bad("1 Hz", [1.0], -2)),
                "scale": ("linear", ONLY.or_blame("low").bad("log", "lin")),
            },
        ),
        "turn": (
            qc.turn,
            {"centre": (0.0, ONLY.also("negative", "zero", "fraction").good("90 deg").bad([0.0]))},
        ),
        "design": (
            qc.design,
            {
                "point": (squared, ONLY.or_blame("over", "maximise").bad(len, lambda x: x)),
                "maximise": ("f", goal),
                "minimise": (None, MAYBE.bad(["f", "f"], "stable", ["f", None], "f")),
                "over": ({"x": (0.0, 1.0)}, over),
                "where": (None, limits),
                "tie": (None, ties),
                "start": ([], starts),
                "seed": (0, FROM_ZERO),
                "runs": (1, COUNT),
                "generations": (5, FROM_ZERO),
                "store": (None, MAYBE.also("text")),
                "tolerance": (None, MAYBE.also("zero").good(0.05).bad("5 %", [0.1], -0.1)),
                "progress": (False, FLAG),
            },
        ),
        "sensitivity": (qc.sensitivity, called),
        "steady_gradient": (
            qc.steady_gradient,
            {
                "point": (damped, point),
                "at": ({"x": 1.0}, at),
                "measure": (qc.measures.purity, ONLY.bad(len)),
                "modes": (["q"], ONLY.good("q").bad([], ["p"], ["q", None])),
            },
        ),
        "tolerance": (
            qc.tolerance,
            {
                **called,
                "spread": (0.05, share.also("empty mapping").bad({"z": 0.1}, {"x": None})),
                "keep": (0.5, share.good(1.0)),
                "small": (False, FLAG),
                "samples": (10, COUNT.bad(1)),
                "seed": (0, FROM_ZERO),
            },
        ),
    }
