"""A set of images, and how it is read from whatever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganatomy.images.faults import wrong
from ganatomy.images.files import array, check_type
from ganatomy.images.layouts import Shape, as_images
from ganatomy.images.pictures import from_folder
from ganatomy.images.points import as_points


@dataclass(frozen=True)
class ImageSet:
    """Images (or points) and how they were read."""

    images: np.ndarray
    """N x H x W x C uint8; or, for points in the plane, N x 1 x 1 x 2 float32."""
    conversions: tuple[str, ...]
    """A sentence for each thing that was not N x H x W x C uint8 already: what was found, and what it was taken as."""
    source: str
    """The file or the folder, as it was given."""


IN_MEMORY = Path("the array")
"""What messages call images that were not read from a file."""


def given(images: np.ndarray, shape: Shape, *, points: bool = False) -> ImageSet:
    """Images that are in memory already, taken and refused as `read` does."""
    notes: list[str] = []
    check_type(IN_MEMORY, images.dtype)
    made = as_points(IN_MEMORY, images, notes) if points else as_images(IN_MEMORY, images, shape, notes)
    return ImageSet(made, tuple(notes), str(IN_MEMORY))


def read(path: Path, shape: Shape, *, points: bool = False) -> ImageSet:
    """Images from an .npz, an .npy or a folder of pictures, as N x H x W x C uint8.

    Arrays may be N x H x W x C, N x C x H x W, and for one channel N x H x W or N x (H W); uint8 or other whole numbers
    from 0 to 255, or floats in [0, 1], in [-1, 1] or from 0 to 255. Nothing is resized, and no image is normalised by
    its own values: both would change the scores.

    Args:
        path: the file, or the folder (with its sub-folders, in the order of names).
        shape: height, width and channels (1 or 3) of the data that the images will be compared with.
        points: points in the plane, N x 2 or N x 1 x 1 x 2 finite floats, rather than images; `shape` is not used.

    Raises:
        GanatomyError: a file is missing, damaged or cannot be read.
        UsageError: what is in it is not what is expected. The message says what is, and what to do.
    """
    source, path = str(path), path.expanduser()
    notes: list[str] = []
    if path.is_dir():
        if points:
            raise wrong(path, "a folder", "points in the plane", "give them as an .npz or .npy of N x 2 floats")
        made = from_folder(path, shape, notes)
    elif points:
        made = as_points(path, array(path, notes), notes)
    else:
        made = as_images(path, array(path, notes), shape, notes)
    return ImageSet(made, tuple(notes), source)
