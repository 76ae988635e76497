"""The dual-rail network of agusti2023 on this machine, against QuTiP and dynamiqs.

Relaxation of N pairs from the ground state to γt = 5 at r = 1: this package; QuTiP's `mesolve` as a
superoperator for small N and in matrix form; dynamiqs when it is installed. Then right-hand
sides, steady states with the amplifier, preparation times and trajectories, as asked for.
"""

import argparse
import os
import platform
import resource
import time

import numpy as np
from summary import told

import qcascade as qc
from qcascade.papers.agusti2023 import network

AMPLIFIER = ("source.a", "source.b")


def timed(work, repeats=1):
    best = np.inf
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def memory():
    """Largest resident memory of this process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def relaxation(pairs, detuning, end=5.0):
    model = qc.lindblad(network(pairs, detuning=detuning))
    qc.evolve(model, None, [1e-3], progress=False)  # compile
    seconds, run = timed(lambda: qc.evolve(model, None, [end], progress=False), 3)
    print(f"N = {pairs}, Δ = {detuning:g}γ, to γt = {end:g}   ({run.info})")
    print(f"  qcascade             {seconds:8.3f} s   purity {qc.measures.purity(run.final):.9f}")
    return model, seconds, qc.measures.purity(run.final)


def against_qutip(model, ours, purity, end=5.0):
    """QuTiP's ratio in its fastest form."""
    import qutip

    H, jumps = qc.interop.to_qutip(model)
    levels = H.dims[0]
    start = qutip.ket2dm(qutip.basis(levels, [0] * len(levels)))
    forms = {
        "matrix, Adams": {"matrix_form": True},
        "matrix, DOP853": {"matrix_form": True, "method": "dop853"},
    }
    if len(levels) <= 8:
        forms["superoperator"] = {}
    ratios = []
    for name, form in forms.items():
        options = {"atol": 1e-8, "rtol": 1e-6, "progress_bar": "", "nsteps": 10**7, **form}
        seconds, run = timed(
            lambda o=options: qutip.mesolve(H, start, [0.0, end], jumps, options=o)
        )
        found = run.states[-1].purity()
        ratios.append(seconds / ours)
        print(
            f"  QuTiP {name:<14} {seconds:8.2f} s   purity {found:.9f}   "
            f"ratio {ratios[-1]:.0f}×   (difference {abs(found - purity):.1e})"
        )
    return min(ratios)


def against_dynamiqs(model, ours, end=5.0):
    """The ratio of dynamiqs, compiled before; None where it is missing."""
    try:
        import dynamiqs
    except ImportError:
        print("  dynamiqs            not installed (pip install dynamiqs)")
        return None
    import jax

    H, jumps = qc.interop.to_qutip(model)
    dynamiqs.set_progress_meter(False)
    dynamiqs.set_precision("double")
    sparse = [dynamiqs.asqarray(x, layout=dynamiqs.dia) for x in (H, *jumps)]
    start = dynamiqs.fock_dm(H.dims[0], [0] * len(H.dims[0]))

    def run():
        result = dynamiqs.mesolve(sparse[0], sparse[1:], start, [0.0, end])
        return jax.block_until_ready(result.final_state.to_jax())

    first, _ = timed(run)
    seconds, _ = timed(run)
    print(
        f"  dynamiqs             {seconds:8.2f} s   ratio {seconds / ours:.0f}×   "
        f"(compilation {first - seconds:.1f} s)"
    )
    return seconds / ours


def right_hand_side(pairs, detuning):
    model = qc.lindblad(network(pairs, detuning=detuning))
    generator = model.generator()
    x = generator.layout.pack(qc.ground(model).density())
    x = generator.apply(x)
    seconds, _ = timed(lambda: generator.apply(x), 3)
    print(
        f"  N = {pairs}, Δ = {detuning:g}: {model.space.elements:>11,} elements   "
        f"{1e3 * seconds:9.2f} ms   stored {x.nbytes / 2**20:,.0f} MiB   peak {memory():.2f} GiB"
    )
    return seconds


