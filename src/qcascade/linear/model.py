"""Network → linear quantum Langevin equations: drift A, diffusion D, drive; and their audit.

With quadratures R, [R_j, R_k] = iΩ_jk, and inside the wired network (`interior.py`)

    H = ½RᵀGR + dᵀR,    L = C R + λ,    f = X L + F b_in  (the field that meets each coupling),
    J = F†C  (what each input sees),    K = J†(n+1)J + JᵀnJ*,
    A = Ω(G + Im C†(1 + 2X)C),    D = Ω (Re K) Ωᵀ,    dV/dt = AV + VAᵀ + D,
    d⟨R⟩/dt = A⟨R⟩ + Ω(d + Im C†(1 + 2X)λ),

from Ṙ = Ω∂H + 2Ω Im C†(f + L/2). What no wire leads to is zero in X, and so in A, to the last
bit. With the Hamiltonian H_ext that wires mediate, the same A is Ω(G_ext + Im K).

Everything built this way obeys D + (i/2)(AΩ + ΩAᵀ) ≥ 0: it is a quantum channel.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import (
    ArgumentError,
    complex_number,
    fail,
    is_plain,
    is_traced,
    listed,
    namespace,
    number,
    one_of,
)
from ..base.names import mode_names
from ..base.pytrees import known_to_jax
from ..numerics.graphs import acts
from ..numerics.products import adjoint_product, product, weighted_gram
from ..slh.component import Component, port_names, relabelled, scattering
from ..slh.forms import linear_form, quadratic_form
from ..slh.ladder import scatter
from ..slh.network import Network
from ..slh.wiring import without_delays
from .causality import acts_by_wiring, without_cancelled
from .state import asymmetric

_ARRAYS = ("A", "D", "drive", "scattering", "coupling", "occupation", "squeezing")


class Delays(NamedTuple):
    """Wires that take time: lines u_k, out of one port and after τ_k into another.

    Args:
        names: of the d lines.
        times: τ, array (…, d).
        open: the model with both ends of every line as open ports.
        closed: the model with lines that take no time.
    """

    names: tuple[str, ...]
    times: Any
    open: "GaussianModel"
    closed: "GaussianModel"


@dataclass(frozen=True, eq=False, repr=False)
class GaussianModel:
    """Linear dynamics of Gaussian modes: d⟨R⟩/dt = A⟨R⟩ + f, dV/dt = AV + VAᵀ + D.

    Made by `gaussian(net)`, or directly from matrices typed by hand (a paper's printed A and
    D); `audit` says whether those are physical. A network in which a fibre takes time has no A
    and D: its model has `delays`, and says so where one asks for them.

    Args:
        modes: names of the N modes; R = (x₁, p₁, x₂, p₂, …).
        A: drift, array (…, 2N, 2N), angular frequency.
        D: diffusion, array (…, 2N, 2N), symmetric, vacuum = ½.
        drive: f, array (…, 2N); zero when omitted.
        inputs: names of the open inputs (none for matrices typed by hand).
        outputs: names of the open outputs.
        scattering: S_ext, array (…, p, p).
        coupling: C, complex array (…, p, 2N).

    Raises:
        ArgumentError: when shapes differ or D is not symmetric.

    >>> GaussianModel(("a",), [[-0.5, 0], [0, -0.5]], [[0.5, 0], [0, 0.5]]).drive
    array([0., 0.])
    """

    modes: tuple[str, ...]
    A: Any
    D: Any
    drive: Any = None
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    scattering: Any = None
    coupling: Any = None
    # What a network knows of its ports: n of every open input, and the pairs of inputs whose
    # fields are squeezed together, with ξ = r e^{iφ} of each.
    occupation: Any = field(default=None, init=False, repr=False)
    squeezed: tuple[tuple[int, int], ...] = field(default=(), init=False, repr=False)
    squeezing: Any = field(default=None, init=False, repr=False)
    acts: tuple[tuple[bool, ...], ...] | None = field(default=None, init=False, repr=False)
    wires: tuple[tuple[str, str], ...] = field(default=(), init=False, repr=False)
    delays: Delays | None = field(default=None, init=False)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A sentence where a model with delays is asked for its A."""
            if name in _ARRAYS and self.__dict__.get("delays") is not None:
                raise self._without_drift()
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")

    def __repr__(self) -> str:
        lines = self.delays.names if self.delays else ()
        shape = np.shape(self.delays.closed.A if self.delays else self.A)[:-2]
        batch = f"; batch {shape}" if shape else ""
        ports = f"; {listed(self.inputs)} → {listed(self.outputs)}" if self.inputs else ""
        takes = f"; delays: {listed(lines)}" if lines else ""
        return f"GaussianModel({listed(self.modes)}{batch}{ports}{takes})"

    def _without_drift(self) -> ArgumentError:
        lines = listed(self.delays.names) if self.delays else ""
        return ArgumentError(
            f"Argument `model` must have wires that take no time to have a drift, but {lines} "
            "takes some: `steady_state` and spectra know what to do with delays; for anything "
            "else give the fibre `cells=n`."
        )

    def __post_init__(self) -> None:
        known_to_jax(GaussianModel, *_ARRAYS)
        settle = object.__setattr__
        settle(self, "modes", mode_names(self.modes))
        size = 2 * len(self.modes)
        settle(self, "A", _without_rounding(_square("A", self.A, size)))
        settle(self, "D", _square("D", self.D, size))
        drive = np.zeros(size) if self.drive is None else number("drive", self.drive)
        if drive.shape[-1:] != (size,):
            raise fail("drive", f"have shape (…, {size})", drive.shape)
        settle(self, "drive", drive)
        _check_symmetric("D", self.D)
        for name in ("inputs", "outputs"):
            settle(self, name, port_names(name, getattr(self, name)))
        if self.inputs or self.outputs or not (self.scattering is None and self.coupling is None):
            self._settle_ports(size)

    def _settle_ports(self, size: int) -> None:
        settle, ports = object.__setattr__, len(self.inputs)
        if len(self.outputs) != ports:
            raise fail("outputs", f"name {ports} ports, one per input", self.outputs)
        settle(self, "scattering", scattering(self.scattering, ports, "scattering", "port"))
        C = complex_number("coupling", self.coupling)
        if C.shape[-2:] != (ports, size):
            raise fail("coupling", f"have shape (…, {ports}, {size}), one row per port", C.shape)
        settle(self, "coupling", C)

    @property
    def input_matrix(self) -> Any:
        """B (…, 2N, 2p) of Ṙ = AR + f + B R_in: √2 Ω(−Im Jᵀ, Re Jᵀ) in pairs (x, p)."""
        J = seen_from_inputs(*self._fields())
        xp = namespace(J)
        Jt = xp.swapaxes(J, -1, -2)
        pairs = xp.stack([-Jt.imag, Jt.real], axis=-1)
        return np.sqrt(2) * _omega(pairs.reshape(*pairs.shape[:-2], -1))

    @property
    def output_matrix(self) -> Any:
        """C (…, 2p, 2N) of R_out = C R + feedthrough·R_in: √2 (Re C, Im C) in pairs (x, p)."""
        _, C = self._fields()
        pairs = namespace(C).stack([C.real, C.imag], axis=-2)
        return np.sqrt(2) * pairs.reshape(*pairs.shape[:-3], -1, pairs.shape[-1])

    @property
    def feedthrough(self) -> Any:
        """F (…, 2p, 2p) of R_out = C R + F R_in: S_ext in pairs (x, p)."""
        S, _ = self._fields()
        xp = namespace(S)
        rows = xp.stack([xp.stack([S.real, -S.imag], -1), xp.stack([S.imag, S.real], -1)], -3)
        return rows.reshape(*S.shape[:-2], 2 * S.shape[-2], 2 * S.shape[-1])

    @property
    def input_noise(self) -> Any:
        """N (…, 2p, 2p) = ½⟨{r, rᵀ}⟩ of the quadratures r of the open inputs; vacuum ½.

        Squeezed inputs are b_j = cosh r v_j + e^{iφ} sinh r v_k† with fields v of occupation n.
        """
        if self.delays is not None:
            return self.delays.closed.input_noise
        mixing, n = self.input_squeezing, self.occupation
        xp = namespace(mixing, n)
        twice = xp.repeat(xp.asarray(n) + 0.5, 2, axis=-1)
        return xp.einsum("...ij,...j,...kj->...ik", mixing, twice, mixing)

    @property
    def input_squeezing(self) -> Any:
        """M (…, 2p, 2p) of r = M r_v: what squeezes the fields r_v of independent inputs."""
        if self.delays is not None:
            return self.delays.closed.input_squeezing
        S, _ = self._fields()
        if self.occupation is None:
            raise ArgumentError("Argument `model` must come from a network to know what enters it.")
        ports = S.shape[-1]
        entries: dict[tuple[int, int], Any] = {(row, row): 1.0 for row in range(2 * ports)}
        for pair, (first, second) in enumerate(self.squeezed):
            cosh, sinh = bogoliubov(self.squeezing[..., pair])
            entries |= {(2 * j + s, 2 * j + s): cosh for j in (first, second) for s in (0, 1)}
            mixed = {(0, 0): sinh.real, (0, 1): sinh.imag, (1, 0): sinh.imag, (1, 1): -sinh.real}
            for j, k in {(first, second), (second, first)}:  # one, of a field by itself
                for (row, column), value in mixed.items():
                    at = 2 * j + row, 2 * k + column
                    entries[at] = entries.get(at, 0.0) + value
        return scatter(entries, (2 * ports, 2 * ports), np.float64)

    def _fields(self) -> tuple[Any, Any]:
        if self.delays is not None:
            raise self._without_drift()
        if self.coupling is None:
            raise ArgumentError("Argument `model` must come from a network to have ports.")
        return self.scattering, self.coupling


