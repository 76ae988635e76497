"""Quadratic Hamiltonians and linear jumps: read off a Gaussian model, and out of QuTiP operators.

H = ½RᵀGR + dᵀR and jumps J = C R give A = Ω(G + Im K), D = Ω(Re K)Ωᵀ with K = C†C, and a drive
f = Ωd. Backwards: −ΩA = G + Im K, whose symmetric part is G; Re K = ΩᵀDΩ; d = −Ωf; and any C with
C†C = K will do: jumps are unique up to a unitary that mixes them, which no density matrix shows.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, fail, listed
from ..base.conventions import symplectic_form
from ..base.keywords import spoken
from ..base.names import mode_names
from ..hilbert.space import Space
from ..hilbert.typed_states import as_qobj
from ..linear.model import GaussianModel, seen_from_inputs
from ..linear.quantum_noise import dampings_as_one, judge
from ..slh.component import Component
from ..slh.ladder import Ladder, Word

if TYPE_CHECKING:
    from scipy.sparse import csr_array

_ROUNDING = 1e-12  # of a pivot or an element, relative to the largest it could be
_AGREE = 1e-9  # relative error at which a matrix no longer is what was read out of it
# R = T ξ for one mode: x = (a + a†)/√2, p = (a − a†)/(i√2).
_QUADRATURES = np.array([[1, 1], [-1j, 1j]]) / np.sqrt(2)


def component_of(model: GaussianModel) -> Component:
    """A part with the dynamics of a Gaussian model: H and one open port per jump.

    A network in the vacuum keeps the operators that its inputs couple to. Otherwise K = C†C is
    factored mode by mode (Cholesky, in the order a₁, a₁†, a₂, …), so that independent thermal
    modes have the jumps √(κ(n+1)) a and √(κn) a†.

    Args:
        model: one model, not a batch.

    Raises:
        ArgumentError: for a batch, or a D that no quantum noise can produce (as `audit` judges).
    """
    if not isinstance(model, GaussianModel):
        raise fail("model", "be a GaussianModel (from `gaussian(net)`)", model)
    shape = np.broadcast_shapes(
        np.shape(model.A)[:-2], np.shape(model.D)[:-2], np.shape(model.drive)[:-1]
    )
    if shape:
        raise fail("model", "be one model, not a batch", f"a batch {shape}")
    A, D, drive = (np.asarray(x) for x in (model.A, model.D, model.drive))
    _check_quantum(A, D)
    form = symplectic_form(len(model.modes))
    turned = -form @ A
    G, d = (turned + turned.T) / 2, -form @ drive
    K = form.T @ D @ form + 0.5j * (turned - turned.T)
    rows = _jump_rows(model, K)
    jumps = [_linear(row, model.modes) for row in rows]
    return _part(jumps, _quadratic(model, G, d), model.modes)


def _check_quantum(A: np.ndarray, D: np.ndarray) -> None:
    """`audit`'s criterion: jumps exist for a D that some quantum noise produces with this A."""
    judged = judge(A, D)
    if judged.positive:
        return
    lowest = np.linalg.eigvalsh(dampings_as_one(A, judged.M))[0]
    more = (
        "it lacks the position noise that completes momentum damping, which `audit(model)."
        "completed` has"
        if judged.complete
        else "`audit` tells more"
    )
    raise ArgumentError(
        "Argument `model` must have a diffusion D that quantum noise can produce to have jump "
        f"operators, but D + (i/2)(AΩ + ΩAᵀ) has a negative eigenvalue ({lowest:.3g} "
        f"where the damping of every mode counts as 1); {more}."
    )


def _part(jumps: Sequence[Ladder], H: Ladder, modes: tuple[str, ...]) -> Component:
    inputs, outputs = (tuple(f"{x}{k + 1}" for k in range(len(jumps))) for x in ("in", "out"))
    return Component(np.eye(len(jumps)), tuple(jumps), H, modes, inputs, outputs)


def _linear(row: np.ndarray, modes: Sequence[str]) -> Ladder:
    """Σ ξ_k c_k from coefficients of (a₁, a₁†, …)."""
    words = [((mode, dagger),) for mode in modes for dagger in (False, True)]
    return Ladder({w: complex(c) for w, c in zip(words, row, strict=True) if c != 0})


def _quadratic(model: GaussianModel, G: np.ndarray, d: np.ndarray) -> Ladder:
    """½RᵀGR + dᵀR in normal-ordered words, without its constant."""
    modes, T = model.modes, _basis(len(model.modes))
    g, linear = T.T @ G @ T, d @ T
    g = np.where(np.abs(g) > _rounding(model), g, 0)
    terms: dict[Word, complex] = dict(_linear(linear, modes).terms)
    for j, k in np.argwhere(np.triu(g[::2, ::2])):
        value = complex(g[2 * j, 2 * k]) / (2 if j == k else 1)
        terms[(modes[j], False), (modes[k], False)] = value
        terms[(modes[j], True), (modes[k], True)] = value.conjugate()
    for j, k in np.argwhere(g[1::2, ::2]):
        value = complex(g[2 * j + 1, 2 * k])
        terms[(modes[j], True), (modes[k], False)] = value.real if j == k else value
    return Ladder(terms)


