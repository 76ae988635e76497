"""What (S, L, H) and the names of ports must be: unitary, Hermitian, finite, and told apart."""

from functools import lru_cache
from typing import Any

import numpy as np

from ..base.checks import (
    ArgumentError,
    complex_number,
    fail,
    is_plain,
    is_traced,
    listed,
    mapping,
    mean_quanta,
    namespace,
    one_of,
)
from .interior import passing
from .ladder import Ladder, as_ladder


def finite_operator(name: str, value: Any) -> Ladder:
    """A polynomial with finite coefficients, or a number that becomes one."""
    ladder = value if isinstance(value, Ladder) else as_ladder(complex_number(name, value))
    for word, c in ladder.terms.items():
        if not is_plain(c):
            complex_number(f"{name}[{spelled(word)}]", c)
    return ladder


def port_names(argument: str, names: Any) -> tuple[str, ...]:
    """Different names, of ports or of modes."""
    if not isinstance(names, list | tuple):
        raise fail(argument, "be a list of names", names)
    names = tuple(names)
    for name in names:
        if not isinstance(name, str) or not _is_name(name):
            raise fail(argument, "hold names (text without spaces or †)", name)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise fail(argument, "hold each name once", twice)
    return names


@lru_cache(maxsize=4096)
def _is_name(name: str) -> bool:
    """Whether a port or a mode may be called this; the parts of a sweep ask again and again."""
    return "†" not in name and len(name.split()) == 1


def scattering(S: Any, ports: int, name: str = "S", rows: str = "entry of L") -> Any:
    """S as complex numbers, known to be square and unitary."""
    if S is passing(ports).S:
        return S
    S = complex_number(name, S if ports or np.size(S) else np.zeros((0, 0)))
    if S.shape[-2:] != (ports, ports):
        raise fail(name, f"have shape (…, {ports}, {ports}), one row per {rows}", S.shape)
    if not is_traced(S):
        xp = namespace(S)
        error = xp.abs(xp.conj(xp.swapaxes(S, -1, -2)) @ S - np.eye(ports)).max(initial=0.0)
        if error > 1e-9:
            raise ArgumentError(
                f"Argument `{name}` must be unitary, but S†S differs from 1 by {float(error):.3g} "
                "(give every loss a port of its own)."
            )
    return S


def bath_occupations(occupations: Any, inputs: tuple[str, ...]) -> dict[str, Any]:
    """Occupations by name of an input, none of them negative."""
    for name in mapping("occupations", occupations, "inputs to numbers"):
        if name not in inputs:
            raise fail("occupations", "name input ports", name, f"inputs: {listed(inputs)}")
    return {name: mean_quanta(f"occupations[{name}]", n) for name, n in occupations.items()}


def squeezed_pairs(squeezings: Any, inputs: tuple[str, ...]) -> dict[tuple[str, str], Any]:
    """ξ by pair of inputs, each of which is in one pair at most."""
    used: list[str] = []
    if type(squeezings) is dict and not squeezings:
        return {}
    for pair in mapping("squeezings", squeezings, "pairs of inputs to numbers"):
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise fail("squeezings", "have pairs of inputs for keys", pair)
        for name in pair:
            one_of("squeezings", name, inputs, "an input port")
        used += dict.fromkeys(pair)  # once, where a field is squeezed with itself
    if len(set(used)) < len(used):
        raise fail("squeezings", "name each input once", used)
    return {pair: complex_number(f"squeezings[{pair}]", x) for pair, x in squeezings.items()}


def check_hermitian(H: Ladder) -> None:
    """Judged word by word; operators of different modes commute, so words are sorted by mode."""
    sort = all(word == _by_mode(word) for word in H.terms)
    open_terms = {w: c for w, c in H.terms.items() if not _is_matched(w, c, H, sort)}
    if not open_terms or any(is_traced(c) for c in H.terms.values()):
        return
    difference: dict[Any, Any] = {}
    size: dict[Any, Any] = {}
    terms = Ladder(open_terms)
    for word, c in [*terms.terms.items(), *(-terms.dag).terms.items()]:
        word = _by_mode(word)
        difference[word] = difference.get(word, 0.0) + c
        size[word] = size.get(word, 0.0) + np.abs(c)
    for word, c in difference.items():
        if np.any(np.abs(c) > 1e-9 * size[word]):
            raise ArgumentError(
                f"Argument `H` must be Hermitian, but the coefficient of {spelled(word)} and that "
                "of its conjugate are not complex conjugates."
            )


def _by_mode(word: Any) -> Any:
    return tuple(sorted(word, key=lambda operator: operator[0]))


def _is_matched(word: Any, c: Any, H: Ladder, sort: bool) -> bool:
    """c X†X with a real c is Hermitian as it stands, and so is c Y + c* Y†: most of an H is.

    Where all words of H are sorted by mode, conjugates are looked for among them as such.
    """
    conjugate = tuple([(mode, not dagger) for mode, dagger in reversed(word)])
    conjugate = _by_mode(conjugate) if sort else conjugate
    if word == conjugate and (isinstance(c, float) or not np.iscomplexobj(c)):
        return True
    other = H.terms.get(conjugate)
    if type(c) is np.ndarray and type(other) is np.ndarray:
        return np.array_equal(other, c.conjugate())
    return is_plain(c) and is_plain(other) and other == c.conjugate()


def spelled(word: Any) -> str:
    """A word as errors show it: "a† a"."""
    return " ".join(mode + "†" * dagger for mode, dagger in word) or "the identity"
