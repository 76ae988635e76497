"""One good call of everything about inverse design; see the others."""

from odd_values import COUNT, FROM_ZERO, MAYBE, ONLY
from public_parts import Entry

import qcascade as qc


def squared(x, y=2.0):
    """A point function without a model."""
    return {"f": y * x**2, "stable": x < 5}


def design() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name."""
    point = ONLY.or_blame("at").bad(len, qc.cavity, lambda x: x, lambda x: {})
    at = ONLY.bad({"z": 1.0}, {"y": 1.0}, {"x": None}, {"x": "1 furlong"}, {"x": [1.0]}, {"x": 1j})
    at = at.bad({"x": 9.0}, {"x": 1.0, 3: 1.0}).good({"x": 1.5, "y": 1.0})
    output = MAYBE.bad("g", ["f"])
    share = ONLY.also("zero").bad("5 %", [0.1], -0.1, 1.1)
    called = {"point": (squared, point), "at": ({"x": 1.0}, at), "of": ("f", output)}
    return {
        "sensitivity": (qc.sensitivity, called),
        "tolerance": (
            qc.tolerance,
            {
                **called,
                "spread": (0.05, share.also("empty mapping").bad({"z": 0.1}, {"x": None})),
                "keep": (0.5, share.good(1.0)),
                "samples": (10, COUNT.bad(1)),
                "seed": (0, FROM_ZERO),
            },
        ),
    }
