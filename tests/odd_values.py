"""What no parameter should meet, and which of it some parameters take all the same."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np


def anything(*_, **__):
    """A function of whatever is given."""


class Anything:
    """A class of whatever is given."""

    def __init__(self, *_, **__):
        pass


ODD: dict[str, Any] = {
    "None": None,
    "object": object(),
    "text": "nonsense",
    "empty text": "",
    "bytes": b"x",
    "true": True,
    "function": anything,
    "class": Anything,
    "negative": -1,
    "zero": 0,
    "fraction": 1.5,
    "complex": 1 + 1j,
    "NaN": float("nan"),
    "infinite": float("inf"),
    "beyond floats": 10**400,
    "NaN inside": np.array([0.5, np.nan]),
    "booleans": np.array([True, False]),
    "objects": np.array([None, "x"]),
    "texts": ["nonsense", "rubbish"],
    "empty list": [],
    "ragged": [[1.0], [1.0, 2.0]],
    "mapping": {"nonsense": 1.0},
    "odd mapping": {3: "x"},
    "empty mapping": {},
    "empty array": np.zeros(0),
    "array": np.ones((3, 5, 7)),
}
"""Everything that every parameter is tried with."""


@dataclass(frozen=True)
class Takes:
    """What a parameter takes: entries of `ODD`, and more values to try, good ones and bad ones."""

    legal: frozenset[str] = frozenset()
    more_good: tuple[Any, ...] = ()
    more_bad: tuple[Any, ...] = ()
    others: tuple[str, ...] = ()

    def also(self, *names):
        """Entries of `ODD` that are legal here."""
        assert ODD.keys() >= set(names)
        return replace(self, legal=self.legal | set(names))

    def but(self, *names):
        """Legal ones that are not legal here."""
        assert self.legal.issuperset(names)
        return replace(self, legal=self.legal - set(names))

    def good(self, *values):
        """Values that look bad and are not."""
        return replace(self, more_good=self.more_good + values)

    def bad(self, *values):
        """Values that are bad here only."""
        return replace(self, more_bad=self.more_bad + values)

    def or_blame(self, *names):
        """Other arguments that the error may name, where two do not fit each other."""
        return replace(self, others=self.others + names)


ONLY = Takes()
MAYBE = ONLY.also("None")
# Numbers. Arrays of any shape are many networks or states at once, and there may be none.
BATCH = ONLY.also("empty list", "empty array", "array").bad([None], "1.0", np.array(["1.0"]))
REAL = BATCH.also("negative", "zero", "fraction").bad(np.array([1j]))
COMPLEX = BATCH.also("negative", "zero", "fraction", "complex").good(np.array([1j, 2.0]))
COMPLEX_RATE = COMPLEX.good("1 MHz", "0.3j MHz", ["1 MHz", "2 rad/s"]).bad("1 kg", "1 1/s", "1 j")
AMPLITUDE = COMPLEX.good("1e6 s^-0.5").bad("1 MHz", "1 Hz^0.5", "1 mW")
SQUEEZING = COMPLEX.good("10 dB", "-3 dB").bad("1 MHz", "90 deg")
ANGLE = REAL.good("90 deg", "0.25 turn", "0.5 π").bad("3 dB", "1 MHz", "1,5 rad")
RATE = REAL.but("negative").bad(-1e-300, [0.1, -0.1])
ABOVE_ZERO = RATE.but("zero")
SHARE = RATE.but("fraction").good(1.0).bad(1 + 1e-12)
PASSED = SHARE.good("3 dB", "-3 dB", "50 %").bad("101 %", "90 deg", "3 dBm")
FREQUENCY = REAL.good("1 MHz", "3 rad/s", ["1 MHz", "2 MHz"], np.array(["1 MHz"]))
FREQUENCY = FREQUENCY.bad("1 kg", "1 1/s", "1", "nan Hz", "1 furlong", "1 MHZ", "1,5 MHz")
FREQUENCY = FREQUENCY.bad("2*pi*10 MHz", "6.28 rad*MHz", "1 000 Hz", "MHz", "∞ Hz", "1j MHz")
DAMPING = RATE.good("1 MHz").bad("-1 MHz", "1 kg")
ORDINARY = ABOVE_ZERO.good("1 MHz").bad("-1 MHz", "0 Hz", "1 kg")
LENGTH = ABOVE_ZERO.good("1 um").bad("1 Hz", "-1 um", "0 m")
# In lists and mappings there is one rate, or occupation, per port.
DECAY = ONLY.also("zero", "fraction", "array", "empty array", "empty list", "empty mapping")
DECAY = DECAY.also("mapping", "ragged").good(["1 kHz", "1 Hz"], {"x": "1 Hz"}, 0.5, "1 MHz")
DECAY = DECAY.bad([0.1, "1 Hz"])
DECAY = DECAY.bad([None], "1.0", -1e-300, [0.1, -0.1], {"x": -1.0}, {"x y": 1.0}, {3: 1.0})
BATH = MAYBE.also("zero", "fraction", "array", "empty array", "empty mapping")
BATH = BATH.bad(
    "1.0", -1e-300, [0.1, 0.2, 0.3, 0.4], [-1.0], {"nowhere": 1.0}, {"in": -1.0}, {3: 1.0}
)
ONE_BATH = RATE.also("None").bad({"in": 1.0}, {"in_loss": 1.0})
COUNT = ONLY.good(np.int64(3)).bad(np.float64(3.0), "3", np.array([3]))
FROM_ZERO = COUNT.also("zero")
FLAG = ONLY.also("true").good(False, np.bool_(True)).bad(1, "yes")
TOLERANCE = ONLY.good(np.float64(1e-9)).bad(1e-20, [1e-9])
FUNCTION = ONLY.also("function", "class")
# Names.
NEW = ONLY.also("text").bad("two words", "a†")
NEW_LIST = ONLY.also("text", "texts", "mapping").bad(["a", "a"], ["a", None], ["a", ""])
NAME = ONLY.bad("left.x", ["left.a", "right.a"])
NAMES = ONLY.bad(["left.a", "nowhere"], ["left.a", None], [3], [["left.a"]])
