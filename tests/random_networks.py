"""Random physical networks for property tests: parts, wires with loops, baths, couplings."""

import numpy as np

import qcascade as qc


def random_parts(rng, modes=2, weak=1.0):
    """Cavities and squeezed modes with two ports each, a lossy link, a beam splitter."""
    parts = {}
    for k in range(modes):
        decay = list(rng.uniform(0.5, 1.5, 2))
        squeezing = weak * 0.15 * rng.normal() * np.exp(2j * np.pi * rng.uniform())
        parts[f"m{k}"] = qc.squeezed_mode(squeezing, rng.normal(), decay)
    parts["link"] = qc.fibre(
        rng.uniform(0.3, 0.95), 2 * np.pi * rng.uniform(), occupation=0.1 * weak * rng.uniform()
    )
    parts["splitter"] = qc.beam_splitter(rng.uniform(0.2, 0.8))
    parts["turn"] = qc.phase_shifter(2 * np.pi * rng.uniform())
    return parts


def random_network(seed, modes=2, wires=4, weak=1.0):
    """Random wires (feedback loops included), one coupling of each kind, warm open inputs."""
    rng = np.random.default_rng(seed)
    parts = random_parts(rng, modes, weak)
    couplings = random_couplings(rng, "m0.a", f"m{modes - 1}.a", weak) if modes > 1 else {}
    free = qc.Network(parts, couplings=couplings)
    while True:
        joined = random_wires(rng, free, wires)
        try:
            net = qc.Network(parts, joined, couplings)
        except qc.ArgumentError:  # a port wired straight to itself: draw again
            continue
        warm = {x: 0.1 * weak * rng.uniform() for x in qc.slh.open_ports(net)[0]}
        cold = {x: n for x, n in warm.items() if x not in net.component.occupations}
        return qc.Network(parts, joined, couplings, cold)


def random_couplings(rng, first, second, weak):
    weights = {first: complex(*rng.normal(size=2)), second: 1.0}
    return {
        "hop": qc.hopping(first, second, 0.3 * complex(*rng.normal(size=2))),
        "pairs": qc.two_mode_squeezing(first, second, 0.08 * weak * rng.normal()),
        "bath": qc.common_bath(weights, 0.2, occupation=0.1 * weak * rng.uniform()),
    }


def random_wires(rng, free, wires):
    inputs, outputs = qc.slh.open_ports(free)
    ends = rng.permutation([x for x in outputs if not x.startswith("bath")])[:wires]
    starts = rng.permutation([x for x in inputs if x not in free.component.occupations])[:wires]
    return [(str(o), str(i)) for o, i in zip(ends, starts, strict=True)]


def random_qubit_network(seed, wires=5):
    """Qubits, a Kerr oscillator, a pair source's squeezed light, a laser, loss; loops included."""
    rng = np.random.default_rng(seed)
    parts = {
        "atom": qc.qubit(rng.normal(), list(rng.uniform(0.5, 1.5, 2)), dephasing=0.1, loss=0.2),
        "other": qc.qubit(rng.normal(), list(rng.uniform(0.5, 1.5, 2))),
        "mode": qc.kerr_cavity(rng.normal(), rng.normal(), list(rng.uniform(0.5, 1.5, 2))),
        "light": qc.squeezed_light(
            0.6 * complex(*rng.normal(size=2)), occupation=0.1 * rng.uniform()
        ),
        "laser": qc.coherent_drive(0.3 * complex(*rng.normal(size=2))),
        "link": qc.fibre(rng.uniform(0.3, 0.95), 2 * np.pi * rng.uniform(), occupation=0.1),
        "splitter": qc.beam_splitter(rng.uniform(0.2, 0.8)),
    }
    couplings = {"swap": qc.hopping("atom.q", "mode.a", 0.3 * complex(*rng.normal(size=2)))}
    free = qc.Network(parts, couplings=couplings)
    closed = {port for pair in free.component.squeezings for port in pair}
    while True:
        ends = [str(x) for x in rng.permutation(qc.slh.open_ports(free)[1])[:wires]]
        open_inputs = [
            x
            for x in qc.slh.open_ports(free)[0]
            if x not in free.component.occupations and x not in closed
        ]
        starts = [str(x) for x in rng.permutation(open_inputs)[:wires]]
        try:
            return qc.Network(parts, list(zip(ends, starts, strict=True)), couplings)
        except qc.ArgumentError:  # a port wired straight to itself: draw again
            continue


