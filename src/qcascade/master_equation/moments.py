"""A master equation at any times: its coefficients, what its inputs meet and what leaves it."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.checks import ArgumentError, ConvergenceError, fail, one_of
from ..parts.pulse_states import FockPulse
from ..slh.component import Component
from ..slh.interior import constants
from ..slh.ladder import Ladder, Word
from ..slh.network import Network
from .driven import Driven
from .jumps import seen_at
from .terms import Feature

if TYPE_CHECKING:
    from .model import LindbladModel

Weights = Callable[[np.ndarray], Any]
"""Numbers at times (T,): an array (T,), or one number."""


class Moments:
    """A master equation at any times, which may be one for all times.

    Args:
        at: function of an array of times that returns a model.
        looked: times from which the structure is read.
    """

    def __init__(self, at: Any, looked: np.ndarray) -> None:
        self.at, self.looked = _remembered(at), looked
        self.driven = Driven(self.at, looked)
        if self.driven.points:
            shape, hint = f"shape {self.model.shape}", "run one evolution for each point"
            raise fail("model", "return models with the times as their only axis", shape, hint)
        self._table: tuple[np.ndarray, np.ndarray] | None = None

    @property
    def model(self) -> "LindbladModel":
        """The model at all times that were looked at."""
        return self.driven.model

    def part(self, times: np.ndarray) -> Component:
        """The network as one part, at some times.

        Args:
            times: (T,).

        Raises:
            ArgumentError: for a model without a network.
        """
        net = self.at(times).network
        if net is None:
            raise ArgumentError("Argument `model` must come from a network to have ports.")
        return net.component if isinstance(net, Network) else net

    def features(self) -> tuple[dict[Feature, float], dict[Feature, Weights]]:
        """Coefficients of the master equation that are constant, and those that change."""
        table = self.driven.coefficients(self.looked)
        constant, changing = {}, {}
        for f, feature in enumerate(self.driven.features):
            if np.all(table[:, f] == table[0, f]):
                constant[feature] = float(table[0, f])
            else:
                changing[feature] = self._weight(f, list(constant.values()), list(constant))
        return constant, changing

    def _weight(self, f: int, values: Any, known: Any) -> Weights:
        places = [self.driven.features.index(feature) for feature in known]

        def weight(times: np.ndarray) -> np.ndarray:
            if self._table is None or self._table[0] is not times:
                self._table = times, self.driven.coefficients(times)
            table = self._table[1]
            if np.any(table[:, places] != values):
                raise ConvergenceError(
                    "A parameter changes for so short a time, near t = "
                    f"{float(times[0]):.6g}, that it was not seen; name the time in `breaks`."
                )
            return table[:, f]

        return weight

    def seen(self, k: int) -> dict[Word, Any]:
        """What an input meets, without the light of lasers, which no commutator sees.

        Args:
            k: position of the input.

        Returns:
            Coefficients by word: numbers, or functions of time.
        """
        return self._words(lambda part: seen_at(part, k), constant=False)

    def leaving(self, row: int) -> dict[Word, Any]:
        """L of an output, with the light of lasers.

        Args:
            row: position of the output.

        Returns:
            Coefficients by word: numbers, or functions of time.
        """

        def operator(part: Component) -> Ladder:
            if part.carriers is None:
                raise fail("port", "be of a network whose lasers are known", "linearised alone")
            if not part.carriers:
                return part.L[row]
            light = constants(part.interior.paths.W, np.array(part.carriers, complex))
            return part.L[row] + light[..., row]

        return self._words(operator, constant=True)

    def passing(self, row: int, k: int) -> Any:
        """S from an input to an output, a number or a function of time.

        Args:
            row: position of the output.
            k: position of the input.
        """
        S = np.asarray(self.part(self.looked).S)[..., row, k]
        if np.all(S.flat[0] == S):
            return complex(S.flat[0])
        return lambda times: np.asarray(self.part(times).S)[..., row, k]

    def _words(self, operator: Callable[[Component], Ladder], constant: bool) -> dict[Word, Any]:
        weights: dict[Word, Any] = {}
        for word, c in operator(self.part(self.looked)).terms.items():
            c = np.asarray(c, complex)
            if not np.any(c) or not (word or constant):
                continue
            if np.all(c == c.flat[0]):
                weights[word] = complex(c.flat[0])
            else:
                weights[word] = lambda times, word=word: np.asarray(
                    operator(self.part(times)).terms.get(word, 0.0), complex
                )
        return weights


def pulses_at(part: Component, inputs: Mapping[str, Any]) -> dict[int, FockPulse]:
    """States of pulses by position of the open input.

    Args:
        part: the network.
        inputs: pulses by name of an open input.

    Raises:
        ArgumentError: for any other name, an input through which noise enters, or what is no pulse.
    """
    pulses = {}
    squeezed = {name for pair in part.squeezings for name in pair}
    for name, light in inputs.items():
        one_of("inputs", name, part.inputs, "of open inputs")
        where = f"inputs[{name}]"
        if not isinstance(light, FockPulse):
            raise fail(where, "be a pulse with photons, from `qc.fock_pulse`", light)
        if name in squeezed or np.any(np.asarray(part.occupations.get(name, 0.0)) > 0):
            raise fail(where, "be left out: what enters there is noise", light)
        pulses[part.inputs.index(name)] = light
    return pulses


def _remembered(at: Any) -> Callable[[np.ndarray], Any]:
    """The function, whose last answer is kept: many ask for the same times."""
    last: list[Any] = [None, None]

    def asked(times: np.ndarray) -> Any:
        if last[0] is None or not np.array_equal(last[0], times):
            last[:] = times, at(times)
        return last[1]

    return asked