def steady(pairs, photons, bandwidth, dephasing=0.0):
    net = network(pairs, bandwidth=bandwidth, dephasing=dephasing)
    model = qc.lindblad(net, {AMPLIFIER: photons}, squeezed={AMPLIFIER: 0.25})
    seconds, state = timed(lambda: qc.steady_state(model, tolerance=1e-11, progress=False))
    values = ", ".join(
        f"{qc.measures.concurrence(state, f'A{k}', f'B{k}'):.6f}" for k in range(1, pairs + 1)
    )
    print(
        f"  N = {pairs}, {photons} photons, κ/γ = {bandwidth:g}, γ_φ = {dephasing:g}: "
        f"{seconds:7.1f} s, peak {memory():.2f} GiB, residual {state.info['residual']:.1e}, "
        f"C = {values}"
    )
    return seconds


def preparation(pairs, detuning):
    model = qc.lindblad(network(pairs, detuning=detuning))

    def prepared(state):
        return qc.measures.purity(state) - (1 - 1e-3 * pairs)

    seconds, run = timed(lambda: qc.evolve(model, None, [1e3], until=prepared, progress=False))
    print(f"  N = {pairs}, Δ = {detuning:g}: T_prep = {run.stopped:.7f}/γ in {seconds:.1f} s")
    return seconds


def unravelled(pairs, detuning, end, number):
    model = qc.lindblad(network(pairs, detuning=detuning))
    first, last = (f"A{k}" for k in (1, pairs)), (f"B{k}" for k in (1, pairs))
    observe = {
        f"{a}{b}": (lambda psi, a=a, b=b: psi.reduce(a, b))
        for a, b in zip(first, last, strict=True)
    }
    seconds, runs = timed(
        lambda: qc.trajectories(model, [end], observe, number=number, progress=False)
    )
    print(
        f"  N = {pairs}, Δ = {detuning:g}: {number} to γt = {end:g} in {seconds:.1f} s, "
        f"{runs.info}, peak {memory():.2f} GiB"
    )
    return seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true", help="N = 6, 7 and many trajectories too")
    parser.add_argument("--only", help="one section: relaxation, sides, steady, prepare, unravel")
    given = parser.parse_args()
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, NumPy {np.__version__}, qcascade {qc.__version__}"
    )
    sections = {
        "relaxation": relaxation_section,
        "sides": sides_section,
        "steady": steady_section,
        "prepare": prepare_section,
        "unravel": unravel_section,
    }
    for name, section in sections.items():
        if given.only in (None, name):
            section(given.long)


def relaxation_section(long):
    for pairs, detuning in ((3, 0.0), (4, 0.0), (5, 0.0), (5, 0.2)):
        model, ours, purity = relaxation(pairs, detuning)
        name = f"N = {pairs} of agusti2023 to γt = 5, against"
        if pairs < 5 or (long and detuning == 0):  # minutes in QuTiP
            ratio = against_qutip(model, ours, purity)
            if pairs > 3:
                told(f"{name} QuTiP's fastest form", f"{ratio:.0f}×", "60×" if pairs == 5 else "")
        if pairs < 5:  # dynamiqs finds no end of compiling five pairs
            ratio = against_dynamiqs(model, ours)
            if ratio and pairs > 3:
                told(f"{name} dynamiqs", f"{ratio:.0f}×")


def sides_section(long):
    print("right-hand sides")
    for pairs in (5, 6, 7) if long else (5, 6):
        right_hand_side(pairs, 0.0)
        took = right_hand_side(pairs, 0.2)
    told(f"N = {pairs}, right-hand side, Δ = 0.2γ", f"{took:.2f} s", "1.5 s" if pairs == 7 else "")


def steady_section(long):
    print("steady states with the amplifier")
    steady(3, 8, 10.0)
    took = steady(4, 6, 10.0)
    if long:
        steady(3, 8, 100.0)
        steady(4, 6, 10.0, 0.01)
    told("N = 4 with six photons, steady state", f"{took:.1f} s", "90 s")


def prepare_section(long):
    print("preparation times")
    for pairs in (4, 5, 6) if long else (4, 5):
        took = preparation(pairs, 0.0)
    told(f"N = {pairs} to T_prep, Δ = 0", f"{took:.0f} s", "600 s" if pairs == 6 else "")


def unravel_section(long):
    print("quantum trajectories")
    number = 100 if long else 4
    eight = unravelled(8, 0.0, 32.0, number)
    ten = unravelled(10, 0.0, 12.0, 1)
    told(f"N = 8, {number} trajectories to γt = 32", f"{eight:.0f} s", "600 s" if long else "")
    told("N = 10, one trajectory to γt = 12", f"{ten:.0f} s", "40 s")


if __name__ == "__main__":
    main()
