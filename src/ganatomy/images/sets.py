"""A set of images, and how it is read from whatever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganatomy import paths
from ganatomy.arrays import Layout, Shape, as_images, as_points, to_numpy
from ganatomy.arrays.errors import wrong
from ganatomy.images.files import array
from ganatomy.images.pictures import from_folder


@dataclass(frozen=True)
class ImageSet:
    """Images (or points) and how they were read."""

    images: np.ndarray
    """N x H x W x C uint8; or, for points in the plane, N x 1 x 1 x 2 float32."""
    conversions: tuple[str, ...]
    """A sentence for each thing that was not N x H x W x C uint8 already: what was found, and what it was taken as."""
    source: str
    """The file or the folder, as it was given; "the array" for images in memory."""


IN_MEMORY = "the array"
"""What messages call images that were not read from a file."""


def read(source: Any, shape: Shape, *, points: bool = False, layout: Layout | None = None) -> ImageSet:
    """Images from a file, a folder of pictures, or memory, as N x H x W x C uint8.

    Arrays may be N x H x W x C, N x C x H x W, and for one channel N x H x W or N x (H W); uint8 or other whole numbers
    from 0 to 255, or floats in [0, 1], in [-1, 1] or from 0 to 255. Nothing is resized, and no image is normalised by
    its own values: both would change the scores.

    Args:
        source: the path of an .npz, an .npy, or a folder (with its sub-folders, in the order of names); or an array, a
            torch tensor, or a list of arrays, tensors or PIL pictures.
        shape: height, width and channels (1 or 3) of the data that the images will be compared with.
        points: points in the plane, N x 2 or N x 1 x 1 x 2 finite floats, rather than images; `shape` is not used.
        layout: of a 4-D array; unset, the one that fits `shape`.

    Raises:
        GanatomyError: a file is missing, damaged or cannot be read.
        UsageError: what is in it is not what is expected. The message says what is, and what to do.
    """
    notes: list[str] = []
    if not isinstance(source, (str, Path)):
        made = _taken(IN_MEMORY, to_numpy(source, IN_MEMORY), shape, notes, points, layout)
        return ImageSet(made, tuple(notes), IN_MEMORY)
    path = paths.of_user(source)
    if not path.is_dir():
        made = _taken(path, array(path, notes), shape, notes, points, layout)
    elif points:
        raise wrong(path, "a folder", "points in the plane", "give them as an .npz or .npy of N x 2 floats")
    else:
        made = from_folder(path, shape, notes)
    return ImageSet(made, tuple(notes), str(source))


def _taken(
    where: Path | str, found: np.ndarray, shape: Shape, notes: list[str], points: bool, layout: Layout | None
) -> np.ndarray:
    return as_points(where, found, notes) if points else as_images(where, found, shape, notes, layout)