def _computed(**numbers: Any) -> GaussianModel:
    """A model whose numbers come from a network, where they were checked and not typed by hand."""
    known_to_jax(GaussianModel, *_ARRAYS)
    model = object.__new__(GaussianModel)
    model.__dict__.update(numbers)
    return model


def with_diffusion(model: GaussianModel, D: Any) -> GaussianModel:
    """The same drift with another noise, which then no longer comes from the ports.

    Args:
        model: where A and the drive come from.
        D: diffusion, array (…, 2N, 2N), symmetric.

    Raises:
        ArgumentError: when the shape differs or D is not symmetric.

    >>> model = GaussianModel(("a",), [[-0.5, 0], [0, -0.5]], [[0.5, 0], [0, 0.5]])
    >>> with_diffusion(model, 2 * model.D).D[0, 0].item()
    1.0
    """
    D = _square("D", D, 2 * len(model.modes))
    _check_symmetric("D", D)
    return _computed(
        modes=model.modes,
        A=model.A,
        D=D,
        drive=model.drive,
        inputs=(),
        outputs=(),
        scattering=None,
        coupling=None,
        occupation=None,
        squeezed=(),
        squeezing=None,
        acts=model.acts,
        wires=(),
    )


def _square(name: str, value: Any, size: int) -> Any:
    matrix = number(name, value, "a real matrix")
    if matrix.shape[-2:] != (size, size):
        raise fail(name, f"have shape (…, {size}, {size}), two rows per mode", matrix.shape)
    return matrix