def random_rates(rng, ports, far):
    """Decay rates of one part; `far` makes some of them slow."""
    slow = 10 ** rng.uniform(-6, 0) if far and rng.random() < 0.3 else 1.0
    return rng.uniform(0.2, 2, ports) * slow


def random_mode(rng, far=False, unit=1.0):
    """A cavity, a squeezed mode or a pair source; `far`: slow, detuned, or just below threshold."""
    decay = random_rates(rng, int(rng.integers(1, 4)), far)
    detuning = rng.normal() * (10 ** rng.uniform(0, 6) if far and rng.random() < 0.2 else 1.0)
    below = 1 - (10 ** rng.uniform(-6, 0) if far else rng.uniform(0.1, 1))
    turn = np.exp(2j * np.pi * rng.uniform())
    kind = rng.integers(4)
    if kind == 0:
        return qc.cavity(unit * detuning, list(unit * decay))
    if kind == 1:
        pair = (decay[0], decay[-1])
        rate = unit * below * turn * np.sqrt(pair[0] * pair[1]) / 2
        return qc.pair_source(rate, decay=(unit * pair[0], unit * pair[1]), detuning=(0.0, 0.0))
    detuning = detuning if kind == 2 else 0.0
    threshold = np.hypot(decay.sum() / 2, detuning)
    return qc.squeezed_mode(unit * threshold * below * turn, unit * detuning, list(unit * decay))


def random_gaussian_network(seed, far=False, unit=1.0, most=4):
    """Up to `most` random modes, links, light and baths under random wires, loops included.

    The same seed gives the same network in another `unit` of frequency. None where a wire would
    close a loop without loss.
    """
    rng = np.random.default_rng(seed)
    parts = {f"m{k}": random_mode(rng, far, unit) for k in range(rng.integers(1, most + 1))}
    hot = 10 ** rng.uniform(0, 6) if far else rng.uniform(0, 3)
    parts["link"] = qc.fibre(
        rng.uniform(0.01, 1), rng.uniform(0, 6.28), occupation=hot * (rng.random() < 0.5)
    )
    optional = {
        "clear": qc.fibre(1.0, rng.uniform(0, 6.28)),
        "splitter": qc.beam_splitter(rng.uniform()),
        "circulator": qc.circulator(3),
        "isolator": qc.isolator(occupation=rng.uniform(0, 2)),
        "light": qc.squeezed_light(
            rng.uniform(0, 2) * np.exp(6.28j * rng.uniform()), occupation=0.3
        ),
    }
    parts |= {name: part for name, part in optional.items() if rng.random() < 0.3}
    couplings = random_links(rng, [f"{p}.{m}" for p, x in parts.items() for m in x.modes], unit)
    free = qc.Network(parts, couplings=couplings)
    closed = {port for pair in free.component.squeezings for port in pair}
    closed |= set(free.component.occupations)
    inputs, outputs = qc.slh.open_ports(free)
    inputs = [x for x in inputs if x not in closed and x.split(".")[0] in parts]
    outputs = [x for x in outputs if x.split(".")[0] in parts]
    many = int(rng.integers(0, min(len(inputs), len(outputs)) + 1))
    ends, starts = (rng.permutation(x)[:many] for x in (outputs, inputs))
    try:
        wires = [(str(o), str(i)) for o, i in zip(ends, starts, strict=True)]
        return qc.Network(parts, wires, couplings)
    except qc.ArgumentError:
        return None


def random_links(rng, modes, unit):
    """A hopping, or an exchange and a common bath that carry one way only, or neither."""
    if len(modes) < 2 or rng.random() < 0.4:
        return {}
    first, second = (str(m) for m in rng.choice(modes, 2, replace=False))
    rate = unit * rng.uniform(0.1, 1)
    if rng.random() < 0.5:
        return {"hop": qc.hopping(first, second, rate * np.exp(6.28j * rng.uniform()))}
    bath = qc.common_bath({first: 1, second: 1}, rate)
    return {"hop": qc.hopping(first, second, 0.5j * rate), "bath": bath}
