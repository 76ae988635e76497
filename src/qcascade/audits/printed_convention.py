"""In which convention a pair of matrices was printed: vacuum ½, 1 or ¼, and the order of R.

Ours is vacuum ½ and (x₁, p₁, x₂, p₂, …). A matrix cannot say what its author meant, but two marks
are left. In the vacuum every mode that only decays holds no quanta, so D = 2, or ½, times that of
the vacuum in the quietest mode is D in units of another vacuum. And where light travels, cavities
turn and modes decay, x and p are treated alike: 2×2 blocks of A and D are a·1 + b·Ω in the right
order, and mostly not in a wrong one.
"""

from typing import Any, NamedTuple

import numpy as np

from ..base.conventions import VACUUM, from_xxpp
from ..linear.quantum_noise import damping, implied_quanta

OTHER_VACUA = (1.0, 0.25)
_CLEARLY = 0.1  # by how much the share of unlike blocks must fall to speak for another order
_TOO_QUIET = 0.05  # quanta that a mode must lack to speak for the least of the vacua
_EXACTLY = 1e-6  # quanta by which the quietest mode may miss another vacuum


class Reading(NamedTuple):
    """A convention.

    Args:
        vacuum: variance of the vacuum.
        reordered: which of "A" and "D" are in the order (x₁, x₂, …, p₁, p₂, …).
    """

    vacuum: float = VACUUM
    reordered: str = ""

    def __str__(self) -> str:
        vacuum = f"vacuum {({0.5: '½', 0.25: '¼'}).get(self.vacuum, f'{self.vacuum:g}')}"
        order = "x₁p₁x₂p₂…"
        if self.reordered:
            order = "x₁x₂…p₁p₂…" + (" of D alone" if self.reordered == "D" else "")
        return f"{vacuum}, order {order}"


OURS = Reading()


def read(A: Any, D: Any, reading: Reading) -> tuple[Any, Any]:
    """A and D in our convention, from another.

    Args:
        A: drift as printed, (…, 2N, 2N).
        D: diffusion as printed.
        reading: the convention they were printed in.

    >>> read(-0.5 * np.eye(2), np.eye(2), Reading(vacuum=1.0))[1].diagonal()
    array([0.5, 0.5])
    """
    A = from_xxpp(A) if "A" in reading.reordered else A
    D = from_xxpp(D) if "D" in reading.reordered else D
    return A, D * (VACUUM / reading.vacuum)


def other_order(A: Any, D: Any, physical: Any) -> Reading:
    """The order of R that fits one pair better, ours when none does.

    Args:
        A: drift, (2N, 2N).
        D: diffusion.
        physical: function of A and D that says whether they are.
    """
    best, share, sound = OURS, _unlike(A, D), physical(A, D)
    for reading in (Reading(reordered="A and D"), Reading(reordered="D")):
        matrices = read(A, D, reading)
        less = share - _unlike(*matrices)
        if less > _CLEARLY or (less > _EXACTLY and not sound and physical(*matrices)):
            best, share, sound = reading, _unlike(*matrices), physical(*matrices)
    return best


def other_vacuum(A: Any, D: Any, physical: Any, accuracy: float = 0.0) -> float:
    """The vacuum in which the quietest mode of one pair holds no quanta, ½ when none fits.

    A D with less noise than the vacuum, which is physical when doubled, has vacuum ¼ too.

    Args:
        A: drift, (2N, 2N), in our order.
        D: diffusion.
        physical: function of A and D that says whether they are.
        accuracy: how far quanta may be off, as numbers with few digits are.

    >>> other_vacuum(-0.5 * np.eye(2), np.eye(2), lambda A, D: True)
    1.0
    """
    quanta = implied_quanta(A, D)[damping(A) > 0]
    if not len(quanta):
        return VACUUM
    least, margin = quanta.min(), _EXACTLY + accuracy
    for vacuum in OTHER_VACUA:
        if abs(least - (vacuum - VACUUM)) <= margin:
            return vacuum
    too_quiet = least < -_TOO_QUIET - accuracy and not physical(A, D)
    return 0.25 if too_quiet and physical(A, 2 * D) else VACUUM


def _unlike(*matrices: Any) -> float:
    """The share of 2×2 blocks that treats x and p unlike, a·σ_z + b·σ_x; from 0 to 1."""
    shares = []
    for matrix in matrices:
        n = len(matrix) // 2
        blocks = matrix.reshape(n, 2, n, 2)
        a, b, c, d = (blocks[:, i, :, j] for i in range(2) for j in range(2))
        unlike = ((a - d) ** 2 + (b + c) ** 2).sum() / 2
        squares = (matrix**2).sum()
        shares.append(unlike / squares if squares else 0.0)
    return float(np.mean(shares))
