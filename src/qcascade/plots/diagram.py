"""Network → diagram: parts, wires with their direction, couplings, baths, open ports."""

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.keywords import spoken
from ..slh.network import Network
from .plan import Box, Link, Plan, plan
from .plot import blank, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BOX, LINK = "qc-part-{}", "qc-link-{}"
"""What a part or a coupling is called in an SVG, by its place in the network."""

_BOX = (0.66, 0.40)  # of a cell of size 1
_INK, _PALE = "#33404d", "#5f6b76"
_NOISE = {"vacuum": "#8a949e", "thermal": "#c0504d", "squeezed": "#7b5ea7"}
_FILL = {
    "source": "#fdf0d5",
    "mode": "#e3eef8",
    "qubit": "#ece4f5",
    "passive": "#f1f2f3",
}


@spoken
def diagram(net: Network) -> "Figure":
    """Draw a network: boxes are parts, arrows wires, lines couplings, discs baths.

    A coupling has an arrowhead where it acts one way only: where the drift A (for a network of
    degree two) has a block for one direction and none for the other.

    Args:
        net: the network.

    Returns:
        A matplotlib `Figure`; its `savefig` writes PNG, SVG, or PDF.

    Raises:
        ArgumentError: for anything but a network.

    >>> from qcascade import Network, cavity, fibre
    >>> parts = {"left": cavity(decay=1.0), "link": fibre(0.9), "right": cavity(decay=1.0)}
    >>> net = Network(parts, wires=[("left.out", "link.in"), ("link.out", "right.in")])
    >>> sorted(text.get_text() for text in diagram(net).axes[0].texts if text.get_text() in parts)
    ['left', 'link', 'right']
    """
    return draw(plan(net))


def draw(shown: Plan) -> "Figure":
    """The figure of a plan.

    Args:
        shown: from `plan`.

    Returns:
        A matplotlib `Figure`.
    """
    columns, rows = (max((box.place[k] for box in shown.boxes), default=0) + 1 for k in (0, 1))
    drawing = blank(1.25 * columns + 0.5, 1.25 * rows + 0.5)
    axes = drawing.subplots()
    axes.set(xlim=(-0.75, columns - 0.25), ylim=(rows - 0.25, -0.75), aspect="equal")
    axes.set_axis_off()
    _draw_wires(axes, shown)
    _draw_links(axes, shown)
    for k, box in enumerate(shown.boxes):
        _draw_box(axes, box, BOX.format(k))
        _draw_open(axes, box)
    return drawing


def _draw_box(axes: "Axes", box: Box, key: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    (x, y), (width, height) = box.place, _BOX
    patch = FancyBboxPatch(
        (x - width / 2, y - height / 2),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.07",
        facecolor=_FILL[box.sort],
        edgecolor=_INK,
        linewidth=0.8,
        zorder=3,
        gid=key,
    )
    axes.add_patch(patch)
    style: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 4, "color": _INK}
    axes.text(
        x, y - 0.07, plain(box.name), fontsize=_fitting(box.name, 8, 9), weight="bold", **style
    )
    axes.text(x, y + 0.09, plain(box.kind), fontsize=_fitting(box.kind, 5.5, 13), **style)


def _fitting(text: str, size: float, letters: int) -> float:
    """The size at which a text still fits where so many letters do."""
    return size * min(1.0, letters / max(len(text), 1))


def _arrow(axes: "Axes", start: Any, stop: Any, **style: Any) -> None:
    from matplotlib.patches import FancyArrowPatch

    settings = {"color": _INK, "linewidth": 1.1, "mutation_scale": 9, "zorder": 2, **style}
    axes.add_patch(FancyArrowPatch(start, stop, shrinkA=0, shrinkB=0, **settings))


def _join(axes: "Axes", first: Box, second: Box, bend: float = 0.0, **style: Any) -> None:
    """An arrow from the border of a box to that of another, bent to its left by `bend`."""
    start, stop = np.array(first.place, float), np.array(second.place, float)
    along = stop - start
    # matplotlib's arc3: a parabola with this control point (the vertical axis points down)
    control = (start + stop) / 2 + bend * np.array([-along[1], along[0]])
    ends = _border(start, control), _border(stop, control)
    length = np.hypot(*along)
    bend *= length / max(np.hypot(*(ends[1] - ends[0])), 1e-9) if bend else 0.0
    _arrow(axes, *ends, connectionstyle=f"arc3,rad={bend:.3f}", **style)


