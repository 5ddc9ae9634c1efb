"""Images: pixels <-> the networks' numbers, grids and picture files, and sets of images that any program made.

Nothing is guessed in silence: what a file holds is taken as it is, or with a conversion that is stated, or refused.
"""

from __future__ import annotations

from ganatomy.images.files import NAMES
from ganatomy.images.grids import grid, picture, pillow, save_gif, save_png, scatter
from ganatomy.images.pixels import Range, to_pixels, to_range
from ganatomy.images.sets import ImageSet, given, read
from ganatomy.images.values import BLOCK

__all__ = [
    "BLOCK",
    "NAMES",
    "ImageSet",
    "Range",
    "given",
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
