"""Each classic mistake, made on purpose, must show against the master equation."""

from importlib import import_module

import numpy as np
import pytest
from random_networks import random_network
from test_gaussian import moment_rates

import qcascade as qc
from qcascade import network, wiring

gaussian = import_module("qcascade.gaussian")  # the name in the package is the function's


PARTS = {
    "up": qc.squeezed_mode(0.1, 0.3, [0.6, 1.1]),
    "link": qc.fibre(0.7, 0.8, occupation=0.8),
    "down": qc.cavity(-0.2, [0.9, 0.4]),
    "bs": qc.beam_splitter(0.3),
}
FORTH = [("up.out2", "link.in"), ("link.out", "down.in1")]
BACK = [("down.out2", "up.in1")]
LOOP = [("bs.out1", "up.in1"), ("up.out1", "bs.in2")]
DRAWN = random_network(1)

NETWORKS = {
    "cascade with loss": lambda: qc.Network(PARTS, FORTH),
    "two-way": lambda: qc.Network(PARTS, FORTH + BACK),
    "loop through a beam splitter": lambda: qc.Network(PARTS, LOOP, (), {"bs.in1": 1.5}),
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
    turned = [(i.replace(".in", ".out"), o.replace(".out", ".in")) for o, i in wires]
    return wiring.eliminate(whole, turned)


def scaled_diffusion(factor):
    right = gaussian.drift_and_diffusion

    def wrong(*arguments):
        A, D = right(*arguments)
        return A, factor * D

    return wrong


interaction = wiring.interaction

MUTATIONS = {
    "sign of Θ": (wiring, "interaction", lambda X: -interaction(X)),
    "Θ dropped": (wiring, "interaction", lambda X: 0 * X),
    "no round trips": (wiring, "round_trips", lambda S, wires: np.eye(len(wires))),
    "wires reversed": (network, "eliminate", reversed_wires),
    "D halved": (gaussian, "drift_and_diffusion", scaled_diffusion(0.5)),
    "D doubled": (gaussian, "drift_and_diffusion", scaled_diffusion(2.0)),
    "S† forgotten": (gaussian, "seen_from_inputs", lambda S, C: C),
}


def test_without_a_mistake_there_is_no_error():
    found, refused = errors()
    assert len(found) == len(NETWORKS)
    assert not refused
    assert max(found) < 1e-10


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_mistake_is_caught(name, monkeypatch):
    monkeypatch.setattr(*MUTATIONS[name])
    found, refused = errors()
    if name == "no round trips":  # loses photons, which the constructor itself notices
        assert any("must be unitary" in sentence for sentence in refused)
    else:
        assert max(found) > 1e-2
