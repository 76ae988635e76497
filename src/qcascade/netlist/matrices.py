"""The section `matrices` of a network file: a drift and a diffusion as a paper prints them.

[parameters]
kappa = 0.583
n = 0.1

[matrices]
modes = ["left", "right"]
A = [                            # numbers, or arithmetic in the parameters
  ["-kappa / 2", 0, 0, 0],
  [0, "-kappa / 2", 0, 0],
  ["-kappa", 0, "-kappa / 2", 0],
  [0, "-kappa", 0, "-kappa / 2"],
]
D = [ … ]
drive = [0, 0, 0, 0]             # may be left out
vacuum = 1                       # variance of the vacuum that D is printed with; ½ by default
order = "xxpp"                   # of the rows; "xpxp" by default
unit = "MHz"                     # of plain numbers; text may have its own, "0.3 MHz"
digits = 3                       # of the numbers; read off them by default

`axes` and `measures` stand beside it as for networks, and `parts` and `wires` are what the audit
compares it with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..audits.printed_convention import Reading, read
from ..base.checks import ArgumentError, count, fail, listed, number, one_of, single
from ..base.conventions import VACUUM
from ..base.units import angular_frequency, has_dimension
from ..linear.model import GaussianModel
from ..linear.printed import MOST, rounding_of
from .kinds import kind_of_label
from .parts import as_list, as_table, as_text, value_of

KEYS = ("modes", "A", "D", "drive", "vacuum", "order", "unit", "digits")


@dataclass(frozen=True)
class Matrices:
    """The section as read.

    Args:
        modes: names of the modes.
        A: rows of the drift: numbers and text.
        D: rows of the diffusion.
        drive: entries of the drive; none for no drive.
        reading: the convention they are in.
        unit: of plain numbers, "1" where none is given.
        digits: of the numbers, None where they say it themselves.
    """

    modes: tuple[str, ...]
    A: list[Any]
    D: list[Any]
    drive: list[Any]
    reading: Reading
    unit: str = "1"
    digits: int | None = None

    def model(self, given: Mapping[str, Any]) -> GaussianModel:
        """The model, in our convention, for some values of the parameters.

        Args:
            given: numbers or arrays by parameter.
        """
        A, D, drive = self._printed(given)
        scale = _scale(self.unit)
        A, D = read(scale * A, scale * D, self.reading)
        drive = scale * drive * np.sqrt(VACUUM / self.reading.vacuum)
        if self.reading.reordered:
            drive = drive[..., np.arange(2 * len(self.modes)).reshape(2, -1).T.ravel()]
        try:
            return GaussianModel(self.modes, A, D, drive)
        except ArgumentError as error:
            raise ArgumentError(f"In matrices: {error}") from None

    def errors(self, given: Mapping[str, Any]) -> tuple[Any, Any] | None:
        """How far the entries of A and D may be off by their digits, in our convention.

        Args:
            given: numbers or arrays by parameter.

        Returns:
            Two arrays for `audit`; None where the numbers count as exact.
        """
        A, D = np.broadcast_arrays(*self._printed(given)[:2])
        # Digits are those of the printed numbers, which units and conventions would hide.
        order = Reading(VACUUM, self.reading.reordered)
        error_A, error_D, digits = rounding_of(*read(A, D, order), self.digits)
        if digits > MOST:
            return None
        scale = _scale(self.unit)
        return scale * error_A, scale * error_D * (VACUUM / self.reading.vacuum)

    def _printed(self, given: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        """A, D and the drive as printed; entries with units in terms of `unit`."""
        rows = {"A": self.A, "D": self.D, "drive": [self.drive or [0.0] * 2 * len(self.modes)]}
        read_rows = {
            name: [
                [_entry(f"matrices.{name}[{j}][{k}]", x, given) for k, x in enumerate(row)]
                for j, row in enumerate(matrix)
            ]
            for name, matrix in rows.items()
        }
        self._check_units(read_rows)
        A, D, drive = (self._array(f"matrices.{name}", x) for name, x in read_rows.items())
        return A, D, drive[..., 0, :]

    def _check_units(self, rows: Mapping[str, list[list[Any]]]) -> None:
        """Plain numbers beside text with units have a unit, too."""
        entries = [x for matrix in rows.values() for row in matrix for x in row]
        plain = any(not has_dimension(x) and np.any(np.asarray(x) != 0) for x in entries)
        united = any(map(has_dimension, entries))
        if plain and united and _frequency(self.unit) is None:
            must = 'name the unit of plain numbers, like "MHz", since others have one'
            raise fail("matrices.unit", must, self.unit)

    def _array(self, where: str, rows: list[list[Any]]) -> Any:
        """Entries, of which some may be arrays, as one array (…, rows, columns)."""
        scale = _scale(self.unit)
        entries = [
            angular_frequency(f"{where}[{j}][{k}]", x) / scale
            if has_dimension(x)
            else number(f"{where}[{j}][{k}]", x)
            for j, row in enumerate(rows)
            for k, x in enumerate(row)
        ]
        stacked = np.stack(np.broadcast_arrays(*entries), axis=-1)
        return stacked.reshape(*stacked.shape[:-1], len(rows), -1)


def _entry(where: str, value: Any, given: Mapping[str, Any]) -> Any:
    if isinstance(value, list):
        raise fail(where, "be one number", value)
    return value_of(where, value, given)


def matrices_of(section: Any) -> Matrices:
    """The section `matrices`, checked.

    Args:
        section: the table of the file.

    Raises:
        ArgumentError: for a table that is none, or rows that are no square matrix.

    >>> rows = [["-k / 2", 0], [0, "-k / 2"]]
    >>> found = matrices_of({"A": rows, "D": [["k", 0], [0, "k"]], "vacuum": 1})
    >>> found.model({"k": 1.0}).D.diagonal()
    array([0.5, 0.5])
    """
    table = as_table("matrices", section)
    for key in table:
        one_of("matrices", key, KEYS, "a table of")
    for key in ("A", "D"):
        if key not in table:
            raise fail("matrices", f"give `{key}`", listed(table))
    names = as_list("modes", table)
    size = len(table["A"]) if isinstance(table["A"], list) else 0
    A, D = (_square(f"matrices.{key}", table[key], size) for key in ("A", "D"))
    names = names or [f"mode{k}" for k in range(1, size // 2 + 1)]
    if len(names) != size // 2:
        must = f"In matrices: Argument `modes` must name {size // 2} modes, one for two rows of A"
        raise ArgumentError(f"{must}, but is {names}.")
    drive = table.get("drive", [])
    if drive != [] and (not isinstance(drive, list) or len(drive) != size):
        raise ArgumentError(
            f"In matrices: Argument `drive` must be a list of {size} numbers, but is {drive}."
        )
    order = one_of("matrices.order", table.get("order", "xpxp"), ("xpxp", "xxpp"))
    kind = "a number above zero"
    vacuum = single("matrices.vacuum", table.get("vacuum", VACUUM), 5e-324, np.inf, kind)
    digits = table.get("digits")
    if digits is not None and count("matrices.digits", digits) > MOST:
        raise fail("matrices.digits", f"be {MOST} or fewer", digits)
    return Matrices(
        tuple(names),
        A,
        D,
        drive,
        Reading(vacuum, "A and D" if order == "xxpp" else ""),
        _unit(as_text("matrices.unit", table.get("unit", "1"))),
        digits,
    )


def _unit(text: str) -> str:
    """A unit of frequency, or a name of one's own that is no other unit."""
    if kind_of_label("matrices.unit", text) is not None and _frequency(text) is None:
        raise fail("matrices.unit", 'be a unit of frequency, "MHz", or a name of one\'s own', text)
    return text


def _square(where: str, rows: Any, size: int) -> list[Any]:
    must = "be a square matrix of numbers, two rows for every mode"
    if not isinstance(rows, list) or not rows:
        raise fail(where, must, rows)
    if len(rows) % 2 or any(not isinstance(row, list) or len(row) != len(rows) for row in rows):
        raise fail(where, must, rows)
    if len(rows) != size:
        raise fail(where, f"have as many rows as A, {size}", len(rows))
    return rows


def _frequency(unit: str) -> float | None:
    """One `unit` in rad/s; None for a name that is none, such as "κ"."""
    try:
        return float(angular_frequency("unit", f"1 {unit}"))
    except ArgumentError:
        return None


def _scale(unit: str) -> float:
    """What plain numbers are multiplied by."""
    scale = None if unit == "1" else _frequency(unit)
    return 1.0 if scale is None else scale
