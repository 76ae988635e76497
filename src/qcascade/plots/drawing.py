"""Figures that keep the look of the package until they are saved."""

from typing import Any

import matplotlib.style
from matplotlib.figure import Figure

from .style import SHEET


class Drawing(Figure):
    """A figure that is saved in the style that it was drawn in.

    Matplotlib asks for some of a style only when it writes: in which form a PDF holds its fonts
    (journals refuse those of type 3), how wide hatches are, what names the parts of an SVG have.
    """

    def savefig(self, fname: Any, *, transparent: bool | None = None, **options: Any) -> None:
        """Write the figure; all arguments are matplotlib's."""
        with matplotlib.style.context(SHEET):
            super().savefig(fname, transparent=transparent, **options)
