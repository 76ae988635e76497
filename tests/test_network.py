import numpy as np
import pytest

import qcascade as qc


def two_cavities(**more):
    parts = {"left": qc.cavity(decay=[0.5, 1.0]), "right": qc.cavity(decay=1.0)}
    return qc.Network(parts, **more)


def test_text_shows_parts_wires_couplings_and_open_ports():
    net = two_cavities(
        wires=[("left.out1", "right.in")],
        couplings=[qc.hopping("left.a", "right.a", 0.5)],
        occupations={"left.in1": 2.0},
    )
    lines = str(net).splitlines()
    for line in (
        "  left   cavity(decay=[0.5, 1.0])",
        "  hopping1  hopping(first='left.a', second='right.a', rate=0.5)",
        "  left.out1 → right.in",
        "  left.in1  thermal, occupation 2",
        "  left.in2  vacuum",
        "  right.out",
    ):
        assert line in lines


def test_open_ports_and_wiring_table_list_what_no_wire_reaches():
    net = two_cavities(wires=[("left.out1", "right.in")], occupations={"left.in1": 2.0})
    inputs, outputs = qc.slh.open_ports(net)
    assert inputs == {"left.in1": 2.0, "left.in2": 0.0}
    assert outputs == ("left.out2", "right.out")
    assert qc.slh.wiring_table(net) == [
        ("left.out1", "right.in"),
        ("left.out2", "open"),
        ("right.out", "open"),
        ("thermal", "left.in1"),
        ("vacuum", "left.in2"),
    ]


def test_a_network_is_again_a_part():
    """Nested once or written flat, the model is the same."""
    source, target = qc.squeezed_mode(0.1, 0.3, 1.0), qc.cavity(0.2, 1.0)
    link = qc.fibre(0.8, 0.4, occupation=0.2)
    inner = qc.Network({"source": source, "link": link}, [("source.out", "link.in")])
    nested = qc.Network(
        {"sender": qc.slh.as_component(inner, {"out": "link.out"}), "receiver": target},
        wires=[("sender.out", "receiver.in")],
    )
    flat = qc.Network(
        {"source": source, "link": link, "receiver": target},
        wires=[("source.out", "link.in"), ("link.out", "receiver.in")],
    )
    assert nested.modes == ("sender.source.a", "receiver.a")
    one, other = qc.gaussian(nested), qc.gaussian(flat)
    np.testing.assert_allclose(one.A, other.A, atol=1e-14)
    np.testing.assert_allclose(one.D, other.D, atol=1e-14)
    assert "sender.link.in_loss" in qc.slh.open_ports(nested)[0]


def test_couplings_reach_modes_inside_a_nested_network():
    inner = qc.Network({"x": qc.cavity(decay=1.0)})
    net = qc.Network(
        {"box": qc.slh.as_component(inner), "y": qc.cavity(decay=1.0)},
        couplings=[qc.hopping("box.x.a", "y.a", 0.25)],
    )
    assert qc.gaussian(net).A[0, 3] == pytest.approx(0.25)


