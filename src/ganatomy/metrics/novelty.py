"""Is an image new, or a near-copy of a training image?

Yoon et al. 2023, "Diffusion Probabilistic Models Generalize when They Fail to Memorize": an image is memorised when its
nearest training image is closer than a third of the distance to the second nearest. Carlini et al. 2023,
https://arxiv.org/abs/2301.13188, compare with the neighbourhood for the same reason: how far apart images lie differs
much from place to place (a plain shirt has many near neighbours), so no absolute distance would do.
"""

from __future__ import annotations

import numpy as np

from ganatomy.arrays import to_numpy
from ganatomy.errors import UsageError
from ganatomy.metrics import checks

QUERY_BLOCK = 1024
TRAINING_BLOCK = 4096
CANDIDATES = 4
"""How many rows the quick search hands to the exact one: more than two, because it may confuse nearly equal ones."""


def nearest_two(queries: np.ndarray, training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Euclidean distances of m x p queries to the nearest and the second nearest row of n x p training rows: m, m.

    In the unit of the input, which may be uint8 (levels from 0 to 255) or float. A quick search in float32 finds
    candidates, whose distances are then computed again from the differences in float64: 0 means equal. The search may
    take a row for another whose squared distance is as near as float32 can tell, about 1e-6 of their squared length.
    Raises UsageError when the columns differ, an entry is not finite, or either has fewer than two rows.
    """
    queries, training = _rows("queries", queries), _rows("training", training)
    checks.same_columns("queries", queries, "training", training)
    found = _candidates(queries, training)
    nearest = np.empty((len(queries), 2))
    for block in checks.blocks(len(queries), QUERY_BLOCK // CANDIDATES):
        difference = training[found[block]].astype(np.float64)
        difference -= queries[block, None, :]
        squared = np.einsum("qcp,qcp->qc", difference, difference)
        nearest[block] = np.sqrt(np.partition(squared, 1, axis=1)[:, :2])
    return nearest[:, 0], nearest[:, 1]


def near_copies(d1: np.ndarray, d2: np.ndarray, ratio: float = 1 / 3) -> np.ndarray:
    """Which images are near-copies: n booleans, d1 < ratio * d2.

    An exact copy (d1 = 0) counts also when the training set holds it twice, where d2 is 0 as well.
    """
    first, second = checks.numbers(d1), checks.numbers(d2)
    return np.asarray((first == 0) | (first < ratio * second))


def near_copy_replicates(near: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The share of near-copies in every bootstrap replicate: n booleans and n x B counts to B numbers."""
    return np.asarray(checks.numbers(near) @ checks.numbers(counts, "counts") / len(near))


def _rows(name: str, rows: np.ndarray) -> np.ndarray:
    """uint8 as it is (a copy in float64 would be eight times as big), all else as float64."""
    array = to_numpy(rows, name)
    if array.dtype != np.uint8:
        return checks.features(name, array)
    if array.ndim != 2 or len(array) < 2 or array.shape[1] < 1:
        raise UsageError(
            f"{name} has the shape {array.shape}; expected at least two rows of pixels: reshape to n x pixels"
        )
    return array


def _candidates(queries: np.ndarray, training: np.ndarray) -> np.ndarray:
    """Indices of the nearest training rows as far as float32 can tell: m x (2 to CANDIDATES), int64."""
    # Around 0 fewer of float32's digits go to the norms. The query's own norm is the same for all rows: left out.
    centre = training.mean(axis=0, dtype=np.float64)
    lifted = np.ones((len(queries), queries.shape[1] + 1), np.float32)
    np.subtract(queries, centre, out=lifted[:, :-1], casting="same_kind")
    wanted = min(CANDIDATES, len(training))
    best = np.full((len(queries), wanted), np.inf, np.float32)
    index = np.zeros((len(queries), wanted), np.int64)
    memory = np.empty(QUERY_BLOCK * TRAINING_BLOCK, np.float32)
    for columns in checks.blocks(len(training), TRAINING_BLOCK):
        target = np.empty((columns.stop - columns.start, lifted.shape[1]), np.float32)
        np.subtract(training[columns], centre, out=target[:, :-1], casting="same_kind")
        target[:, -1] = np.einsum("ij,ij->i", target[:, :-1], target[:, :-1])
        target[:, :-1] *= -2
        for block in checks.blocks(len(queries), QUERY_BLOCK):
            rows = lifted[block]
            squared = memory[: len(rows) * len(target)].reshape(len(rows), len(target))
            np.matmul(rows, target.T, out=squared)
            values, places = _smallest(squared, min(wanted, len(target)))
            _merge(best[block], index[block], values, places + columns.start)
    return index


def _smallest(squared: np.ndarray, wanted: int) -> tuple[np.ndarray, np.ndarray]:
    """The smallest of every row and where they are, both a x wanted. Overwrites what it finds: minima by passes are
    several times quicker than a partition."""
    rows = np.arange(len(squared))
    values, places = np.empty((len(squared), wanted), np.float32), np.empty((len(squared), wanted), np.int64)
    for rank in range(wanted):
        places[:, rank] = squared.argmin(axis=1)
        values[:, rank] = squared[rows, places[:, rank]]
        squared[rows, places[:, rank]] = np.inf
    return values, places


def _merge(best: np.ndarray, index: np.ndarray, values: np.ndarray, places: np.ndarray) -> None:
    """Keep the smallest of the old and the new, in place."""
    all_values, all_places = np.hstack([best, values]), np.hstack([index, places])
    order = np.argpartition(all_values, best.shape[1] - 1, axis=1)[:, : best.shape[1]]
    best[:] = np.take_along_axis(all_values, order, axis=1)
    index[:] = np.take_along_axis(all_places, order, axis=1)
