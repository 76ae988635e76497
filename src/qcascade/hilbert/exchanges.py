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


@dataclass(frozen=True)
class _Entry:
    """A coefficient of H (one word) or of the dissipator (two), and what it must be carried to."""

    words: Words
    value: Any  # a number, or an array over the points of a batch
    image: Any

    @property
    def modes(self) -> set[str]:
        return {mode for word in self.words for mode, _ in word}


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
    energy = {(word,): c for word, c in collected(H).items() if word}
    noise = dissipator(jumps)
    for conjugate in (False, True):
        entries = [
            *(_Entry(w, c, -c.conjugate() if conjugate else c) for w, c in energy.items()),
            *(_Entry(w, c, c.conjugate() if conjugate else c) for w, c in noise.items()),
        ]
        images = _Search.of(modes, alike, entries).run()
        if images is not None:
            return images, conjugate
    return None


@dataclass
class _Search:
    """Partners found so far, and what decides about the next one."""

    modes: Sequence[str]
    options: Mapping[str, Sequence[str]]
    touched: Mapping[str, Sequence[_Entry]]
    known: Mapping[Words, Any]
    partner: dict[str, str]
    steps: int = 0

    @staticmethod
    def of(modes: Sequence[str], alike: Sequence[object], entries: Sequence[_Entry]) -> "_Search":
        touched = {mode: [e for e in entries if mode in e.modes] for mode in modes}
        own = {m: _fingerprint(m, [(e.words, e.value) for e in touched[m]]) for m in modes}
        due = {m: _fingerprint(m, [(e.words, e.image) for e in touched[m]]) for m in modes}
        label = dict(zip(modes, alike, strict=True))
        options = {
            # another mode before the mode itself
            m: sorted(
                (x for x in modes if label[x] == label[m] and own[x] == due[m]),
                key=lambda x, m=m: x == m,
            )
            for m in modes
        }
        known = {entry.words: entry.value for entry in entries}
        return _Search(modes, options, touched, known, {})

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
        for entry in self.touched[mode]:
            if entry.modes <= self.partner.keys():
                image = tuple(
                    tuple(sorted(((self.partner[m], d) for m, d in word), key=lambda x: x[0]))
                    for word in entry.words
                )
                if not _same(self.known.get(image, 0j), entry.image):
                    return False
        return True


def _same(x: Any, y: Any) -> bool:
    """Whether two coefficients are one up to rounding, in their real and imaginary parts."""
    x, y = turned(x), turned(y)
    parts = ((x.real, y.real), (x.imag, y.imag))
    if isinstance(x, np.ndarray) or isinstance(y, np.ndarray):
        return all(
            np.all(np.abs(a - b) <= SAME * np.maximum(np.abs(a), np.abs(b))) for a, b in parts
        )
    return all(abs(a - b) <= SAME * max(abs(a), abs(b)) for a, b in parts)


def _fingerprint(mode: str, entries: Sequence[tuple[Words, Any]]) -> tuple[Any, ...]:
    """What any exchange keeps of a mode: the coefficients of its words, without names."""
    shapes = []
    for words, value in entries:
        c = turned(value)
        shape = tuple(tuple(sorted((m == mode, d) for m, d in word)) for word in words)
        # Of an array, its largest number: enough to tell most modes apart.
        if isinstance(c, np.ndarray):
            shapes.append((shape, f"{largest(c.real):.9e}", f"{largest(c.imag):.9e}"))
        else:
            shapes.append((shape, f"{c.real + 0.0:.9e}", f"{c.imag + 0.0:.9e}"))
    return tuple(sorted(shapes))
