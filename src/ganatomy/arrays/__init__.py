"""Images as people hold them, as NumPy arrays: tensors, lists and pictures; which layout and which range of values.

Nothing is guessed in silence: an array is taken as it is, or with a conversion that is stated, or it is an error.
"""

from __future__ import annotations

from ganatomy.arrays.layouts import Layout, Shape, as_images, own_shape
from ganatomy.arrays.numbers import to_numpy
from ganatomy.arrays.points import as_points
from ganatomy.arrays.values import BLOCK

__all__ = ["BLOCK", "Layout", "Shape", "as_images", "as_points", "own_shape", "to_numpy"]
