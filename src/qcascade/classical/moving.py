"""Fields that move as the classical equations say, at one time or at many."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, eq=False)
class MovingFields(Mapping[str, Any]):
    """α by mode at some time, and α̇: what `linearise` takes where fields are not steady.

    Made by an `Orbit` or a `MeanField`, called with a time or an array of times.

    Args:
        fields: α by mode, complex, of the shape of the times.
        rates: α̇ by mode.
    """

    fields: Mapping[str, Any]
    rates: Mapping[str, Any]

    def __getitem__(self, mode: str) -> Any:
        return self.fields[mode]

    def __iter__(self) -> Iterator[str]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)
