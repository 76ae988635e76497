"""States → plotly figures: covariance, Wigner function, concurrences of every pair."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..linear.state import GaussianState
from ..measures.phase_space import wigner
from .views import DIVERGING, GRID, framed, picture, rich

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 360
"""Of a portrait, in pixels."""

MANY = 12
"""Beyond so many rows the numbers of a matrix are shown only when pointed at."""

FAINT = 0.005
"""Below it, or below this share of the largest element, no number stands in its square."""

_BLUES = [[0.0, "#ffffff"], [1.0, "#105296"]]
_VIOLETS = [[0.0, "#ffffff"], [1.0, "#7b5ea7"]]
_ACROSS = 81  # points of a map, on either side


def covariance(state: GaussianState) -> "go.Figure":
    """The covariance V of one state, ½ on the diagonal for the vacuum: red above zero, blue below.

    Args:
        state: one Gaussian state.
    """
    names = [f"{letter} {mode}" for mode in state.modes for letter in "xp"]
    V = np.asarray(state.cov)
    return matrix(names, names, V, {"colorscale": DIVERGING, "zmid": 0.0})


def concurrences(numbers: Mapping[str, float]) -> "go.Figure":
    """C_ij of the qubits A_i and B_j.

    Args:
        numbers: by name, like "C_12"; other names are left out.
    """
    pairs = {name: value for name, value in numbers.items() if name.startswith("C_")}
    order = sorted({name[2] for name in pairs})
    C = np.array([[pairs[f"C_{i}{j}"] for j in order] for i in order])
    rows, columns = ([f"{rail}_{k}" for k in order] for rail in "AB")
    return matrix(rows, columns, C, {"colorscale": _VIOLETS, "zmin": 0.0, "zmax": 1.0})


def matrix(
    rows: Sequence[str], columns: Sequence[str], values: np.ndarray, colours: Mapping[str, Any]
) -> "go.Figure":
    """A matrix as coloured squares, the first row on top, with numbers where they fit.

    Args:
        rows: names of the rows.
        columns: names of the columns.
        values: the matrix.
        colours: colour scale and its ends, as plotly has them.

    >>> matrix(["a"], ["b"], np.array([[0.5]]), {"zmid": 0.0}).data[0].text[0]
    ['0.50']
    """
    largest = np.abs(values).max(initial=0.0)
    least, digits = FAINT * max(1.0, largest), ".2f" if largest < 100 else ".3g"
    words = [[f"{x:{digits}}" if abs(x) >= least else "" for x in row] for row in values]
    # Numbers as positions, names as what stands there: two modes may bear names that look alike.
    trace = {
        "type": "heatmap",
        "z": values,
        "text": words,
        "texttemplate": "%{text}" if len(rows) <= MANY else "",
        "customdata": [[rich(f"{row}, {column}") for column in columns] for row in rows],
        "hovertemplate": "%{customdata}: %{z:.6g}<extra></extra>",
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        **colours,
    }
    axis = {"showgrid": False, "ticks": "", "showline": False, "automargin": True}
    across = {
        **axis,
        "side": "top",
        "tickangle": 0 if len(columns) <= 4 else -90,
        "constrain": "domain",
        **_named(columns),
    }
    down = {**axis, "autorange": "reversed", "scaleanchor": "x", "constrain": "domain"}
    return picture([trace], _square(xaxis=across, yaxis={**down, **_named(rows)}))


def _named(names: Sequence[str]) -> dict[str, Any]:
    return {"tickvals": list(range(len(names))), "ticktext": [rich(name) for name in names]}


def wigner_map(state: GaussianState, mode: str) -> "go.Figure":
    """The Wigner function of one mode over four standard deviations, with its scale.

    Args:
        state: one Gaussian state.
        mode: its mode.
    """
    alone = state.reduce(mode)
    reach = 4 * float(np.sqrt(np.linalg.eigvalsh(np.asarray(alone.cov)).max()))
    x, p = (m + np.linspace(-reach, reach, _ACROSS) for m in np.asarray(alone.mean))
    W = np.asarray(wigner(alone, f"{mode}.x", f"{mode}.p", x, p))
    trace = {
        "type": "heatmap",
        "x": x,
        "y": p,
        "z": W.T,
        "colorscale": _BLUES,
        "zmin": 0.0,
        "zsmooth": "best",
        "colorbar": {"title": {"text": "W", "side": "right"}, "thickness": 14, "len": 0.9},
        "hovertemplate": "x %{x:.4g}, p %{y:.4g}: %{z:.4g}<extra></extra>",
    }
    across = framed(f"x of {mode}") | {"constrain": "domain", "gridcolor": GRID}
    up = framed(f"p of {mode}") | {"scaleanchor": "x", "constrain": "domain"}
    return picture([trace], _square(xaxis=across, yaxis=up))


def _square(**axes: Any) -> dict[str, Any]:
    margin = {"l": 56, "r": 12, "t": 28, "b": 44}
    return {**axes, "height": HEIGHT, "margin": margin, "dragmode": False}