def _without_rounding(A: Any) -> Any:
    """A typed A, or one computed elsewhere, without what is left of couplings that cancel."""
    if is_traced(A):
        return A
    kept = acts(np.asarray(A))
    return A if kept.all() else namespace(A).where(kept, A, 0.0)


def _check_symmetric(name: str, matrix: Any) -> None:
    if is_traced(matrix):
        return
    values = np.asarray(matrix)
    wrong = asymmetric(values)
    if wrong.any():
        *where, j, k = (int(i) for i in np.argwhere(wrong)[0])
        point = values[tuple(where)]
        raise fail(
            name,
            "be symmetric",
            f"{name}[{j},{k}] = {point[j, k]:.6g}, {name}[{k},{j}] = {point[k, j]:.6g}",
            f"at point {tuple(where)}" if where else "",
        )


def gaussian(net: Network | Component) -> GaussianModel:
    """The linear model of a network: drift, diffusion, drive, and its open ports.

    A = Ω(G + Im C†(1 + 2X)C), D = Ω(Re K)Ωᵀ, f = Ω(d + Im C†(1 + 2X)λ); the symbols stand at the
    top of this module (Wiseman & Milburn, Quantum Measurement and Control, ch. 6).

    Args:
        net: the network (or a part).

    Returns:
        A `GaussianModel`; matrices carry the leading axes of the network's parameters. Where a
        fibre takes time it has `delays` in place of A and D.

    Raises:
        ArgumentError: when H is above second or a coupling above first degree; it names the
            term. Linearise such a network around its working point first.

    >>> from qcascade import Network, cavity
    >>> gaussian(Network({"left": cavity(detuning=1.0, decay=0.2)})).A
    array([[-0.1,  1. ],
           [-1. , -0.1]])
    """
    part = net.component if isinstance(net, Network) else net
    if not isinstance(part, Component):
        raise fail("net", "be a Network", net)
    _check_modes(part)
    wires = tuple(net.wires) if isinstance(net, Network) else ()
    return _with_delays(part, wires) if part.delays else _instantaneous(part, wires)


