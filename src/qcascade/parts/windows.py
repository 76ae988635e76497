"""Whether a run begins before its pulses do: of cavities that send and catch them.

A cavity that is full when part of its pulse should have left sends the rest of it, normalised:
another pulse. One that is empty when part of its mode has passed catches another mode.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import fail
from ..numerics.time_steps import checked_breaks
from ..slh.network import Network
from .pulses import Pulse, begins

CUT = 1e-12
"""Share of a pulse that may be cut off, and nothing said."""
REFUSED = 1e-5
"""Share of a pulse that changes populations by a thousandth or so."""
FULL = 1e-3
"""What a source holds after its pulse that was never emptied: a run that goes on has less there."""
OVER = 1e-6
"""Share of a pulse that is no light any more, or not yet."""


class PulseCavity(NamedTuple):
    """A cavity that sends a pulse, or catches one, by the name of its mode."""

    mode: str
    pulse: Pulse
    sends: bool


def pulse_cavities(net: Any) -> tuple[PulseCavity, ...]:
    """Cavities that send and catch pulses, of a network or alone.

    Args:
        net: a network or a part; None has none.
    """
    parts = net.parts if isinstance(net, Network) else {"": net}
    cavities = []
    for name, part in parts.items():
        recipe = getattr(part, "recipe", None)
        if recipe and recipe.part in ("pulse_source", "pulse_catcher"):
            mode = f"{name}.a" if name else "a"
            sends = recipe.part == "pulse_source"
            cavities.append(PulseCavity(mode, recipe.arguments["pulse"], sends))
    return tuple(cavities)


def breaks_of_pulses(cavities: Sequence[PulseCavity], times: np.ndarray) -> np.ndarray:
    """Times of `breaks` that cavities call for where their pulses have edges, within a run.

    At the end of a square pulse its cavity is emptied at the rate 1/(T − t), which is infinite, but
    what is left of the light is none: steps that get shorter towards it see that.

    Args:
        cavities: of the network.
        times: of the run, increasing.
    """
    pulses = [cavity.pulse for cavity in cavities]
    single = [p for p in pulses if not (np.ndim(p.width) or np.ndim(p.centre))]
    edges = np.concatenate([np.zeros(0), *(np.array(p.breaks) for p in single)])
    return checked_breaks(np.unique(edges), times)


def check_windows(
    cavities: Sequence[PulseCavity],
    first: float,
    quanta: Callable[[str], float],
    fed: Callable[[str], Sequence[str]],
) -> tuple[str, ...]:
    """Refuse a run that begins when part of its pulses has passed, and catchers that are too early.

    A run that goes on from another one is let pass: its catchers hold some light, and so does
    what stands behind its sources.

    Args:
        cavities: of the network.
        first: when the run begins.
        quanta: how much there is in a mode then, zero in its ground state.
        fed: modes that a mode acts on.

    Returns:
        Sentences on pulses of which little is cut off.

    Raises:
        ArgumentError: where much is; it says how much.
    """
    told = []
    for cavity in cavities:
        behind = fed(cavity.mode) if cavity.sends else ()
        held = quanta(cavity.mode)
        if cavity.sends:
            over = held > FULL and float(np.max(cavity.pulse.after(first))) < OVER
            fresh = over or (bool(behind) and held > 0 and not any(map(quanta, behind)))
        else:
            fresh = held == 0
        cut = float(np.max(cavity.pulse.before(first)))
        if not fresh or not cut > CUT:
            continue
        early = begins(cavity.pulse, CUT)
        told.append(
            f"{cut:.2g} of the pulse of {cavity.mode} has passed when the run begins: begin at "
            f"t = {early:.6g} or earlier"
        )
        if cut > REFUSED:
            must = f"begin before the pulse of {cavity.mode} does, at t = {early:.6g} or earlier"
            raise fail("times", must, first, f"{cut:.2g} of the pulse has passed by then")
    _check_order(cavities)
    return tuple(told)


def _check_order(cavities: Sequence[PulseCavity]) -> None:
    """Refuse catchers whose mode is over before anything is sent."""
    sent = [cavity for cavity in cavities if cavity.sends]
    for catcher in cavities:
        if catcher.sends or not sent:
            continue
        low, high = catcher.pulse.span
        for _ in range(60):
            middle = (low + high) / 2
            on = float(np.max(catcher.pulse.after(middle))) > OVER
            if on and not _all_later(sent, middle):
                break
            low, high = (middle, high) if on else (low, middle)
        if _all_later(sent, high):
            must = f"have light to catch: the mode of {catcher.mode} is over at t = {high:.6g}"
            raise fail("pulse", must, "before the pulses", f"{sent[0].mode} sends its own later")


def _all_later(sources: Sequence[PulseCavity], time: float) -> bool:
    """Whether nothing has been sent by then."""
    return all(float(np.max(source.pulse.before(time))) < OVER for source in sources)
