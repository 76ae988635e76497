"""Detectors: which quadratures of a field or a mode they measure, and the noise they add.

A detector of efficiency η sees √η b + √(1−η) v with a vacuum v (S. L. Braunstein and P. van Loock,
Rev. Mod. Phys. 77, 513 (2005)): homodyne detection measures one quadrature of it, heterodyne
detection both, behind a beam splitter that halves it and lets in a vacuum of its own.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..base.checks import fail, mapping, namespace
from ..base.conventions import VACUUM
from ..base.keywords import spoken
from ..base.units import angle as as_angle
from ..base.units import power_share


@dataclass(frozen=True, eq=False)
class Detector:
    """What is measured of (x, p): k numbers seen·(x, p) + √noise·v, v of unit variance.

    Made by `homodyne` and `heterodyne`.

    Args:
        kind: its name in words.
        seen: shape (…, k, 2).
        noise: variance added to each number, shape (…, k).
    """

    kind: str
    seen: Any
    noise: Any

    def __repr__(self) -> str:
        batch = np.shape(self.noise)[:-1]
        return f"Detector({self.kind}{f', batch {batch}' if batch else ''})"


@spoken
def homodyne(angle: Any = 0.0, efficiency: Any = 1.0) -> Detector:
    """A detector of one quadrature, y = √η (x cos θ + p sin θ) + √(1−η) x_v; vacuum ½.

    Args:
        angle: θ in radians, or text with a unit; an array is many detectors.
        efficiency: η, between 0 and 1, or text, "80 %", "1 dB"; 0 measures nothing.

    Raises:
        ArgumentError: for an angle that is not finite, an efficiency outside of [0, 1].

    >>> homodyne("90 deg", 0.9).seen.round(6)
    array([[0.      , 0.948683]])
    """
    theta, eta = _values(as_angle("angle", angle), power_share("efficiency", efficiency))
    xp = namespace(theta, eta)
    row = xp.sqrt(eta)[..., None] * xp.stack([xp.cos(theta), xp.sin(theta)], axis=-1)
    return Detector("homodyne", row[..., None, :], (VACUUM * (1 - eta))[..., None])


@spoken
def heterodyne(efficiency: Any = 1.0) -> Detector:
    """A detector of both quadratures, y = √(η/2) (x, p) + noise of variance (1 − η/2)/2 on each.

    Args:
        efficiency: η, between 0 and 1, or text, "80 %", "1 dB"; 0 measures nothing.

    Raises:
        ArgumentError: for an efficiency outside of [0, 1].

    >>> heterodyne().seen.round(6), heterodyne().noise
    (array([[0.707107, 0.      ],
           [0.      , 0.707107]]), array([0.25, 0.25]))
    """
    (eta,) = _values(power_share("efficiency", efficiency))
    xp = namespace(eta)
    both = xp.sqrt(eta / 2)[..., None, None] * np.eye(2)
    noise = xp.broadcast_to(VACUUM * (1 - eta / 2)[..., None], both.shape[:-1])
    return Detector("heterodyne", both, noise)


def checked_detectors(name: str, measure: Any, what: str) -> dict[str, Detector]:
    """Detectors by what they measure, one at least.

    Args:
        name: of the argument.
        measure: what was given.
        what: that is measured, in words.

    Raises:
        ArgumentError: when it is not a mapping from names to detectors, or empty.
    """
    words = f"{what} to detectors, {{name: qc.homodyne(angle)}}"
    detectors = dict(mapping(name, measure, words))
    if not detectors:
        raise fail(name, f"be a mapping from {words}, one at least", measure)
    for key, detector in detectors.items():
        if not isinstance(detector, Detector):
            must = "be a detector, made by `homodyne` or `heterodyne`"
            raise fail(f"{name}[{key}]", must, detector)
    return detectors


def _values(*numbers: Any) -> Any:
    """Numbers as arrays that broadcast."""
    xp = namespace(*numbers)
    try:
        return xp.broadcast_arrays(*map(xp.asarray, numbers))
    except ValueError:
        shapes = " and ".join(str(np.shape(x)) for x in numbers)
        raise fail("angle", "broadcast with the efficiency", f"of shapes {shapes}") from None
