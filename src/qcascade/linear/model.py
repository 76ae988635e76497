"""The linear model of a network: drift A, diffusion D, drive, ports, and the noise that enters."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..base.checks import (
    ArgumentError,
    complex_number,
    fail,
    is_traced,
    listed,
    namespace,
    number,
)
from ..base.keywords import no_attribute, spoken_record
from ..base.names import mode_names
from ..base.pytrees import known_to_jax
from ..numerics.graphs import acts
from ..numerics.products import adjoint_product
from ..parts.windows import PulseCavity
from ..slh.ladder import scatter
from ..slh.triple import port_names, scattering
from .state import asymmetric

_ARRAYS = (
    *("A", "D", "drive", "scattering", "coupling"),
    *("occupation", "squeezing", "displacement"),
)


ROUNDING = 16 * np.finfo(float).eps
"""Of the terms of a sum: what they leave where they cancel."""


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


@spoken_record("model")
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
    # What a network knows of its ports: n of every open input, the pairs of inputs whose fields are
    # squeezed together, with ξ = r e^{iφ} of each, the λ of b_out = S b_in + C R + λ that lasers
    # send past the modes, and its wires.
    occupation: Any = field(default=None, init=False, repr=False)
    squeezed: tuple[tuple[int, int], ...] = field(default=(), init=False, repr=False)
    squeezing: Any = field(default=None, init=False, repr=False)
    displacement: Any = field(default=None, init=False, repr=False)
    acts: tuple[tuple[bool, ...], ...] | None = field(default=None, init=False, repr=False)
    wires: tuple[tuple[str, str], ...] = field(default=(), init=False, repr=False)
    delays: Delays | None = field(default=None, init=False)
    pulses: tuple[PulseCavity, ...] = field(default=(), init=False, repr=False)
    measured: bool = field(default=False, init=False, repr=False)  # rates that have a unit

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A sentence where a model with delays is asked for its A."""
            if name in _ARRAYS and self.__dict__.get("delays") is not None:
                raise self._without_drift()
            raise no_attribute(self, name, "model")

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
            "takes some: `steady_state`, `evolve` and spectra know what to do with delays; for "
            "anything else give the fibre `cells=n`."
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
        return np.sqrt(2) * times_omega(pairs.reshape(*pairs.shape[:-2], -1))

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


def computed_model(**numbers: Any) -> GaussianModel:
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
    return computed_model(
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
        displacement=None,
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
    couples = acts(np.asarray(A))
    return A if couples.all() else namespace(A).where(couples, A, 0.0)


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


def bogoliubov(xi: Any) -> tuple[Any, Any]:
    """cosh r and e^{iφ} sinh r of ξ = r e^{iφ}."""
    xp = namespace(xi)
    r = xp.abs(xi)
    return xp.cosh(r), xp.exp(1j * xp.angle(xi)) * xp.sinh(r)


def seen_from_inputs(S: Any, C: Any) -> Any:
    """J = S†C: the operator each input field couples to; what its terms leave by rounding is none.

    What enters downstream leaves by several ports, and S is unitary only to rounding: its ways to
    a mode upstream cancel but for a last digit.
    """
    J = adjoint_product(S, C)
    xp = namespace(J)
    gone = xp.abs(J) <= ROUNDING * adjoint_product(xp.abs(S), xp.abs(C))
    if xp is np:
        J[gone] = 0.0
        return J
    from jax.lax import stop_gradient

    return J - stop_gradient(xp.where(gone, J, 0.0))


def times_omega(M: Any) -> Any:
    """ΩM without the product: rows (x, p) → (p, −x)."""
    if namespace(M) is np:
        turned = np.empty(M.shape, M.dtype)
        turned[..., ::2, :] = M[..., 1::2, :]
        np.negative(M[..., ::2, :], out=turned[..., 1::2, :])
        return turned
    pairs = M.reshape(*M.shape[:-2], M.shape[-2] // 2, 2, M.shape[-1])
    return namespace(M).stack([pairs[..., 1, :], -pairs[..., 0, :]], axis=-2).reshape(M.shape)
