"""Network → Lindblad master equation: Hamiltonian, jump operators, symmetry blocks.

After the wires are eliminated (`wiring.py`) the network is one (S, L, H). Each open input k
sees J_k = Σ_j S*_jk L_j; squeezed light mixes pairs, J_1 → cosh r J_1 − e^{iφ} sinh r J_2†; a bath
of occupation n gives the jumps √(n+1) J and √n J†:

    dρ/dt = −i[H, ρ] + Σ_J (JρJ† − ½{J†J, ρ}) = Kρ + ρK† + Σ_J JρJ†,    K = −iH − ½Σ J†J.

A constant in a jump (a laser) is moved into H: J + β with H is J with H + (i/2)(β*J − βJ†).

Parameters that are arrays give a batch: the same words, with an array for every coefficient that
varies. Charges, mirror, order and whether ρ is real are those that hold at all points.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import check_broadcast, fail, flag, listed, one_of
from ..base.keywords import spoken_record
from ..base.names import mode_names, resolve
from ..hilbert import charges as symmetries
from ..hilbert.batches import check_single
from ..hilbert.cutoffs import check_memory, restricted
from ..hilbert.exchanges import mirror
from ..hilbert.rounding import turned_real, without_cancelled
from ..hilbert.space import Space
from ..slh.component import Component
from ..slh.ladder import Ladder, points_of, shape_of
from ..slh.network import Network
from ..slh.some_points import taken_at
from ..slh.triple import check_hermitian
from .terms import Terms, terms_of

if TYPE_CHECKING:
    from .generator import Generator
    from .layout import Mirror

_FEW = 8  # points of a batch at which a symmetry is looked for first

VAST = 10**6
"""States beyond which a model is printed without a list of them."""


@spoken_record("model")
@dataclass(frozen=True, eq=False, repr=False)
class LindbladModel:
    """A master equation: modes, H and jump operators, and the space they act on.

    dρ/dt = −i[H, ρ] + Σ_J (JρJ† − ½{J†J, ρ}); made by `lindblad(net)`, or directly.

    Args:
        modes: names of the modes.
        H: Hamiltonian; coefficients that are arrays make a batch, `model[k]` is one point of it.
        jumps: jump operators J, without the constant of a laser, which stands in H: ⟨J†J⟩ is no
            flux. `qc.outputs.flux` is, with the light that passes.
        space: the truncated Hilbert space; its charges must be conserved.

    >>> from qcascade import Network, lindblad, qubit
    >>> print(lindblad(Network({"atom": qubit(decay=1.0)})))
    modes    atom.q
    charges  atom.q
    states   2 in 2 blocks: 2 elements of ρ instead of 4
    """

    modes: tuple[str, ...]
    H: Ladder
    jumps: tuple[Ladder, ...]
    space: Space
    # What it was made of, with its ports; None for operators written by hand.
    network: "Network | Component | None" = field(default=None, init=False)
    measured: bool = field(default=False, init=False, repr=False)  # rates that have a unit
    _batch: tuple[int, ...] = field(default=(), init=False)  # of parameters that no word shows

    def __post_init__(self) -> None:
        if not isinstance(self.space, Space):
            raise fail("space", "be a Space", self.space)
        object.__setattr__(self, "modes", mode_names(self.modes))
        if self.modes != self.space.modes:
            raise fail("modes", f"be those of `space`: {listed(self.space.modes)}", self.modes)
        if not isinstance(self.jumps, list | tuple):
            raise fail("jumps", "be a list of operators", self.jumps)
        object.__setattr__(self, "jumps", tuple(self.jumps))
        for name, x in (("H", self.H), *((f"jumps[{k}]", x) for k, x in enumerate(self.jumps))):
            if not isinstance(x, Ladder):
                raise fail(name, "be a Ladder, made with `lower(mode)`", x)
            for mode in x.modes:
                one_of(name, mode, self.modes, "about modes of the model")
        check_hermitian(self.H)
        check_broadcast({"H": shape_of(self.H), "jumps": shape_of(*self.jumps)})

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Leading axes of a batch; () for one model."""
        return np.broadcast_shapes(self._batch, shape_of(self.H, *self.jumps))

    def __getitem__(self, index: Any) -> "LindbladModel":
        """One point of a batch, or some of them, in the space of all.

        Args:
            index: position along the leading axes.
        """
        if not self.shape:
            raise fail("model", "be a batch, to have points", "one model")
        try:
            left = np.broadcast_to(0.0, self.shape)[index].shape
            H, *jumps = (points_of(x, self.shape, index) for x in (self.H, *self.jumps))
        except IndexError as error:
            raise fail("index", f"be a position in {self.shape}", index) from error
        jumps = tuple(jump for jump in jumps if jump.terms)
        model = LindbladModel(self.modes, H, jumps, self.space)
        object.__setattr__(model, "_batch", left)
        if self.network is not None:
            part = self.network.component if isinstance(self.network, Network) else self.network
            object.__setattr__(model, "network", taken_at(part, self.shape, index))
        return model

    def __repr__(self) -> str:
        points = f"batch {self.shape}; " if self.shape else ""
        jumps = f"{len(self.jumps)} jumps, {self.space!r}"
        return f"LindbladModel({points}{listed(self.modes)}; {jumps})"

    def __str__(self) -> str:
        space = self.space
        names = [_charge_text(space.modes, charge) for charge in space.charges]
        if space.fewest_states > VAST:
            fewest = f"{space.fewest_states:,} or more, {space.fewest_elements:.3g} elements of ρ"
            known = f"modes    {listed(self.modes)}\ncharges  {'; '.join(names) or 'none'}"
            return f"{known}\nstates   {fewest} at least: not listed"
        saved = f"{space.elements:,} elements of ρ instead of {space.dimension**2:,}"
        blocks = f"{len(space.sizes)} block{'s' * (len(space.sizes) > 1)}"
        rows = [("batch", " × ".join(map(str, self.shape)))] if self.shape else []
        rows += [
            ("modes", listed(self.modes)),
            ("charges", "; ".join(names) or "none"),
            ("states", f"{space.dimension:,} in {blocks}: {saved}"),
        ]
        if self.mirror is not None:
            swaps = [f"{self.modes[k]} ↔ {self.modes[j]}" for k, j in self._pairs]
            conjugate = ", with complex conjugation" if self.mirror.conjugate else ""
            rows.append(("mirror", listed(swaps) + conjugate + ": half of the blocks again"))
        if self.real and len(self.modes) > 1:
            rows.append(("real", "H is imaginary and the jumps are real: ρ stays real"))
        if len(self.order) > 1:
            rows.append(("cascade", " → ".join(listed(layer) for layer in self.order)))
        for pair, s in space.squeezed.items():
            rows.append(("basis", f"{', '.join(pair)} squeezed by s = {s:g}"))
        return "\n".join(f"{name:<9}{text}" for name, text in rows)

    @cached_property
    def _represented(self) -> tuple[Ladder, tuple[Ladder, ...]]:
        return self.space.represented(self.H), tuple(map(self.space.represented, self.jumps))

    @cached_property
    def order(self) -> tuple[tuple[str, ...], ...]:
        """Modes in causal layers: the first layers never feel the later ones."""
        return symmetries.order(self.modes, self.H, self.jumps)

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """Modes that nothing connects with the others, neither way: ρ may be their product."""
        bound = [*(names for names, _ in self.space.limits), *self.space.squeezed]
        return symmetries.unconnected(self.modes, self.H, self.jumps, bound)

    @cached_property
    def hamiltonian_matrix(self) -> Any:
        """H as a sparse matrix (D, D) in the order of the space's basis."""
        check_single("model", self, "model")
        return self.space.matrix(self.H)

    @cached_property
    def jump_matrices(self) -> tuple[Any, ...]:
        """The jumps as sparse matrices (D, D), each with a phase that makes it real if one does."""
        check_single("model", self, "model")
        matrices = map(self.space.matrix, self.jumps)
        return tuple(turned_real(matrix) for matrix in matrices if matrix.nnz)

    @cached_property
    def no_jump_matrix(self) -> Any:
        """K = −iH − ½Σ J†J as a sparse matrix (D, D); cancelled entries are dropped."""
        return self._no_jump(self.hamiltonian_matrix)

    @cached_property
    def rotating_hamiltonian_matrix(self) -> Any:
        """H less a number E in every sector, as a sparse matrix (D, D).

        H → H − E changes nothing in [H, ρ] within a sector, but keeps large frequencies out of
        the numbers in which small ones stand.
        """
        check_single("model", self, "model")
        return self.space.matrix_by_sector(self.rotating)

    @cached_property
    def rotating_no_jump_matrix(self) -> Any:
        """K with H in the frame that turns with the charges: the same to every block of ρ."""
        return self._no_jump(self.rotating_hamiltonian_matrix)

    def _no_jump(self, H: Any) -> Any:
        K = -1j * H
        for J in self.jump_matrices:
            K = K - 0.5 * (J.conj().T @ J)
        return without_cancelled(K.tocsr(), self.jump_matrices)

    @cached_property
    def rotating(self) -> Ladder:
        """H in the basis of the space, in the frame that turns with the charges."""
        return symmetries.rotating(self.modes, self._represented[0], self.space.charges)

    @cached_property
    def real(self) -> bool:
        """Whether K and all jumps are real, so that a real ρ stays real."""
        if self.shape:
            return self.terms.real
        matrices = (self.rotating_no_jump_matrix, *self.jump_matrices)
        return not any(np.any(np.imag(M.data)) for M in matrices)

    @cached_property
    def _exchange(self) -> tuple[tuple[int, ...], bool] | None:
        space = self.space
        group = {name: most for names, most in space.limits for name in names}
        alike = [
            (top, mode in space.qubits, group.get(mode))
            for mode, top in zip(space.modes, space.tops, strict=True)
        ]
        H, jumps = self.rotating, self._represented[1]
        if self.shape and int(np.prod(self.shape)) > _FEW:
            # What does not hold at some points need not be looked at everywhere.
            some = np.linspace(0, np.prod(self.shape) - 1, _FEW).astype(int)
            for at in (some[_FEW // 2], some):  # one point has plain numbers: soon looked at
                place = np.unravel_index(at, self.shape)
                few = [points_of(x, self.shape, place) for x in (H, *jumps)]
                if mirror(self.modes, alike, few[0], few[1:]) is None:
                    return None
        return mirror(self.modes, alike, H, jumps)

    @property
    def _pairs(self) -> list[tuple[int, int]]:
        exchange = self._exchange
        return [(k, j) for k, j in enumerate(exchange[0]) if k < j] if exchange else []

    @cached_property
    def mirror(self) -> "Mirror | None":
        """An exchange of modes that leaves the master equation as it is, if one is found."""
        from .layout import Mirror

        if self._exchange is None:
            return None
        positions, conjugate = self._exchange
        image = self.space.positions(self.space.quanta[:, positions])
        return Mirror(image, conjugate) if np.all(image >= 0) else None

    @cached_property
    def terms(self) -> Terms:
        """The master equation as constant operators with coefficients, at all points."""
        return terms_of(self.space, self.rotating, self._represented[1], self.shape)

    def generator(self, mirrored: bool = True, real: bool = True) -> "Generator":
        """The right-hand side on blocks, with what the model's symmetries save.

        Args:
            mirrored: use the mirror, for states that obey it.
            real: use real numbers when the model is real, for states that are.

        Raises:
            ArgumentError: when the blocks need more memory than is free.
        """
        from .generator import Generator
        from .layout import Layout

        self.check_blocks(mirrored, real)  # and the two arguments
        mirror = self.mirror if mirrored else None
        use_real = real and self.real
        return Generator(
            Layout(self.space, mirror, use_real), self.rotating_no_jump_matrix, self.jump_matrices
        )

    def check_blocks(self, mirrored: bool = True, real: bool = True) -> None:
        """Refuse blocks that do not fit into memory, before any is made.

        Args:
            mirrored: whether the mirror is used.
            real: whether real numbers are used when the model is real.

        Raises:
            ArgumentError: when more memory is needed than is free.
        """
        mirrored, real = flag("mirrored", mirrored), flag("real", real)
        fewest = self.space.fewest_elements  # known before any state is listed
        check_memory(5 * 8 * fewest, f"{fewest:,} elements of ρ at least")
        what = f"{self.space.elements:,} elements of ρ"
        # In the best case half of the blocks are stored, and real: known before any matrix is.
        check_memory(5 * 8 * self.space.elements, what)
        unpacked = self.space.elements * (8 if real and self.real else 16)
        stored = unpacked // (2 if mirrored and self.mirror else 1)
        # Vectors of a recurrence and its results, the scratch of a product, one unpacked state.
        check_memory(8 * stored + unpacked, what)

    def upstream(self, *names: str) -> "LindbladModel":
        """The model of some modes alone, which must not feel the others.

        The reduced state of the first parts of a cascade obeys the master equation of the
        network that ends there: every word that holds a later mode is dropped.

        Args:
            names: mode or part names.

        Raises:
            ArgumentError: when one of them feels a mode that is not named.
        """
        named = {self.modes[k] for k in resolve(self.modes, names)}
        feels = symmetries.influence(self.modes, self.H, self.jumps)
        for v, u in np.argwhere(feels):
            if self.modes[v] in named and self.modes[u] not in named:
                raise fail("names", f"hold {self.modes[u]}, which {self.modes[v]} feels", names)
        modes = tuple(mode for mode in self.modes if mode in named)
        jumps = tuple(restricted(jump, named) for jump in self.jumps)
        H = restricted(self.H, named)
        space = replace(self.space.subspace(modes), charges=())
        jumps = tuple(jump for jump in jumps if jump.terms)
        return LindbladModel(modes, H, jumps, with_charges(space, H, jumps))


def with_charges(space: Space, H: Ladder, jumps: Sequence[Ladder]) -> Space:
    """The same space in the blocks that the charges of a master equation leave.

    Args:
        space: whatever it has for charges.
        H: Hamiltonian.
        jumps: jump operators.
    """
    represented = map(space.represented, jumps)
    charges = symmetries.charges(space.modes, space.represented(H), represented)
    return replace(space, charges=charges) if charges != space.charges else space


def _charge_text(modes: Iterable[str], charge: tuple[int, ...]) -> str:
    text = ""
    for mode, q in zip(modes, charge, strict=True):
        if q:
            sign = (" + " if q > 0 else " − ") if text else ("" if q > 0 else "−")
            text += sign + (f"{abs(q)} " if abs(q) > 1 else "") + mode
    return text
