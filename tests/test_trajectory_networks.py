"""Trajectories of random networks against the evolution of ρ: pulls of mean 0 and width 1.

A pull is (average over trajectories − exact value)/(standard error of the average). The exact value
is e^{Lt}ρ(0) with the generator L as one sparse matrix over the whole space, which shares
neither blocks nor tables with trajectories. Pulls of one network are correlated, those of
different networks are not: limits are taken from the spread between networks.
"""

import numpy as np
import pytest
from scipy.sparse import eye_array, kron
from scipy.sparse.linalg import expm_multiply

import qcascade as qc
from qcascade.master_equation.trajectories.unravel import unravel

TIMES = [0.5, 1.5]
MOST = 45  # basis states
MIXED = 0.1  # 1 − Tr ρ² above which trajectories differ in general, and averages are Gaussian


def random_part(rng, kind):
    rates = list(rng.uniform(0.4, 1.2, 2))
    warm = [None, None, 0.3][rng.integers(3)]
    if kind == "qubit":
        return qc.qubit(rng.normal(), rates, dephasing=0.3 * rng.random(), occupation=warm)
    if kind == "kerr":
        return qc.kerr_cavity(rng.normal(), rng.normal(), rates, occupation=warm)
    return qc.cavity(rng.normal(), rates, occupation=warm)


