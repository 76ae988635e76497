"""One good call of every search for a network, and what its arguments take."""

from functools import lru_cache
from typing import Any

import numpy as np
from odd_values import (
    COMPLEX,
    COUNT,
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


@lru_cache(maxsize=1)
def _found() -> qc.inverse.Discovery:
    return qc.discover(["a", "b"], ["one_way"], target=_isolator(), progress=False)


def _isolator() -> Any:
    return qc.transmits(["a", "b"], [[np.nan, 0], [1, np.nan]])


def _searches() -> dict[str, Entry]:
    """The search for couplings, and what it is asked for."""
    modes = ONLY.also("texts").or_blame("target").good({"a": 1.0, "b": 2.0})
    modes = modes.bad(["a"], ["a", "a"], {"a": -1.0, "b": 1.0}, {"a": 0.0, "b": 1.0}, "ab")
    modes = modes.bad([f"m{k}" for k in range(7)], {"a": [1.0], "b": 1.0}).but("texts")
    kinds = ONLY.good(["hopping"], {"hopping": None}, {"hopping": [("a", "b")]})
    kinds = kinds.bad(["coupling"], {"hopping": [("a", "x")]}, {"hopping": ["a"]}, "hopping")
    kinds = kinds.bad({"hopping": [("a", "a")]}, {"detuning": [("a", "b")]}, {"hopping": 1})
    bad = (qc.vacuum("x"), qc.GaussianState(("a",), cov=np.eye(2) / 4), np.eye(2))
    targets = ONLY.good(qc.vacuum("a"), qc.entangled("a", "b", 0.1)).bad(*bad)
    other = ONLY.also("text").bad("two words")
    powers = ONLY.bad(np.eye(3), [[-1, 0], [0, 1]], np.full((2, 2), np.nan), "1")
    links = ONLY.also("empty list", "empty array").bad([("a", "x")], [("a", "a")], "ab", [("a",)])
    return {
        "discover": (
            qc.discover,
            {
                "modes": (["a", "b"], modes),
                "edges": (["one_way"], kinds),
                "target": (_isolator(), targets),
                "largest": (10.0, POSITIVE.also("None")),
                "starts": (2, COUNT),
                "most": (100, COUNT),
                "seed": (0, FROM_ZERO),
                "progress": (False, FLAG),
            },
        ),
        "Discovery.network": (_found().network, {"k": (0, ONLY.also("zero").bad(1, "0"))}),
        "entangled": (
            qc.entangled,
            {
                "first": ("a", other.or_blame("second").bad("b")),
                "second": ("b", other.bad("a")),
                "at_least": (0.5, POSITIVE.bad(1e3)),
            },
        ),
        "transmits": (
            qc.transmits,
            {
                "modes": (["a", "b"], LABELS.but("text").or_blame("powers")),
                "powers": ([[0, 0], [1, 0]], powers),
                "frequency": (0.1, ONLY.also("zero", "negative", "fraction").bad([0.0], "1 MHz")),
            },
        ),
        "cluster_state": (
            qc.cluster_state,
            {
                "modes": (["a", "b"], LABELS.or_blame("links").but("text", "texts")),
                "links": ([("a", "b")], links),
                "r": (0.5, ONLY.also("zero", "negative", "fraction").bad(100.0, [0.5])),
            },
        ),
    }


def discovery() -> dict[str, Entry]:
    """Function and, by parameter, (a good value, what it takes); by name. "f/b" is f once more."""
    lists = LABELS.but("texts").or_blame("sources", "targets")  # two sources for one target
    chosen = ONLY.bad("s", {"s": "s"}, {"t": "s"}, {"s": "t", "u": "t"})
    rates = {"drive": (0.1, COMPLEX), "rate": (0.2, COMPLEX)}
    rates |= {"edge": (0.8, COMPLEX), "decay": (0.1, RATE)}
    return {
        **_searches(),
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
