"""Each classic mistake, made on purpose, must show against the master equation."""

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest
from random_networks import random_network
from test_gaussian import moment_rates

import qcascade as qc
from qcascade.slh import network, wiring

gaussian = import_module("qcascade.linear.langevin")


PARTS = {
    "up": qc.squeezed_mode(0.1, 0.3, [0.6, 1.1]),
    "link": qc.fibre(0.7, 0.8, occupation=0.8),
    "down": qc.cavity(-0.2, [0.9, 0.4]),
    "bs": qc.beam_splitter(0.3),
}
FORTH = [("up.out2", "link.in"), ("link.out", "down.in1")]
BACK = [("down.out2", "up.in1")]
LIGHT = {
    "light": qc.squeezed_light(0.3 * np.exp(0.9j), occupation=0.2),
    "up": PARTS["up"],
    "down": PARTS["down"],
}
BEAMS = [("light.out_a", "up.in1"), ("light.out_b", "down.in1")]
LOOP = [("bs.out1", "up.in1"), ("up.out1", "bs.in2")]
DRAWN = random_network(1)

NETWORKS = {
    "cascade with loss": lambda: qc.Network(PARTS, FORTH),
    "two-way": lambda: qc.Network(PARTS, FORTH + BACK),
    "loop through a beam splitter": lambda: qc.Network(PARTS, LOOP, (), {"bs.in1": 1.5}),
    "complex squeezed light": lambda: qc.Network(LIGHT, BEAMS),
    "random": lambda: qc.Network(DRAWN.parts, DRAWN.wires, DRAWN.couplings, DRAWN.occupations),
}


def error(net):
    """How far the compiled model is from the master equation (which never sees our wiring)."""
    mean, second, mean_rate, second_rate = moment_rates(net, cutoff=5, top=1)
    model = qc.gaussian(net)
    first = np.abs(model.A @ mean + model.drive - mean_rate).max()
    rate = model.A @ second + second @ model.A.T + model.D
    return max(first, np.abs(rate - second_rate).max())


def errors():
    """The error of every network that can be built, and what the others are refused for."""
    found, refused = [], []
    for build in NETWORKS.values():
        try:
            found.append(error(build()))
        except qc.ArgumentError as sentence:
            refused.append(str(sentence))
    return found, refused


def reversed_wires(whole, wires):
    turned = [
        (o, i) if o.startswith("light") else (i.replace(".in", ".out"), o.replace(".out", ".in"))
        for o, i in wires
    ]
    return wiring.eliminate(whole, turned)


def conjugated_squeezing(J, part):
    turned = {pair: np.conj(xi) for pair, xi in part.squeezings.items()}
    return squeezed_rows(J, SimpleNamespace(inputs=part.inputs, squeezings=turned))


felt, diffusion, squeezed_rows = gaussian.felt, gaussian.diffusion, gaussian.squeezed_rows

MUTATIONS = {
    "upstream and downstream exchanged": (
        gaussian,
        "felt",
        lambda X, C: felt(np.swapaxes(X, -1, -2), C),
    ),
    "phase of the fields": (gaussian, "felt", lambda X, C: felt(np.conj(X), C)),
    "sign of the fields": (gaussian, "felt", lambda X, C: felt(-X, C)),
    "half of the fields": (gaussian, "felt", lambda X, C: felt(X / 2, C)),
    "fields dropped": (gaussian, "felt", lambda X, C: felt(0 * X, C)),
    "no round trips": (wiring, "round_trips", lambda S, wires, acts=None: np.eye(len(wires))),
    "wires reversed": (network, "wired", reversed_wires),
    "D halved": (gaussian, "diffusion", lambda J, n: diffusion(J, n) / 2),
    "D doubled": (gaussian, "diffusion", lambda J, n: 2 * diffusion(J, n)),
    "occupations of other inputs": (gaussian, "_occupations", lambda part: occupations(part)[::-1]),
    "phase of squeezed light": (gaussian, "squeezed_rows", conjugated_squeezing),
}
occupations = gaussian._occupations


def test_without_a_mistake_there_is_no_error():
    found, refused = errors()
    assert len(found) == len(NETWORKS)
    assert not refused
    assert max(found) < 1e-10


@pytest.fixture
def forgetful():
    """Paths of small networks are remembered: those with a mistake only while it is there."""
    wiring._joined_again.cache_clear()
    yield
    wiring._joined_again.cache_clear()


@pytest.mark.parametrize("name", MUTATIONS)
@pytest.mark.usefixtures("forgetful")
def test_the_mistake_is_caught(name, monkeypatch):
    monkeypatch.setattr(*MUTATIONS[name])
    found, _ = errors()
    assert max(found) > 1e-2
