"""One good call of programmed entanglement; see the others."""

from odd_values import ABOVE_ZERO, COUNT, FLAG, FROM_ZERO, ONLY
from public_parts import Entry

import qcascade as qc

ONE = ABOVE_ZERO.but("array", "empty array", "empty list")


def programs() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name."""
    targets = ONLY.bad([[0.2, 0.9]], [[-0.1]], [[0.99]], [[0.5, 0.5], [0.0, 0.0]], [0.5])
    return {
        "program": (
            qc.program,
            {
                "targets": ([[0.0, 0.4], [0.4, 0.0]], targets),
                "furthest": (100.0, ONE.bad(1e7, "1 MHz")),
                "r": (1.0, ONE.good("10 dB").or_blame("targets").bad(0.1, 11.0, "90 deg")),
                "starts": (4, COUNT.also("None")),
                "seed": (0, FROM_ZERO),
                "progress": (False, FLAG),
            },
        ),
    }
