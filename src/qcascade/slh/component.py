"""A part: scattering numbers, coupling operators, Hamiltonian (S, L, H) with named ports."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import check_broadcast, fail, listed, mapping, number, one_of, rate
from .entries import Entries
from .interior import Interior, couplings, mediated, passing, simple
from .ladder import Ladder, as_ladder
from .rates import Rates
from .triple import (
    bath_occupations,
    check_hermitian,
    finite_operator,
    port_names,
    scattering,
    spelled,
    squeezed_pairs,
)


class Recipe(NamedTuple):
    """How a catalogue part was made: the function's name and its arguments, for TOML."""

    part: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, eq=False, repr=False)
class Component:
    """A part of a network, as its input–output triple (S, L, H).

    b_out = S b_in + L and Ẋ = i[H, X] + …, after Gough & James, IEEE Trans. Autom.
    Control 54, 2530 (2009). S is unitary: every loss is a port.

    Args:
        S: scattering numbers, array (…, p, p), indexed [output, input].
        L: one coupling operator (`Ladder`) per output, in rate^½.
        H: Hamiltonian (`Ladder`), angular frequency.
        modes: names of the modes the part owns. Words may also name modes of other parts,
            which makes the part a coupling.
        inputs: names of the p inputs.
        outputs: names of the p outputs.
        occupations: thermal occupation of the bath at an input, by input name. An input
            named here is a bath and cannot be wired.
        qubits: those of the modes that are two-level systems: their words mean σ⁻ and σ⁺.
        squeezings: complex parameter ξ = r e^{iφ} of broadband two-mode squeezed vacuum (or
            thermal noise) at a pair of inputs: b_1 = cosh r v_1 + e^{iφ} sinh r v_2†, and the
            same with 1 and 2 exchanged; (input, input) is one field, squeezed with itself. Such
            inputs cannot be wired.
        delays: time τ that a line takes, in the inverse unit of the rates, by the name of an
            output and of an input: what leaves there enters again, b_in(t) = b_out(t − τ). Such
            ports cannot be wired.
        recipe: how the catalogue made the part; None for parts made or changed by hand.
        rates: whether they were given with units; unknown for parts made by hand.
        carriers: constants that `linearise` took out of the couplings inside, which leave all the
            same; none for other parts, None where not all of them are known.
        tones: amplitudes E_W by frequency W that are added to the couplings inside, by their
            position: L_j + Σ E_W e^{−iWt}. Called with times, the part is what it is then.

    Raises:
        ArgumentError: when shapes differ, names repeat, S is not unitary, H is not Hermitian.

    >>> from qcascade import Component, lower
    >>> a = lower("a")
    >>> Component([[1]], [0.2**0.5 * a], 1.5 * a.dag * a, ("a",), ("in",), ("out",)).outputs
    ('out',)
    """

    S: Any
    L: tuple[Ladder, ...]
    H: Ladder
    modes: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    occupations: Mapping[str, Any] = field(default_factory=dict)
    qubits: tuple[str, ...] = ()
    squeezings: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    delays: Mapping[str, Any] = field(default_factory=dict)
    recipe: Recipe | None = field(default=None, init=False)
    rates: Rates = field(default=Rates(), init=False)
    carriers: tuple[Any, ...] | None = field(default=(), init=False)
    tones: Mapping[int, Mapping[float, Any]] = field(default_factory=dict, init=False)
    _interior: Interior | None = field(default=None, init=False)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """S, L and H of wired parts, M² words of M parts: written when asked for."""
            inside = self.__dict__.get("_interior")
            if inside is None or name not in ("S", "L", "H"):
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            if name == "S":
                value = inside.S
            elif name == "L":
                value = couplings(inside.paths.W, inside.L)
            else:
                value = inside.H + mediated(inside.paths.X, inside.L)
            self.__dict__[name] = value
            return value

    def __call__(self, t: Any) -> "Component":
        """The part at some time, or at an array of times: its tones become numbers.

        Args:
            t: times, of any shape, in the inverse unit of the tones' frequencies; axes of their
                amplitudes stand behind: `t[:, None]`.
        """
        t = number("t", t)
        moved = iter(range(len(self.interior.L)))

        def at(L: Ladder) -> Ladder:
            tones = self.tones.get(next(moved), {})
            sizes = {f"tones[{W:g}]": np.shape(E) for W, E in tones.items()}
            check_broadcast({"t": t.shape} | sizes)
            waves = sum(E * np.exp(-1j * W * t) for W, E in tones.items())
            return L + as_ladder(waves) if tones else L

        return altered(self, at, lambda H: H, tones={}, recipe=None) if self.tones else self

    @property
    def interior(self) -> Interior:
        """The couplings of all parts inside, and how the fields get from one to another."""
        return self._interior or simple(self.S, self.L, self.H)

    def __repr__(self) -> str:
        ports = " → ".join(map(listed, outside(self)))
        kind = self.recipe.part if self.recipe else "Component"
        return f"{kind}(modes: {listed(self.modes)}; ports: {ports})"

    def __post_init__(self) -> None:
        settle = object.__setattr__  # the record is frozen; this is its constructor's last word
        if not isinstance(self.L, list | tuple):
            raise fail("L", "be a sequence of operators, one per output", self.L)
        settle(self, "L", tuple(finite_operator("L", x) for x in self.L))
        settle(self, "H", finite_operator("H", self.H))
        for name in ("modes", "inputs", "outputs", "qubits"):
            settle(self, name, port_names(name, getattr(self, name)))
        settle(self, "S", scattering(self.S, len(self.L)))
        _check_ports(self)
        settle(self, "occupations", bath_occupations(self.occupations, self.inputs))
        settle(self, "squeezings", squeezed_pairs(self.squeezings, self.inputs))
        settle(self, "delays", _delays(self))
        for name in self.qubits:
            one_of("qubits", name, self.modes, "a mode of the part")
        check_hermitian(self.H)
        _check_batch(self)


