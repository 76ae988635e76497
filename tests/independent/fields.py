"""The classical equations term by term from the words of H and L, for numbers."""

from collections.abc import Mapping
from typing import Any


def classical_rates(part: Any, fields: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """α̇ by mode, and the sum of the magnitudes of its terms, against which zero is judged.

    α̇_k = −i ∂H/∂α_k* + ½ Σ_j (u_jk L_j* − v_jk* L_j), every operator replaced by its field.

    Args:
        part: the network as one part.
        fields: α by mode, for every mode.
    """
    terms: dict[str, list[Any]] = {mode: [] for mode in part.modes}
    for word, c in part.H.terms.items():
        for k, (mode, dagger) in enumerate(word):
            if dagger:
                terms[mode].append(-1j * c * product(word[:k] + word[k + 1 :], fields))
    for L in part.L:
        flux = sum(c * product(word, fields) for word, c in L.terms.items())
        for word, c in L.terms.items():
            if len(word) == 1:
                ((mode, dagger),) = word
                terms[mode].append((c * flux.conjugate() if dagger else -c.conjugate() * flux) / 2)
    return {mode: (sum(x, 0j), sum(map(abs, x), 0.0)) for mode, x in terms.items()}


def product(word: Any, fields: Mapping[str, Any]) -> Any:
    result: Any = 1.0
    for mode, dagger in word:
        result = result * (fields[mode].conjugate() if dagger else fields[mode])
    return result
