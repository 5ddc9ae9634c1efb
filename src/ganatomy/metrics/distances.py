"""Squared Euclidean distances between features, block by block, in which equal rows are exactly equal.

|x - y|^2 = |x|^2 + |y|^2 - 2 x.y is one matrix product, but for equal rows its rounding leaves something like 1e-14
instead of 0. Comparing that with a radius of 0 would be a toss-up, and repeated images are just what a collapsed
generator makes. So equal rows are found by their bytes, and kept once with the number of times that they occur.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganatomy.metrics import checks

BLOCK_BYTES = 2**24
"""Memory for one block of distances: small enough for a processor's cache."""


@dataclass(frozen=True, eq=False)
class Points:
    """The different rows of a set of features."""

    rows: np.ndarray
    """u x d float64, different from each other."""
    keys: np.ndarray
    """The rows as bytes, ascending: u."""
    times: np.ndarray
    """How often each occurs: u integers."""
    place: np.ndarray
    """For each of the n given rows, which of the u it is."""


def distinct(features: np.ndarray) -> Points:
    """The different rows of n x d float64 features."""
    # Adding 0 makes -0.0 and 0.0 the same bytes.
    rows = np.ascontiguousarray(features) + 0.0
    whole = rows.view(np.dtype((np.void, rows.itemsize * rows.shape[1]))).ravel()
    keys, first, place, times = np.unique(whole, return_index=True, return_inverse=True, return_counts=True)
    return Points(rows[first], keys, times, place)


def shared(a: Points, b: Points) -> tuple[np.ndarray, np.ndarray]:
    """Where a and b hold the same row: places in a and places in b, equally long."""
    _, in_a, in_b = np.intersect1d(a.keys, b.keys, assume_unique=True, return_indices=True)
    return in_a, in_b


class Squared:
    """Blocks of squared distances from any rows to one set of u rows, in memory that is used again.

    Entries have an absolute error near 1e-15 (|x|^2 + |y|^2) and may be that much below 0.
    """

    def __init__(self, target: np.ndarray) -> None:
        norms = np.einsum("ij,ij->i", target, target)
        self._target = np.column_stack([-2 * target, norms, np.ones(len(target))]).T.copy()
        self.rows = max(BLOCK_BYTES // (8 * len(target)), 1)
        """How many rows a block may have."""
        self._memory = np.empty((self.rows, len(target)))

    def block(self, rows: np.ndarray) -> np.ndarray:
        """a rows to a x u squared distances; valid until the next call."""
        norms = np.einsum("ij,ij->i", rows, rows)
        # With the norms as two more columns the product is the whole sum, and no further pass over it is needed.
        lifted = np.column_stack([rows, np.ones(len(rows)), norms])
        return np.matmul(lifted, self._target, out=self._memory[: len(rows)])


def squared_radii(points: Points, k: int) -> np.ndarray:
    """The squared distance of every different row to its k-th nearest other row, repeats counted: u numbers.

    Exactly 0 where a row has k equal others. The n rows must be more than k.
    """
    distance = Squared(points.rows)
    u = len(points.rows)
    near = min(k, u - 1)
    radii = np.zeros(u)
    if near == 0:
        return radii
    for block in checks.blocks(u, distance.rows):
        squared = distance.block(points.rows[block])
        squared[np.arange(len(squared)), np.arange(block.start, block.stop)] = np.inf
        order = np.argpartition(squared, near - 1, axis=1)[:, :near]
        values = np.take_along_axis(squared, order, axis=1)
        ascending = np.argsort(values, axis=1)
        reached = np.cumsum(points.times[np.take_along_axis(order, ascending, axis=1)], axis=1)
        equals = points.times[block] - 1
        kth = np.argmax(reached + equals[:, None] >= k, axis=1)
        found = np.take_along_axis(np.take_along_axis(values, ascending, axis=1), kth[:, None], axis=1)[:, 0]
        radii[block] = np.where(equals >= k, 0.0, np.maximum(found, 0.0))
    return radii