def test_couplings_can_be_named_and_their_ports_wired():
    net = qc.Network(
        {"x": qc.cavity(), "y": qc.cavity(decay=1.0)},
        wires=[("y.out", "bath.in")],
        couplings={"bath": qc.common_bath({"x.a": 1.0}, 0.5)},
    )
    A = qc.gaussian(net).A
    assert A[0, 2] == pytest.approx(-np.sqrt(0.5))
    assert A[2, 0] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"wires": [("left.out1", "right.inn")]},
            r"`wires\[0\]` must name an input port, but is 'right.inn' \(inputs of right: in;",
        ),
        (
            {"wires": [("left.out1", "right.in"), ("right.out1", "left.in1")]},
            r"`wires\[1\]` must name an output port, but is 'right.out1' \(outputs of right: out;",
        ),
        (
            {"wires": [("lft.out1", "right.in")]},
            r"an output port, but is 'lft.out1' \(output ports: left.out1, .*did you mean",
        ),
        (
            {"wires": [("left.out1", "right.in"), ("left.out1", "left.in1")]},
            r"`wires\[1\]` must use an output port that is still free, but is 'left.out1'",
        ),
        (
            {"wires": [("left.out1", "right.in"), ("left.out2", "right.in")]},
            r"`wires\[1\]` must use an input port that is still free, but is 'right.in'",
        ),
        ({"wires": ["left.out1"]}, r"`wires\[0\]` must be a pair \(output, input\)"),
        ({"wires": [("left.out1", 3)]}, r"must name an input port, but is 3"),
        ({"couplings": [3]}, r"`couplings\[0\]` must be a Component"),
        (
            {"couplings": [qc.hopping("left.a", "up.a", 1)]},
            r"`couplings` must act on modes of the parts, but is 'up.a' \(modes: left.a, right.a\)",
        ),
        ({"couplings": {"left": qc.hopping("left.a", "right.a", 1)}}, "other names than the parts"),
        ({"occupations": {"left.in3": 1}}, r"`occupations` must name open inputs.*left.in1"),
        ({"occupations": {"left.in1": -1}}, r"`occupations\[left.in1\]` must be a number zero"),
        ({"parts": {"x": 3}}, r"`parts\[x\]` must be a Component"),
        ({"parts": [qc.cavity()]}, "`parts` must be a mapping from names to parts"),
        ({"parts": {"a b": qc.cavity()}}, "`parts` must have names"),
        ({"wires": None}, "`wires` must be a list of pairs"),
        ({"occupations": [1.0]}, "`occupations` must be a mapping"),
        (
            {"parts": {"x": qc.cavity(decay=np.ones(3)), "y": qc.cavity(decay=np.ones(4))}},
            r"`y.a in L\[y.out\]` must broadcast with `x.a in L\[x.out\]`",
        ),
    ],
)
def test_bad_networks_are_refused_with_a_sentence(arguments, sentence):
    parts = {"left": qc.cavity(decay=[0.5, 1.0]), "right": qc.cavity(decay=1.0)}
    with pytest.raises(qc.ArgumentError, match=sentence):
        qc.Network(**{"parts": parts, **arguments})


def test_a_bath_takes_no_wire_and_no_second_occupation():
    parts = {"x": qc.cavity(decay=1.0), "y": qc.cavity(decay=1.0, occupation=2.0)}
    with pytest.raises(qc.ArgumentError, match="not end at an input that is a thermal bath"):
        qc.Network(parts, wires=[("x.out", "y.in")])
    with pytest.raises(qc.ArgumentError, match=r"must not repeat the occupation of y\.in"):
        qc.Network(parts, occupations={"y.in": 1.0})


def test_what_is_no_network_is_refused():
    for verb in (qc.slh.open_ports, qc.slh.wiring_table, qc.slh.as_component, qc.to_toml):
        with pytest.raises(qc.ArgumentError, match="`net` must be a Network"):
            verb(qc.cavity())
    for empty in (qc.Network({}), qc.Network({"b": qc.beam_splitter()})):
        with pytest.raises(qc.ArgumentError, match="`net` must hold a mode"):
            qc.gaussian(empty)
    with pytest.raises(qc.ArgumentError, match=r"`net` must be complete.*'a\.a'"):
        qc.gaussian(qc.hopping("a.a", "b.a", 1.0))


def test_as_component_refuses_unknown_ports():
    with pytest.raises(qc.ArgumentError, match="`ports` must give every port one new name"):
        qc.slh.as_component(two_cavities(), {"x": "left.in1", "y": "left.in1"})
    with pytest.raises(qc.ArgumentError, match=r"`ports\[new\]` must name an open port"):
        qc.slh.as_component(two_cavities(), {"new": "left.out9"})


def test_a_dot_in_the_name_of_a_part_is_refused_lest_it_reads_like_a_mode():
    with pytest.raises(qc.ArgumentError, match=r"`parts` must have names .*dots.* 'a\.b'"):
        qc.Network({"a": qc.cavity(decay=1.0), "a.b": qc.cavity(decay=1.0)})
