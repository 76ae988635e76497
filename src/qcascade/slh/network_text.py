"""A network in words, part by part."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..base.checks import is_quantity
from .component import Component


def section(title: str, rows: Sequence[tuple[str, ...]]) -> list[str]:
    """A title, and rows of columns of one width below it; nothing where there are no rows."""
    if not rows:
        return []
    width = max(len(row[0]) for row in rows)
    return [title, *(f"  {row[0]:<{width}}  {'  '.join(row[1:])}".rstrip() for row in rows)]


def described(part: Component) -> str:
    """The call that made a part, or its size."""
    if part.recipe is None:
        return f"Component({len(part.modes)} modes, {len(part.inputs)} ports)"
    arguments = ", ".join(f"{name}={_brief(x)}" for name, x in part.recipe.arguments.items())
    return f"{part.recipe.part}({arguments})"


def _brief(value: Any) -> str:
    value = _spelled(value)
    if not isinstance(value, list | tuple) and np.ndim(value):
        return f"<array {np.shape(value)}>"
    return f"{value.item()!r}" if isinstance(value, np.generic | np.ndarray) else f"{value!r}"


def _spelled(value: Any) -> Any:
    """The value with text in place of quantities."""
    if is_quantity(value):
        return value.magnitude if np.ndim(value.magnitude) else f"{value:~P}"
    if isinstance(value, list | tuple):
        return type(value)(map(_spelled, value))
    if isinstance(value, Mapping):
        return {name: _spelled(x) for name, x in value.items()}
    return value.item() if isinstance(value, np.generic) else value


def noise_at(component: Component, port: str, occupation: Any) -> str:
    """What enters at an open port: vacuum, heat, squeezed light and its partner."""
    known = not np.ndim(occupation)
    kind = "vacuum" if known and occupation == 0 else "thermal, occupation "
    noise = (
        kind if kind == "vacuum" else kind + (f"{occupation:g}" if known else _brief(occupation))
    )
    for pair, xi in component.squeezings.items():
        if port in pair:
            partner = pair[1 - pair.index(port)]
            other = "" if partner == port else f" with {partner}"
            noise += f", squeezed{other} (ξ = {_brief(xi)})"
    return noise
