"""Settings as they are typed, NAME=VALUE: text to numbers of the kind that is meant."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .checks import fail, one_of
from .units import Si, check_kind, convert, has_unit, of_any_kind, power_share


def settings(
    words: Iterable[str],
    known: Mapping[str, Any],
    units: Mapping[str, tuple[str, float]] | None = None,
    several: Collection[str] = (),
    kinds: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Values by name from words "name=value", of the type of the known default.

    Args:
        words: as typed.
        known: default by name.
        units: by name, of which unit a plain number is a multiple, and how large a multiple
            (`in_unit`); names left out take any unit.
        several: names that also take a list, "0,50,0.5".
        kinds: by name, a unit of the kind that another one must have.

    Raises:
        ArgumentError: for an unknown name, one given twice, or what is no value of its kind.

    >>> settings(["power=15 mW", "length=3"], {"power": 0.01, "length": 1}, {"power": ("mW", 1e-3)})
    {'power': 0.015, 'length': 3}
    """
    values: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        one_of(name or word, name, known, "a parameter")
        if not equals:
            raise fail(name, "be given as NAME=VALUE", word)
        if name in values:
            raise fail(name, "be set once", word)
        unit, kind = (units or {}).get(name), (kinds or {}).get(name)
        if kind is not None and has_unit(text):
            check_kind(name, text, kind)
        if "," in text and name in several:
            values[name] = [_typed(name, one, known[name], unit) for one in text.split(",")]
        else:
            values[name] = _typed(name, text, known[name], unit)
    return values


def _typed(name: str, text: str, default: Any, unit: tuple[str, float] | None) -> Any:
    if isinstance(default, str):
        return text
    if unit is not None and not isinstance(default, int):
        value = in_unit(name, text, *unit)
        if value is not None:
            return value
    any_kind = unit is None and isinstance(default, float) and has_unit(text)
    if isinstance(default, Si) or any_kind:
        return of_any_kind(name, text)
    kind, words = (int, "a whole number") if isinstance(default, int) else (float, "a number")
    try:
        return kind(text)
    except ValueError:
        more = f"units: {unit[0]}" if unit is not None and unit[0] != "1" else ""
        raise fail(name, f"be {words}", text, more) from None


def in_unit(name: str, text: str, unit: str, scale: float) -> float | None:
    """`scale` times the number of units in text with a unit; None for a bare number.

    Args:
        name: what to call it in an error; a transmission may be a loss in dB.
        text: as typed: in `unit`, which may be one's own (ω, γ, quanta), or any unit of its kind.
        unit: "1" for a ratio.
        scale: what one unit is.

    Raises:
        ArgumentError: for a unit of another kind, or text that is not clear.

    >>> in_unit("power", "15mW", "mW", 1e-3), in_unit("power", "15000 uW", "mW", 1e-3)
    (0.015, 0.015)
    """
    if unit == "1":
        share = name == "transmission" and has_unit(text)
        return float(power_share(name, text)) if share else None
    own = text.strip().removesuffix(unit)
    if own != text.strip():
        try:
            return float(own) * scale
        except ValueError:
            pass
    return float(convert(name, text, unit)) * scale if has_unit(text) else None
