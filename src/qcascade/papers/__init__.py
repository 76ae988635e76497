"""The published systems, one module each, written with the public names of the package only."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..audits.audit import audit
from ..base.checks import UnstableError, one_of
from ..dynamics import steady_state
from ..linear.model import GaussianModel
from ..linear.state import GaussianState
from .data import Plate as Plate
from .records import System, Table
from .statements import Claim, Statement


class Paper(Protocol):
    """What every module of a paper offers."""

    READING: str  # heads the column of the reading that obeys quantum mechanics
    PARAMETERS: Mapping[str, Any]
    FIGURES: Mapping[str, Plate]
    STATEMENTS: tuple[Statement, ...]
    TABLE: Table
    SYSTEM: System

    def point(self, **parameters: Any) -> dict[str, Any]: ...
    def claims(self) -> list[Claim]: ...


def steady_or_nan(model: GaussianModel) -> GaussianState:
    """The steady state; a single unstable point is NaN with `stable=False`, as in a sweep.

    Args:
        model: the linear model.
    """
    try:
        return steady_state(model)
    except UnstableError:
        nothing = np.full(model.A.shape, np.nan)
        return GaussianState(model.modes, nothing[0], nothing, False)


def noise_of(model: GaussianModel, unit: float) -> dict[str, float]:
    """How far the noise of a model is from that of a quantum system, and from independent noises.

    Args:
        model: the linear model.
        unit: of frequency, in that of the model.

    Returns:
        `lowest`, the smallest eigenvalue of D + i(AΩ + ΩAᵀ)/2; `off`, the largest entry of D
        that joins two modes.
    """
    joins = np.kron(np.eye(len(model.modes)), np.ones((2, 2))) == 0
    off = np.abs(np.asarray(model.D)[joins]).max(initial=0.0)
    return {"lowest": float(audit(model).noise_eigenvalue) / unit, "off": float(off) / unit}


class Source(NamedTuple):
    """Where a paper was published."""

    title: str
    authors: str
    journal: str
    doi: str


PAPERS: dict[str, str] = {
    "pelka2026": "Routing entanglement through quantum networks (Pelka, Aquilina, Xuereb)",
    "jiao2020": "Nonreciprocal optomechanical entanglement against backscattering (Jiao et al.)",
    "liu2024": "Phase-controlled entanglement of remote mechanical oscillators (Liu et al.)",
    "agusti2023": "Autonomous distribution of multiqubit entanglement (Agustí et al.)",
    "jiao2022": "Nonreciprocal enhancement of remote entanglement (Jiao et al.)",
    "pichler2015": "Pure entangled states of driven chiral chains (Pichler et al.)",
}
"""Title by key."""

SOURCES: dict[str, Source] = {
    "pelka2026": Source(
        "Routing entanglement through quantum networks",
        "K. Pelka, M. Aquilina, A. Xuereb",
        "Letter, published 29 June 2026",
        "10.1103/hsc8-pv2s",
    ),
    "jiao2020": Source(
        "Nonreciprocal optomechanical entanglement against backscattering losses",
        "Y.-F. Jiao, S.-D. Zhang, Y.-L. Zhang, A. Miranowicz, L.-M. Kuang, H. Jing",
        "Phys. Rev. Lett. 125, 143605 (2020)",
        "10.1103/PhysRevLett.125.143605",
    ),
    "liu2024": Source(
        "Phase-controlled robust quantum entanglement of remote mechanical oscillators",
        "J.-X. Liu, J.-Y. Yang, T.-X. Lu, Y.-F. Jiao, H. Jing",
        "Phys. Rev. A 109, 023519 (2024)",
        "10.1103/PhysRevA.109.023519",
    ),
    "agusti2023": Source(
        "Autonomous distribution of programmable multiqubit entanglement in a dual-rail quantum "
        "network",
        "J. Agustí, X. H. H. Zhang, Y. Minoguchi, P. Rabl",
        "Phys. Rev. Lett. 131, 250801 (2023)",
        "10.1103/PhysRevLett.131.250801",
    ),
    "jiao2022": Source(
        "Nonreciprocal enhancement of remote entanglement between nonidentical mechanical "
        "oscillators",
        "Y.-F. Jiao, J.-X. Liu, Y. Li, R. Yang, L.-M. Kuang, H. Jing",
        "Phys. Rev. Applied 18, 064008 (2022)",
        "10.1103/PhysRevApplied.18.064008",
    ),
    "pichler2015": Source(
        "Quantum optics of chiral spin networks",
        "H. Pichler, T. Ramos, A. J. Daley, P. Zoller",
        "Phys. Rev. A 91, 042116 (2015); with K. Stannigel, P. Rabl, P. Zoller, "
        "New J. Phys. 14, 063014 (2012)",
        "10.1103/PhysRevA.91.042116",
    ),
}
"""Publication by key."""


def paper(key: str) -> Paper:
    """The module of a paper.

    Args:
        key: one of `PAPERS`.

    Raises:
        ArgumentError: for an unknown key.

    >>> list(paper("pelka2026").FIGURES)
    ['2', '3a', '3b', 'time', 'thermal', 'optomechanical', 'length']
    """
    module: Any = import_module(f".{one_of('key', key, PAPERS, 'a paper')}", __package__)
    return module
