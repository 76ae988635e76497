"""Preparation times beyond the paper: seven pairs, 40 million elements of ρ, exactly.

    python examples/seven_pairs.py            # N = 7, Δ = 0: one and a half to two hours on 2 cores
    python examples/seven_pairs.py 6 1.0      # any N and Δ/γ

The computation keeps a checkpoint in the folder it is started in; started again, it goes on.
"""

import sys
from pathlib import Path

from qcascade.papers.agusti2023 import network
from qcascade.papers.agusti2023.engine import amplified, preparation


def prepared(pairs=7, detuning=0.0, folder="."):
    """γT_prep of N pairs, from a checkpoint when there is one."""
    model = amplified(network(pairs, detuning=detuning), 1.0)
    checkpoint = Path(folder) / f"pairs{pairs}-detuning{detuning:g}.npz"
    return preparation(model, pairs, tolerance=1e-8, checkpoint=checkpoint)


if __name__ == "__main__":
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    detuning = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    print(f"N = {pairs}, Δ = {detuning:g}γ: T_prep = {prepared(pairs, detuning):.6f}/γ")
