"""Exchanges of modes that leave a master equation as it is, with or without conjugation.

An exchange π of modes is a symmetry when it carries H into H and the dissipator into itself; or,
with complex conjugation, H into −H* and J into J*. The search tries partners mode after mode and
looks at every word as soon as all its modes have one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..slh.ladder import Ladder, Word
from .charges import collected, dissipator
from .rounding import largest, turned

SAME = 1e-12
"""Difference of two coefficients, relative to the larger one, that counts as none."""

MOST = 50_000
"""Steps after which the search for an exchange gives up."""

Words = tuple[Word, ...]


def mirror(
    modes: Sequence[str], alike: Sequence[object], H: Ladder, jumps: Sequence[Ladder]
) -> tuple[tuple[int, ...], bool] | None:
    """An exchange of modes under which the master equation does not change, if there is one.

    Args:
        modes: names of the M modes.
        alike: one label per mode; only modes with equal labels are exchanged.
        H: Hamiltonian.
        jumps: jump operators.

    Returns:
        For every mode the position of its image, and whether complex conjugation goes with the
        exchange (H → −H*, J → J*); None when no exchange is found.

    >>> from qcascade import lower
    >>> a, b = lower("a"), lower("b")
    >>> mirror(["a", "b"], [1, 1], a.dag * b + b.dag * a, [a, b])
    ((1, 0), False)
    """
    if len(set(alike)) == len(modes):
        return None
    label = dict(zip(modes, alike, strict=True))
    partners = {m: [x for x in modes if label[x] == label[m]] for m in modes}
    energy = {(word,): c for word, c in collected(H).items() if word}
    noise = dissipator(jumps)
    known = {**energy, **noise}
    touched: dict[str, list[Words]] = {m: [] for m in modes}
    for words in known:
        for mode in _modes(words):
            touched[mode].append(words)
    own = {m: _fingerprint(m, touched[m], known) for m in modes}
    for conjugate in (False, True):
        images, due = known, own
        if conjugate:
            turned_back = {words: -c.conjugate() for words, c in energy.items()}
            images = turned_back | {words: c.conjugate() for words, c in noise.items()}
            due = {m: _fingerprint(m, touched[m], images) for m in modes}
        options = {
            # another mode before the mode itself
            m: sorted((x for x in partners[m] if own[x] == due[m]), key=lambda x, m=m: x == m)
            for m in modes
        }
        positions = _Search(modes, options, touched, known, images, {}).run()
        if positions is not None:
            return positions, conjugate
    return None


@dataclass
class _Search:
    """Partners found so far, and what decides about the next one.

    Args:
        modes: names.
        options: partners that a mode may have.
        touched: words of H and of the dissipator that hold a mode.
        known: their coefficients: of H by one word, of the dissipator by two.
        images: what these must be carried to.
        partner: those found so far.
        steps: taken so far.
    """

    modes: Sequence[str]
    options: Mapping[str, Sequence[str]]
    touched: Mapping[str, Sequence[Words]]
    known: Mapping[Words, Any]
    images: Mapping[Words, Any]
    partner: dict[str, str]
    steps: int = 0

    def run(self) -> tuple[int, ...] | None:
        alone = all(x == m for m, others in self.options.items() for x in others)
        if alone or not self._extend():
            return None
        return tuple(self.modes.index(self.partner[mode]) for mode in self.modes)

    def _extend(self) -> bool:
        """Find partners for all modes that have none; false when that cannot be done."""
        self.steps += 1
        mode = next((m for m in self.modes if m not in self.partner), None)
        if mode is None:
            return any(m != p for m, p in self.partner.items())
        if self.steps > MOST:
            return False
        for other in self.options[mode]:
            if other in self.partner:
                continue
            self.partner |= {mode: other, other: mode}
            if self._fits(mode) and self._fits(other) and self._extend():
                return True
            for name in {mode, other}:
                del self.partner[name]
        return False

    def _fits(self, mode: str) -> bool:
        """Whether all words of a mode whose modes have partners are carried to where they must."""
        for words in self.touched[mode]:
            if _modes(words) <= self.partner.keys():
                image = tuple(
                    tuple(sorted(((self.partner[m], d) for m, d in word), key=lambda x: x[0]))
                    for word in words
                )
                if not _same(self.known.get(image, 0j), self.images[words]):
                    return False
        return True


def _modes(words: Words) -> set[str]:
    return {mode for word in words for mode, _ in word}


def _same(x: Any, y: Any) -> bool:
    """Whether two coefficients are one up to rounding, in their real and imaginary parts."""
    x, y = turned(x), turned(y)
    parts = ((x.real, y.real), (x.imag, y.imag))
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return all(
            np.all(np.abs(a - b) <= SAME * np.maximum(np.abs(a), np.abs(b))) for a, b in parts
        )
    return all(abs(a - b) <= SAME * max(abs(a), abs(b)) for a, b in parts)


def _fingerprint(mode: str, touched: Sequence[Words], c: Mapping[Words, Any]) -> tuple[Any, ...]:
    """What any exchange keeps of a mode: the coefficients of its words, without names."""
    shapes = []
    for words in touched:
        value = turned(c[words])
        shape = tuple([tuple(sorted([(m == mode, d) for m, d in word])) for word in words])
        # Of an array, its largest number: enough to tell most modes apart.
        if isinstance(value, np.ndarray):
            shapes.append((shape, f"{largest(value.real):.9e}", f"{largest(value.imag):.9e}"))
        else:
            shapes.append((shape, f"{value.real + 0.0:.9e}", f"{value.imag + 0.0:.9e}"))
    return tuple(sorted(shapes))
