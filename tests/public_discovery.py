"""One good call of every search for a network, and what its arguments take."""

from functools import lru_cache

import numpy as np
from odd_values import (
    COMPLEX,
    FLAG,
    FROM_ZERO,
    MAYBE,
    ONLY,
    RATE,
    REAL,
)
from public_parts import Entry

import qcascade as qc

POSITIVE = ONLY.also("fraction").bad([1.0], "1 MHz", 0.0, -1e-300)
LABELS = ONLY.also("text", "texts").bad(["a", "a"], ["a", None], ["a b"], ["a.b"])


@lru_cache(maxsize=1)
def _router() -> qc.inverse.Router:
    return qc.route("s", ["t", "u"], decay=0.1)


def discovery() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name. "f/b" is f once more."""
    lists = LABELS.but("texts").or_blame("sources", "targets")  # two sources for one target
    chosen = ONLY.bad("s", {"s": "s"}, {"t": "s"}, {"s": "t", "u": "t"})
    rates = {"drive": (0.1, COMPLEX), "rate": (0.2, COMPLEX)}
    rates |= {"edge": (0.8, COMPLEX), "decay": (0.1, RATE)}
    return {
        "route": (
            qc.route,
            {
                "sources": ("s", lists.bad(["t"])),
                "targets": ("t", LABELS.bad(["s"], ["relay1"])),
                "relays": (2, MAYBE.good(np.int64(2), 1).bad(1000)),
                "decay": (0.1, POSITIVE),
                "largest": (1.0, POSITIVE),
                "one_way": (False, FLAG),
                "seed": (0, FROM_ZERO),
            },
        ),
        "Router.network": (_router().network, {"chosen": ("t", chosen)}),
        "one_way_chain": (
            qc.one_way_chain,
            {
                "source": ("s", LABELS.but("texts").bad("a", ["s", "t"])),
                "nodes": (["a", "b"], LABELS.or_blame("source").bad(["s"])),
                **rates,
                "detuning": (1.0, REAL),
                "entrance": (None, MAYBE.bad("s", ["a"])),
            },
        ),
    }
