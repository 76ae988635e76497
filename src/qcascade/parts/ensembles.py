"""Many spins as one oscillator: magnons of a magnet, atoms in a cavity.

In the transformation of Holstein and Primakoff, Phys. Rev. 58, 1098 (1940), the collective spin of
N spins that are all down but for a few is an oscillator: S⁻ = √N √(1 − c†c/N) c ≈ √N c.
"""

from typing import Any

import numpy as np

from ..base.checks import between, is_plain
from ..base.units import angular
from ..slh.component import Component
from ..slh.ladder import lower
from ..slh.registry import part
from .ports import bath, decay_rate, decays, root, through


@part("detuning", "decay", "kerr")
def magnon_mode(
    detuning: Any = 0.0, decay: Any = (), *, kerr: Any = 0.0, occupation: Any = None
) -> Component:
    """A magnon mode "m": the spins of a magnet, precessing all together.

    H = Δ m†m + ½K m†m†mm, Δ = ω_m − ω_drive with ω_m from `qc.physics.magnon_frequency`, L_j =
    √κ_j m; K is the anisotropy's (Y.-P. Wang et al., PRB 94, 224410 (2016)).
    Couple it to a microwave cavity by `hopping` (Zhang, Zou, Jiang & Tang, PRL 113, 156401
    (2014)); a magnet whose magnons push its vibrations is an `optomechanical_cavity`.

    Args:
        detuning: Δ, rad/s or text with a unit.
        decay: κ, energy decay rates and ports, as for `cavity`.
        kerr: K, angular frequency per magnon.
        occupation: thermal occupation of the baths at all ports, or by input name.

    Raises:
        ArgumentError: for a negative rate or occupation, or anything not finite.

    >>> magnon_mode("10 MHz", decay="1 MHz", occupation=0.02).modes
    ('m',)
    """
    m = lower("m")
    H = angular("detuning", detuning) * m.dag * m
    K = angular("kerr", kerr)
    if not (is_plain(K) and K == 0):
        H = H + (0.5 * K) * m.dag * m.dag * m * m
    return through([(suffix, root(k) * m) for suffix, k in decays(decay)], H, ["m"], occupation)


@part("detuning", "decay", "coupling", "atomic_detuning", "atomic_decay")
def atomic_ensemble(
    detuning: Any,
    decay: Any = (),
    *,
    coupling: Any,
    atoms: Any,
    atomic_detuning: Any,
    atomic_decay: Any,
    occupation: Any = 0.0,
) -> Component:
    """A cavity "a" with N two-level atoms, whose collective spin is a mode "c".

    H = Δ a†a + Δ_a c†c + g√N (a†c + c†a), L = √κ a at every port, √γ c into the atoms' bath, for
    few excited atoms, ⟨c†c⟩ ≪ N (Holstein & Primakoff, Phys. Rev. 58, 1098 (1940); Genes, Vitali &
    Tombesi, PRA 77, 050307 (2008), whose γ_a is γ/2).

    Args:
        detuning: Δ = ω_c − ω_laser, rad/s or text with a unit.
        decay: κ, energy decay rates and ports of the cavity, as for `cavity`.
        coupling: g, of one atom, rad/s or text with a unit.
        atoms: N, above zero.
        atomic_detuning: Δ_a = ω_a − ω_laser, rad/s or text with a unit.
        atomic_decay: γ, energy decay rate of an excited atom, rad/s or text with a unit.
        occupation: thermal occupation of the atoms' bath.

    Raises:
        ArgumentError: for a negative rate or occupation, or N not above zero.

    >>> from qcascade import gaussian
    >>> part = atomic_ensemble(
    ...     0.0, 1.0, coupling=0.1, atoms=100, atomic_detuning=0.0, atomic_decay=0.2)
    >>> float(gaussian(part).A[3, 0])                  # −g√N
    -1.0
    """
    a, c = lower("a"), lower("c")
    N = between("atoms", atoms, np.finfo(float).tiny, np.inf, "a number above zero")
    exchange = angular("coupling", coupling) * root(N)
    H = angular("detuning", detuning) * a.dag * a
    H = H + angular("atomic_detuning", atomic_detuning) * c.dag * c
    H = H + exchange * (a.dag * c + c.dag * a)
    light = [(suffix, root(kappa) * a) for suffix, kappa in decays(decay)]
    gamma, n = decay_rate("atomic_decay", atomic_decay), bath("occupation", occupation)
    return through([*light, ("_atoms", root(gamma) * c)], H, ["a", "c"], {"in_atoms": n})
