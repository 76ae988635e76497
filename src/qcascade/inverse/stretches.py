"""Models at a point and around it in one batch, and slopes from what they are there."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..base.checks import ArgumentError, fail
from ..master_equation.model import LindbladModel
from ..sweeps.points import name_of
from .points import Numbers
from .slopes import CENTRAL, STEPS, stencils

AGREE = 1e-6
"""What slopes of two steps may differ, relative to the largest slope."""

KINK = 1e-3
"""What slopes of two sides may differ over the smallest step, relative to the largest slope."""


class Stretch(NamedTuple):
    """Points around one value: how far they are, in units of the step, and which rows they are."""

    rows: Any
    stencil: Any
    unit: float

    def slopes(self, values: Any, base: Any) -> Any:
        """Slopes (F,) from values (steps, places, F) around `base` (F,); None without one.

        Of neighbouring steps the two that agree best are taken, as in `slopes.py`.
        """
        places, weights = self.stencil
        slopes = np.einsum("spf,p->sf", values, weights) / (self.unit * STEPS[:, None])
        apart = np.abs(np.diff(slopes, axis=0))
        apart = np.where(np.isfinite(apart), apart, np.inf)
        closest, each = np.argmin(apart, axis=0), np.arange(slopes.shape[1])
        best = slopes[closest + 1, each]
        largest = np.abs(best).max(initial=0.0)
        scale = max(largest, 1e-3 * np.abs(base).max(initial=0.0) / self.unit)
        if not np.all(apart[closest, each] <= AGREE * scale):
            return None
        if places is CENTRAL[0]:
            # Two sides of a kink have slopes of their own, and their mean looks like one.
            bent = np.abs(values[-1, 1] + values[-1, 2] - 2 * base) / (self.unit * STEPS[-1])
            if not np.all(bent <= KINK * scale):
                return None
        return best


def around(numbers: Numbers, row: Any) -> tuple[Any, dict[str, Stretch], LindbladModel]:
    """One batch: the point itself, and points around it for every parameter in turn.

    Its symmetries hold at all of them, so that words, blocks and coefficients are the same.

    Args:
        numbers: a function from parameters to a model.
        row: values of the parameters.

    Returns:
        Values of the parameters (N, parameters), which of them belong to which parameter, and the
        models.
    """
    chosen = dict.fromkeys(numbers.names, CENTRAL)
    try:
        return _batch(numbers, row, chosen)
    except ArgumentError:  # beyond the range of a part: which parameter is it?
        for name in chosen:
            chosen[name] = _allowed(numbers, row, name)
        return _batch(numbers, row, chosen)


def _allowed(numbers: Numbers, row: Any, name: str) -> Any:
    """The first stencil of a parameter that the model takes; central where it takes none."""
    for stencil in stencils():
        rows, _ = _rows(numbers, row, {name: stencil})
        try:
            _called(numbers, numbers.columns(rows))
        except ArgumentError:
            continue
        return stencil
    return CENTRAL


def _batch(numbers: Numbers, row: Any, chosen: Mapping[str, Any]) -> Any:
    rows, stretches = _rows(numbers, row, chosen)
    return rows, stretches, model_at(numbers, numbers.columns(rows), (len(rows),))


def _rows(numbers: Numbers, row: Any, chosen: Mapping[str, Any]) -> Any:
    """Values of the parameters (N, parameters), and which of them are whose."""
    rows, stretches, count = [row[None]], {}, 1
    for name, (places, weights) in chosen.items():
        k = numbers.names.index(name)
        unit = abs(row[k]) or 1.0
        moved = np.tile(row, (len(STEPS) * len(places), 1))
        moved[:, k] += (unit * STEPS[:, None] * places).ravel()
        which = count + np.arange(len(moved)).reshape(len(STEPS), len(places))
        stretches[name] = Stretch(which, (places, weights), unit)
        rows.append(moved)
        count += len(moved)
    return np.concatenate(rows), stretches


def _called(numbers: Numbers, values: Mapping[str, Any]) -> Any:
    try:
        return numbers.point(**values)
    except ArgumentError:
        raise
    except (TypeError, ValueError) as error:
        name = name_of(numbers.point)
        raise fail("point", "take numbers and arrays", name, str(error)) from error


def model_at(numbers: Numbers, values: Mapping[str, Any], shape: tuple[int, ...]) -> LindbladModel:
    """The model at some values, which has the shape that these have.

    Args:
        numbers: a function from parameters to a model.
        values: of its parameters.
        shape: of these.

    Raises:
        ArgumentError: for a function that returns none.
    """
    model = _called(numbers, values)
    if not isinstance(model, LindbladModel):
        raise fail("point", "return a LindbladModel (from `lindblad(net)`)", model)
    if model.shape != shape:
        must = f"return a model of shape {shape} for parameters of that shape"
        raise fail("point", must, f"shape {model.shape}", "it depends on no parameter in `at`?")
    return model
