"""Figures that are drawn again only where something that they show has changed."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..plots.plot import IMAGES, save_images
from ..plots.style import styled
from ..sweeps.digests import digest
from ..sweeps.owners import version_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

PACKAGE = Path(__file__).parents[1]
NOTE = "Source"
"""Where a PNG keeps what its figure was drawn from."""


def drawn(draw: Callable[["xr.Dataset"], "Figure"], data: "xr.Dataset", stem: Path) -> Path:
    """The figure of some data as PNG, SVG and PDF; left alone where all three are those of it.

    Args:
        draw: what draws it; a function of the data, of this package.
        data: what it shows.
        stem: of the three files.

    Returns:
        The path of the PNG.

    Raises:
        ArgumentError: when the place cannot be written.
    """
    source = digest(_package().encode(), _content(data), stem.name.encode())
    if _source_of(stem) == source:
        return Path(f"{stem}.png")
    return save_images(styled(draw, data), stem, {NOTE: source})


def _source_of(stem: Path) -> str | None:
    """What the images were drawn from, if all are there, and the PNG, which says so, is the last:
    others that are younger are those of a drawing that was stopped, or were changed by hand."""
    images = {ending: Path(f"{stem}.{ending}") for ending in IMAGES}
    if not all(image.exists() for image in images.values()):
        return None
    written = {ending: image.stat().st_mtime_ns for ending, image in images.items()}
    if written["png"] < max(written.values()):
        return None
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(f"{stem}.png") as image:
            image.load()
            return image.info.get(NOTE)
    except (OSError, UnidentifiedImageError):
        return None


@cache
def _package() -> str:
    """A hash of this package's files, of matplotlib's version and of its settings."""
    import matplotlib

    files = sorted(x for x in PACKAGE.rglob("*") if x.suffix in (".py", ".mplstyle"))
    settings = f"{version_of('matplotlib')} {dict(matplotlib.rcParams)!r}"
    return digest(settings.encode(), *(x.read_bytes() for x in files))


def _content(data: "xr.Dataset") -> bytes:
    """All that a dataset holds but the time when it was made."""
    attributes = {name: x for name, x in data.attrs.items() if name != "created"}
    told = [repr(sorted(attributes.items())).encode()]
    for name, variable in sorted(data.variables.items()):
        values = variable.values
        kind = name, variable.dims, values.shape, str(values.dtype), sorted(variable.attrs.items())
        told.append(repr(kind).encode())
        told.append(repr(values.tolist()).encode() if values.dtype == object else values.tobytes())
    return digest(*told).encode()
