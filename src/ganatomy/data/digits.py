"""Handwritten digits that come with scikit-learn, brought from 8x8 counts to 28x28 strokes: no files, no network."""

from __future__ import annotations

import importlib.util
from functools import cache
from typing import Annotated

import numpy as np
from annotated_types import Ge

from ganatomy.data.base import Dataset, Source, digest_of, first

CELLS = 8  # a side of the originals
FINE = 32  # a side of the bitmaps that were counted, and of the drawing that is found again
HEIGHT, WIDTH = 20, 24  # of the digit within 28x28. The originals are squeezed to a narrow frame; MNIST's are wider
LEVEL, STEEPNESS = 0.5, 16.0  # of the soft threshold between paper and ink
ROUNDS, RATE = 8, 0.7  # after 8 rounds the ink of a cell is right to 0.4 % of the cell on average
PEN = 0.55  # the level strokes are drawn at: a little above LEVEL, for at 20 pixels MNIST's pen is thinner


class Digits(Source):
    """scikit-learn's handwritten digits at 28x28: small, offline, quick to train on."""

    name = "digits"
    title = "handwritten digits bundled with scikit-learn, redrawn at 28x28; works offline"
    extent = "1,797 images of 28 x 28 x 1; no files, 1.4 MB in memory"
    licence = "CC BY 4.0"
    reference = (
        "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, 1998, https://doi.org/10.24432/C50P49"
    )

    count: Annotated[int, Ge(1)] | None = None
    """Train on the first so many images only, and hold out the others; unset: train on all, with none held out."""

    def load(self) -> Dataset:
        """1797 x 28 x 28 x 1 uint8, white on black, with labels 0 to 9. Takes about half a second, then nothing.

        Raises:
            UsageError: `count` is more than there are.
        """
        found = _load()
        if self.count is None:
            return found
        assert found.labels is not None
        images, labels = first(self.count, self.name, found.images, found.labels)
        return Dataset(images, labels, found.classes, digest_of(images))

    def held_out(self) -> Dataset | None:
        """The images after the first `count`; None where there are none."""
        found = _load()
        if self.count is None or self.count >= len(found):
            return None
        assert found.labels is not None
        images = found.images[self.count :]
        return Dataset(images, found.labels[self.count :], found.classes, digest_of(images))

    def location(self) -> str:
        return "inside scikit-learn"

    def present(self) -> bool:
        return importlib.util.find_spec("sklearn") is not None


@cache
def _load() -> Dataset:
    from sklearn.datasets import load_digits

    bundled = load_digits()
    images = redraw(bundled.images / 16)[..., None]
    labels = bundled.target.astype(np.int64)
    images.setflags(write=False)
    labels.setflags(write=False)
    return Dataset(images, labels, tuple("0123456789"), digest_of(images))


def redraw(ink: np.ndarray) -> np.ndarray:
    """Strokes at 28x28 from the share of ink in each of 8x8 cells.

    The originals were 32x32 bitmaps whose 4x4 blocks were counted, so there is a crisp drawing with exactly these counts.
    It is found by back-projection: interpolate, threshold softly, count again, and correct by the counts' error. A plain
    enlargement is a blur from which no threshold brings back thin strokes: they never reach half a cell.

    Args:
        ink: N x 8 x 8, from 0 to 1.

    Returns:
        N x 28 x 28 uint8, the digit centred on black.
    """
    # In float64, so that the rounding to bytes is the same whatever the linear algebra library sums first.
    enlarge, count = _cubic(CELLS, FINE), _area(FINE, CELLS)
    sources = ink.astype(np.float64)
    field = enlarge @ sources @ enlarge.T
    for _ in range(ROUNDS):
        counted = count @ _soft_threshold(field, LEVEL) @ count.T
        sources = sources + RATE * (ink - counted)
        field = enlarge @ sources @ enlarge.T
    strokes = _soft_threshold(field, PEN)
    drawn = _area(FINE, HEIGHT) @ strokes @ _area(FINE, WIDTH).T
    images = np.zeros((len(ink), 28, 28), np.uint8)
    top, left = (28 - HEIGHT) // 2, (28 - WIDTH) // 2
    images[:, top : top + HEIGHT, left : left + WIDTH] = np.rint(drawn * 255)
    return images


def _soft_threshold(field: np.ndarray, level: float) -> np.ndarray:
    return 1 / (1 + np.exp(-STEEPNESS * (field - level)))


def _cubic(few: int, many: int) -> np.ndarray:
    """many x few: Catmull-Rom interpolation between the centres of the cells; outside the frame there is no ink."""
    centres = (np.arange(many) + 0.5) * few / many - 0.5
    t = np.abs(centres[:, None] - np.arange(few))
    near, far = 1.5 * t**3 - 2.5 * t**2 + 1, -0.5 * t**3 + 2.5 * t**2 - 4 * t + 2
    return np.where(t < 1, near, np.where(t < 2, far, 0.0))


def _area(many: int, few: int) -> np.ndarray:
    """few x many: the mean over each of `few` equal stretches, points at their ends by their share."""
    edges = np.linspace(0, many, few + 1)
    points = np.arange(many)
    overlap = np.minimum(edges[1:, None], points + 1) - np.maximum(edges[:-1, None], points)
    return np.clip(overlap, 0, None) * few / many
