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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .checks import (
    ArgumentError,
    complex_number,
    fail,
    is_traced,
    listed,
    namespace,
    number,
    one_of,
)
from .component import Component, port_names, scattering
from .graphs import acts
from .interior import Interior, present
from .ladder import Ladder, Word, scatter
from .network import Network
from .products import adjoint_product, product, weighted_gram
from .states import asymmetric, mode_names
from .trees import known_to_jax

# A quadrature pair is a complex row: a = u·(x, p) with u = (1, i)/√2, and a† has its conjugate.
_TURNS = np.array([1, 1j])
_ROW = _TURNS / np.sqrt(2)


_ARRAYS = ("A", "D", "drive", "scattering", "coupling")


@dataclass(frozen=True, eq=False)
class GaussianModel:
    """Linear dynamics of Gaussian modes: d⟨R⟩/dt = A⟨R⟩ + f, dV/dt = AV + VAᵀ + D.

    Made by `gaussian(net)`, or directly from matrices typed by hand (a paper's printed A and
    D); `audit` says whether those are physical.

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
    acts: tuple[tuple[bool, ...], ...] | None = field(default=None, init=False, repr=False)

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

    def to_qutip(self, cutoffs: Any) -> tuple[Any, list[Any]]:
        """H and collapse operators with the same A, D and drive, as QuTiP `Qobj`.

        H = ½RᵀGR + dᵀR and C†C = K, with G = −½(ΩA + (ΩA)ᵀ), d = −Ωf and
        K = ΩᵀDΩ − (i/2)(ΩA − (ΩA)ᵀ). Networks in the vacuum have one collapse operator per open
        input; thermal modes have √(κ(n+1)) a and √(κn) a†. A mean field that lasers drive is in
        H; constants are dropped.

        Args:
            cutoffs: most quanta by mode, as `lindblad` takes them.

        Returns:
            H and the list of collapse operators, one tensor factor per mode.

        Raises:
            ArgumentError: for a batch, a D that no quantum noise can produce, or a cutoff that is
                missing, unknown, or too low for the steady state.
            UnstableError: when there is no steady state, and so no cutoff that is enough.
            ImportError: when QuTiP is not installed.

        >>> from qcascade import cavity
        >>> H, jumps = gaussian(cavity(decay=1.0, occupation=0.25)).to_qutip({"a": 5})
        >>> [round(float(abs(jump.full()).max() ** 2) / 5, 12) for jump in jumps]
        [1.25, 0.25]
        """
        from .lindblad import lindblad
        from .quadratic import component_of

        return lindblad(component_of(self), cutoffs, sectors=False).to_qutip()

    def _fields(self) -> tuple[Any, Any]:
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
        acts=model.acts,
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
        A `GaussianModel`; matrices carry the leading axes of the network's parameters.

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
    inside = part.interior
    rotation, d = quadratic_form(inside.H, part.modes)
    C, displacement = linear_form(inside.L, part.modes)
    feels, seen = felt(inside.paths.X, C), adjoint_product(inside.paths.F, C)
    # Wires and baths alone first: they mostly stay as they are where the Hamiltonian varies.
    fields = _omega(adjoint_product(C, feels).imag) + 0.0  # no −0
    A = scatter(rotation, fields.shape[-2:], np.float64, fields)
    means = felt(inside.paths.X, displacement[..., None])[..., 0]
    xp = namespace(C, means)
    push = xp.einsum("...pk,...p->...k", xp.conj(C), means).imag
    return _computed(
        modes=part.modes,
        A=one_way(A, rotation, fields),
        D=diffusion(squeezed_rows(seen, part), _occupations(part)),
        drive=_omega((d + push)[..., None])[..., 0],
        inputs=part.inputs,
        outputs=part.outputs,
        scattering=part.S,
        coupling=product(inside.paths.W, C),
        acts=None if namespace(A) is np else acts_by_wiring(inside, part.modes),
    )


def _check_modes(part: Component) -> None:
    if part.qubits:
        raise fail(
            "net", "hold oscillators only to be Gaussian", listed(part.qubits), "use `lindblad`"
        )
    for ladder in (part.interior.H, *part.interior.L):
        for mode in ladder.modes:
            one_of("net", mode, part.modes, "complete: its operators act on its own modes")
    if not part.modes:
        raise ArgumentError("Argument `net` must hold a mode, but has none.")


def one_way(A: Any, rotation: Mapping[tuple[int, int], Any], fields: Any) -> Any:
    """A without what rounding leaves of a coupling and a common bath that cancel one way.

    A wired cascade needs no such look. But J = γ/2 in a Hamiltonian and √γ·√γ/2 from a bath differ
    by a last digit: an element of two modes that is nothing beside the two terms it came from
    is no coupling (A. Metelmann and A. A. Clerk, Phys. Rev. X 5, 021025 (2015), for the matching).

    Args:
        A: drift, (…, 2N, 2N).
        rotation: elements of ΩG by (row, column).
        fields: Ω Im[C†(1 + 2X)C], (…, 2N, 2N).
    """
    met = present(fields)
    pairs: dict[tuple[int, int], dict[tuple[int, int], Any]] = {}
    for (row, column), value in rotation.items():
        pairs.setdefault((row // 2, column // 2), {})[row % 2, column % 2] = value
    for (j, k), entries in pairs.items():
        block = (..., slice(2 * j, 2 * j + 2), slice(2 * k, 2 * k + 2))
        if j != k and met[block].any():
            coupled = scatter(entries, (2, 2), np.float64)
            gone = _cancels(coupled, fields[block])
            if is_traced(gone) or np.any(gone):
                A = _without(A, block, gone)
    return A


def _cancels(X: Any, Y: Any) -> Any:
    """Whether X + Y is no more than rounding of X and Y, shape (…, 1, 1)."""
    xp = namespace(X, Y)
    size, sum_ = (xp.abs(M).max((-1, -2), keepdims=True) for M in (xp.abs(X) + xp.abs(Y), X + Y))
    return sum_ <= 4 * np.finfo(float).eps * size


def _without(A: Any, block: Any, gone: Any) -> Any:
    """A with zeros in a block where it is `gone`; derivatives stay what they are."""
    if namespace(A) is np:
        A[block] = np.where(gone, 0.0, A[block])
        return A
    from jax.lax import stop_gradient

    return A.at[block].add(-stop_gradient(namespace(A).where(gone, A[block], 0.0)))


def acts_by_wiring(inside: Interior, modes: Sequence[str]) -> tuple[tuple[bool, ...], ...]:
    """acts[j][k]: whether mode k acts on mode j, by the wires and couplings, whatever the numbers.

    Args:
        inside: couplings, Hamiltonian and open paths.
        modes: names of the modes.

    >>> from qcascade import Network, cavity
    >>> parts = {"a": cavity(decay=1.0), "b": cavity(decay=1.0)}
    >>> net = Network(parts, wires=[("a.out", "b.in")])
    >>> acts_by_wiring(net.component.interior, net.modes)
    ((True, False), (True, True))
    """
    at = {mode: k for k, mode in enumerate(modes)}
    touches = np.zeros((len(inside.L), len(modes)), int)
    for row, ladder in enumerate(inside.L):
        touches[row, [at[mode] for mode in ladder.modes]] = 1
    acts = np.eye(len(modes)) + touches.T @ (inside.open.X + np.eye(len(inside.L))) @ touches
    for word in inside.H.terms:
        together = [at[mode] for mode, _ in word]
        acts[np.ix_(together, together)] = 1
    return tuple(map(tuple, (acts > 0).tolist()))


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
    for (first, second), xi in part.squeezings.items():
        j, k = part.inputs.index(first), part.inputs.index(second)
        r = xp.abs(xi)[..., None]
        turn = xp.exp(1j * xp.angle(xi))[..., None]
        near, far = rows[j], rows[k]
        rows[j] = xp.cosh(r) * near - turn * xp.sinh(r) * xp.conj(far)
        rows[k] = xp.cosh(r) * far - turn * xp.sinh(r) * xp.conj(near)
    return xp.stack(xp.broadcast_arrays(*rows), axis=-2)


def quadratic_form(H: Ladder, modes: Sequence[str]) -> tuple[Any, Any]:
    """Entries of ΩG by (row, column), and d (…, 2N), of H = ½RᵀGR + dᵀR + constant."""
    quadratic: dict[tuple[int, int], Any] = {}
    linear: dict[tuple[int, int], Any] = {}
    at = {mode: 2 * k for k, mode in enumerate(modes)}
    for word, c in H.terms.items():
        if len(word) > 2 and _present(c):
            raise _too_high("H", word, 2)
        if len(word) == 1:
            _add_word(linear, at, word, c)
        elif len(word) == 2:
            _add_pair(quadratic, at, word, c)
    d = {key: c.real for key, c in linear.items()}
    return quadratic, scatter(d, (1, 2 * len(modes)), np.float64)[..., 0, :]


def _add_pair(entries: dict, at: dict[str, int], word: Word, c: Any) -> None:
    """Add to ΩG what c·(a pair of operators) brings: Re c v_j u_k at G_jk and at G_kj."""
    # (1/√2)² is a half, which products of rounded roots are not: after 10⁹ periods it shows.
    (left, v), (right, u) = (
        (at[mode], _TURNS.conj() if dagger else _TURNS) for mode, dagger in word
    )
    for j, k in np.ndindex(2, 2):
        value = _real_part(c, complex(0.5 * v[j] * u[k]))
        if value is not None:
            _add_turned(entries, left + j, right + k, value)
            _add_turned(entries, right + k, left + j, value)


def _real_part(c: Any, factor: complex) -> Any:
    """Re(c·factor) for a factor on one of the axes; None where it is zero for any c like this."""
    if factor.imag == 0:
        return c.real * factor.real
    return c.imag * -factor.imag if np.iscomplexobj(c) else None


def _add_turned(entries: dict, row: int, column: int, value: Any) -> None:
    """Add an element of G where Ω takes it: row x of a mode to p with a minus, p to x."""
    key, value = (row ^ 1, column), value if row % 2 else -value
    entries[key] = entries[key] + value if key in entries else value


def linear_form(L: Sequence[Ladder], modes: Sequence[str]) -> tuple[Any, Any]:
    """C and λ of L = C R + λ, complex arrays (…, p, 2N) and (…, p)."""
    coupling: dict[tuple[int, int], Any] = {}
    offset: dict[tuple[int, int], Any] = {}
    at = {mode: 2 * k for k, mode in enumerate(modes)}
    for row, ladder in enumerate(L):
        for word, c in ladder.terms.items():
            if len(word) > 1 and _present(c):
                raise _too_high("L", word, 1)
            if len(word) == 1:
                _add_word(coupling, at, word, c, row)
            elif not word:
                offset[row, 0] = c + 0j
    ports = len(L)
    return (
        scatter(coupling, (ports, 2 * len(modes)), np.complex128),
        scatter(offset, (ports, 1), np.complex128)[..., 0],
    )


def _add_word(entries: dict, at: dict[str, int], word: Word, c: Any, row: int = 0) -> None:
    """Add c·(a single operator in quadratures) to a row."""
    ((mode, dagger),) = word
    for k, u in enumerate(_ROW.conj() if dagger else _ROW):
        key, value = (row, at[mode] + k), c * complex(u)
        entries[key] = entries[key] + value if key in entries else value


def _present(c: Any) -> bool:
    """Whether a term is there at all: a coupling that is switched off is no obstacle."""
    return is_traced(c) or bool(np.any(np.asarray(c) != 0))


def _too_high(what: str, word: Word, degree: int) -> ArgumentError:
    term = " ".join(mode + "†" * dagger for mode, dagger in word)
    return ArgumentError(
        f"Argument `net` must have {what} of degree {degree} at most to be Gaussian, but {what} "
        f"holds the term {term} of degree {len(word)}: linearise the network first, "
        "or truncate it (`lindblad` with `cutoffs`)."
    )


def _occupations(part: Component) -> Any:
    values = [part.occupations.get(name, 0.0) for name in part.inputs]
    xp = namespace(*values)
    if not values:
        return np.zeros(0)
    return xp.stack(xp.broadcast_arrays(*[xp.asarray(n) for n in values]), axis=-1)


def _omega(M: Any) -> Any:
    """ΩM without the product: rows (x, p) → (p, −x)."""
    pairs = M.reshape(*M.shape[:-2], M.shape[-2] // 2, 2, M.shape[-1])
    return namespace(M).stack([pairs[..., 1, :], -pairs[..., 0, :]], axis=-2).reshape(M.shape)