def _with_delays(part: Component, wires: tuple[tuple[str, str], ...]) -> GaussianModel:
    """The model of a part with lines, out of those with open and with closed lines."""
    closed = _instantaneous(without_delays(part), ())
    return _computed(
        modes=part.modes,
        inputs=closed.inputs,
        outputs=closed.outputs,
        occupation=closed.occupation,
        squeezed=closed.squeezed,
        squeezing=closed.squeezing,
        wires=wires,
        delays=Delays(
            names=tuple(part.delays),
            times=_stacked(list(part.delays.values())),
            open=_instantaneous(relabelled(part, delays={}), ()),
            closed=closed,
        ),
    )


def _instantaneous(part: Component, wires: tuple[tuple[str, str], ...]) -> GaussianModel:
    inside = part.interior
    rotation, d = quadratic_form(inside.H, part.modes)
    C, displacement = linear_form(inside.L, part.modes)
    feels, seen = felt(inside.paths.X, C), adjoint_product(inside.paths.F, C)
    # Wires and baths alone first: they mostly stay as they are where the Hamiltonian varies.
    fields = _omega(adjoint_product(C, feels).imag) + 0.0  # no −0
    A = scatter(rotation, fields.shape[-2:], np.float64, fields)
    if namespace(C) is np and C.ndim == 2 and not any(() in x.terms for x in inside.L):
        push = 0.0  # nothing is driven through a port
    else:
        means = felt(inside.paths.X, displacement[..., None])[..., 0]
        xp = namespace(C, means)
        push = xp.einsum("...pk,...p->...k", xp.conj(C), means).imag
    occupation, pairs = _occupations(part), part.squeezings
    return _computed(
        modes=part.modes,
        A=without_cancelled(A, rotation, fields),
        D=diffusion(squeezed_rows(seen, part), occupation),
        drive=_omega((d + push)[..., None])[..., 0],
        inputs=part.inputs,
        outputs=part.outputs,
        scattering=part.S,
        coupling=product(inside.paths.W, C),
        occupation=occupation,
        squeezed=tuple((part.inputs.index(j), part.inputs.index(k)) for j, k in pairs),
        squeezing=_stacked(list(pairs.values())) + 0j,
        acts=None if namespace(A) is np else acts_by_wiring(inside, part.modes),
        wires=wires,
    )