def _basis(modes: int) -> np.ndarray:
    """T of R = T ξ with ξ = (a₁, a₁†, a₂, …)."""
    return np.kron(np.eye(modes), _QUADRATURES)


def _rounding(model: GaussianModel) -> np.ndarray:
    """What rounding leaves of zero in G and K: it scales with A between the same two modes."""
    N = len(model.modes)
    largest = np.abs(model.A).reshape(N, 2, N, 2).max(axis=(1, 3))
    return np.kron(8 * np.finfo(float).eps * np.maximum(largest, largest.T), np.ones((2, 2)))


def _jump_rows(model: GaussianModel, K: np.ndarray) -> np.ndarray:
    """Coefficients of (a₁, a₁†, …) in jumps with C†C = K."""
    T = _basis(len(model.modes))
    K = T.conj().T @ K @ T
    if model.coupling is not None:
        rows = np.asarray(seen_from_inputs(model.scattering, model.coupling)) @ T
        if np.all(np.abs(rows.conj().T @ rows - K) <= _ROUNDING * np.abs(K).max(initial=0.0)):
            return rows[np.any(rows != 0, axis=1)]
    noise = _rounding(model)
    K = np.where(np.abs(K) > noise, K, 0)
    scale = np.sqrt(np.repeat(np.abs(K.diagonal()).reshape(-1, 2).sum(axis=1), 2))
    scale = np.where(scale > 0, scale, 1.0)
    unit, floor = K / np.outer(scale, scale), _ROUNDING + noise.diagonal() / scale**2
    levels = np.linalg.eigvalsh(unit)
    if levels[0] < -floor.max():  # what the last digits of printed numbers lack; A stays as it is
        unit = unit - levels[0] * np.eye(len(K))
    rows = _cholesky(unit, floor)
    if np.abs(rows.conj().T @ rows - unit).max() > _ROUNDING * len(K) + floor.max():
        levels, vectors = np.linalg.eigh(unit)
        rows = (np.sqrt(np.maximum(levels, 0.0)) * vectors).conj().T
    return rows * scale


