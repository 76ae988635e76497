import numpy as np
import pytest

from qcascade import ArgumentError, Component, lower

a, b = lower("a"), lower("b")


def part(S=((1.0,),), L=(a,), H=0.0, modes=("a",), inputs=("in",), outputs=("out",), **more):
    return Component(np.array(S), L, H, modes, inputs, outputs, **more)


def test_a_component_is_frozen():
    with pytest.raises(AttributeError):
        part().S = 1  # type: ignore[misc]


def test_hermitian_hamiltonians_pass_in_any_writing_order():
    swap = part(H=a * b.dag + a.dag * b, modes=("a", "b"))
    assert set(swap.H.terms.values()) == {1.0}
    squeeze = part(H=1j * a.dag * a.dag - 1j * a * a)
    assert squeeze.H.terms[("a", True), ("a", True)] == 1j


@pytest.mark.parametrize("turned", [a * b.dag, b.dag * a], ids=["sorted", "reversed"])
def test_a_batch_of_hamiltonians_is_hermitian_at_every_point_or_refused(turned):
    g = np.array([1.0, 2j, 1 - 1j])
    swap = part(H=g * (a.dag * b) + g.conj() * turned, modes=("a", "b"))
    assert swap.H.terms[("a", True), ("b", False)][1] == 2j
    off = g.conj() + np.array([0.0, 0.0, 1e-6])
    for H in (
        g * (a.dag * b) + off * turned,
        g * (a.dag * b) + g.conj() * (a * b.dag) + g.conj() * (b.dag * a),
    ):
        with pytest.raises(ArgumentError, match="Argument `H` must be Hermitian"):
            part(H=H, modes=("a", "b"))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"S": [[0.9]]}, "Argument `S` must be unitary, but S†S differs from 1 by 0.19"),
        ({"S": [[np.nan]]}, "Argument `S` must be a complex number, finite everywhere"),
        ({"S": np.eye(2)}, r"Argument `S` must have shape \(…, 1, 1\)"),
        ({"H": 1j * a.dag * a}, "Argument `H` must be Hermitian, but the coefficient of a† a"),
        ({"H": a}, "Argument `H` must be Hermitian"),
        ({"inputs": ("in", "more")}, "Argument `inputs` must name 1 ports"),
        ({"modes": ("a", "a")}, "Argument `modes` must hold each name once, but is 'a'"),
        ({"modes": ("a b",)}, "Argument `modes` must hold names"),
        ({"L": a}, "`L` must be a sequence of operators"),
        ({"H": "a"}, "`H` must be a complex number, but is 'a'"),
        ({"H": np.nan * a.dag * a}, r"`H\[a† a\]` must be a complex number, finite"),
        ({"occupations": {"inn": 1.0}}, r"`occupations` must name input ports.*inputs: in\)"),
        ({"occupations": {"in": -1.0}}, r"`occupations\[in\]` must be a number zero or above"),
    ],
)
def test_bad_parts_are_refused_with_a_sentence(arguments, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        part(**arguments)
