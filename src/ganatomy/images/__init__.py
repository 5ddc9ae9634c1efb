"""Images: pixels <-> the networks' numbers, grids and picture files, and sets of images that any program made."""

from __future__ import annotations

from ganatomy.arrays import BLOCK, Layout
from ganatomy.images.files import NAMES
from ganatomy.images.grids import as_pixels, grid, picture, pillow, save_gif, save_png, scatter
from ganatomy.images.pixels import Range, to_pixels, to_range
from ganatomy.images.sets import ImageSet, read

__all__ = [
    "BLOCK",
    "NAMES",
    "ImageSet",
    "Layout",
    "Range",
    "as_pixels",
    "grid",
    "picture",
    "pillow",
    "read",
    "save_gif",
    "save_png",
    "scatter",
    "to_pixels",
    "to_range",
]