def _check_batch(part: Component) -> None:
    """All numbers of a part are for the same points: their leading axes broadcast."""
    inside = part._interior or part
    shapes = {
        getattr(c, "shape", ())
        for ladder in (*inside.L, inside.H)
        for c in ladder.terms.values()
        if type(c) is not float and type(c) is not complex
    }
    others = (*part.occupations.values(), *part.squeezings.values(), *part.delays.values())
    shapes |= {getattr(value, "shape", ()) for value in others}
    shapes.add(_batch_of_scattering(part))
    shapes.discard(())
    try:
        if len(shapes) > 1:
            np.broadcast_shapes(*shapes)
    except ValueError:
        _explain_batch(part)


def _batch_of_scattering(part: Component) -> tuple[int, ...]:
    inside = part._interior
    if inside is not None and isinstance(inside.paths.S, Entries):
        return np.shape(inside.points)
    return part.S.shape[:-2]


def _explain_batch(part: Component) -> None:
    """Which of the part's numbers do not fit each other, as an error."""
    shapes = {"S": _batch_of_scattering(part)}
    shapes |= {f"occupations[{name}]": np.shape(n) for name, n in part.occupations.items()}
    shapes |= {f"squeezings[{pair}]": np.shape(x) for pair, x in part.squeezings.items()}
    shapes |= {f"delays[{line}]": np.shape(x) for line, x in part.delays.items()}
    named = {f"L[{name}]": x for name, x in zip(part.outputs, part.L, strict=True)}
    for name, ladder in {**named, "H": part.H}.items():
        shapes |= {f"{spelled(w)} in {name}": np.shape(c) for w, c in ladder.terms.items()}
    check_broadcast(shapes)


def _check_ports(part: Component) -> None:
    for argument, names in (("inputs", part.inputs), ("outputs", part.outputs)):
        if len(names) != len(part.L):
            raise fail(argument, f"name {len(part.L)} ports, one per entry of L", names)


