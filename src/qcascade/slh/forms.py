"""Polynomials in ladder operators as forms in the quadratures R = (x₁, p₁, x₂, p₂, …).

H = ½RᵀGR + dᵀR and L = CR + λ, with a = (x + ip)/√2; G comes as the elements of ΩG that a drift is
made of.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np

from ..base.checks import ArgumentError, is_traced
from .entries import Entries, summed
from .ladder import Ladder, Word, scatter

# A quadrature pair is a complex row: a = u·(x, p) with u = (1, i)/√2, and a† has its conjugate.
_TURNS = np.array([1, 1j])
_ROW = _TURNS / np.sqrt(2)
_ROWS = {False: _ROW.tolist(), True: _ROW.conj().tolist()}


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
    (left_mode, left_dagger), (right_mode, right_dagger) = word
    left, right = at[left_mode], at[right_mode]
    of_real, of_imaginary = _PRODUCTS[left_dagger, right_dagger]
    _add_products(entries, left, right, of_real, c.real)
    if not isinstance(c, float) and np.iscomplexobj(c):
        _add_products(entries, left, right, of_imaginary, c.imag)


def _add_products(entries: dict, left: int, right: int, products: Any, part: Any) -> None:
    if type(part) is float and not part:  # as one of the two is in most drives
        return
    for j, k, factor in products:
        value = part * factor
        # Ω takes row x of a mode to p with a minus, and p to x: rows of a mode change places.
        at, turned = (left + 1 - j, right + k), value if j else -value
        entries[at] = entries[at] + turned if at in entries else turned
        at, turned = (right + 1 - k, left + j), value if k else -value
        entries[at] = entries[at] + turned if at in entries else turned


def _products(left: bool, right: bool) -> tuple[list[tuple[int, int, float]], ...]:
    """Re(c v_j u_k): (j, k, factor of Re c) where v_j u_k is real, and of Im c where it is not."""
    v, u = (_TURNS.conj() if dagger else _TURNS for dagger in (left, right))
    # (1/√2)² is a half, which products of rounded roots are not: after 10⁹ periods it shows.
    every = [(j, k, complex(0.5 * v[j] * u[k])) for j in range(2) for k in range(2)]
    of_real = [(j, k, f.real) for j, k, f in every if not f.imag]
    return of_real, [(j, k, -f.imag) for j, k, f in every if f.imag]


_PRODUCTS = {both: _products(*both) for both in product((False, True), repeat=2)}


def linear_form(L: Sequence[Ladder], modes: Sequence[str]) -> tuple[Any, Any]:
    """C and λ of L = C R + λ, complex arrays (…, p, 2N) and (…, p)."""
    coupling: dict[tuple[int, int], Any] = {}
    offset: dict[tuple[int, int], Any] = {}
    at = {mode: 2 * k for k, mode in enumerate(modes)}
    for row, word, c in _linear_terms(L):
        if word:
            _add_word(coupling, at, word, c, row)
        else:
            offset[row, 0] = c + 0j
    ports = len(L)
    return (
        scatter(coupling, (ports, 2 * len(modes)), np.complex128),
        scatter(offset, (ports, 1), np.complex128)[..., 0],
    )


def amplitudes(L: Sequence[Ladder], modes: Sequence[str]) -> tuple[Entries, Entries, Entries]:
    """U and V (p, N), and λ (p, 1), of L_j = Σ_k U_jk a_k + V_jk a_k† + λ_j."""
    terms: dict[bool | None, list[Any]] = {False: [], True: [], None: []}
    at = {mode: k for k, mode in enumerate(modes)}
    for row, word, c in _linear_terms(L):
        if word:
            ((mode, dagger),) = word
            terms[dagger].append(((row, at[mode]), c))
        else:
            terms[None].append(((row, 0), c))
    U, V = (Entries((len(L), len(modes)), summed(terms[dagger])) for dagger in (False, True))
    return U, V, Entries((len(L), 1), summed(terms[None]))


def _linear_terms(L: Sequence[Ladder]) -> Iterator[tuple[int, Word, Any]]:
    """The words of first degree at most, with the row of each."""
    for row, ladder in enumerate(L):
        for word, c in ladder.terms.items():
            if len(word) <= 1:
                yield row, word, c
            elif _present(c):
                raise _too_high("L", word, 1)


def _add_word(entries: dict, at: dict[str, int], word: Word, c: Any, row: int = 0) -> None:
    """Add c·(a single operator in quadratures) to a row."""
    ((mode, dagger),) = word
    for k, u in enumerate(_ROWS[dagger]):
        key, value = (row, at[mode] + k), c * u
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