def _cholesky(K: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """Rows of an upper triangular C with C†C = K ≥ 0; a pivot below its `floor` is no row."""
    schur, rows = K.copy(), []
    for k in range(len(K)):
        pivot = schur[k, k].real
        if pivot > floor[k]:
            row = np.where(np.arange(len(K)) < k, 0, schur[k]) / np.sqrt(pivot)
            row = np.where(np.abs(row) > _ROUNDING, row, 0)
            rows.append(row)
            schur = schur - np.outer(row.conj(), row)
    return np.array(rows, complex).reshape(-1, len(K))


@spoken
def from_qutip(H: Any, c_ops: Any, modes: str | Iterable[str]) -> Component:
    """A part from QuTiP's Hamiltonian and collapse operators, when these are quadratic and linear.

    H = Σ_jk (h_jk a_j†a_k + ½ g_jk a_j†a_k† + ½ g_jk* a_j a_k) + Σ_j (f_j a_j† + f_j* a_j) + h₀ and
    c = Σ_j (u_j a_j + v_j a_j†) + β, with coefficients from elements that no cutoff touches:
    h_jk = ⟨1_j|H|1_k⟩ − δ_jk h₀, g_jk = ⟨1_j 1_k|H|0⟩, g_jj = √2⟨2_j|H|0⟩, f_j = ⟨1_j|H|0⟩,
    u_j = ⟨0|c|1_j⟩, v_j = ⟨1_j|c|0⟩. All other elements must follow from these (except a a† at
    the top level, which a truncated product loses). The constant h₀ is dropped.

    Args:
        H: `Qobj` of truncated oscillators, four levels or more each, or a dynamiqs QArray.
        c_ops: list of them.
        modes: names of the modes, one per tensor factor.

    Returns:
        A `Component` with an open vacuum input "in1", "in2", … and an output "out1", … for every
        collapse operator; `gaussian` and `lindblad` take it, and a `Network` as one of its parts.

    Raises:
        ArgumentError: when dimensions do not fit, or H is not quadratic or a collapse operator not
            linear; it names the element.

    >>> import qutip
    >>> from qcascade import gaussian
    >>> a = qutip.destroy(5)
    >>> gaussian(from_qutip(2 * a.dag() * a, [a], "m")).A
    array([[-0.5,  2. ],
           [-2. , -0.5]])
    """
    names = mode_names(modes)
    space, matrix = _operator("H", H, names)
    one = isinstance(c_ops, str | bytes | Mapping) or hasattr(c_ops, "dims")
    if one or not isinstance(c_ops, Iterable):
        raise fail("c_ops", "be a list of collapse operators", c_ops)
    hamiltonian = _read(space, matrix, 2)
    _check_same("H", matrix, hamiltonian, space, 2)
    jumps = []
    for k, c in enumerate(c_ops):
        own, c = _operator(f"c_ops[{k}]", c, names)
        if own.tops != space.tops:
            raise fail(f"c_ops[{k}]", f"have the levels {_levels(space)} of H", _levels(own))
        jumps.append(_read(space, c, 1))
        _check_same(f"c_ops[{k}]", c, jumps[-1], space, 1)
    hamiltonian = Ladder({word: c for word, c in hamiltonian.terms.items() if word})
    return _part(jumps, hamiltonian, names)


def _levels(space: Space) -> list[int]:
    return [top + 1 for top in space.tops]


def _operator(name: str, value: Any, modes: tuple[str, ...]) -> tuple[Space, "csr_array"]:
    """The space an operator of QuTiP or dynamiqs acts on, and its sparse matrix."""
    from scipy.sparse import csr_array

    value = as_qobj(name, value)
    if not getattr(value, "isoper", False):
        raise fail(name, "be a Qobj operator (constant in time)", value)
    rows, columns = value.dims
    if rows != columns:
        raise fail(name, "act within one space", f"dims {value.dims}")
    if len(rows) != len(modes):
        raise fail("modes", f"name {len(rows)} modes, one per tensor factor of {name}", modes)
    if min(rows) < 4:
        must = "have four levels or more in every mode, to tell what is quadratic"
        raise fail(name, must, f"dims {value.dims}")
    matrix = csr_array(value.to("csr").data.as_scipy())
    if not np.all(np.isfinite(matrix.data)):
        raise fail(name, "have finite elements", value)
    return Space(modes, tuple(int(d) - 1 for d in rows)), matrix


def _read(space: Space, matrix: "csr_array", degree: int) -> Ladder:
    """The normal-ordered polynomial of degree 1 or 2 with the elements at the lowest levels."""
    step = dict(zip(space.modes, _strides(space), strict=True))
    up, down = True, False
    constant = matrix[0, 0]
    terms: dict[Word, complex] = {(): constant}
    for m, one in step.items():
        terms[((m, down),)], terms[((m, up),)] = matrix[0, one], matrix[one, 0]
        if degree == 2:
            terms[(m, up), (m, down)] = matrix[one, one] - constant
            terms[(m, down), (m, down)] = matrix[0, 2 * one] / np.sqrt(2)
            terms[(m, up), (m, up)] = matrix[2 * one, 0] / np.sqrt(2)
    for (m, one), (n, other) in combinations(step.items(), 2) if degree == 2 else ():
        terms[(m, up), (n, down)] = matrix[one, other]
        terms[(n, up), (m, down)] = matrix[other, one]
        terms[(m, down), (n, down)] = matrix[0, one + other]
        terms[(m, up), (n, up)] = matrix[one + other, 0]
    return Ladder({word: complex(c) for word, c in terms.items() if c != 0})


def _strides(space: Space) -> list[int]:
    """How far apart neighbouring levels of each mode lie in the lexicographic basis."""
    return [int(np.prod(_levels(space)[k + 1 :])) for k in range(len(space.tops))]


def _check_same(name: str, matrix: "csr_array", ladder: Ladder, space: Space, degree: int) -> None:
    """The operator is what was read out of it, up to c|top⟩⟨top| that truncated a a† leave."""
    difference = (matrix - space.matrix(ladder)).tocsr()
    if degree == 2:
        difference = difference - _cut_off(difference, space)
    difference, largest = difference.tocoo(), np.abs(matrix.data).max(initial=0.0)
    wrong = np.flatnonzero(np.abs(difference.data) > _AGREE * largest)
    if not wrong.size:
        return
    first = wrong[np.argmin(difference.row[wrong] + difference.col[wrong])]
    row, column = int(difference.row[first]), int(difference.col[first])
    bra, ket = (" ".join(map(str, space.quanta[k])) for k in (row, column))
    implied = matrix[row, column] - difference.data[first]
    raise ArgumentError(
        f"Argument `{name}` must be {('linear', 'quadratic')[degree - 1]} in the ladder operators "
        f"of {listed(space.modes)}, but ⟨{bra}|{name}|{ket}⟩ is {matrix[row, column]:.6g}, where "
        f"the elements at the lowest levels ask for {implied:.6g}."
    )


def _cut_off(difference: "csr_array", space: Space) -> Any:
    """Σ_j c_j |top⟩⟨top| of mode j: a truncated a a† has 0 there instead of top + 1."""
    from scipy.sparse import diags_array

    diagonal = np.zeros(space.dimension, complex)
    for k, (top, step) in enumerate(zip(space.tops, _strides(space), strict=True)):
        diagonal[space.quanta[:, k] == top] += difference[top * step, top * step]
    return diags_array(diagonal)
