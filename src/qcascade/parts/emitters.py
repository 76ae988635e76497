"""Parts beyond Gaussian optics: qubits, Kerr oscillators, and the light that drives them."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.units import angular, squeezing_parameter
from ..slh.component import Component, relabelled
from ..slh.ladder import as_ladder, lower
from ..slh.registry import part
from .ports import bath, decay_rate, decays, root, through


@part("detuning", "decay", "dephasing", "loss")
def qubit(
    detuning: Any = 0.0,
    decay: Any = (),
    *,
    dephasing: Any = None,
    loss: Any = None,
    occupation: Any = None,
) -> Component:
    """A two-level system "q" with any number of waveguide ports.

    H = δ σ⁺σ⁻ (which is ½δ σᶻ up to a constant), L_j = √γ_j σ⁻; pure dephasing ½γ_φ 𝒟[σᶻ] is the
    port L = √(2γ_φ) σ⁺σ⁻ (Carmichael, Statistical Methods in Quantum Optics 1, ch. 2). The
    ground state is |0⟩, σ⁻ = |0⟩⟨1|.

    Args:
        detuning: δ, angular frequency.
        decay: decay rate γ into the only port (`in`, `out`); or a sequence of rates
            (`in1`, `out1`, …); or rates by port name (`in_left`, `out_left`, …).
        dephasing: γ_φ; adds the port `in_dephasing`, `out_dephasing`. It is the whole rate of pure
            dephasing: one `occupation` for all ports leaves it as it is.
        loss: decay rate into a bath of its own; adds the port `in_loss`, `out_loss`.
        occupation: thermal occupation of the baths at all ports that quanta leave by, or by input
            name (or one per port, that of the dephasing included).

    Raises:
        ArgumentError: for a negative rate or occupation, or anything not finite.

    >>> qubit(0.5, decay=1.0, dephasing=0.01).inputs
    ('in', 'in_dephasing')
    """
    lowering = lower("q")
    excited = lowering.dag * lowering
    ports = [(suffix, root(k) * lowering) for suffix, k in decays(decay)]
    if loss is not None:
        ports.append(("_loss", root(decay_rate("loss", loss)) * lowering))
    if dephasing is not None:
        ports.append(("_dephasing", root(2 * decay_rate("dephasing", dephasing)) * excited))
    H = angular("detuning", detuning) * excited
    if occupation is not None and not isinstance(occupation, Mapping | list | tuple):
        n = bath("occupation", occupation)
        occupation = {f"in{suffix}": n for suffix, _ in ports if suffix != "_dephasing"}
    return relabelled(through(ports, H, ["q"], occupation), qubits=("q",))


@part("kerr", "detuning", "decay")
def kerr_cavity(
    kerr: Any, detuning: Any = 0.0, decay: Any = (), *, occupation: Any = None
) -> Component:
    """An oscillator "a" whose frequency depends on its quanta.

    H = Δ a†a + ½K a†a†aa: the step from n to n + 1 quanta costs Δ + Kn (Drummond & Walls,
    J. Phys. A 13, 725 (1980)).

    Args:
        kerr: K, angular frequency per quantum.
        detuning: Δ, angular frequency.
        decay: energy decay rates and ports, as for `cavity`.
        occupation: thermal occupation of the baths at all ports, or by input name.

    Raises:
        ArgumentError: for a negative rate or occupation, or anything not finite.

    >>> kerr_cavity(0.1, decay=1.0).H.degree
    4
    """
    a = lower("a")
    H = angular("detuning", detuning) * a.dag * a
    H += (0.5 * angular("kerr", kerr)) * a.dag * a.dag * a * a
    ports = [(suffix, root(k) * a) for suffix, k in decays(decay)]
    return through(ports, H, ["a"], occupation)


@part()
def squeezed_light(r: Any, *, occupation: Any = None) -> Component:
    """Broadband two-mode squeezed light: what a pair source sends out when it is infinitely fast.

    out_a = cosh r v_a + e^{iφ} sinh r v_b†, and the same with a and b exchanged, with white
    vacuum v (or thermal noise): the limit κ → ∞ of `pair_source(g, decay=(κ, κ))` with
    ξ = r e^{iφ} = 2 artanh(2g/κ), up to a common sign (Gardiner, PRL 56, 1917 (1986)).

    Args:
        r: squeezing parameter ξ = r e^{iφ}; or text, "10 dB", whose quietest quadrature has
            e^{−2r} = 1/10 of the vacuum's variance.
        occupation: thermal occupation of v at both inputs, or by input name.

    Raises:
        ArgumentError: for an r that is not finite, or a negative occupation.

    >>> squeezed_light(1.0).outputs
    ('out_a', 'out_b')
    """
    xi = squeezing_parameter("r", r)
    nothing = as_ladder(0.0)
    passing = through([("_a", nothing), ("_b", nothing)], nothing, [], occupation)
    return relabelled(passing, S=np.eye(2, dtype=complex), squeezings={("in_a", "in_b"): xi})


@part()
def squeezed_beam(r: Any, *, occupation: Any = None) -> Component:
    """One beam of broadband squeezed light: what a `squeezed_mode` far below its width sends out.

    out = cosh r v + e^{iφ} sinh r v† with white vacuum v (or thermal noise): for real r > 0 the
    quadrature p is squeezed to ½e^{−2r}, for r < 0 the quadrature x. Beams of ξ and −ξ on a
    balanced beam splitter are `squeezed_light(ξ)` (Gardiner, PRL 56, 1917 (1986)).

    Args:
        r: squeezing parameter ξ = r e^{iφ}; or text, "10 dB", whose quietest quadrature has
            e^{−2r} = 1/10 of the vacuum's variance.
        occupation: thermal occupation of v.

    Raises:
        ArgumentError: for an r that is not finite, or a negative occupation.

    >>> from qcascade import Network, cavity, gaussian, steady_state
    >>> net = Network({"s": squeezed_beam("10 dB"), "m": cavity(decay=1.0)}, [("s.out", "m.in")])
    >>> steady_state(gaussian(net)).cov.diagonal().round(6)
    array([5.  , 0.05])
    """
    xi, nothing = squeezing_parameter("r", r), as_ladder(0.0)
    beam = through([("", nothing)], nothing, [], occupation)
    return relabelled(beam, squeezings={("in", "in"): xi})