def _delays(part: Component) -> dict[str, Any]:
    if type(part.delays) is dict and not part.delays:
        return {}
    taken = {*part.occupations, *(port for pair in part.squeezings for port in pair)}
    for name in mapping("delays", part.delays, "lines to times"):
        one_of("delays", name, [x for x in part.outputs if x in part.inputs], "output and input")
        if name in taken:
            raise fail("delays", "name inputs that no bath and no squeezed light enters", name)
    return {name: rate(f"delays[{name}]", time) for name, time in part.delays.items()}


def outside(part: Component) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Inputs and outputs that can be wired, the ends of delay lines left out.

    Args:
        part: any component.
    """
    if not part.delays:
        return part.inputs, part.outputs
    inputs, outputs = (
        tuple(name for name in ports if name not in part.delays)
        for ports in (part.inputs, part.outputs)
    )
    return inputs, outputs


def check_no_delays(part: Component, instead: str) -> None:
    """Refuse a part in which a wire takes time, with what to do instead.

    Args:
        part: any component.
        instead: a hint.
    """
    for line, time in part.delays.items():
        raise fail("net", f"have wires that take no time, unlike {line}", f"τ = {time}", instead)


def check_still(part: Component) -> None:
    """Refuse a part whose drives have tones: it is another one at every time.

    Args:
        part: any component.
    """
    for tones in part.tones.values():
        must = "not change in time: `net(t)` is the network at times t"
        heard = listed([f"{W:.6g}" for W in tones])
        raise fail("net", must, f"driven by tones at {heard}")


def relabelled(part: Component, **changes: Any) -> Component:
    """The part with some fields replaced and nothing checked again: names move, numbers stay."""
    copy = object.__new__(Component)
    copy.__dict__.update(part.__dict__, **changes)
    return copy


def unscattered(
    L: tuple[Ladder, ...],
    H: Ladder,
    modes: tuple[str, ...],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    occupations: Mapping[str, Any],
) -> Component:
    """A part with S = 1 as functions of the catalogue write it: H is Hermitian, baths are checked.

    Numbers must still be finite, names differ, and leading axes fit.
    """
    port_names("inputs", inputs)
    part = object.__new__(Component)
    part.__dict__.update(
        S=passing(len(L)).S,
        L=tuple([finite_operator("L", x) for x in L]),
        H=finite_operator("H", H),
        modes=modes,
        inputs=inputs,
        outputs=outputs,
        occupations=occupations,
        qubits=(),
        squeezings={},
        delays={},
        tones={},
    )
    _check_batch(part)
    return part


def assembled(interior: Interior, **fields: Any) -> Component:
    """A part out of parts that were checked: names must still differ, leading axes still fit."""
    for name in ("modes", "inputs", "outputs"):
        port_names(name, fields[name])
    component = object.__new__(Component)
    component.__dict__.update(
        fields, recipe=None, _interior=interior, rates=Rates(), tones={}, **_written(interior)
    )
    _check_batch(component)
    return component


def rewired(component: Component, interior: Interior, inputs: Any, outputs: Any) -> Component:
    """An assembled part of which fewer ports are open: nothing new to check."""
    copy = relabelled(
        component,
        inputs=inputs,
        outputs=outputs,
        recipe=None,
        rates=Rates(),
        _interior=interior,
    )
    for written in ("S", "L", "H"):
        copy.__dict__.pop(written, None)
    copy.__dict__.update(_written(interior))
    return copy


def _written(interior: Interior) -> dict[str, Any]:
    """S where it is there as an array; where it is not, it is written when asked for."""
    S = interior.paths.S
    return {} if isinstance(S, Entries) else {"S": S}


def altered(part: Component, of_L: Any, of_H: Any, **changes: Any) -> Component:
    """The part with `of_L` of every coupling and `of_H` of every Hamiltonian inside it."""
    inside = part._interior
    if inside is None:
        return relabelled(part, L=tuple(map(of_L, part.L)), H=of_H(part.H), **changes)
    inside = inside._replace(L=tuple(map(of_L, inside.L)), H=of_H(inside.H))
    copy = relabelled(part, _interior=inside, **changes)
    for written in ("L", "H"):
        copy.__dict__.pop(written, None)
    return copy
