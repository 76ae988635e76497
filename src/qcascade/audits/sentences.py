"""What an audit found, in sentences."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.checks import listed
from ..linear.printed import MOST
from ..linear.quantum_noise import MOMENTUM_DAMPED, PHYSICAL, UNPHYSICAL
from .effects import Difference, Effect

_COMPLETED = "physical once momentum damping is completed"
_SUMMARY = {PHYSICAL: "physical", MOMENTUM_DAMPED: _COMPLETED, UNPHYSICAL: "not physical"}


def sentences_of(modes: tuple[str, ...], findings: Mapping[str, Any]) -> tuple[str, ...]:
    """The sentences of an audit: noise, stability, state; convention; and what else there is.

    Args:
        modes: names of the modes.
        findings: the fields of the `Audit`.
    """
    if not np.size(findings["verdict"]):
        return ("There are no points.",)
    return (
        _noise(findings),
        _stability(findings),
        _state(findings),
        _convention(modes, findings["quanta"]),
        *_hints(modes, findings),
        *_wiring(findings),
        _summary(findings),
    )


def _noise(findings: Mapping[str, Any]) -> str:
    positive, digits = np.asarray(findings["completely_positive"]), findings["digits"]
    lowest = np.asarray(findings["relative_eigenvalue"])[findings["worst"]]
    level = (
        f"smallest eigenvalue of D + i(AΩ + ΩAᵀ)/2 is {lowest:.6g}, in units of the modes' "
        f"damping{_at(findings['worst'])}"
    )
    accuracy = f"{digits} digits" if digits <= MOST else "accuracy"
    rounded = f", to the {accuracy} of the numbers" if lowest < 0 else ""
    if positive.all():
        return f"Completely positive: yes{rounded} ({level})."
    if not findings["breaks"]:
        return (
            f"Completely positive: {_verdict(positive)} ({level}), until momentum damping is "
            "completed by position noise."
        )
    groups = " and ".join(_group(modes) for modes in findings["breaks"][:6])
    more = len(findings["breaks"]) - 6
    groups += f" and {more} blocks more" if more > 0 else ""
    return (
        f"Completely positive: {_verdict(positive)} ({level}, carried by {groups}: no quantum "
        "noise produces this D with this A)."
    )


def _summary(findings: Mapping[str, Any]) -> str:
    verdicts, sizes = np.unique(np.asarray(findings["verdict"]), return_counts=True)
    words = [_SUMMARY[verdict] for verdict in verdicts.tolist()]
    if findings["completion"] is not None:
        words = [w + f", which {findings['completion'].change}" * (w == _COMPLETED) for w in words]
    if len(words) == 1:
        return f"Verdict: {words[0]}."
    points = int(sizes.sum())
    counted = [f"{w} at {k} of {points} points" for w, k in zip(words, sizes, strict=True)]
    return f"Verdict: {'; '.join(counted)}."


def _group(modes: tuple[str, ...]) -> str:
    if len(modes) == 1:
        return f"the block of {modes[0]}"
    if len(modes) == 2:
        return f"the block between {modes[0]} and {modes[1]}"
    return f"the blocks between {listed(modes)}"


def _stability(findings: Mapping[str, Any]) -> str:
    rate = np.asarray(findings["growth"])
    at = np.unravel_index(rate.argmax(), rate.shape)
    return (
        f"Stable: {_verdict(findings['stable'])} (largest real part of the drift's eigenvalues "
        f"{rate[at]:.6g}{_at(at)})."
    )


def _state(findings: Mapping[str, Any]) -> str:
    stable, physical = np.asarray(findings["stable"]), np.asarray(findings["physical_state"])
    if not stable.any():
        return "Steady state physical: there is none."
    lowest = np.asarray(findings["state_eigenvalue"])
    at = np.unravel_index(np.nanargmin(lowest), lowest.shape)
    return (
        f"Steady state physical: {_verdict(physical[stable])} (smallest eigenvalue of V + iΩ/2 "
        f"is {lowest[at]:.6g}{_at(at)})."
    )


def _convention(modes: tuple[str, ...], quanta: Any) -> str:
    per_mode = quanta.reshape(-1, len(modes))
    held = [_range(per_mode[:, k]) + f" ({mode})" for k, mode in enumerate(modes)]
    return f"Convention: vacuum ½, order x₁p₁x₂p₂…; the baths then hold {listed(held)} quanta."


def _range(values: Any) -> str:
    known = values[~np.isnan(values)]
    if not known.size:
        return "no"
    low, high = (f"{_plain(x):.4g}" for x in (known.min(), known.max()))
    return low if low == high else f"{low} to {high}"


def _plain(value: float) -> float:
    return 0.0 if abs(value) < 1e-9 else value


def _hints(modes: tuple[str, ...], findings: Mapping[str, Any]) -> tuple[str, ...]:
    told = []
    if findings["fits"]:
        convention, verdict = findings["fits"]
        told.append(
            f"Another convention fits better: {convention}. Read so, the model is {verdict}. "
            "Convert it with `qcascade.conventions`, or say so in the file."
        )
    added = findings["added"].reshape(-1, len(modes)).max(axis=0)
    if added.any():
        completed = [f"{added[k]:.6g} ({mode})" for k, mode in enumerate(modes) if added[k] > 0]
        told.append(
            "Damped in momentum only, and completed by position noise κ²/4D_pp of up to "
            f"{listed(completed)}.{_effect(findings['completion'], 'This')}"
        )
    if findings["one_sided"]:
        pairs = [" and ".join(pair) for pair in findings["one_sided"]]
        told.append(
            f"A couples {listed(pairs)} as no Hamiltonian does, and D holds no noise between "
            "them: a misprint, or a bath in common that was left out."
        )
    if findings["enough_digits"]:
        told.append(
            f"With numbers of {findings['enough_digits']} digits rounding would explain it: "
            "give `digits` if they have no more."
        )
    return tuple(told)


def _wiring(findings: Mapping[str, Any]) -> tuple[str, ...]:
    if findings.get("differences") is None:
        return ()
    told = tuple(_difference(x) for x in findings["differences"])
    if not told:
        return ("A and D are what the wiring implies.",)
    effect = _effect(findings["wiring"], "What the wiring implies").strip()
    return (*told, effect) if effect else told


def _difference(x: Difference) -> str:
    row, column = (" ".join(name) for name in (x.row, x.column))
    between = (
        f"within {x.row[0]}" if x.row[0] == x.column[0] else f"between {x.row[0]} and {x.column[0]}"
    )
    if x.matrix == "A" and x.row[0] != x.column[0]:
        between = f"from {x.column[0]} to {x.row[0]}"
    printed, implied = _apart(x.printed, x.wired)
    return (
        f"{x.matrix} differs {between}: at ({row}, {column}) it has {printed}, and the wiring "
        f"implies {implied}{_at(x.point)}."
    )


def _apart(a: float, b: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to see two digits of their difference."""
    words = ((f"{a:.{n}g}", f"{b:.{n}g}") for n in range(6, 17))
    return next((two for two in words if _tells(*two, a - b)), (repr(a), repr(b)))


def _tells(a: str, b: str, difference: float) -> bool:
    return abs(float(a) - float(b) - difference) <= 0.1 * abs(difference)


def _effect(effect: Effect | None, what: str) -> str:
    if effect is None:
        return ""
    one = "only one of the two has a steady state"
    if not effect.pair:
        return f" {what} {effect.change}: {one if effect.lost else 'no pair is entangled'}."
    a, b = effect.pair
    lost = f" At {effect.lost} points {one}." if effect.lost else ""
    return (
        f" {what} {effect.change}: E_N({a}, {b}) is {effect.before:.6g} before and "
        f"{effect.after:.6g} after{_at(effect.point)}, a difference of "
        f"{effect.after - effect.before:.2g}.{lost}"
    )


def _at(point: tuple[Any, ...]) -> str:
    """Where in a batch; nothing for a single model."""
    if not point:
        return ""
    where = int(point[0]) if len(point) == 1 else tuple(int(k) for k in point)
    return f" at point {where}"


def _verdict(flags: Any) -> str:
    flags = np.asarray(flags)
    if flags.size == 1 or flags.all() or not flags.any():
        return "yes" if flags.all() else "no"
    return f"at {int(flags.sum())} of {flags.size} points"
