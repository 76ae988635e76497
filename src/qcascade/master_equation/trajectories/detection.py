"""Channels of a master equation when detectors stand at some of its outputs.

With vacuum at the inputs that reach a detector, the light it sees is b_out = L + noise with the
output's own coupling L. S is unitary, so that Σ_k D[J_k] of the inputs is Σ D[L] of the measured
outputs and of any unitary choice of the rest. What a detector misses is a channel without one.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ...base.checks import ArgumentError, fail, listed
from ...hilbert.charges import collected
from ...linear.detectors import Detector, checked_detectors
from ...linear.ports import open_output
from ...slh.component import Component
from ...slh.ladder import Ladder
from ...slh.network import Network
from ..jumps import seen_by_inputs
from ..model import LindbladModel

_REACHED = 1e-12  # of a field, what rounding leaves of none


class Channel(NamedTuple):
    """dρ/dt = … + D[c]ρ, with dY = (⟨c + c†⟩/√2 + offset) dt + noise of variance ½ dt if recorded.

    `place` is the port and the number of the record, None where nobody looks.
    """

    operator: Ladder
    offset: float = 0.0
    place: tuple[str, int] | None = None


def channels(model: LindbladModel, measure: Mapping[str, Detector]) -> list[Channel]:
    """All channels of a master equation, those of the detectors first.

    Args:
        model: made by `lindblad(net)`.
        measure: detectors by open output, one angle and one efficiency each.

    Raises:
        ArgumentError: for an unknown port, one that a wire uses or that thermal or squeezed light
            leaves through, several angles at once, or a model without a network.
    """
    net = model.network
    if net is None:
        raise ArgumentError("Argument `model` must come from a network to have ports.")
    part = net.component if isinstance(net, Network) else net
    wires = net.wires if isinstance(net, Network) else ()
    detectors = checked_detectors("measure", measure, "open outputs")
    rows = [open_output("measure", port, part.outputs, wires) for port in detectors]
    for port, detector in detectors.items():
        if detector.noise.ndim > 1:
            must = "have one angle and one efficiency"
            raise fail(f"measure[{port}]", must, f"batch {detector.noise.shape[:-1]}")
    jumps = []
    for (port, detector), row in zip(detectors.items(), rows, strict=True):
        jumps += _detected(port, detector, part.L[row])
    return jumps + [Channel(c) for c in _unseen(part, rows, list(detectors)) if c.terms]


def _detected(port: str, detector: Detector, L: Ladder) -> list[Channel]:
    """Channels of a detector's records, and of the light it misses."""
    constant = complex(L.terms.get((), 0.0))
    words = Ladder({word: c for word, c in L.terms.items() if word})
    jumps = []
    for k, (x, p) in enumerate(detector.seen.tolist()):
        part = complex(x, -p)  # x cos θ + p sin θ is (e^{−iθ}b + e^{iθ}b†)/√2
        offset = np.sqrt(2) * (part * constant).real
        jumps.append(Channel(part * words, float(offset), (port, k)))
    missed = 1 - float(np.sum(detector.seen**2))
    return jumps + ([Channel(np.sqrt(missed) * words)] if missed > _REACHED and words.terms else [])


def _unseen(part: Component, rows: list[int], ports: list[str]) -> list[Ladder]:
    """The channels that no detector is at."""
    squeezed = {name for pair in part.squeezings for name in pair}
    quanta = [float(part.occupations.get(name, 0.0)) for name in part.inputs]
    noisy = [n > 0 or name in squeezed for n, name in zip(quanta, part.inputs, strict=True)]
    S, vacuum = np.asarray(part.S), np.flatnonzero(~np.array(noisy, bool))
    for row, port in zip(rows, ports, strict=True):
        entered = zip(part.inputs, np.abs(S[row]) > _REACHED, noisy, strict=True)
        reached = [name for name, passes, noise in entered if passes and noise]
        if reached:
            must = "name outputs that only vacuum passes to"
            raise fail("measure", must, port, f"noise comes from {listed(reached)}")
    seen = [Ladder({w: c for w, c in J.terms.items() if w}) for J in seen_by_inputs(part)]
    _, _, V = np.linalg.svd(S[rows][:, vacuum])
    jumps = [
        Ladder(collected(*(complex(v) * seen[k] for v, k in zip(row, vacuum, strict=True))))
        for row in V[len(rows) :]
    ]
    for k in np.flatnonzero(noisy):
        jumps += [np.sqrt(quanta[k] + 1) * seen[k]]
        jumps += [np.sqrt(quanta[k]) * seen[k].dag] if quanta[k] else []
    return jumps