def random_network(rng):
    """One to three qubits, Kerr oscillators and cavities, with light, losses, loops, couplings."""
    kinds = rng.choice(["qubit", "kerr", "cavity"], int(rng.integers(1, 4)))
    parts = {f"{kind}{k}": random_part(rng, kind) for k, kind in enumerate(kinds)}
    modes = [name + (".q" if name.startswith("qubit") else ".a") for name in parts]
    couplings = []
    if len(modes) > 1 and rng.random() < 0.6:
        first, second = rng.permutation(modes)[:2]
        couplings = [qc.hopping(str(first), str(second), 0.7 * complex(*rng.normal(size=2)))]
    if rng.random() < 0.4:
        parts["light"] = qc.squeezed_light(0.4 * complex(*rng.normal(size=2)))
    if rng.random() < 0.4:
        parts["laser"] = qc.coherent_drive(0.4 * complex(*rng.normal(size=2)))
    if rng.random() < 0.5:
        parts["link"] = qc.fibre(rng.uniform(0.4, 0.95), 2 * np.pi * rng.random(), occupation=0.1)
    if rng.random() < 0.6:
        parts["splitter"] = qc.beam_splitter(rng.uniform(0.2, 0.8))
    free = qc.Network(parts, couplings=couplings)
    closed = {port for pair in free.component.squeezings for port in pair}
    inputs, outputs = qc.slh.open_ports(free)
    inputs = [x for x in inputs if x not in closed.union(free.component.occupations)]
    most = min(len(inputs), len(outputs))
    count = int(rng.integers(most // 2, most + 1))
    ends, starts = rng.permutation(outputs)[:count], rng.permutation(inputs)[:count]
    return qc.Network(
        parts, [(str(o), str(i)) for o, i in zip(ends, starts, strict=True)], couplings
    )


def random_model(seed):
    """A network, its master equation with or without charges, and what makes it special."""
    rng = np.random.default_rng(seed)
    while True:
        try:
            net = random_network(rng)
            oscillators = [m for m in net.component.modes if m not in net.component.qubits]
            cutoffs = {mode: int(rng.integers(2, 5)) for mode in oscillators}
            model = qc.lindblad(net, cutoffs, sectors=bool(rng.random() < 0.7))
        except (qc.ArgumentError, qc.UnstableError):  # a port wired to itself; too little room
            continue
        if model.space.dimension <= MOST and model.jumps:
            return rng, net, model


def has_loop(net):
    """Whether light may come back to where it left."""
    feeds = {name: set() for name in net.parts}
    for source, target in net.wires:
        feeds[source.rsplit(".", 1)[0]].add(target.rsplit(".", 1)[0])
    for _ in feeds:
        for name, after in feeds.items():
            feeds[name] = after.union(*(feeds[x] for x in after))
    return any(name in after for name, after in feeds.items())


def kinds_of(net, model):
    oscillators = set(model.modes) - set(model.space.qubits)
    return {
        "charges": bool(model.space.charges),
        "no charges": not model.space.charges,
        "long jumps": max(len(jump.terms) for jump in model.jumps) > 2,
        "loop": has_loop(net),
        "laser": any(source.startswith("laser") for source, _ in net.wires),
        "squeezed light": any(source.startswith("light") for source, _ in net.wires),
        "two oscillators": len(oscillators) > 1,
        "Kerr": any(name.startswith("kerr") for name in net.parts),
        "qubit and oscillator": bool(oscillators and model.space.qubits),
        "long jump on two oscillators": any(
            len(jump.terms) > 1 and len(oscillators & set(jump.modes)) > 1 for jump in model.jumps
        ),
    }


def random_start(rng, space):
    """A ket over all of one sector, with quanta to lose: what rarely happens is not Gaussian."""
    quanta = space.quanta.sum(axis=1)
    held = np.add.reduceat(quanta, space.offsets[:-1])
    q = int(rng.choice(len(held), p=held / held.sum()))
    rows = slice(*space.offsets[q : q + 2])
    amplitudes = np.zeros(space.dimension, complex)
    amplitudes[rows] = (0.2 + quanta[rows]) * (rng.normal(size=(space.sizes[q], 2)) @ [1, 1j])
    return qc.PureState(space, amplitudes / np.linalg.norm(amplitudes))


def observables(rng, space):
    """Quanta of every mode, and two random Hermitian matrices, which see all of ρ."""
    matrices = [np.diag(space.quanta[:, m]).astype(complex) for m in range(len(space.modes))]
    for _ in range(2):
        x = rng.normal(size=(space.dimension, space.dimension, 2)) @ [1, 1j]
        matrices.append((x + x.conj().T) / np.sqrt(8))
    return np.array(matrices)


def exact(model, start, matrices):
    """Tr Oρ(t), shape (T, O), and how mixed ρ is, 1 − Tr ρ² (T,)."""
    K = -1j * model.space.matrix(model.H)
    J = [model.space.matrix(jump) for jump in model.jumps]
    for x in J:
        K = K - 0.5 * (x.conj().T @ x)
    one, psi = eye_array(K.shape[0]), start.amplitudes
    generator = kron(K, one) + kron(one, K.conj()) + sum(kron(x, x.conj()) for x in J)
    rho = np.outer(psi, psi.conj()).ravel()
    states = [expm_multiply(generator.tocsc() * t, rho).reshape(K.shape) for t in TIMES]
    values = np.array([[np.trace(O @ state).real for O in matrices] for state in states])
    return values, np.array([1 - np.linalg.norm(state) ** 2 for state in states])


def pulls(seed, number):
    """Pulls of all observables at times when trajectories differ, and the kinds of the network."""
    rng, net, model = random_model(seed)
    start, matrices = random_start(rng, model.space), observables(rng, model.space)

    def seen(state):
        psi = np.zeros(model.space.dimension, complex)
        psi[model.space.positions(state.space.quanta)] = state.amplitudes
        return (matrices @ psi @ psi.conj()).real

    # Cutoffs are small here: below them, both solve the same truncated equation.
    runs = unravel(
        model.space,
        model.H,
        model.jumps,
        start,
        TIMES,
        {"O": seen},
        number,
        seed,
        tolerance=1e-7,
        progress=False,
    )
    values, mixed = exact(model, start, matrices)
    off, error = runs.mean["O"] - values, runs.error["O"]
    # Chosen by what is exact, not by what came out. What varied in none of the trajectories is
    # conserved, or changed by what happens less often than 20 times in all of them.
    still, width = error <= 1e-6, np.array([np.ptp(np.linalg.eigvalsh(O)) for O in matrices])
    assert np.all((np.abs(off) < 1e-6 + 20 / number * width)[still])
    random = (mixed[:, None] > MIXED) & ~still
    return off[random] / error[random], kinds_of(net, model)


def check(seeds, number):
    found = [pulls(seed, number) for seed in seeds]
    mean = np.array([z.mean() for z, _ in found if len(z)])
    square = np.array([np.mean(z**2) for z, _ in found if len(z)])
    root = np.sqrt(len(mean))
    worst = max(np.abs(z).max(initial=0.0) for z, _ in found)
    print(
        f"{len(mean)} networks, {sum(len(z) for z, _ in found)} pulls: "
        f"mean {mean.mean():.3f} ± {mean.std() / root:.3f}, "
        f"width² {square.mean():.3f} ± {square.std() / root:.3f}, largest {worst:.2f}"
    )
    kinds = {kind: sum(k[kind] for _, k in found) for kind in found[0][1]}
    print(kinds)
    assert min(kinds.values()) > 0
    # Were all pulls of a network one, their average would vary by 1, and that of squares by √2.
    assert abs(mean.mean()) < 4 * min(mean.std(), 1.0) / root
    assert abs(square.mean() - 1) < 4 * min(square.std(), np.sqrt(2)) / root
    assert worst < 5


def test_random_networks_agree_with_the_evolution_of_the_state():
    check(range(12), 120)


@pytest.mark.slow
def test_two_hundred_random_networks_agree_with_the_evolution_of_the_state():
    check(range(100, 300), 200)
