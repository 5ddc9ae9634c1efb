"""Sharpness and speckle of images, as ratios to real ones: blur lowers the one, noise raises both.

Noise raises sharpness, because a second difference does not distinguish an edge from grain. So neither value is to be read
without the other: 1 and 1 is like real, sharpness above 1 with speckle far above 1 is noise and no detail.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from ganatomy import images
from ganatomy.arrays.errors import times
from ganatomy.errors import UsageError
from ganatomy.probes import inputs
from ganatomy.runs.run import Run

_LAPLACE = np.array([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]])[None, :, :, None]


@dataclass(frozen=True)
class Texture:
    """Both ratios of a run's images; 1 is like real."""

    sharpness: float
    speckle: float


def texture(run: Run, n: int = 1000) -> Texture:
    """Sharpness and speckle of n images of a run, against n of the images that it trained on.

    Of a run loaded with other weights than its last, that generator's images.

    Raises:
        UsageError: a run on points in the plane; fewer than n images; real images that are all flat.
        GanatomyError: the data is missing, damaged, or not what the run was trained on.
    """
    if run.config.real_range is None:
        raise UsageError(f"{run.path} makes points in the plane; sharpness and speckle are of images")
    real, fake = inputs.training_images(run, n), run.sample(n, inputs.noise_seed(run))
    return Texture(sharpness(real, fake), speckle(real, fake))


def sharpness(real: Any, fake: Any) -> float:
    """How sharp `fake` is relative to `real`, both as `images.as_pixels` takes them: a ratio, 1 if they are alike.

    Of each image the mean square of its Laplacian (4 neighbours) is divided by the variance of its greys, so that
    contrast is not taken for sharpness; then the mean over images. A flat image counts 0. Below 1: blurred, coarse or
    empty; above: finer or noisy. It looks at steps of one pixel only, and few pixels on an empty ground weigh as much
    as a whole picture.

    Raises:
        UsageError: arrays of another kind or of different images, or real images that are all flat.
    """
    return _ratio(_sharpness, real, fake, "sharpness")


def speckle(real: Any, fake: Any) -> float:
    """How speckled `fake` is relative to `real`, both as `images.as_pixels` takes them: a ratio, 1 if they are alike.

    The mean over images and pixels of the distance, in greys, to the median of the 3x3 pixels around. Single pixels
    that differ from their neighbours add to it, edges hardly do; but strokes one pixel wide, and corners, count as
    speckle too; therefore the ratio.

    Raises:
        UsageError: as `sharpness` does.
    """
    return _ratio(_speckle, real, fake, "speckle")


def _sharpness(images: np.ndarray) -> float:
    second = ndimage.correlate(images, _LAPLACE, mode="nearest")
    variance = images.var(axis=(1, 2)).mean(axis=-1)
    energy = (second * second).mean(axis=(1, 2, 3))
    return float(np.divide(energy, variance, out=np.zeros_like(energy), where=variance > 0).mean())


def _speckle(images: np.ndarray) -> float:
    return float(np.abs(images - ndimage.median_filter(images, size=(1, 3, 3, 1), mode="nearest")).mean())


def _ratio(value: Callable[[np.ndarray], float], real: Any, fake: Any, name: str) -> float:
    real, fake = images.as_pixels(real), images.as_pixels(fake)
    for pixels in (real, fake):
        if not pixels.size or pixels.shape[1:] != real.shape[1:]:
            raise UsageError(f"{name} compares images of one shape, found {times(real.shape)} and {times(fake.shape)}")
    reference = value(real.astype(np.float64))
    if not reference:
        raise UsageError(f"the real images have no {name} to compare with: each of them is flat")
    return value(fake.astype(np.float64)) / reference