def _border(centre: np.ndarray, toward: np.ndarray) -> np.ndarray:
    """Where the way from the middle of a box to another point leaves the box."""
    way = toward - centre
    share = np.array(_BOX) / 2 / np.maximum(np.abs(way), 1e-12)
    return centre + way * min(share.min(), 1.0)


def _draw_wires(axes: "Axes", shown: Plan) -> None:
    """Arrows; parallel wires and long ways are bent, a wire back to its own part is a loop."""
    boxes = {box.name: box for box in shown.boxes}
    for (source, target), number in Counter(shown.wires).items():
        first, second = boxes[source], boxes[target]
        if source == target:
            (x, y), loop = first.place, "arc3,rad=-1.2"
            start, stop = (x + 0.2, y - 0.2), (x - 0.2, y - 0.2)
            _arrow(axes, start, stop, arrowstyle="-|>", connectionstyle=loop)
            continue
        far = max(abs(a - b) for a, b in zip(first.place, second.place, strict=True)) > 1
        both_ways = (target, source) in shown.wires
        for k in range(number):
            bend = 0.35 if far else 0.18 * (k - (number - 1) / 2 + both_ways)
            _join(axes, first, second, bend, arrowstyle="-|>")


def _draw_links(axes: "Axes", shown: Plan) -> None:
    boxes = {box.name: box for box in shown.boxes}
    place = {name: box.place for name, box in boxes.items()}
    for k, link in enumerate(shown.links):
        key = LINK.format(k)
        if len(link.parts) == 1:
            x, y = place[link.parts[0]]
            _bath(axes, (x - 0.22, y + 0.42), link.noise or "vacuum", [(x - 0.22, y + 0.2)], key)
        elif link.noise:
            points = np.array([place[p] for p in link.parts], float)
            middle = points.mean(axis=0) + _aside(points)
            _bath(axes, tuple(middle), link.noise, points, key)
        else:
            _draw_coherent(axes, link, boxes, shown.one_way, key)


def _aside(points: np.ndarray) -> np.ndarray:
    """Where a common bath sits: off the line between the first and the last part."""
    along = points[-1] - points[0]
    turned = np.array([-along[1], along[0]]) / (np.hypot(*along) or 1.0)
    return 0.34 * turned * (1 if turned @ (0.3, 1.0) > 0 else -1)


def _draw_coherent(
    axes: "Axes",
    link: Link,
    boxes: Mapping[str, Box],
    directed: frozenset[tuple[str, str]],
    key: str,
) -> None:
    """Hopping is a full line, anything else is dashed."""
    first, second = link.parts[:2]
    if (second, first) in directed:
        first, second = second, first
    head = "-|>" if (first, second) in directed else "-"
    dashes = "-" if link.kind == "hopping" else (0, (4, 2))
    style = {"color": "#2f6f9f", "linestyle": dashes, "linewidth": 1.4, "gid": key}
    _join(axes, boxes[first], boxes[second], arrowstyle=head, **style)


def _bath(axes: "Axes", at: tuple[float, float], noise: str, ends: Any, key: str) -> None:
    dotted = {"color": _NOISE[noise], "lw": 0.7, "ls": ":", "zorder": 1, "gid": key}
    for end in ends:
        axes.plot([at[0], end[0]], [at[1], end[1]], **dotted)
    ring = {"markeredgecolor": _NOISE[noise], "markersize": 7, "zorder": 2, "gid": key}
    axes.plot(*at, "o", color="white", **ring)
    axes.plot(*at, ".", color=_NOISE[noise], markersize=3, zorder=3)


def _draw_open(axes: "Axes", box: Box) -> None:
    """Stubs at the open ports: noise comes in above, light leaves below."""
    x, y = box.place
    for k, (port, noise) in enumerate(box.inputs):
        at = x + 0.22 * (k - (len(box.inputs) - 1) / 2)
        _stub(axes, (at, y - 0.36), (at, y - 0.2), noise)
        axes.text(at, y - 0.43 - 0.08 * (k % 2), plain(port), **_SMALL)
    for k, port in enumerate(box.outputs):
        at = x + 0.22 * (k - (len(box.outputs) - 1) / 2) + 0.08
        _stub(axes, (at, y + 0.2), (at, y + 0.36), "vacuum")
        axes.text(at, y + 0.43 + 0.08 * (k % 2), plain(port), **_SMALL)


_SMALL: dict[str, Any] = {"fontsize": 5, "color": _PALE, "ha": "center", "va": "center"}


def _stub(axes: "Axes", start: Any, stop: Any, noise: str) -> None:
    style = {"color": _NOISE[noise], "linewidth": 0.8, "mutation_scale": 6}
    _arrow(axes, start, stop, arrowstyle="->", **style)
