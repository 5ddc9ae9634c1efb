"""Images as rows of pixels, for distances between pictures themselves."""

from __future__ import annotations

import numpy as np

from ganatomy.data import take

LARGEST = 16
"""Larger images are averaged down to at most this height and width. A copy is a copy at that size too, a little noise hides it
less, and the search takes a quarter of the time."""


def flat(images: np.ndarray, index: np.ndarray | None = None) -> np.ndarray:
    """Those of N x H x W x C uint8 that an index names (unset: all) as n x pixels uint8. Never are all in memory as they are."""
    height, width = images.shape[1:3]
    index = np.arange(len(images)) if index is None else index
    step = max(-(-height // LARGEST), -(-width // LARGEST))
    if step > 1:
        rows = [_averaged(take(images, index[i : i + 1000]), step) for i in range(0, len(index), 1000)]
        chosen = np.concatenate(rows)
    else:
        chosen = take(images, index)
    return np.ascontiguousarray(chosen).reshape(len(index), -1)


def _averaged(images: np.ndarray, step: int) -> np.ndarray:
    """The means of step x step pixels; what is over at the right and below is left out."""
    count, height, width, channels = images.shape
    rows, columns = height // step, width // step
    cut = images[:, : rows * step, : columns * step]
    means = cut.reshape(count, rows, step, columns, step, channels).mean(axis=(2, 4))
    return np.asarray(means.round(), dtype=np.uint8)
