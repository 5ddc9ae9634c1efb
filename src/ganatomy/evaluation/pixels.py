"""Images as rows of pixels, for distances between pictures themselves."""

from __future__ import annotations

import numpy as np

LARGEST = 16
"""Larger images are averaged down to at most this height and width. A copy is a copy at that size too, a little noise hides it
less, and the search takes a quarter of the time."""


def flat(images: np.ndarray) -> np.ndarray:
    """N x H x W x C uint8 to N x pixels uint8."""
    height, width = images.shape[1:3]
    step = max(-(-height // LARGEST), -(-width // LARGEST))
    if step > 1:
        images = np.concatenate([_averaged(images[i : i + 1000], step) for i in range(0, len(images), 1000)])
    return np.ascontiguousarray(images).reshape(len(images), -1)


def _averaged(images: np.ndarray, step: int) -> np.ndarray:
    """The means of step x step pixels; what is over at the right and below is left out."""
    count, height, width, channels = images.shape
    rows, columns = height // step, width // step
    cut = images[:, : rows * step, : columns * step]
    means = cut.reshape(count, rows, step, columns, step, channels).mean(axis=(2, 4))
    return np.asarray(means.round(), dtype=np.uint8)
