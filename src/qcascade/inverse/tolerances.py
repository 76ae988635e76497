"""What is left of a design when every part of it is a little off."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import count, fail, flag, single
from ..base.given_units import Unit
from ..base.keywords import spoken
from ..sweeps.points import Point
from .points import in_unit, nominal, numbers_at
from .spread import drawn, kinds_of, spreads

if TYPE_CHECKING:
    import xarray as xr

Z = 1.959963984540054
"""Standard deviations on either side that hold 95 %."""

LOST = "lost by the spread of"

BINS = 20
"""Equal groups of samples, by the value of one parameter."""


@dataclass(frozen=True, eq=False, repr=False)
class Tolerance:
    """How often a design still works; made by `tolerance`.

    Args:
        of: name of the output.
        nominal: its value as designed.
        at: the parameters as designed, in SI units where they were given with one.
        units: by parameter, the unit it was given in, and what that is in SI units.
        keep: the share of it that must be left.
        limit: what it must be above, keep × nominal; of what shall be small, below.
        small: whether it shall be small.
        probability: share of the samples with a steady state and a value on the right side of it.
        interval: Wilson's interval of 95 % for it.
        stable: share of the samples with a steady state.
        costs: by parameter, the largest first: the share of the output's variance (0 where there is
            no steady state) that its spread alone explains.
        kinds: by parameter, how it was drawn: "rate", "share", "phase" or "fixed".
        data: every sample: the parameters, the output (NaN where there is no steady state).
        seed: of the random numbers.

    >>> found = tolerance(lambda x: {"f": x, "stable": x < 1.1}, {"x": 1.0}, spread=0.1)
    >>> print(found)
    Tolerance of f = 1 in 10,000 samples, seed 0
      P(f > 0.5 f₀) = 0.8267 (0.8192 … 0.8340), stable 0.8267
      lost by the spread of    share     as designed
        x                     89.3 %     1 (rate)
    """

    of: str
    nominal: float
    at: Mapping[str, float]
    units: Mapping[str, Unit]
    keep: float
    limit: float
    small: bool
    probability: float
    interval: tuple[float, float]
    stable: float
    costs: Mapping[str, float]
    kinds: Mapping[str, str]
    data: "xr.Dataset"
    seed: int

    def __repr__(self) -> str:
        low, high = self.interval
        sign = "<" if self.small else ">"
        return "\n".join(
            [
                f"Tolerance of {self.of} = {self.nominal:.8g} in {self.data.sizes['sample']:,} "
                f"samples, seed {self.seed}",
                f"  P({self.of} {sign} {self.limit / self.nominal:g} {self.of}₀) = "
                f"{self.probability:.4f} "
                f"({low:.4f} … {high:.4f}), stable {self.stable:.4f}",
                f"  {LOST}    share     as designed",
                *self._rows(),
            ]
        )

    def _rows(self) -> list[str]:
        width = max(len(LOST) - 2, *map(len, self.costs))
        return [
            f"    {name:<{width}} {100 * share:>6.1f} %     "
            f"{in_unit(self.at[name], self.units.get(name), '.6g')} ({self.kinds[name]})"
            for name, share in self.costs.items()
        ]


@spoken
def tolerance(
    point: Point,
    at: Mapping[str, Any],
    *,
    spread: Any = 0.05,
    keep: float = 0.5,
    samples: int = 10_000,
    seed: int = 0,
    of: str | None = None,
    small: bool = False,
) -> Tolerance:
    """How often a design still works when all parameters are a little off, and what costs most.

    Parameters are drawn independently. A rate or a detuning x is log-normal, x e^{sξ}, and keeps
    its sign; a share (a transmission, a loss: what the point function refuses above 1) stays
    between 0 and 1, for ln x/(1 − x) is normal, and the smaller of x and 1 − x varies by s; a phase
    (what changes nothing when 2π are added) is normal, with s radians. What is 0, or a share of 1,
    stays. The interval is that of E. B. Wilson, J. Am. Stat. Assoc. 22, 209 (1927).

    Args:
        point: as for `sweep`: arrays by name, returning a mapping from names to arrays.
        at: the design: a number, or text with a unit, for every parameter that varies; others
            keep their defaults.
        spread: s, for all, or by parameter (others stay as they are). Given by name, a
            parameter that is 0 is normal with that deviation.
        keep: share of the value as designed that must be left.
        samples: how many points are drawn.
        seed: of the random numbers.
        of: the output; when omitted "margin" or "E_N", or the first there is.
        small: whether the output shall be small: above zero it may then be value/keep at most,
            below zero (as in decibel) keep × value must be left.

    Returns:
        A `Tolerance`; `data` holds the samples.

    Raises:
        ArgumentError: for parameters or an output that the function does not have, or an output
            that is not above zero as designed and shall not be small.
        UnstableError: where the design itself has no steady state.

    >>> import qcascade as qc
    >>> def point(gain, loss):
    ...     parts = {"s": qc.pair_source(gain), "link": qc.fibre(1 - loss)}
    ...     parts["m"] = qc.cavity(decay=1.0)
    ...     net = qc.Network(parts, [("s.out_a", "link.in"), ("link.out", "m.in")])
    ...     state = qc.steady_state(qc.gaussian(net))
    ...     return {"margin": qc.margin(state, "s.b", "m.a"), "stable": state.stable}
    >>> found = tolerance(point, {"gain": 0.48, "loss": 0.1}, keep=0.9)
    >>> round(found.stable, 2), round(found.probability, 2), list(found.costs)[0]
    (0.79, 0.53, 'gain')
    """
    numbers, row = numbers_at(point, at, "vary")
    keep = single("keep", keep, 0.0, 1.0, "a number between 0 and 1")
    samples, seed = count("samples", samples, 2), count("seed", seed, 0)
    small = flag("small", small)
    output, value = nominal(numbers.outputs(row[None]), of, numbers, row)
    check_share("of", (output,), value, small)
    widths = spreads(spread, numbers.names, row)
    kinds = kinds_of(numbers, row, widths)
    rows = drawn(row, widths, kinds, np.random.default_rng(seed).normal(size=(samples, len(row))))
    values = sampled(numbers, rows, output)
    sign = -1.0 if small else 1.0
    limit = sign * left(sign * value, keep)
    works = sign * values > sign * limit
    return Tolerance(
        of=output,
        nominal=value,
        at=numbers.labelled(row),
        units=numbers.units,
        keep=keep,
        limit=float(limit),
        small=small,
        probability=float(works.mean()),
        interval=wilson(int(works.sum()), samples),
        stable=float(np.isfinite(values).mean()),
        costs=_costs(numbers.names, rows, values, kinds),
        kinds=dict(zip(numbers.names, kinds, strict=True)),
        data=_labelled(numbers, rows, values, output, value),
        seed=seed,
    )


def left(goals: Any, keep: float) -> Any:
    """What must be left of goals that are to be large: a share; below zero, the inverse of it.

    Args:
        goals: any numbers.
        keep: the share.

    >>> left(np.array([3.0, -20.0]), 0.5)
    array([  1.5, -40. ])
    """
    with np.errstate(divide="ignore"):
        return np.where(goals > 0, keep * goals, np.asarray(goals) / keep)


def check_share(argument: str, names: Sequence[str], value: float, small: bool) -> None:
    """Refuse an output of which no share can be left.

    Args:
        argument: that names it.
        names: of the outputs.
        value: of the worst of them as designed.
        small: whether it shall be small.

    Raises:
        ArgumentError: for what shall be large and is not above zero, and for zero.
    """
    told = f"{' or '.join(names)} = {value:.6g}"
    if small and value == 0:
        raise fail(argument, "be other than zero as designed, for a share of it to be left", told)
    if not small and not value > 0:
        must = "be above zero as designed, for a share of it to be left"
        hint = "of what shall be small, `small=True`" if argument == "of" else "see `minimise`"
        raise fail(argument, must, told, hint)


def sampled(numbers: Any, rows: Any, output: str) -> Any:
    """The output at every row, NaN where there is no steady state.

    Args:
        numbers: the point function.
        rows: values of the parameters, (N, parameters).
        output: its name.
    """
    outputs = numbers.bounded(numbers.outputs, rows)
    if output not in outputs:  # not one of the points has a steady state
        return np.full(len(rows), np.nan)
    stable = np.asarray(outputs.get("stable", True), bool)
    return np.where(stable, outputs[output], np.nan)


def wilson(successes: int, number: int) -> tuple[float, float]:
    """The interval of 95 % for a probability, from counts.

    Args:
        successes: how many of them.
        number: how many there are.

    >>> [round(x, 4) for x in wilson(10, 10)]
    [0.7225, 1.0]
    """
    share, part = successes / number, Z**2 / number
    middle = (share + part / 2) / (1 + part)
    half = np.sqrt(part * (share * (1 - share) + part / 4)) / (1 + part)
    return float(max(0.0, middle - half)), float(min(1.0, middle + half))


def _costs(names: Any, rows: Any, values: Any, kinds: Any) -> dict[str, float]:
    """Var(E[f | x])/Var(f) by parameter, from groups of samples that are alike in x.

    Groups of n samples have means that differ by chance, by Var(f)/n: that is taken off.
    """
    f = np.where(np.isfinite(values), values, 0.0)
    variance, bins = f.var(), min(BINS, len(f) // 2)
    shares = {}
    for name, x, kind in zip(names, rows.T, kinds, strict=True):
        shares[name] = 0.0
        if kind != "fixed" and variance > 0:
            groups = np.array_split(f[np.argsort(x, kind="stable")], bins)
            between = np.mean([(group.mean() - f.mean()) ** 2 for group in groups])
            chance = (bins - 1) / (len(f) - 1)
            shares[name] = float(max(0.0, (between / variance - chance) / (1 - chance)))
    return {name: shares[name] for name in sorted(shares, key=lambda name: -shares[name])}


def _labelled(numbers: Any, rows: Any, values: Any, output: str, value: float) -> "xr.Dataset":
    import xarray as xr

    columns = {name: ("sample", x) for name, x in zip(numbers.names, rows.T, strict=True)}
    samples = xr.Dataset({**columns, output: ("sample", values)})
    for name in numbers.units:
        samples[name].attrs["units"] = "SI"
    samples.attrs |= {"of": output, "nominal": value}
    return samples
