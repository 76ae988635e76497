"""States → SVG: covariance, Wigner function, concurrences. Light enough to change with a slider."""

import base64
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from typing import Any

import numpy as np

from ..linear.state import GaussianState
from ..measures.phase_space import wigner
from .views import rich

SIDE = 300
"""The square that matrices and maps fill, in pixels."""

LARGEST = 75
"""The largest cell of a matrix, in pixels."""

MANY = 12
"""Beyond so many rows a matrix is one picture."""

_RED, _BLUE, _VIOLET = np.array([178, 24, 43]), np.array([16, 82, 150]), np.array([123, 94, 167])


def covariance(state: GaussianState) -> str:
    """The covariance V of one state, ½ on the diagonal for the vacuum: red above zero, blue below.

    Args:
        state: one Gaussian state.
    """
    names = [f"{letter} {mode}" for mode in state.modes for letter in "xp"]
    V = np.asarray(state.cov)
    return matrix(names, names, V, float(np.abs(V).max()), (_BLUE, _RED))


def concurrences(numbers: Mapping[str, float]) -> str:
    """C_ij of the qubits A_i and B_j.

    Args:
        numbers: by name, like "C_12"; other names are left out.
    """
    pairs = {name: value for name, value in numbers.items() if name.startswith("C_")}
    order = sorted({name[2] for name in pairs})
    C = np.array([[pairs[f"C_{i}{j}"] for j in order] for i in order])
    rows, columns = ([f"{rail}{k}" for k in order] for rail in "AB")
    return matrix(rows, columns, C, 1.0, (_VIOLET, _VIOLET))


def matrix(
    rows: Sequence[str], columns: Sequence[str], values: np.ndarray, size: float, colours: Any
) -> str:
    """A matrix as coloured squares, with numbers where they fit.

    Args:
        rows: names of the rows.
        columns: names of the columns.
        values: the matrix.
        size: what has the full colour.
        colours: red, green, blue (0 to 255) of the negative and of the positive end.

    >>> matrix(["a"], ["b"], np.array([[0.5]]), 1.0, (_BLUE, _RED)).count("<rect")
    1
    """
    cell = min(LARGEST, SIDE / len(rows))
    side, small = cell * len(rows), min(11.0, max(5.0, 0.8 * cell))
    left, top = (12 + 0.62 * small * max(map(len, names)) for names in (rows, columns))
    if len(rows) > MANY:
        pieces = [_picture(values, size, colours, left, top, side)]
    else:
        pieces = [
            _cell(
                str(rows[i]),
                str(columns[j]),
                value,
                size,
                colours,
                left + j * cell,
                top + i * cell,
                cell,
            )
            for (i, j), value in np.ndenumerate(values)
        ]
    for k, name in enumerate(rows):
        y = top + (k + 0.5) * cell + 3.5
        pieces.append(_label(left - 5, y, name, small, "end"))
    for k, name in enumerate(columns):
        x = left + (k + 0.5) * cell + 3.5
        pieces.append(_label(x, top - 5, name, small, "start", turned=True))
    return _svg(left + max(side, SIDE) + 4, top + side + 4, pieces)


def _cell(
    row: str, column: str, value: float, size: float, colours: Any, x: float, y: float, cell: float
) -> str:
    """A square that says its number: at once where it fits, and when pointed at."""
    told = escape(f"{row}, {column}: {value:.6g}")
    colour = "#" + "".join(f"{round(c):02x}" for c in _shade(np.array(value), size, colours))
    square = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{cell:.2f}" height="{cell:.2f}" '
        f'fill="{colour}" stroke="#eceff1" stroke-width="0.6"><title>{told}</title></rect>'
    )
    if cell <= 34 or abs(value) <= 0.004 * size:
        return square
    ink = "#ffffff" if abs(value) > 0.6 * size else "#33404d"
    letters = min(13.0, cell / 3.4)
    at = x + cell / 2, y + cell / 2 + 4
    return square + _label(*at, f"{value:.2f}", letters, "middle", ink=ink)