def _check_modes(part: Component) -> None:
    if part.qubits:
        raise fail(
            "net", "hold oscillators only to be Gaussian", listed(part.qubits), "use `lindblad`"
        )
    known, inside = set(part.modes), part.interior
    for ladder in (inside.H, *inside.L):
        for mode in (mode for word in ladder.terms for mode, _ in word if mode not in known):
            one_of("net", mode, part.modes, "complete: its operators act on its own modes")
    if not part.modes:
        raise ArgumentError("Argument `net` must hold a mode, but has none.")


def felt(X: Any, C: Any) -> Any:
    """(1 + 2X)C: twice the field in the middle of every coupling, in terms of what sends it."""
    return C + 2 * product(X, C)


def diffusion(J: Any, occupation: Any) -> Any:
    """D = Ω(Re K)Ωᵀ with K = J†(n+1)J + JᵀnJ*."""
    xp = namespace(J, occupation)
    K = weighted_gram(J, occupation + 1) + xp.conj(weighted_gram(J, occupation))
    return _omega(xp.swapaxes(_omega(K.real), -1, -2))


def seen_from_inputs(S: Any, C: Any) -> Any:
    """J = S†C: the operator each input field couples to."""
    return adjoint_product(S, C)


def squeezed_rows(J: Any, part: Component) -> Any:
    """J as the vacuum v behind squeezed inputs sees it: J_1 → cosh r J_1 − e^{iφ} sinh r J_2*.

    A row stands for an operator, and its conjugate for the adjoint.
    """
    if not part.squeezings:
        return J
    xp = namespace(J, *part.squeezings.values())
    rows = [J[..., k, :] for k in range(J.shape[-2])]
    for j, k, cosh, sinh in squeezed_inputs(part):
        near, far = rows[j], rows[k]
        rows[j] = cosh[..., None] * near - sinh[..., None] * xp.conj(far)
        rows[k] = cosh[..., None] * far - sinh[..., None] * xp.conj(near)
    return xp.stack(xp.broadcast_arrays(*rows), axis=-2)


def squeezed_inputs(part: Component) -> Iterator[tuple[int, int, Any, Any]]:
    """Positions of two inputs that are squeezed together, with cosh r and e^{iφ} sinh r."""
    for (first, second), xi in part.squeezings.items():
        yield part.inputs.index(first), part.inputs.index(second), *bogoliubov(xi)


def bogoliubov(xi: Any) -> tuple[Any, Any]:
    """cosh r and e^{iφ} sinh r of ξ = r e^{iφ}."""
    xp = namespace(xi)
    r = xp.abs(xi)
    return xp.cosh(r), xp.exp(1j * xp.angle(xi)) * xp.sinh(r)


def _occupations(part: Component) -> Any:
    return _stacked([part.occupations.get(name, 0.0) for name in part.inputs])


def _stacked(values: list[Any]) -> Any:
    """Numbers or arrays side by side, shape (…, values)."""
    if all(map(is_plain, values)):
        return np.array(values)
    xp = namespace(*values)
    return xp.stack(xp.broadcast_arrays(*[xp.asarray(n) for n in values]), axis=-1)


def _omega(M: Any) -> Any:
    """ΩM without the product: rows (x, p) → (p, −x)."""
    if namespace(M) is np:
        turned = np.empty(M.shape, M.dtype)
        turned[..., ::2, :] = M[..., 1::2, :]
        np.negative(M[..., ::2, :], out=turned[..., 1::2, :])
        return turned
    pairs = M.reshape(*M.shape[:-2], M.shape[-2] // 2, 2, M.shape[-1])
    return namespace(M).stack([pairs[..., 1, :], -pairs[..., 0, :]], axis=-2).reshape(M.shape)