def _shade(values: np.ndarray, size: float, colours: Any) -> np.ndarray:
    """Red, green, blue (0 to 255) on a last axis: white at zero."""
    ends = np.where((values >= 0)[..., None], colours[1], colours[0])
    share = np.minimum(1.0, np.abs(values) / size) if size else np.zeros_like(values)
    return 255 + share[..., None] * (ends - 255)


def _picture(
    values: np.ndarray, size: float, colours: Any, left: float, top: float, side: float
) -> str:
    """A large matrix as one picture: hundreds of squares would be slow to show."""
    code = _png(_shade(values, size, colours).round().astype(np.uint8))
    return (
        f'<image href="{code}" x="{left:.1f}" y="{top:.1f}" width="{side:.1f}" '
        f'height="{side:.1f}" preserveAspectRatio="none" style="image-rendering:pixelated"/>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{side:.1f}" height="{side:.1f}" '
        'fill="none" stroke="#d5dadf"/>'
    )


def _png(colours: np.ndarray) -> str:
    """Rows of red, green, blue as an address that holds its own data."""
    from matplotlib.image import imsave

    stream = BytesIO()
    imsave(stream, colours, format="png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def _label(
    x: float,
    y: float,
    text: str,
    size: float,
    anchor: str,
    turned: bool = False,
    ink: str = "#33404d",
) -> str:
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-family="system-ui, sans-serif" fill="{ink}" '
        f'font-size="{size:.1f}" text-anchor="{anchor}" pointer-events="none"{turn}>'
        f"{escape(text)}</text>"
    )


def _svg(width: float, height: float, pieces: Sequence[str]) -> str:
    return (
        f'<svg class="qc-portrait" xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">{"".join(pieces)}</svg>'
    )


def wigner_map(state: GaussianState, mode: str, points: int = 81) -> str:
    """The Wigner function of one mode over four standard deviations, with its scale.

    Args:
        state: one Gaussian state.
        mode: its mode.
        points: on either side.
    """
    alone = state.reduce(mode)
    reach = 4 * float(np.sqrt(np.linalg.eigvalsh(np.asarray(alone.cov)).max()))
    middle = np.asarray(alone.mean)
    x, p = (m + np.linspace(-reach, reach, points) for m in middle)
    W = np.asarray(wigner(alone, f"{mode}.x", f"{mode}.p", x, p))
    top = float(W.max())
    code = _png(_shade(W.T[::-1], top, (_BLUE, _BLUE)).round().astype(np.uint8))
    left, high = 52.0, 8.0
    pieces = [
        f'<image href="{code}" x="{left}" y="{high}" width="{SIDE}" '
        f'height="{SIDE}" preserveAspectRatio="none"/>',
        f'<rect x="{left}" y="{high}" width="{SIDE}" height="{SIDE}" fill="none" '
        'stroke="#b8c0c8"/>',
    ]
    for value in _ticks(reach):
        share = (value + reach) / (2 * reach)
        pieces.append(
            _label(left + share * SIDE, high + SIDE + 16, f"{value + middle[0]:.3g}", 11, "middle")
        )
        pieces.append(
            _label(left - 6, high + SIDE * (1 - share) + 4, f"{value + middle[1]:.3g}", 11, "end")
        )
    pieces += [
        _label(left + SIDE / 2, high + SIDE + 34, f"x of {mode}", 12, "middle"),
        _label(14, high + SIDE / 2, f"p of {mode}", 12, "middle", turned=True),
        _label(left + SIDE - 6, high + 16, f"largest W = {top:.4g}", 11, "end"),
    ]
    return _svg(left + SIDE + 10, high + SIDE + 42, pieces)


def _ticks(reach: float) -> list[float]:
    """Five round numbers from −reach to reach."""
    power = 10.0 ** np.floor(np.log10(reach / 2))
    step = max(m * power for m in (1, 2, 5) if 2 * m * power <= reach)
    return [k * step for k in range(-2, 3)]


def caption(text: str) -> str:
    """Small capitals above a picture.

    Args:
        text: plain text.
    """
    return f'<div class="qc-caption">{rich(text)}</div>'
